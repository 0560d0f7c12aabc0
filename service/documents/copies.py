"""What is published of items, as documents.

A copy is what is served of an item in one locale: a document without maps of locales. Items are
published in each locale separately, so the copies of an item may be of different versions. Copies
that one document would be served as are written as that document.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Parts, Reference, References
from schema.delivery import Stage
from schema.entities.live_tables import LOCALE, locale_column
from schema.locales import Locales
from schema.model import ContentType, Model
from service.documents import store
from service.documents.document import Document
from service.documents.records import Key
from service.documents.serialization import value_of

Copies = dict[str, dict[str, Any]]
"""The copies of an item, by locale."""

Sources = dict[str, dict[str, Any]]
"""In the place of each text of copies, the locale that it comes from; without all other values."""


class PublishedDocument(NamedTuple):
    """A document, and the locales in which it is what is published."""

    locales: tuple[str, ...]
    document: dict[str, Any]


def untyped(document: Document) -> dict[str, Any]:
    """A document without its type, in the form of a copy."""
    return {key: value for key, value in document.items() if key != "type"}


def delivered(document: Document, chain: Sequence[str]) -> dict[str, Any]:
    """The copy that a document is served as in a locale, given the `chain` of its fallbacks."""
    found = ((key, _served(value, chain)) for key, value in document.items())
    return {key: value for key, value in found if value is not None}


def located(document: Document, chain: Sequence[str]) -> dict[str, Any]:
    """The locales of the texts that a document is served with, given the `chain` of fallbacks."""
    found = ((key, _located(value, chain)) for key, value in document.items())
    return {key: value for key, value in found if value is not None}


def documents(
    model: Model, type_: ContentType, copies: Copies, sources: Mapping[str, Any], locales: Locales
) -> list[PublishedDocument]:
    """As few documents as possible that are served as these copies."""
    groups: list[Copies] = []
    for code in locales.in_order(copies):
        for group in groups:
            both = {**group, code: copies[code]}
            made = _merged(model, type_, both, sources, locales)
            chains = {it: locales.chain(it) for it in both}
            if all(
                (delivered(made, chain), located(made, chain)) == (both[it], sources[it])
                for it, chain in chains.items()
            ):
                group[code] = copies[code]
                break
        else:
            groups.append({code: copies[code]})
    return [
        PublishedDocument(tuple(sorted(group)), _merged(model, type_, group, sources, locales))
        for group in groups
    ]


def completed(model: Model, type_: ContentType, document: Document, default: str) -> dict[str, Any]:
    """A document that has every required text in the default locale, taken from another locale."""
    made = dict(document)
    for field in type_.written():
        texts = made.get(field.graphql_name)
        if field.required and field.format.localized and texts and default not in texts:
            made[field.graphql_name] = {default: next(iter(texts.values())), **texts}
    for name, part in _parts_of(model, type_):
        if name in made:
            made[name] = [completed(model, part, each, default) for each in made[name]]
    return made


async def published(
    connection: AsyncConnection,
    model: Model,
    items: Mapping[Key, UUID],
    locales: Locales,
    stage: Stage = Stage.DRAFT,
) -> dict[Key, Copies]:
    """The copies of items, with the slugs that referred items have in a stage.

    A reference to an item that is not there in that stage is left out: no reader sees it.
    """
    found: dict[Key, Copies] = {}
    for name, group in store.grouped(items).items():
        type_ = model[name]
        copies = await _rows(connection, model, type_, group)
        slugs = {
            target: await _slugs(connection, model[target], ids, locales, stage)
            for target, ids in _targets(type_, copies.values()).items()
        }
        for id_, by_locale in copies.items():
            found[name, group[id_]] = {
                code: _named(type_, copy, slugs) for code, copy in by_locale.items()
            }
    return found


async def text_sources(
    connection: AsyncConnection, model: Model, items: Mapping[Key, UUID]
) -> dict[Key, Sources]:
    """The locales that the texts of the copies of items come from."""
    found: dict[Key, Sources] = {}
    for name, group in store.grouped(items).items():
        type_ = model[name]
        sources: dict[UUID, Sources] = {id_: {} for id_ in group}
        for row in await _live(connection, type_, type_.live.c.id, group):
            sources[row["id"]][row[LOCALE]] = _sources(type_, row)
        for list_, part in _parts_of(model, type_):
            for row in await _live(connection, part, part.live.c.owner_id, group):
                owner = sources[row["owner_id"]][row[LOCALE]]
                owner.setdefault(list_, []).append(_sources(part, row))
        found |= {(name, group[id_]): each for id_, each in sources.items()}
    return found


async def live_slugs(
    connection: AsyncConnection, type_: ContentType, ids: Collection[UUID] | None, locales: Locales
) -> dict[UUID, str]:
    """The slugs under which items are live, by id. None for `ids` means all items of the type.

    An item that has different slugs in several locales has that of the first locale.
    """
    live = type_.live
    statement = select(live.c.id, live.c[LOCALE], live.c.slug)
    if ids is not None:
        statement = statement.where(store.among(live.c.id, ids))
    rows = [*await connection.execute(statement)]
    place = {code: number for number, code in enumerate(locales.in_order(locales.codes))}
    # The last row for an id wins, so the first locale comes last.
    rows.sort(key=lambda row: -place[row.locale])
    return {row.id: row.slug for row in rows}


def _served(value: Any, chain: Sequence[str]) -> Any:
    match value:
        case Mapping():
            return next((value[code] for code in chain if code in value), None)
        case list():
            return [delivered(it, chain) if isinstance(it, Mapping) else it for it in value]
    return value


def _located(value: Any, chain: Sequence[str]) -> Any:
    match value:
        case Mapping():
            return next((code for code in chain if code in value), None)
        case [Mapping(), *_]:
            return [located(it, chain) for it in value]
    return None


def _merged(
    model: Model, type_: ContentType, copies: Copies, sources: Mapping[str, Any], locales: Locales
) -> dict[str, Any]:
    """The one document for copies, if there is one."""
    [first, *_] = copies.values()
    localized = {each.graphql_name for each in type_.written() if each.format.localized}
    parts = dict(_parts_of(model, type_))
    made: dict[str, Any] = {}
    for name in dict.fromkeys(name for copy in copies.values() for name in copy):
        if name in localized:
            there = {code: copy[name] for code, copy in copies.items() if name in copy}
            texts = {sources[code][name]: text for code, text in there.items()}
            made[name] = {code: texts[code] for code in locales.in_order(texts)}
        elif name in parts:
            rows = {code: copy.get(name, []) for code, copy in copies.items()}
            of_parts = {code: sources[code].get(name, []) for code in copies}
            made[name] = [*_merged_parts(model, parts[name], rows, of_parts, locales)]
        elif name in first:
            made[name] = first[name]
    order = ["slug", *(each.graphql_name for each in (*type_.written(), *type_.relations()))]
    return {name: made[name] for name in order if name in made}


def _merged_parts(
    model: Model,
    part: ContentType,
    rows: Mapping[str, Sequence[dict[str, Any]]],
    sources: Mapping[str, Sequence[dict[str, Any]]],
    locales: Locales,
) -> Iterator[dict[str, Any]]:
    for place in range(max(map(len, rows.values()))):
        copies = {code: each[place] for code, each in rows.items() if place < len(each)}
        of_copies = {code: sources[code][place] for code in copies}
        yield _merged(model, part, copies, of_copies, locales)


def _parts_of(model: Model, type_: ContentType) -> Iterator[tuple[str, ContentType]]:
    for relation in type_.relations():
        if isinstance(relation, Parts):
            yield relation.graphql_name, model[relation.target]


async def _rows(
    connection: AsyncConnection, model: Model, type_: ContentType, ids: Collection[UUID]
) -> dict[UUID, Copies]:
    """The copies of items of a type, with ids as references."""
    found = {id_: Copies() for id_ in ids}
    for row in await _live(connection, type_, type_.live.c.id, ids):
        found[row["id"]][row[LOCALE]] = {"slug": row["slug"], **_copy(type_, row)}
    for relation in type_.relations():
        name = relation.graphql_name
        if isinstance(relation, References):
            links = relation.live
            listed = select(links).where(store.among(links.c.owner_id, ids))
            for link in await connection.execute(listed.order_by(links.c.position)):
                for copy in found[link.owner_id].values():
                    copy.setdefault(name, []).append(link.target_id)
        elif isinstance(relation, Parts):
            part = model[relation.target]
            for each in await _live(connection, part, part.live.c.owner_id, ids):
                copy = found[each["owner_id"]][each[LOCALE]]
                copy.setdefault(name, []).append(_copy(part, each))
    return found


async def _live(
    connection: AsyncConnection,
    type_: ContentType,
    key: ColumnElement[Any],
    ids: Collection[UUID],
) -> Sequence[RowMapping]:
    """The live rows with one of these ids as their key; parts are in their order."""
    statement = select(type_.live).where(store.among(key, ids))
    ordered = statement.order_by(type_.live.c.position) if type_.is_part else statement
    return (await connection.execute(ordered)).mappings().all()


def _sources(type_: ContentType, row: RowMapping) -> dict[str, str]:
    """The locales that the texts of a row come from.

    A row that is older than the column of these has none until it is published again: its texts
    are taken as those of its own locale.
    """
    localized = (each for each in type_.written() if each.format.localized)
    return {
        each.graphql_name: row[locale_column(each.name)] or row[LOCALE]
        for each in localized
        if row[each.name] is not None
    }


def _copy(type_: ContentType, row: RowMapping) -> dict[str, Any]:
    """The values of a row, without those that are empty."""
    made = {each.graphql_name: value_of(row[each.name]) for each in type_.written()}
    for relation in type_.relations():
        if isinstance(relation, Reference):
            made[relation.graphql_name] = row[relation.column]
    return {name: value for name, value in made.items() if value not in (None, [])}


def _targets(type_: ContentType, items: Iterable[Copies]) -> dict[str, set[UUID]]:
    """The ids that copies refer to, by type."""
    copies = [copy for by_locale in items for copy in by_locale.values()]
    found: dict[str, set[UUID]] = {}
    for relation in type_.relations():
        if isinstance(relation, Reference | References):
            values = (
                copy[relation.graphql_name] for copy in copies if relation.graphql_name in copy
            )
            ids = found.setdefault(relation.target, set())
            for value in values:
                ids.update(value if isinstance(value, list) else [value])
    return found


def _named(
    type_: ContentType, copy: Document, slugs: Mapping[str, Mapping[UUID, str]]
) -> dict[str, Any]:
    """A copy with slugs in place of ids."""
    made = dict(copy)
    for relation in type_.relations():
        if isinstance(relation, Reference | References) and relation.graphql_name in made:
            value, names = made.pop(relation.graphql_name), slugs[relation.target]
            ids = value if isinstance(value, list) else [value]
            if named := [names[id_] for id_ in ids if id_ in names]:
                made[relation.graphql_name] = named if isinstance(value, list) else named[0]
    return made


async def _slugs(
    connection: AsyncConnection,
    type_: ContentType,
    ids: Collection[UUID],
    locales: Locales,
    stage: Stage,
) -> dict[UUID, str]:
    if stage is Stage.LIVE:
        return await live_slugs(connection, type_, ids, locales)
    return await store.slugs_of(connection, type_, ids)
