"""Autogenerate for renames: the types, fields and values that are declared with `renamed_from`.

They are tried in a savepoint before anything is compared. So the rest of autogenerate finds what
else has changed, of the tables and of the content, and nothing of the renames.
"""

from collections.abc import Awaitable, Iterator
from typing import Any, Protocol

from alembic.autogenerate import comparators
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import UpgradeOps
from alembic.util.langhelpers import DispatchPriority, PriorityDispatchResult
from sqlalchemy import Connection, text
from sqlalchemy.util import await_only

from schema.attributes import ScalarField
from schema.entities.fields import RENAMED_NAMES, Format
from schema.model import ContentType
from service.editing.edits import Edit
from service.migrations.content.dropped import quote
from service.migrations.content.renaming import (
    RenameFieldOp,
    RenameTypeOp,
    RenameValueOp,
    RenamingOperation,
)
from service.migrations.content.steps import ATTACHED, Attached, ReflectedModel
from service.migrations.content.tables import COPIES

_VALUES = "select {column}::text from {table}"


@comparators.dispatch_for("schema", priority=DispatchPriority.FIRST)
def try_renames(context: AutogenContext, upgrade: UpgradeOps, _: Any) -> PriorityDispatchResult:
    """Add the renames to a new migration, and compare the rest as if they had been run."""
    migration: Any = context.migration_context
    attached = migration.opts.get(ATTACHED)
    if isinstance(attached, Attached):
        upgrade.ops += _tried(attached)
    return PriorityDispatchResult.CONTINUE


def take_back(attached: Attached) -> None:
    """Take back what was tried."""
    if attached.trial is not None:
        attached.trial.rollback()
        attached.trial = None


def _tried(attached: Attached) -> list[RenamingOperation]:
    found: list[RenamingOperation] = []
    for kind in (_types, _fields, _values):
        # Fields are found in the types as they are called by then, and values in the fields.
        for each in [*kind(attached.tables)]:
            try_(attached, each)
            found.append(each)
    return found


class TriedOperation(Protocol):
    """An operation that autogenerate tries."""

    async def apply(self, edit: Edit) -> None:
        """Carry out the operation where nobody is going to see it."""


def try_(attached: Attached, operation: TriedOperation) -> None:
    """Carry out an operation in the savepoint, before the rest is compared."""
    if attached.trial is None:
        attached.trial = attached.tables.connection.begin_nested()
    edit = attached.edit(attached.tables.model())
    await_only(_apply(operation, edit))


async def _apply(operation: TriedOperation, edit: Awaitable[Edit]) -> None:
    found = await edit
    await operation.apply(found)
    if isinstance(operation, RenamingOperation):
        # What would be published depends on what earlier migrations left.
        await operation.rewrite(found, "")


def _types(tables: ReflectedModel) -> Iterator[RenamingOperation]:
    declared, there = tables.declared, tables.model()
    for type_ in declared.values():
        old = type_.renamed_from
        if old and old in there and type_.name not in there:
            yield RenameTypeOp(old, type_.name)


def _fields(tables: ReflectedModel) -> Iterator[RenamingOperation]:
    declared, there = tables.declared, tables.model()
    for type_ in declared.values():
        known = there[type_.name].attributes if type_.name in there else {}
        for attribute in type_.attributes.values():
            old = attribute.renamed_from
            if old and old in known and attribute.name not in known:
                yield RenameFieldOp(type_.name, old, attribute.name)


def _values(tables: ReflectedModel) -> Iterator[RenamingOperation]:
    there = tables.model()
    for type_ in tables.declared.values():
        for field in type_.written():
            if type_.name in there and field.name in there[type_.name].attributes:
                former = _former(field)
                used = _used(tables.connection, type_, field) if former else set()
                for new, old in sorted(former.items()):
                    if old in used:
                        yield RenameValueOp(type_.name, field.name, old, new)


def _former(field: ScalarField) -> dict[str, str]:
    """The former names of the values of a field, by name."""
    is_enumeration = field.format is Format.ENUM
    return dict(getattr(field.enumeration, RENAMED_NAMES, {})) if is_enumeration else {}


def _used(connection: Connection, type_: ContentType, field: ScalarField) -> set[str]:
    """The values that content has in a field."""
    column = quote(field.name)
    tables = (f"{quote(schema)}.{quote(type_.table_name)}" for schema in COPIES)
    every = " union ".join(_VALUES.format(column=column, table=table) for table in tables)
    return {*connection.scalars(text(every))}
