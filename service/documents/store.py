"""Entries in the working copy: the one way in which content is written."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    RowMapping,
    Select,
    Table,
    any_,
    delete,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from schema.attributes import Field, Owned, ToMany, ToOne
from schema.entities.content import BOOKKEEPING
from schema.entities.fields import Format
from schema.model import ContentType, Model
from service.documents.bulk import inserting
from service.documents.entries import Entry, Key, Values
from service.documents.markdown import Forms, render

Rows = list[dict[str, Any]]


class Saved(NamedTuple):
    """What saving did, by the keys of the items."""

    created: frozenset[Key]
    changed: frozenset[Key]
    unchanged: frozenset[Key]
    ids: Mapping[Key, UUID]


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column's value is one of these: one parameter, however many there are."""
    return column == any_(literal([*values], ARRAY(column.type)))


async def ids(connection: AsyncConnection, model: Model, keys: Iterable[Key]) -> dict[Key, UUID]:
    """The ids of those items that are in the working copy."""
    found: dict[Key, UUID] = {}
    # PostgreSQL does not take NUL, and so no slug has it.
    for name, slugs in by_type(key for key in keys if "\0" not in key[1]).items():
        table = model[name].draft
        rows = await connection.execute(
            select(table.c.slug, table.c.id).where(among(table.c.slug, slugs))
        )
        found |= {(name, slug): id_ for slug, id_ in rows}
    return found


async def slugs(connection: AsyncConnection, type_: ContentType) -> list[str]:
    """Every slug of a type, for saying which is near."""
    return list(await connection.scalars(select(type_.draft.c.slug).order_by(type_.draft.c.slug)))


async def slugs_of(
    connection: AsyncConnection, type_: ContentType, ids: Iterable[UUID]
) -> dict[UUID, str]:
    """The slugs of the items with these ids, of those that there are."""
    table = type_.draft
    found = select(table.c.id, table.c.slug).where(among(table.c.id, ids))
    return {row[0]: row[1] for row in await connection.execute(found)}


async def ends(
    connection: AsyncConnection, type_: ContentType, relation: ToOne
) -> dict[str, str | None]:
    """For each item of a type, what a relation to its own type leads to."""
    item, end = type_.draft, type_.draft.alias()
    source = item.outerjoin(end, end.c.id == item.c[relation.column])
    rows = await connection.execute(select(item.c.slug, end.c.slug).select_from(source))
    return {row[0]: row[1] for row in rows}


async def load(
    connection: AsyncConnection, model: Model, known: Mapping[Key, UUID]
) -> dict[Key, Entry]:
    """The entries of the items with these ids."""
    found: dict[Key, Entry] = {}
    for name, group in _grouped(known).items():
        found |= await _load_type(connection, model, model[name], group)
    return found


async def versions(
    connection: AsyncConnection, model: Model, known: Mapping[Key, UUID]
) -> dict[Key, int]:
    """The versions of the items with these ids."""
    found: dict[Key, int] = {}
    for name, group in _grouped(known).items():
        table = model[name].draft
        statement = select(table.c.slug, table.c.version).where(among(table.c.id, group))
        found |= {(name, slug): each for slug, each in await connection.execute(statement)}
    return found


class Known(NamedTuple):
    """What is known of items that are saved."""

    ids: Mapping[Key, UUID]
    """Of those that are there, and of new ones that are to have a certain id."""
    versions: Mapping[Key, int]
    """The last ones that there were, of those that had any."""
    forms: Mapping[str, Forms]
    """Of texts that were rendered already."""


async def save(
    connection: AsyncConnection,
    model: Model,
    entries: Sequence[Entry],
    current: Mapping[Key, Entry],
    known: Known,
) -> Saved:
    """Make the items be what the entries say; what they say already is left untouched.

    `current` is what is there of them. Every item that an entry refers to has to be in the working
    copy, among the entries, or have an id that is known.
    """
    created = [entry for entry in entries if entry.key not in current]
    changed = [entry for entry in entries if entry.key in current and current[entry.key] != entry]
    written = [*created, *changed]
    targets = {key for entry in written for _, key in entry.targets()}
    all_ids = {**known.ids, **{each.key: known.ids.get(each.key) or uuid7() for each in created}}
    all_ids |= await ids(connection, model, targets - all_ids.keys())
    known = known._replace(ids=all_ids)
    for type_ in model.content():
        group = [entry for entry in written if entry.type is type_]
        if group:
            rows = [_row(entry, known) for entry in group]
            await connection.execute(_upsert(type_.draft, rows))
            await _write_lists(connection, model, group, current, known)
    unchanged = [entry for entry in entries if current.get(entry.key) == entry]
    return Saved(_keys(created), _keys(changed), _keys(unchanged), all_ids)


def _keys(entries: Iterable[Entry]) -> frozenset[Key]:
    return frozenset(entry.key for entry in entries)


