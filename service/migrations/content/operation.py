"""What all operations on content have in common.

They run in the transaction of the migration, after the schema operations before them, and write
content as every other edit does. What each of them changes is stored, and put back by a downgrade.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path as FilePath
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from alembic.operations import MigrateOperation, Operations
from alembic.operations.ops import OpContainer
from alembic.util import CommandError

from schema.errors import ErrorCode, ProblemCode
from service.documents.checking import nearest
from service.documents.problems import ContentError, Path, Problem, lines
from service.documents.records import Key
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import Edit
from service.editing.merging import Side
from service.errors import GuidepostError
from service.messages import some
from service.migrations.content.resolutions import ITEM, Deciding, MigrationConflict
from service.migrations.content.steps import ATTACHED, Attached, RunningRevision
from service.migrations.content.view import ContentView

PLANNED = "guidepost_planned"
"""The key in the context's `opts` under which operations find the `PlannedOperations`."""

DELETE = "delete"
"""The name of the operation that deletes an item."""

Class = TypeVar("Class", bound="type[ContentOperation]")


class ContentOperation(MigrateOperation):
    """Something that a migration does to content."""

    name: ClassVar[str]
    subject: str
    """What the operation is about, for messages."""
    details: Sequence[str] = ()
    """What the operation changes, as `alembic check` reports it."""

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Carry out the operation; raises `ContentError`."""
        raise NotImplementedError

    def reverse(self) -> MigrateOperation:
        """An operation without effect: the downgrade undoes content by itself."""
        return UndoneOp()

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """The operation as `alembic check` reports it."""
        return (self.name, self.subject, *self.details)


class RevisionDocument(UncheckedDocument):
    """A document that a migration saves. Its problems name the item."""

    def problem(self, code: ProblemCode, path: Path, message: str) -> Problem:
        """A problem with the value at a path."""
        item = str(self.content.get("type")), str(self.content.get("slug"))
        return replace(super().problem(code, path, message), item=item)


class UndoneOp(MigrateOperation):
    """The reverse of an operation on content, which the downgrade of the migration undoes."""


class CommentOp(OpContainer):
    """Lines for those who read a generated migration. It has no operations."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self.lines = lines

    def reverse(self) -> MigrateOperation:
        """Nothing: a downgrade has no such lines."""
        return UndoneOp()


class LeftOp(MigrateOperation):
    """Items of a type that have lost their documents, and that a migration leaves as they are.

    Nothing is written into the migration. But the database differs from the documents.
    """

    def __init__(self, type_: str, slugs: Sequence[str]) -> None:
        self.subject = subject_of(type_, slugs)

    def reverse(self) -> MigrateOperation:
        """An operation without effect, as this one is."""
        return UndoneOp()

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """The operation that is missing, as `alembic check` reports it."""
        detail = (
            "    the document was removed; `alembic -x delete=yes revision --autogenerate …` "
            "writes a revision that deletes the item"
        )
        return (DELETE, self.subject, detail)


def operation(cls: Class) -> Class:
    """Register a class with alembic, so that migrations can call it as a function of `op`."""
    Operations.register_operation(cls.name)(cls)
    Operations.implementation_for(cls)(_carry_out)
    return cls


@dataclass
class PlannedOperations:
    """The operations of a migration that is only planned."""

    folder: FilePath
    """The folder with the file of the migration."""
    operations: list[ContentOperation] = field(default_factory=list)


def _carry_out(operations: Operations, operation: ContentOperation) -> None:
    context = operations.migration_context
    planned = context.opts.get(PLANNED)
    if isinstance(planned, PlannedOperations):
        planned.operations.append(operation)
        return
    called = f"op.{operation.name} of {operation.subject}"
    if context.as_sql:
        raise CommandError(
            f"{called} needs the content of the database, and cannot be printed as SQL; "
            "migrate the database itself, or print the revisions before and after this one"
        )
    attached = context.opts.get(ATTACHED)
    step = attached.step if isinstance(attached, Attached) else None
    if step is None:
        raise CommandError(
            f"{called}: alembic/env.py has to call service.migrations.content.attach"
        )
    try:
        step.run(partial(operation.run, step))
    except ContentError as error:
        # What is in conflict was not changed, which may be why this cannot be done.
        step.refuse_conflicts()
        listed = "\n".join(f"  {each}" for each in lines(error.problems))
        raise GuidepostError(f"revision {step.revision}: {called}:\n{listed}") from error


def subject_of(type_: str, slugs: Sequence[object]) -> str:
    """Items of a type, for messages."""
    return f"{type_} {some([*map(str, slugs)])}"


def folder_of(operations: Operations) -> FilePath:
    """The folder with the revision that is being run, or printed as SQL."""
    context: Any = operations.migration_context
    planned = context.opts.get(PLANNED)
    if isinstance(planned, PlannedOperations):
        return planned.folder
    attached = context.opts.get(ATTACHED)
    step = attached.step if isinstance(attached, Attached) else None
    return FilePath(context.script.versions) if step is None else step.folder


def require_types(edit: Edit, name: str) -> None:
    """Raise `ContentError` if there is no content type with this name."""
    known = [each.name for each in edit.model.content()]
    if name not in known:
        hint = nearest(name, known) or f"; the types are {', '.join(known)}"
        raise ContentError(
            [Problem(ErrorCode.UNKNOWN_TYPE, (), f"there is no type {name!r}{hint}")]
        )


async def items_of(
    deciding: Deciding,
    view: ContentView,
    name: str,
    slugs: Sequence[str],
    *,
    gone_is_fine: bool = False,
) -> dict[Key, UUID]:
    """The items of a type that a migration means by these slugs.

    Items that others renamed are found under their new slugs. Those that others deleted are left
    out; they are a conflict, unless it is fine that they are gone. Raises `ContentError` if there
    never was such an item.
    """
    found = await view.ids([(name, slug) for slug in slugs])
    missing = [slug for slug in slugs if (name, slug) not in found]
    made = await view.deleted(name) if missing else {}
    problems = []
    for slug in missing:
        key, item = await view.current_key((name, slug))
        if item is None or slug in made:
            message = f"there is no {name} {slug!r}{nearest(slug, await view.slugs(name))}"
            problems.append(Problem(ErrorCode.UNKNOWN_ITEM, (), message))
        elif key is not None:
            found[key] = item.id
        elif not gone_is_fine and deciding.force.of((name, slug)) is not Side.THEIRS:
            deciding.conflicts.append(gone(name, slug))
    if problems:
        raise ContentError(problems)
    return found


def gone(name: str, slug: str) -> MigrationConflict:
    """The conflict about an item that others have deleted."""
    return MigrationConflict(f"{name} {slug}", ITEM, "there", None, "changed")
