"""The locales that content is written and served in, and every way to change them.

They form a tree: the default locale at its root, and every other one below its fallback. So the
texts of the default locale, where required texts have to be, are what any locale ends with.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from babel import Locale as BabelLocale
from babel import UnknownLocaleError
from babel.core import get_locale_identifier, parse_locale
from sqlalchemy import Table, delete, func, insert, select, update

from schema.errors import ErrorCode
from schema.locales import Locales
from schema.tables.locale import Locale
from service.documents.problems import ContentError, Problem
from service.editing.edits import Edit
from service.editing.live_locales import (
    add_live_locale,
    remove_live_locale,
    rename_live_locale,
    resolve_again,
)
from service.editing.search_index import forget_locale, index_again, index_what_is_missing
from service.editing.translations import rename_texts

_LOCALE = cast(Table, Locale.__table__)


class LocaleDefinition(NamedTuple):
    """What is said of a locale."""

    fallback: str | None = None
    """The locale that its missing texts come from; None for the default locale."""
    name: str | None = None
    is_default: bool = False


Definitions = Mapping[str, LocaleDefinition]
"""Locales by their codes."""


async def definitions(edit: Edit) -> dict[str, LocaleDefinition]:
    """The locales as they are now."""
    # As JSON, because a migration can run before the one that adds the name.
    row = func.to_jsonb(_LOCALE.table_valued())
    return {
        each["code"]: LocaleDefinition(
            next(iter(each["fallbacks"]), None), each.get("name"), each["is_default"]
        )
        for each in await edit.connection.scalars(select(row).order_by(_LOCALE.c.code))
    }


async def set_locales(edit: Edit, wanted: Mapping[str, LocaleDefinition | None]) -> None:
    """Add, change and remove locales; None removes one, in which no item has a text.

    What is live in the fallback of a new locale is live in that locale at once. Where a chain of
    fallbacks has changed, live items get the texts that it leads to now; `lacking_texts` has the
    items without a text that they need. Raises `ContentError`.
    """
    before = await definitions(edit)
    after = {code: each for code, each in {**before, **wanted}.items() if each}
    if problems := [*problems_of(after)]:
        raise ContentError(problems)
    for code in before.keys() - after:
        await remove_live_locale(edit, code)
        await forget_locale(edit, code)
        await edit.connection.execute(delete(_LOCALE).where(_LOCALE.c.code == code))
    await _store(edit, before, after)
    for code in sorted(after.keys() - before, key=lambda it: len(chain(after, it))):
        await add_live_locale(edit, code, str(after[code].fallback))
    # The live rows of a new locale are those of its fallback, which may be about to change.
    here = {each: before[each] for each in before if each in after}
    known = {each: after[each] for each in after if each not in here} | here
    moved = {code for code in after if chain(known, code) != chain(after, code)}
    if moved:
        await resolve_again(edit, sorted(moved))
        await index_again(edit)
    else:
        await index_what_is_missing(edit)


async def rename_locale(edit: Edit, old: str, new: str) -> None:
    """Give a locale another code, in both copies; raises `ContentError`."""
    after = with_new_code(await definitions(edit), old, new)
    renamed = update(_LOCALE).where(_LOCALE.c.code == old).values(code=new)
    await edit.connection.execute(renamed)
    await _store(edit, after, after)
    await rename_texts(edit, old, new)
    await rename_live_locale(edit, old, new)
    await forget_locale(edit, old)
    await index_what_is_missing(edit)


def with_new_code(known: Definitions, old: str, new: str) -> dict[str, LocaleDefinition]:
    """The locales with one under another code; raises `ContentError`."""
    if old not in known:
        message = f"there is no locale {old!r}; the locales are {', '.join(sorted(known))}"
        raise ContentError([Problem(ErrorCode.UNKNOWN_LOCALE, (), message)])
    if new in known:
        message = f"there is a locale {new!r} already"
        raise ContentError([Problem(ErrorCode.DUPLICATE, (), message)])
    codes = {old: new}
    after = {
        codes.get(code, code): each._replace(fallback=codes.get(str(each.fallback), each.fallback))
        for code, each in known.items()
    }
    if problems := [*problems_of(after)]:
        raise ContentError(problems)
    return after


def as_locales(known: Definitions) -> Locales:
    """The locales as content is checked and served with them."""
    default = next(code for code, each in known.items() if each.is_default)
    return Locales(frozenset(known), default, {code: chain(known, code) for code in known})


def chain(known: Definitions, code: str) -> tuple[str, ...]:
    """The fallbacks of a locale, in order; an endless chain ends where it comes back."""
    found: list[str] = []
    next_ = known[code].fallback
    while next_ in known and next_ not in found and next_ != code:
        found.append(str(next_))
        next_ = known[str(next_)].fallback
    return tuple(found)


def problems_of(known: Definitions) -> Iterator[Problem]:
    """What is wrong with locales that belong together; each problem has the code as its path."""
    defaults = [code for code, each in known.items() if each.is_default]
    if len(defaults) != 1:
        found = f"{' and '.join(defaults)} are" if defaults else "none of them is"
        message = f"{found} the default; exactly one locale has to be"
        yield Problem(ErrorCode.BAD_VALUE, (), message)
        return
    for code, each in known.items():
        yield from _problems(known, code, each, defaults[0])


def _problems(
    known: Definitions, code: str, each: LocaleDefinition, default: str
) -> Iterator[Problem]:
    if (right := _tag(code)) != code:
        meant = f"write it as {right}" if right else "write a BCP 47 language tag such as nl-BE"
        message = f"{code!r} is not a locale; {meant}"
        yield Problem(ErrorCode.BAD_VALUE, (code,), message)
    others = ", ".join(sorted(known.keys() - {code}))
    if each.fallback is None:
        if code != default:
            message = f"has no fallback; only the default locale, {default}, has none"
            yield Problem(ErrorCode.BAD_VALUE, (code, "fallback"), message)
    elif code == default:
        message = f"is {each.fallback!r}, but the default locale has no fallback; leave it out"
        yield Problem(ErrorCode.BAD_VALUE, (code, "fallback"), message)
    elif each.fallback not in known:
        message = f"there is no locale {each.fallback!r} to fall back to; the locales are {others}"
        yield Problem(ErrorCode.UNKNOWN_LOCALE, (code, "fallback"), message)
    elif default not in chain(known, code) and known.keys() >= {*chain(known, code)}:
        [*_, last] = code, *chain(known, code)
        round_ = " → ".join((code, *chain(known, code), str(known[last].fallback)))
        message = f"leads back to itself ({round_}); fallbacks have to end at {default}"
        yield Problem(ErrorCode.BAD_VALUE, (code, "fallback"), message)


def _tag(code: str) -> str | None:
    """A language tag as BCP 47 recommends to write it; None if it is none."""
    try:
        BabelLocale.parse(code, sep="-")
        return get_locale_identifier(parse_locale(code, sep="-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return None


async def _store(edit: Edit, before: Definitions, after: Definitions) -> None:
    """Write the rows that differ; the default is unset before another one is set."""
    for code in sorted(after, key=lambda it: after[it].is_default):
        each, was = after[code], before.get(code)
        row: dict[str, Any] = {
            "fallbacks": [*chain(after, code)],
            "is_default": each.is_default,
        }
        if each.name != (was.name if was else None):
            row["name"] = each.name
        if was is None:
            await edit.connection.execute(insert(_LOCALE).values(code=code, **row))
        else:
            changed = update(_LOCALE).where(_LOCALE.c.code == code).values(row)
            await edit.connection.execute(changed)
