"""The live copy in a locale: how it comes, goes, and follows the fallbacks of the locale."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    delete,
    insert,
    literal,
    or_,
    select,
    update,
)

from schema.attributes import ScalarField
from schema.delivery import Stage, delivery
from schema.entities.live_tables import LOCALE, locale_column, localized_columns
from schema.errors import ErrorCode
from schema.model import ContentType
from service.documents.bulk import batches
from service.documents.instants import INSTANT
from service.documents.problems import ContentError, Problem
from service.documents.store import among, slugs_of
from service.editing.edits import Edit
from service.editing.versions import bring_back, put_back


async def add_live_locale(edit: Edit, code: str, fallback: str) -> None:
    """Copy what is live in the locale `fallback` to the locale `code`."""
    for type_ in _owners_first(edit):
        live = type_.live
        # Readers see the copies from now on, whenever the originals were published.
        made: dict[str, ColumnElement[Any]] = {LOCALE: literal(code), "published_at": INSTANT}
        columns = [made.get(each.name, each) for each in live.columns]
        copied = select(*columns).where(live.c[LOCALE] == fallback)
        names = [each.name for each in live.columns]
        await edit.connection.execute(insert(live).from_select(names, copied))


async def remove_live_locale(edit: Edit, code: str) -> None:
    """Remove all live rows in a locale."""
    for type_ in _owners_first(edit):
        await edit.connection.execute(delete(type_.live).where(type_.live.c[LOCALE] == code))


async def rename_live_locale(edit: Edit, old: str, new: str) -> None:
    """Give the live rows in a locale its new code."""
    for type_ in _owners_first(edit):
        live = type_.live
        for column in (LOCALE, *_sources(type_)):
            renamed = update(live).where(live.c[column] == old).values({column: new})
            await edit.connection.execute(renamed)


async def resolve_again(edit: Edit, locales: Sequence[str]) -> None:
    """Give what is live in these locales the texts that their fallbacks lead to now.

    The texts are those of the version of each item that is live. Where no revision has that version
    any more, or it refers to an item that is gone, they stay until the item is published again. So
    does an item that would lack a required text; see `lacking_texts`.
    """
    for type_ in edit.model.content():
        live = type_.live
        ids = select(live.c.id).distinct().where(among(live.c[LOCALE], locales))
        for batch in batches([*await edit.connection.scalars(ids)]):
            await _resolve(edit, type_, batch, locales)
            for id_, version in await _others(edit, type_, batch, locales):
                await _resolve_version(edit, type_, id_, version, locales)


async def _others(
    edit: Edit, type_: ContentType, ids: Collection[UUID], locales: Sequence[str]
) -> list[tuple[UUID, int]]:
    """The versions of items that are live in these locales, and are not the working copy."""
    draft, live = type_.draft, type_.live
    statement = (
        select(live.c.id, live.c.version)
        .distinct()
        .join(draft, (draft.c.id == live.c.id) & (draft.c.version != live.c.version))
        .where(among(live.c.id, ids), among(live.c[LOCALE], locales))
        .order_by(live.c.id, live.c.version)
    )
    return [(id_, version) for id_, version in await edit.connection.execute(statement)]


async def _resolve_version(
    edit: Edit, type_: ContentType, id_: UUID, version: int, locales: Sequence[str]
) -> None:
    [slug] = (await slugs_of(edit.connection, type_, [id_])).values()
    try:
        past = await put_back(edit, {(type_.name, slug): id_}, {id_: version})
    except ContentError:
        return
    await _resolve(edit, type_, [id_], locales)
    await bring_back(edit, past)


async def _resolve(
    edit: Edit, type_: ContentType, ids: Sequence[UUID], locales: Sequence[str]
) -> None:
    """Resolve the texts of items, and of their parts, whose working copy is what is live."""
    for each in (type_, *edit.model.parts_of(type_)):
        rows, live = delivery(each, Stage.DRAFT), each.live
        there = (rows.c[name].is_not(None) for name in _required(each))
        same = and_(*_same(type_, each, rows), *_chosen(each, ids, locales), *there)
        texts = {name: rows.c[name] for name in _columns(each)}
        differs = [live.c[name].is_distinct_from(value) for name, value in texts.items()]
        if texts:
            dated = {"published_at": INSTANT} if "published_at" in live.c else {}
            statement = update(live).where(same, or_(*differs)).values({**texts, **dated})
            await edit.connection.execute(statement)


async def lacking_texts(edit: Edit) -> list[Problem]:
    """The items of the working copy that lack a required text in a locale and its fallbacks."""
    problems: list[Problem] = []
    for type_ in edit.model.content():
        for each in (type_, *edit.model.parts_of(type_)):
            problems += [it async for it in _lacking(edit, type_, each)]
    return problems


async def _lacking(edit: Edit, type_: ContentType, each: ContentType) -> AsyncIterator[Problem]:
    rows, owner = delivery(each, Stage.DRAFT), type_.draft.alias()
    key = rows.c.owner_id if each.is_part else rows.c.id
    for column in _required(each):
        statement: Select[Any] = (
            select(owner.c.slug, rows.c[LOCALE])
            .distinct()
            .join_from(rows, owner, owner.c.id == key)
            .where(rows.c[column].is_(None))
            .order_by(owner.c.slug, rows.c[LOCALE])
        )
        for slug, code in await edit.connection.execute(statement):
            name = each.attributes[column].graphql_name
            message = f"its {name} has no text in {code}, nor in a fallback of it; write one first"
            yield Problem(ErrorCode.MISSING, (), message, item=(type_.name, slug))


def _required(type_: ContentType) -> list[str]:
    """The columns of a live table with texts that cannot be missing."""
    return [each.name for each in _texts(type_) if each.required]


def _sources(type_: ContentType) -> list[str]:
    """The columns of a live table with the locales that texts come from, as far as it has them."""
    found = (locale_column(each.name) for each in _texts(type_))
    return [name for name in found if name in type_.live.columns]


def _columns(type_: ContentType) -> list[str]:
    """The columns of a live table that hold its texts, as far as the table has them."""
    found = (name for each in _texts(type_) for name in localized_columns(each.name, each.format))
    return [name for name in found if name in type_.live.columns]


def _texts(type_: ContentType) -> list[ScalarField]:
    return [each for each in type_.fields() if each.format.localized]


def _chosen(
    each: ContentType, ids: Sequence[UUID], locales: Sequence[str]
) -> Iterator[ColumnElement[bool]]:
    live = each.live
    yield among(live.c[LOCALE], locales)
    yield among(live.c.owner_id if each.is_part else live.c.id, ids)


def _same(type_: ContentType, each: ContentType, rows: FromClause) -> Iterator[ColumnElement[bool]]:
    """Live rows, and the rows of the working copy that they were copied from."""
    live = each.live
    yield live.c[LOCALE] == rows.c[LOCALE]
    if not each.is_part:
        yield live.c.id == rows.c.id
        yield live.c.version == rows.c.version
        return
    # While an older version is put back, its parts have their places, but other ids.
    yield live.c.owner_id == rows.c.owner_id
    yield live.c.position == rows.c.position
    draft, published = type_.draft.alias(), type_.live.alias()
    same = (published.c.id == draft.c.id) & (published.c.version == draft.c.version)
    here = (draft.c.id == live.c.owner_id, published.c[LOCALE] == live.c[LOCALE])
    owner: Select[Any] = select(draft.c.id).join(published, same).where(*here)
    yield owner.correlate(live).exists()


def _owners_first(edit: Edit) -> list[ContentType]:
    """All content types, each before its parts."""
    types = edit.model.content()
    return [*types, *(part for type_ in types for part in edit.model.parts_of(type_))]