def by_type(keys: Iterable[Key]) -> dict[str, list[str]]:
    """The slugs of each type."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, slug in keys:
        found[name].append(slug)
    return found


def _grouped(known: Mapping[Key, UUID]) -> dict[str, dict[UUID, str]]:
    found: dict[str, dict[UUID, str]] = defaultdict(dict)
    for (name, slug), id_ in known.items():
        found[name][id_] = slug
    return found


async def _load_type(
    connection: AsyncConnection, model: Model, type_: ContentType, group: Mapping[UUID, str]
) -> dict[Key, Entry]:
    entries = {id_: Entry(type_, slug) for id_, slug in group.items()}
    found = items(model, type_).where(among(type_.draft.c.id, group))
    for row in (await connection.execute(found)).mappings():
        entry = entries[row["id"]]
        entry.values.update(_values(type_, row))
        for relation in type_.relations():
            if isinstance(relation, ToOne):
                entry.references[relation.name] = row[relation.name]
    for relation in type_.relations():
        if isinstance(relation, ToMany):
            await _load_list(connection, model, relation, entries)
        elif isinstance(relation, Owned):
            await _load_parts(connection, model, relation, entries)
    return {entry.key: entry for entry in entries.values()}


async def _load_list(
    connection: AsyncConnection, model: Model, relation: ToMany, entries: Mapping[UUID, Entry]
) -> None:
    for entry in entries.values():
        entry.lists[relation.name] = []
    for owner, slug in await connection.execute(_list(model, relation, entries)):
        entries[owner].lists[relation.name].append(slug)


async def _load_parts(
    connection: AsyncConnection, model: Model, relation: Owned, entries: Mapping[UUID, Entry]
) -> None:
    part = model[relation.target]
    for entry in entries.values():
        entry.parts[relation.name] = []
    for row in (await connection.execute(_parts(part, entries))).mappings():
        entries[row["owner_id"]].parts[relation.name].append(_values(part, row))


def _values(type_: ContentType, row: RowMapping) -> Values:
    return {each.name: _value(each, row[each.name]) for each in type_.written()}


def _value(field: Field, value: Any) -> Any:
    """A value as entries have it."""
    if isinstance(value, enum.Enum):
        return value.name
    if value and field.format is Format.RICH_TEXT:
        return {locale: forms["markdown"] for locale, forms in value.items()}
    return value


def _kept(type_: ContentType, values: Values, forms: Mapping[str, Forms]) -> Values:
    """The values of an item as they are kept: Markdown is rendered, if it was not yet."""
    kept = dict(values)
    for field in type_.written():
        if field.format is Format.RICH_TEXT and (texts := values[field.name]):
            kept[field.name] = {
                locale: forms.get(text) or render(text) for locale, text in texts.items()
            }
    return kept


def items(model: Model, type_: ContentType) -> Select[Any]:
    """The items of a type, with the slug at the end of each to-one relation."""
    item = type_.draft
    ends = []
    for relation in type_.relations():
        if isinstance(relation, ToOne):
            end = model[relation.target].draft.alias()
            found = select(end.c.slug).where(end.c.id == item.c[relation.column])
            ends.append(found.correlate(item).scalar_subquery().label(relation.name))
    return select(item, *ends)


def _list(model: Model, relation: ToMany, owners: Iterable[UUID]) -> Select[Any]:
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


async def _write_lists(
    connection: AsyncConnection,
    model: Model,
    entries: Sequence[Entry],
    current: Mapping[Key, Entry],
    known: Known,
) -> None:
    """Write the lists and the parts of entries of one type that differ from what is there."""
    for relation in entries[0].type.relations():
        if not isinstance(relation, ToMany | Owned):
            continue
        differing = [each for each in entries if _is_new(each, current.get(each.key), relation)]
        owners = [known.ids[entry.key] for entry in differing]
        if differing and isinstance(relation, ToMany):
            rows = [row for entry in differing for row in _link_rows(entry, relation, known.ids)]
            await _replace(connection, relation.draft, owners, rows)
        elif differing and isinstance(relation, Owned):
            part = model[relation.target]
            rows = [
                {**row, **_kept(part, values, known.forms)}
                for entry in differing
                for row, values in _part_rows(entry, relation, known.ids)
            ]
            await _replace(connection, part.draft, owners, rows)


def _is_new(entry: Entry, current: Entry | None, relation: ToMany | Owned) -> bool:
    """Whether what an entry says of a list or of its parts is not there yet."""
    name = relation.name
    if isinstance(relation, ToMany):
        return entry.lists[name] != (current.lists[name] if current else [])
    return entry.parts[name] != (current.parts[name] if current else [])


def _upsert(table: Table, rows: Rows) -> Any:
    statement = inserting(table, rows, created_at=func.now(), updated_at=func.now())
    written = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in {"id", *BOOKKEEPING}
    }
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={**written, "version": table.c.version + 1, "updated_at": func.now()},
    )


def _row(entry: Entry, known: Known) -> dict[str, Any]:
    version = known.versions.get(entry.key, 0) + 1
    row = {"id": known.ids[entry.key], "slug": entry.slug, "version": version}
    row |= _kept(entry.type, entry.values, known.forms)
    for relation in entry.type.relations():
        if isinstance(relation, ToOne):
            slug = entry.references[relation.name]
            row[relation.column] = known.ids[relation.target, slug] if slug else None
    return row


def _link_rows(entry: Entry, relation: ToMany, known: Mapping[Key, UUID]) -> Rows:
    return [
        {
            "owner_id": known[entry.key],
            "position": position,
            "target_id": known[relation.target, slug],
        }
        for position, slug in enumerate(entry.lists[relation.name], 1)
    ]


def _part_rows(
    entry: Entry, relation: Owned, known: Mapping[Key, UUID]
) -> Iterator[tuple[dict[str, Any], Values]]:
    """The keys of an entry's parts, each with its values.

    The part at a place has the same id whenever it is written.
    """
    owner = known[entry.key]
    for position, values in enumerate(entry.parts[relation.name], 1):
        id_ = uuid5(owner, f"{relation.name}/{position}")
        yield {"id": id_, "owner_id": owner, "position": position}, values


async def _replace(
    connection: AsyncConnection, table: Table, owners: Sequence[UUID], rows: Rows
) -> None:
    await connection.execute(delete(table).where(among(table.c.owner_id, owners)))
    if rows:
        await connection.execute(inserting(table, rows))
