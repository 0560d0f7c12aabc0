"""The locales that content is written and served in."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast
from uuid import UUID

from babel import Locale as BabelLocale
from babel import UnknownLocaleError
from sqlalchemy import ColumnElement, Select, Table, delete, insert, select, union

from schema.attributes import Parts
from schema.errors import ErrorCode
from schema.model import ContentType
from schema.tables.locale import Locale
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.editing.edits import Edit
from service.editing.live import add_live_locale, remove_live_locale
from service.editing.search_index import forget_locale, index_what_is_missing

_LOCALE = cast(Table, Locale.__table__)


async def add_locale(edit: Edit, code: str, fallback: str) -> None:
    """Add a locale that serves the texts of another one where its own are missing.

    Everything that is live in `fallback` is live in the new locale at once. Raises `ContentError`.
    """
    statement = select(_LOCALE.c.code, _LOCALE.c.fallbacks)
    chains = {row[0]: row[1] for row in await edit.connection.execute(statement)}
    if problems := [*_problems(code, fallback, chains.keys())]:
        raise ContentError(problems)
    row = {"code": code, "fallbacks": [fallback, *chains[fallback]], "is_default": False}
    await edit.connection.execute(insert(_LOCALE).values(row))
    # It has no texts of its own yet, and the fallback's rows already contain the rest of the chain.
    await add_live_locale(edit, code, fallback)
    await index_what_is_missing(edit)


async def fallback_of(edit: Edit, code: str) -> str | None:
    """The first fallback of a locale; None if it has none, or is not there."""
    found = await edit.connection.scalar(select(_LOCALE.c.fallbacks).where(_LOCALE.c.code == code))
    return found[0] if found else None


async def remove_locale(edit: Edit, code: str) -> None:
    """Remove a locale in which no item has a text."""
    await remove_live_locale(edit, code)
    await forget_locale(edit, code)
    await edit.connection.execute(delete(_LOCALE).where(_LOCALE.c.code == code))


async def items_with_texts_in(edit: Edit, code: str) -> dict[Key, UUID]:
    """The items with a text in a locale, or with parts that have one."""
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
    """A document, or a value of one, without the texts in a locale."""
    if isinstance(value, Mapping):
        return {key: without(each, code) for key, each in value.items() if key != code}
    return [without(each, code) for each in value] if isinstance(value, list) else value


def _texts(type_: ContentType, id_: ColumnElement[Any], code: str) -> Iterator[Select[Any]]:
    """Statements for the ids of the items of a type that have a text in a locale."""
    for field in type_.fields():
        if field.format.localized:
            yield select(id_).where(type_.draft.c[field.name].has_key(code))


def _problems(code: str, fallback: str, known: Collection[str]) -> Iterator[Problem]:
    try:
        BabelLocale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        message = f"{code!r} is not a locale; write a BCP 47 language tag such as fr or nl-BE"
        yield Problem(ErrorCode.BAD_VALUE, (), message)
    if code in known:
        yield Problem(ErrorCode.DUPLICATE, (), f"there is a locale {code!r} already")
    if fallback not in known:
        there = ", ".join(sorted(known))
        message = f"there is no locale {fallback!r} to fall back to; the locales are {there}"
        yield Problem(ErrorCode.UNKNOWN_LOCALE, (), message)
