"""Locales: what content is written and served in."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast
from uuid import UUID

from babel import Locale as BabelLocale
from babel import UnknownLocaleError
from sqlalchemy import ColumnElement, Select, Table, delete, insert, literal, select, union

from schema.attributes import Parts
from schema.editing import ProblemCode
from schema.entities.live_tables import LOCALE
from schema.model import ContentType
from schema.tables.locale import Locale
from schema.tables.search_entry import SearchEntry
from service.documents.instants import INSTANT
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.editing.edits import Edit
from service.editing.search_index import index_what_is_missing

_LOCALE = cast(Table, Locale.__table__)
_ENTRY = cast(Table, SearchEntry.__table__)


async def add_locale(edit: Edit, code: str, fallback: str) -> None:
    """Serve content in one more locale, whose missing texts are those of another.

    What is published in that one shows in the new one at once. Raises `ContentError`.
    """
    statement = select(_LOCALE.c.code, _LOCALE.c.fallbacks)
    chains = {row[0]: row[1] for row in await edit.connection.execute(statement)}
    if problems := [*_problems(code, fallback, chains.keys())]:
        raise ContentError(problems)
    row = {"code": code, "fallbacks": [fallback, *chains[fallback]], "is_default": False}
    await edit.connection.execute(insert(_LOCALE).values(row))
    for type_ in _in_order(edit):
        names = [each.name for each in type_.live.columns]
        # Nobody has written in it yet, and the rest of the chain is the fallback's own.
        copied = _copies(type_, code, fallback)
        await edit.connection.execute(insert(type_.live).from_select(names, copied))
    await index_what_is_missing(edit)


async def remove_locale(edit: Edit, code: str) -> None:
    """Serve a locale no more that nothing is written in."""
    for type_ in _in_order(edit):
        await edit.connection.execute(delete(type_.live).where(type_.live.c[LOCALE] == code))
    await edit.connection.execute(delete(_ENTRY).where(_ENTRY.c.locale == code))
    await edit.connection.execute(delete(_LOCALE).where(_LOCALE.c.code == code))


async def items_with_texts_in(edit: Edit, code: str) -> dict[Key, UUID]:
    """The items that have a text in a locale."""
    found: dict[Key, UUID] = {}
    for type_ in edit.model.content():
        owned = (edit.model[each.target] for each in type_.relations() if isinstance(each, Parts))
        ids = [
            *_texts(type_, type_.draft.c.id, code),
            *(text for part in owned for text in _texts(part, part.draft.c.owner_id, code)),
        ]
        if ids:
            statement = select(type_.draft.c.slug, type_.draft.c.id)
            wanted = statement.where(type_.draft.c.id.in_(union(*ids)))
            rows = await edit.connection.execute(wanted.order_by(type_.draft.c.slug))
            found |= {(type_.name, slug): id_ for slug, id_ in rows}
    return found


def without(value: Any, code: str) -> Any:
    """A document without the texts in a locale."""
    if isinstance(value, Mapping):
        return {key: without(each, code) for key, each in value.items() if key != code}
    return [without(each, code) for each in value] if isinstance(value, list) else value


def _texts(type_: ContentType, id_: ColumnElement[Any], code: str) -> Iterator[Select[Any]]:
    """Statements that find the items of a type with a text in a locale."""
    for field in type_.fields():
        if field.format.localized:
            yield select(id_).where(type_.draft.c[field.name].has_key(code))


def _problems(code: str, fallback: str, known: Collection[str]) -> Iterator[Problem]:
    try:
        BabelLocale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        message = f"{code!r} is no locale; write it as in BCP 47, such as fr or nl-BE"
        yield Problem(ProblemCode.BAD_VALUE, (), message)
    if code in known:
        yield Problem(ProblemCode.DUPLICATE, (), f"there is a locale {code!r} already")
    if fallback not in known:
        there = ", ".join(sorted(known))
        message = f"there is no locale {fallback!r} to fall back to; the locales are {there}"
        yield Problem(ProblemCode.UNKNOWN_LOCALE, (), message)


def _in_order(edit: Edit) -> list[ContentType]:
    """Owners before their parts."""
    owned = [
        edit.model[each.target]
        for type_ in edit.model.content()
        for each in type_.relations()
        if isinstance(each, Parts)
    ]
    return [*edit.model.content(), *owned]


def _copies(type_: ContentType, code: str, like: str) -> Select[Any]:
    live = type_.live
    # They show from now on, whenever those that they are copies of were published.
    made: dict[str, ColumnElement[Any]] = {LOCALE: literal(code), "published_at": INSTANT}
    columns = [made.get(each.name, each) for each in live.columns]
    return select(*columns).where(live.c[LOCALE] == like)
