"""Checks that need the database: whether documents fit the content that is there."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    UniqueConstraint,
    any_,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Attribute, Reference
from schema.entities.content import LOCALIZED_SLUG
from schema.errors import ErrorCode
from schema.localized_slugs import has_localized_slug_of
from schema.model import ContentType, Model
from service.documents import store
from service.documents.checking import CheckedDocument, nearest
from service.documents.problems import Path, Problem
from service.documents.records import Key, Record


def targets(checked: Sequence[CheckedDocument]) -> set[Key]:
    """The items that documents refer to, without those that the documents are about."""
    found = {key for each in checked for _, key in each.record.targets()}
    return found - {each.record.key for each in checked}


async def unknown_targets(
    connection: AsyncConnection,
    model: Model,
    checked: Sequence[CheckedDocument],
    unknown: Collection[Key],
) -> list[Problem]:
    """A problem for each reference to one of the `unknown` items."""
    problems: list[Problem] = []
    for each in checked if unknown else ():
        for path, (name, slug) in each.record.targets():
            if (name, slug) in unknown:
                known = await store.slugs(connection, model[name])
                known += [it.record.slug for it in checked if it.record.type.name == name]
                message = f"there is no {name} {slug!r}{nearest(slug, known)}"
                problems.append(each.document.problem(ErrorCode.UNKNOWN_ITEM, path, message))
    return problems


async def duplicates(
    connection: AsyncConnection,
    model: Model,
    checked: Sequence[CheckedDocument],
    rest: Collection[Key] = (),
) -> list[Problem]:
    """A problem for each document that shares a unique value, such as a guide's role and location.

    `rest` are items that are about to be saved, and may have other values then.
    """
    problems: list[Problem] = []
    for type_ in model.content():
        group = [each for each in checked if each.record.type is type_]
        if LOCALIZED_SLUG in type_.attributes:
            problems += await _taken_slugs(connection, group, rest)
        for columns in unique_together(type_) if group else ():
            attributes = [*columns.values()]
            taken = await _taken(connection, model, group, attributes, rest)
            for each in group:
                key = _key(each.record, attributes)
                first = taken.setdefault(key, each.record.slug)
                if None not in key and first != each.record.slug:
                    names = " and ".join(attribute.graphql_name for attribute in attributes)
                    message = f"{first} already has this {names}; only one {type_.name} may have it"
                    path = (attributes[0].graphql_name,)
                    problems.append(each.document.problem(ErrorCode.DUPLICATE, path, message))
    return problems


async def _taken_slugs(
    connection: AsyncConnection, group: Sequence[CheckedDocument], rest: Collection[Key]
) -> list[Problem]:
    """A problem for each slug of these documents, all of one type, that another item has too."""
    own = {each.record.slug: each.record.slug for each in group}
    owners = {**own, **await _owners(connection, group, rest)} if group else {}
    problems: list[Problem] = []
    for each in group:
        slugs = {("slug",): each.record.slug, **_localized(each.record)}
        for path, slug in slugs.items():
            owner = owners.setdefault(slug, each.record.slug)
            if owner != each.record.slug:
                name = each.record.type.name
                message = f"{owner} already has the slug {slug!r}; only one {name} may have it"
                problems.append(each.document.problem(ErrorCode.DUPLICATE, path, message))
    return problems


async def _owners(
    connection: AsyncConnection, group: Sequence[CheckedDocument], rest: Collection[Key]
) -> dict[str, str]:
    """The items that have one of the slugs of these documents, by the slug; others than these."""
    type_, own = group[0].record.type, [each.record.slug for each in group]
    localized = [slug for each in group for slug in _localized(each.record).values()]
    table = type_.draft
    is_taken = or_(
        store.among(table.c.slug, localized),
        has_localized_slug_of(table, literal([*own, *localized], ARRAY(Text()))),
    )
    statement = select(table.c.slug, table.c[LOCALIZED_SLUG]).where(
        is_taken, ~store.among(table.c.slug, own)
    )
    found: dict[str, str] = {}
    for slug, by_locale in await connection.execute(statement):
        if (type_.name, slug) not in rest:
            found |= dict.fromkeys([slug, *(by_locale or {}).values()], slug)
    return found


def _localized(record: Record) -> dict[Path, str]:
    """The slugs of an item in its locales, by their paths in its document."""
    by_locale = record.values.get(LOCALIZED_SLUG) or {}
    name = record.type.attributes[LOCALIZED_SLUG].graphql_name
    return {(name, code): slug for code, slug in by_locale.items()}


def unique_together(type_: ContentType) -> Iterator[dict[str, Attribute]]:
    """The attributes of each unique constraint, by column; without the one on the slug."""
    by_column = {
        each.column if isinstance(each, Reference) else each.name: each
        for each in type_.attributes.values()
    }
    for constraint in type_.draft.constraints:
        if isinstance(constraint, UniqueConstraint):
            attributes = {column.name: by_column[column.name] for column in constraint.columns}
            if [*attributes] != ["slug"]:
                yield attributes


def _key(record: Record, attributes: Iterable[Attribute]) -> tuple[Any, ...]:
    return tuple(
        record.references[each.name] if isinstance(each, Reference) else record.values[each.name]
        for each in attributes
    )


async def _taken(
    connection: AsyncConnection,
    model: Model,
    group: Sequence[CheckedDocument],
    attributes: Sequence[Attribute],
    rest: Collection[Key],
) -> dict[tuple[Any, ...], str]:
    """The slugs of other items with the same values as one of the documents, by these values."""
    type_ = group[0].record.type
    items, table = store.items(model, type_).subquery(), type_.draft
    columns = [items.c[each.name] for each in attributes]
    keys = [_key(each.record, attributes) for each in group]
    candidates = [
        _among(model, type_, attribute, {value for value in values if value is not None})
        for attribute, values in zip(attributes, zip(*keys, strict=True), strict=True)
    ]
    others = ~store.among(table.c.slug, [each.record.slug for each in group])
    statement = (
        select(items.c.slug, *columns)
        .join(table, table.c.id == items.c.id)
        .where(others, *candidates)
    )
    taken = {}
    for slug, *found in await connection.execute(statement):
        if (type_.name, slug) not in rest:
            key = tuple(map(store.value, attributes, found))
            taken[key] = slug
    return taken


def _among(
    model: Model, type_: ContentType, attribute: Attribute, values: Collection[Any]
) -> ColumnElement[bool]:
    """The condition that an item has one of these values, or refers to one of these slugs.

    It can be answered by an index.
    """
    if isinstance(attribute, Reference):
        end = model[attribute.target].draft.alias()
        ids = select(end.c.id).where(store.among(end.c.slug, values))
        return type_.draft.c[attribute.column] == any_(func.array(ids.scalar_subquery()))
    return store.among(type_.draft.c[attribute.name], values)


async def cycles(
    connection: AsyncConnection,
    model: Model,
    checked: Sequence[CheckedDocument],
    rest: Collection[Key] = (),
) -> list[Problem]:
    """A problem for each document that makes an item its own ancestor, as a place within itself.

    `rest` are items that are about to be saved, and may have another parent then.
    """
    problems: list[Problem] = []
    for type_ in model.content():
        group = [each for each in checked if each.record.type is type_]
        for relation in type_.relations():
            if group and isinstance(relation, Reference) and relation.target == type_.name:
                ends = {each.record.slug: each.record.references[relation.name] for each in group}
                there = await store.ends(connection, type_, relation)
                above = {
                    slug: end for slug, end in there.items() if (type_.name, slug) not in rest
                } | ends
                for each in group:
                    if way := _way_back(each.record.slug, above):
                        message = f"forms a cycle: {' → '.join(way)}; name another {type_.name}"
                        path = (relation.graphql_name,)
                        problems.append(each.document.problem(ErrorCode.CYCLE, path, message))
    return problems


def _way_back(slug: str, above: Mapping[str, str | None]) -> list[str]:
    """The slugs on the way from an item back to itself; empty if it does not lead back."""
    way = [slug]
    while (end := above.get(way[-1])) and end not in way[1:]:
        way.append(end)
        if end == slug:
            return way
    return []
