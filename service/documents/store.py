"""Reads records from the working copy."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    RowMapping,
    Select,
    any_,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Attribute, Parts, Reference, References, ScalarField
from schema.entities.fields import Format
from schema.model import ContentType, Model
from service.documents.records import Key, Record, Values


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """The condition that a column has one of these values. They are one array parameter."""
    return column == any_(literal([*values], ARRAY(column.type)))


async def ids(connection: AsyncConnection, model: Model, keys: Iterable[Key]) -> dict[Key, UUID]:
    """The ids of items in the working copy; without those that are not there."""
    found: dict[Key, UUID] = {}
    # PostgreSQL rejects NUL in text, so no slug contains it.
    for name, slugs in by_type(key for key in keys if "\0" not in key[1]).items():
        table = model[name].draft
        rows = await connection.execute(
            select(table.c.slug, table.c.id).where(among(table.c.slug, slugs))
        )
        found |= {(name, slug): id_ for slug, id_ in rows}
    return found


async def slugs(connection: AsyncConnection, type_: ContentType) -> list[str]:
    """Every slug of a type, to suggest similar ones."""
    return list(await connection.scalars(select(type_.draft.c.slug).order_by(type_.draft.c.slug)))


async def slugs_of(
    connection: AsyncConnection, type_: ContentType, ids: Iterable[UUID]
) -> dict[UUID, str]:
    """The slugs of the items with these ids; without ids that no item has."""
    table = type_.draft
    found = select(table.c.id, table.c.slug).where(among(table.c.id, ids))
    return {row[0]: row[1] for row in await connection.execute(found)}


async def ends(
    connection: AsyncConnection, type_: ContentType, relation: Reference
) -> dict[str, str | None]:
    """For each item of a type, the slug that a reference to its own type leads to."""
    item, end = type_.draft, type_.draft.alias()
    source = item.outerjoin(end, end.c.id == item.c[relation.column])
    rows = await connection.execute(select(item.c.slug, end.c.slug).select_from(source))
    return {row[0]: row[1] for row in rows}


async def load(
    connection: AsyncConnection, model: Model, known: Mapping[Key, UUID]
) -> dict[Key, Record]:
    """The records of items, given with their ids, which have to be there."""
    found: dict[Key, Record] = {}
    for name, group in grouped(known).items():
        found |= await _load_type(connection, model, model[name], group)
    return found


async def versions(
    connection: AsyncConnection, model: Model, known: Mapping[Key, UUID]
) -> dict[Key, int]:
    """The versions of items, given with their ids."""
    found: dict[Key, int] = {}
    for name, group in grouped(known).items():
        table = model[name].draft
        statement = select(table.c.slug, table.c.version).where(among(table.c.id, group))
        found |= {(name, slug): each for slug, each in await connection.execute(statement)}
    return found


def by_type(keys: Iterable[Key]) -> dict[str, list[str]]:
    """The slugs of items, by type."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, slug in keys:
        found[name].append(slug)
    return found


def ids_by_type(items: Mapping[Key, UUID]) -> dict[str, list[UUID]]:
    """The ids of items, by type."""
    return {name: [*group] for name, group in grouped(items).items()}


def grouped(known: Mapping[Key, UUID]) -> dict[str, dict[UUID, str]]:
    """The slugs of items by id, by type."""
    found: dict[str, dict[UUID, str]] = defaultdict(dict)
    for (name, slug), id_ in known.items():
        found[name][id_] = slug
    return found


async def _load_type(
    connection: AsyncConnection, model: Model, type_: ContentType, group: Mapping[UUID, str]
) -> dict[Key, Record]:
    records = {id_: Record(type_, slug) for id_, slug in group.items()}
    found = items(model, type_).where(among(type_.draft.c.id, group))
    for row in (await connection.execute(found)).mappings():
        record = records[row["id"]]
        record.values.update(_values(type_, row))
        for relation in type_.relations():
            if isinstance(relation, Reference):
                record.references[relation.name] = row[relation.name]
    for relation in type_.relations():
        if isinstance(relation, References):
            await _load_list(connection, model, relation, records)
        elif isinstance(relation, Parts):
            await _load_parts(connection, model, relation, records)
    return {record.key: record for record in records.values()}


async def _load_list(
    connection: AsyncConnection, model: Model, relation: References, records: Mapping[UUID, Record]
) -> None:
    for record in records.values():
        record.lists[relation.name] = []
    for owner, slug in await connection.execute(_list(model, relation, records)):
        records[owner].lists[relation.name].append(slug)


async def _load_parts(
    connection: AsyncConnection, model: Model, relation: Parts, records: Mapping[UUID, Record]
) -> None:
    part = model[relation.target]
    for record in records.values():
        record.parts[relation.name] = []
    for row in (await connection.execute(_parts(part, records))).mappings():
        records[row["owner_id"]].parts[relation.name].append(_values(part, row))


def _values(type_: ContentType, row: RowMapping) -> Values:
    return {each.name: value(each, row[each.name]) for each in type_.written()}


def value(attribute: Attribute, found: Any) -> Any:
    """What a row has for an attribute, in the form that records have."""
    if isinstance(found, enum.Enum):
        return found.name
    if found and isinstance(attribute, ScalarField) and attribute.format is Format.RICH_TEXT:
        return {locale: forms["markdown"] for locale, forms in found.items()}
    return found


@lru_cache(maxsize=64)
def items(model: Model, type_: ContentType) -> Select[Any]:
    """The items of a type, with the slug that each reference leads to."""
    item = type_.draft
    ends = []
    for relation in type_.relations():
        if isinstance(relation, Reference):
            end = model[relation.target].draft.alias()
            found = select(end.c.slug).where(end.c.id == item.c[relation.column])
            ends.append(found.correlate(item).scalar_subquery().label(relation.name))
    return select(item, *ends)


def _list(model: Model, relation: References, owners: Iterable[UUID]) -> Select[Any]:
    links, target = relation.draft, model[relation.target].draft.alias()
    return (
        select(links.c.owner_id, target.c.slug)
        .join(target, target.c.id == links.c.target_id)
        .where(among(links.c.owner_id, owners))
        .order_by(links.c.owner_id, links.c.position)
    )


def _parts(part: ContentType, owners: Iterable[UUID]) -> Select[Any]:
    rows = part.draft
    return (
        select(rows)
        .where(among(rows.c.owner_id, owners))
        .order_by(rows.c.owner_id, rows.c.position)
    )
