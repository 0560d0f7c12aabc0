"""The operations on locales: `op.add_locale`, `op.change_locale` and others."""

from collections.abc import Mapping
from typing import Any

from alembic.operations import MigrateOperation, Operations

from schema.errors import ErrorCode
from service.documents.checking import nearest
from service.documents.problems import ContentError, Problem
from service.editing.edits import Edit
from service.editing.live_locales import lacking_texts
from service.editing.locales import LocaleDefinition, definitions, rename_locale, set_locales
from service.editing.merging import Side
from service.messages import some
from service.migrations.content import locale_images, written
from service.migrations.content.locale_images import KEYS, LOCALE
from service.migrations.content.operation import ContentOperation, operation
from service.migrations.content.renaming import RenamingOperation
from service.migrations.content.resolutions import (
    ITEM,
    Deciding,
    Force,
    MigrationConflict,
)
from service.migrations.content.steps import RunningRevision

Changes = Mapping[str, Any]
"""What is said of a locale: `fallback`, `name` and `default`, those that are given."""


class LocaleOperation(ContentOperation):
    """Something that a migration does to a locale."""

    code: str

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Carry out the operation; raises `ContentError`."""
        wanted = self.wanted(step.deciding, await definitions(edit))
        await locale_images.take(edit, step.revision, [*wanted])
        await set_locales(edit, wanted)
        if problems := await lacking_texts(edit) if wanted else ():
            raise ContentError(problems)

    async def apply(self, edit: Edit) -> None:
        """Carry out the operation where nobody is going to see it."""
        deciding = Deciding(Force(Side.OURS), lambda _: None)
        await set_locales(edit, self.wanted(deciding, await definitions(edit)))

    def wanted(
        self, deciding: Deciding, now: Mapping[str, LocaleDefinition]
    ) -> Mapping[str, LocaleDefinition]:
        """The locales that change, given those that are there; raises `ContentError`."""
        raise NotImplementedError


@operation
class AddLocaleOp(LocaleOperation):
    """Add a locale."""

    name = "add_locale"

    def __init__(self, code: str, fallback: str, display: str | None = None) -> None:
        self.code, self.fallback, self.display = code, fallback, display
        self.subject = code
        self.details = [f"    falls back to {fallback}"]

    @classmethod
    def add_locale(
        cls, operations: Operations, code: str, fallback: str, name: str | None = None
    ) -> None:
        """Add a locale that serves the texts of `fallback` where its own are missing.

        `name` is what its readers call it, such as Nederlands.
        """
        operations.invoke(cls(code, fallback, name))

    def wanted(
        self, deciding: Deciding, now: Mapping[str, LocaleDefinition]
    ) -> Mapping[str, LocaleDefinition]:
        """The locale; one that is there as it should be is fine."""
        there, wanted = now.get(self.code), LocaleDefinition(self.fallback, self.display)
        side = deciding.force.of((LOCALE, self.code))
        if there is None:
            return {self.code: wanted}
        if there.is_default:
            message = f"there is a locale {self.code!r} already, and it is the default locale"
            raise ContentError([Problem(ErrorCode.DUPLICATE, (), message)])
        if there.fallback == self.fallback or side is Side.THEIRS:
            return {}
        if side is None:
            sides = (None, there.fallback, self.fallback)
            deciding.conflicts.append(MigrationConflict(f"locale {self.code}", "fallback", *sides))
            return {}
        return {self.code: there._replace(fallback=self.fallback)}


@operation
class ChangeLocaleOp(LocaleOperation):
    """Change what is said of a locale."""

    name = "change_locale"

    def __init__(self, code: str, changes: Changes, base: Changes | None = None) -> None:
        self.code, self.changes, self.base = code, changes, base
        self.subject = code
        self.details = [f"    {key}: {value}" for key, value in changes.items()]

    @classmethod
    def change_locale(
        cls, operations: Operations, code: str, changes: Changes, base: Changes | None = None
    ) -> None:
        """Change the `fallback` of a locale, its `name`, or make it the `default`.

        Texts that are missing in the locale come from its new fallback at once. A new default
        locale has no fallback, and needs every required text; the former one falls back to it.
        `base` has the values that are replaced. Where somebody else has changed one of them, to
        another one, there is a conflict.
        """
        operations.invoke(cls(code, changes, base))

    def wanted(
        self, deciding: Deciding, now: Mapping[str, LocaleDefinition]
    ) -> Mapping[str, LocaleDefinition]:
        """The locale, and the former default locale; without what others have decided."""
        self._check()
        there = now.get(self.code)
        side = deciding.force.of((LOCALE, self.code))
        if there is None and self.base is None:
            raise ContentError([_unknown(self.code, now)])
        if there is None:
            if side is None:
                gone = MigrationConflict(f"locale {self.code}", ITEM, "there", None, "changed")
                deciding.conflicts.append(gone)
            return {}
        base = _with(there, self.base or {})
        ours = _with(base, self.changes)
        if side is None:
            deciding.conflicts += locale_images.conflicts_of(self.code, base, there, ours)
        return with_default(now, self.code, locale_images.merge(base, there, ours, side))

    def _check(self) -> None:
        for given, where in ((self.changes, "changes"), (self.base or {}, "base")):
            for key in given:
                if key not in KEYS:
                    hint = nearest(key, [*KEYS]) or f"; it may be {', '.join(KEYS)}"
                    message = f"{where} has {key!r}, which no locale has{hint}"
                    raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)])
        if self.changes.get("default", True) is not True:
            message = "default can only be True; make another locale the default instead"
            raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)])


@operation
class RemoveLocaleOp(LocaleOperation):
    """Remove a locale."""

    name = "remove_locale"

    def __init__(self, code: str) -> None:
        self.code = code
        self.subject = code

    @classmethod
    def remove_locale(cls, operations: Operations, code: str) -> None:
        """Remove a locale that no other one falls back to; one that is gone is fine.

        Texts in it are a conflict: save the items without them first, or decide it.
        """
        operations.invoke(cls(code))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Remove the locale."""
        now = await definitions(edit)
        if self.code not in now:
            return
        self.check(now)
        await locale_images.take(edit, step.revision, [self.code])
        await locale_images.take_what_differs(edit, step.revision, self.code)
        side = step.deciding.force.of((LOCALE, self.code))
        step.deciding.conflicts += await locale_images.remove(edit, self.code, side)

    def check(self, now: Mapping[str, LocaleDefinition]) -> None:
        """Raise `ContentError` if other locales need this one."""
        users = [code for code, each in now.items() if each.fallback == self.code]
        if now[self.code].is_default:
            message = f"{self.code} is the default locale; make another one the default first"
        elif users:
            message = f"{some(users)} falls back to {self.code}; change that first"
        else:
            return
        raise ContentError([Problem(ErrorCode.IN_USE, (), message)])


