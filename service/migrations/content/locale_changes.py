"""Autogenerate for locales: what the file of locales says, and the database does not."""

from collections.abc import Awaitable, Iterator, Mapping
from typing import Any

from sqlalchemy.util import await_only

from service.editing.edits import Edit
from service.editing.locales import LocaleDefinition, chain, definitions, with_new_code
from service.folders.locale_file import LocaleFile
from service.migrations.content.locale_images import KEYS
from service.migrations.content.locales import (
    AddLocaleOp,
    ChangeLocaleOp,
    LocaleOperation,
    RemoveLocaleOp,
    RenameLocaleOp,
    with_default,
)
from service.migrations.content.renames import try_
from service.migrations.content.renaming import RenamingOperation
from service.migrations.content.steps import Attached


def tried(attached: Attached, file: LocaleFile) -> list[LocaleOperation | RenamingOperation]:
    """The renames, additions and changes of locales, which have been tried in the savepoint.

    So the documents are compared with content in the locales that they are written for.
    """
    now = _known(attached)
    found = [*_operations(now, file)]
    for each in found:
        try_(attached, each)
    return found


def removals(attached: Attached, file: LocaleFile) -> list[RemoveLocaleOp]:
    """The removals of locales; they come once no text is left in them."""
    now = _known(attached)
    gone = sorted(now.keys() - file.locales, key=lambda code: (-len(chain(now, code)), code))
    return [RemoveLocaleOp(code) for code in gone]


def _known(attached: Attached) -> dict[str, LocaleDefinition]:
    return await_only(_definitions(attached.edit(attached.tables.model())))


async def _definitions(edit: Awaitable[Edit]) -> dict[str, LocaleDefinition]:
    return await definitions(await edit)


def _operations(
    now: Mapping[str, LocaleDefinition], file: LocaleFile
) -> Iterator[LocaleOperation | RenamingOperation]:
    for code, old in sorted(file.renamed.items()):
        if old in now and code not in now and old not in file.locales:
            yield RenameLocaleOp(old, code)
            now = with_new_code(now, old, code)
    wanted = file.locales
    for code in sorted(wanted.keys() - now, key=lambda each: (len(chain(wanted, each)), each)):
        default = next(it for it, each in now.items() if each.is_default)
        # A new default locale is like any other one at first.
        fallback = wanted[code].fallback or default
        yield AddLocaleOp(code, fallback, wanted[code].name)
        now = {**now, code: LocaleDefinition(fallback, wanted[code].name)}
    # The new default comes first: other locales may fall back to it.
    for code in sorted(wanted, key=lambda each: (len(chain(wanted, each)), each)):
        changes = _changes(now[code], wanted[code])
        if changes:
            base = {key: getattr(now[code], KEYS[key]) for key in changes if key != "default"}
            yield ChangeLocaleOp(code, changes, base or None)
            made = now[code]._replace(**{KEYS[key]: value for key, value in changes.items()})
            now = {**now, **with_default(now, code, made)}


def _changes(there: LocaleDefinition, wanted: LocaleDefinition) -> Mapping[str, Any]:
    """What changes of a locale; that it is no longer the default follows from another one."""
    if wanted.is_default and not there.is_default:
        there = there._replace(fallback=None)
    return {
        key: getattr(wanted, name)
        for key, name in KEYS.items()
        if getattr(wanted, name) != getattr(there, name)
        and not (key == "default" and not wanted.is_default)
    }