@operation
class RenameLocaleOp(RenamingOperation):
    """Give a locale another code."""

    name = "rename_locale"

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self.subject = f"{old} to {new}"

    @classmethod
    def rename_locale(cls, operations: Operations, old: str, new: str) -> None:
        """Give a locale another code; its texts, and what was written of them, follow."""
        operations.invoke(cls(old, new))

    def reverse(self) -> MigrateOperation:
        """The same rename, the other way round."""
        return RenameLocaleOp(self.new, self.old)

    async def apply(self, edit: Edit) -> None:
        """Rename the locale in both copies."""
        await rename_locale(edit, self.old, self.new)

    async def rewrite(self, edit: Edit, migration: str) -> None:
        """Give what was written in the locale its new code."""
        await written.rename_locale(edit, migration, self.old, self.new)
        await locale_images.rename(edit, migration, self.old, self.new)

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Rename the locale."""
        await self.apply(edit)
        await self.rewrite(edit, step.revision)


def _with(definition: LocaleDefinition, changes: Changes) -> LocaleDefinition:
    return definition._replace(**{KEYS[key]: value for key, value in changes.items()})


def with_default(
    now: Mapping[str, LocaleDefinition], code: str, definition: LocaleDefinition
) -> dict[str, LocaleDefinition]:
    """A locale; if it becomes the default, the former default locale falls back to it."""
    if not definition.is_default or now[code].is_default:
        return {code: definition} if definition != now[code] else {}
    former = {
        other: each._replace(is_default=False, fallback=code)
        for other, each in now.items()
        if each.is_default
    }
    return {code: definition._replace(fallback=None), **former}


def _unknown(code: str, known: Mapping[str, Any]) -> Problem:
    message = f"there is no locale {code!r}; the locales are {', '.join(sorted(known))}"
    return Problem(ErrorCode.UNKNOWN_LOCALE, (), message)
