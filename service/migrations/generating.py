"""Autogenerate for tables: what alembic finds, whole, and in an order in which it can be run.

alembic alone drops tables, columns and foreign keys in the order of a set, which differs from run
to run, and tables while others still refer to them. It does not see whether a unique key in the
database is deferrable.

Content is changed in between: it needs the new columns and may still read the old ones, and only
then has what is required, or unique. `Phase` has the order.
"""

import enum
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from copy import copy
from itertools import groupby
from typing import Any, Literal

from alembic.autogenerate import comparators
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, ops
from alembic.runtime.migration import MigrationContext
from alembic.util.langhelpers import DispatchPriority, PriorityDispatchResult
from sqlalchemy import (
    Column,
    DefaultClause,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SAWarning

from schema.entities.content import DRAFT, LIVE
from service.migrations.checks import compared
from service.migrations.content.locales import RemoveLocaleOp
from service.migrations.content.operation import ContentOperation
from service.migrations.content.operations import DeleteOp, SaveOp
from service.migrations.content.renames import take_back
from service.migrations.content.renaming import RenamingOperation
from service.migrations.content.source import freeze
from service.migrations.content.steps import ATTACHED, Attached
from service.migrations.differences import report
from service.migrations.table_order import creates, drops, key_of
from service.migrations.timings import Timing, Timings, read_timings, set_timing


class Phase(enum.IntEnum):
    """When an operation of a migration is run."""

    RENAME = -1
    EXPAND = 0
    """Tables and columns are added, and what restricts content is removed."""
    CONTENT = 1
    CONTRACT = 2
    """Columns and tables are dropped, with the keys and the indexes on them."""
    DELETE = 3
    """Items are deleted, which what was dropped referred to."""
    RESTRICT = 4
    """Columns become required; keys, checks and indexes are added."""


@comparators.dispatch_for("schema", priority=DispatchPriority.FIRST)
def sort(context: AutogenContext, _: ops.UpgradeOps, __: Any) -> PriorityDispatchResult:
    """Let the context sort the tables once, without SQLAlchemy's warning of a cycle of references.

    The foreign keys of a cycle have an order of their own: see `service.migrations.table_order`.
    """
    with warnings.catch_warnings(category=SAWarning, action="ignore"):
        context.sorted_tables  # noqa: B018  # the context keeps them
    return PriorityDispatchResult.CONTINUE


# Among comparators of one priority, those for a dialect run before those for all dialects: the one
# for content runs before this one.
@comparators.dispatch_for("schema", priority=DispatchPriority.LAST)
def complete(context: AutogenContext, upgrade: ops.UpgradeOps, _: Any) -> PriorityDispatchResult:
    """Complete what alembic has found, and put it into order."""
    connection: Any = context.connection
    found = read_timings(connection)
    retimed = [
        *_retimed(context.sorted_tables, upgrade.ops, found),
        *compared(connection, context.sorted_tables, upgrade.ops),
    ]
    _fill(context.sorted_tables, upgrade.ops)
    upgrade.ops[:] = _in_order([*upgrade.ops, *retimed], found)
    attached = context.migration_context.opts.get(ATTACHED)
    if isinstance(attached, Attached):
        take_back(attached)
    return PriorityDispatchResult.CONTINUE


def prepare(context: MigrationContext, _: Any, scripts: Sequence[ops.MigrationScript]) -> None:
    """Prepare migrations to be rendered or reported; for alembic's `configure`."""
    freeze(context, scripts)
    report(context, scripts)


def render_item(type_: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write types as what they are to the database: a revision is frozen in time."""
    if type_ == "type" and isinstance(item, postgresql.JSONB):
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return "postgresql.JSONB()"
    return False


def _fill(declared: Iterable[Table], found: Iterable[MigrateOperation]) -> None:
    """Give rows of the live copy what those of the working copy have by default.

    Nothing else does: an item has not changed if its new field has the default.
    """
    defaults = {
        (table.name, column.name): column.server_default.arg
        for table in declared
        if table.schema == DRAFT
        for column in table.columns
        if isinstance(column.server_default, DefaultClause)
    }
    for each in found:
        if isinstance(each, ops.ModifyTableOps) and each.schema == LIVE:
            each.ops[:] = [piece for op in each.ops for piece in _with_default(op, defaults)]


def _with_default(
    operation: MigrateOperation, defaults: Mapping[tuple[str, str], Any]
) -> Iterator[MigrateOperation]:
    """An operation; a required column is added with a default, which it does not keep."""
    if not isinstance(operation, ops.AddColumnOp) or not _needs_values(operation.column):
        yield operation
        return
    table, column = operation.table_name, operation.column
    default = defaults.get((table, str(column.name)))
    if default is None:
        yield operation
        return
    filled = Column(column.name, column.type, nullable=False, server_default=default)
    yield ops.AddColumnOp(table, filled, schema=operation.schema, **operation.kw)
    yield ops.AlterColumnOp(
        table,
        str(column.name),
        schema=operation.schema,
        existing_type=column.type,
        existing_nullable=False,
        existing_server_default=filled.server_default,
        modify_server_default=None,
    )


def _in_order(found: Sequence[MigrateOperation], timings: Timings) -> list[MigrateOperation]:
    """The operations by phase; tables are dropped last in theirs: nothing refers to them then."""
    dropped = {key_of(each): each for each in found if isinstance(each, ops.DropTableOp)}
    of_dropped: dict[Any, list[MigrateOperation]] = {key: [] for key in dropped}
    phases: dict[Phase, list[MigrateOperation]] = {phase: [] for phase in Phase}
    saves = any(isinstance(each, SaveOp) for each in found)
    for each in found:
        if isinstance(each, ops.ModifyTableOps) and key_of(each) in dropped:
            each.ops[:] = sorted((_whole(op, timings) for op in each.ops), key=_rank)
            of_dropped[key_of(each)].append(each)
        elif isinstance(each, ops.ModifyTableOps):
            for phase, part in _by_phase(each, timings, saves=saves):
                phases[phase].append(part)
        elif not isinstance(each, ops.CreateTableOp | ops.DropTableOp):
            phases[_phase(each, frozenset())].append(each)
    created = [each for each in found if isinstance(each, ops.CreateTableOp)]
    phases[Phase.EXPAND] = [*creates(created), *phases[Phase.EXPAND]]
    phases[Phase.CONTRACT] += drops(dropped.values(), of_dropped, timings)
    return [each for phase in Phase for each in phases[phase]]


def _by_phase(
    changed: ops.ModifyTableOps, timings: Timings, *, saves: bool
) -> Iterator[tuple[Phase, ops.ModifyTableOps]]:
    """The operations on a table, one `ModifyTableOps` for each phase that has any."""
    gone = frozenset(op.column_name for op in changed.ops if isinstance(op, ops.DropColumnOp))
    added = frozenset(op.column.name for op in changed.ops if isinstance(op, ops.AddColumnOp))
    pieces = (piece for op in changed.ops for piece in _pieces(_whole(op, timings), saves=saves))
    phases = ((_phase(piece, gone, added), piece) for piece in pieces)
    found = sorted(phases, key=lambda each: each[0])
    for phase, group in groupby(found, key=lambda each: each[0]):
        in_order = sorted((piece for _, piece in group), key=_rank)
        yield phase, ops.ModifyTableOps(changed.table_name, in_order, schema=changed.schema)


def _pieces(operation: MigrateOperation, *, saves: bool) -> Iterator[MigrateOperation]:
    """An operation as several, if a part of it is for a later phase.

    A new column is required once content has values for it. A column that is dropped is not
    required any more if items are saved before that (`saves`), which need not have it.
    """
    match operation:
        case ops.AddColumnOp(column=column) if _needs_values(column):
            yield ops.AddColumnOp(
                operation.table_name, _nullable(column), schema=operation.schema, **operation.kw
            )
            yield _required(operation, column)
        case ops.DropColumnOp() if saves and _needs_values(operation.to_column()):
            column = operation.to_column()
            yield _required(operation, column).reverse()
            yield ops.DropColumnOp.from_column_and_tablename(
                operation.schema, operation.table_name, _nullable(column)
            )
        case ops.AlterColumnOp(modify_nullable=False) if _changes_more(operation):
            yield from _split(operation)
        case _:
            yield operation


def _changes_more(operation: ops.AlterColumnOp) -> bool:
    return operation.modify_type is not None or operation.modify_server_default is not False


def _split(operation: ops.AlterColumnOp) -> Iterator[ops.AlterColumnOp]:
    """Change a column first, and make it required later."""
    first, then = copy(operation), copy(operation)
    first.modify_nullable = None
    then.modify_type, then.modify_server_default = None, False
    then.existing_type = operation.modify_type or operation.existing_type
    if operation.modify_server_default is not False:
        then.existing_server_default = operation.modify_server_default
    yield first
    yield then


def _phase(operation: MigrateOperation, gone: Set[str], added: Set[str] = frozenset()) -> Phase:
    """When an operation is run, on a table in which columns are `gone` and `added`."""
    match operation:
        case ops.CreateForeignKeyOp(local_cols=names) if added & {*names}:
            # It says what the column refers to, which operations on content go by.
            return Phase.EXPAND
        case RenamingOperation():
            return Phase.RENAME
        case DeleteOp(is_early=False) | RemoveLocaleOp():
            return Phase.DELETE
        case ContentOperation():
            return Phase.CONTENT
        case ops.AlterColumnOp(modify_nullable=False) | ops.AddConstraintOp() | ops.CreateIndexOp():
            return Phase.RESTRICT
    is_of_gone = isinstance(operation, ops.DropConstraintOp | ops.DropIndexOp) and bool(
        _columns(operation) & gone
    )
    is_contracting = is_of_gone or isinstance(operation, ops.DropColumnOp)
    return Phase.CONTRACT if is_contracting else Phase.EXPAND


def _columns(operation: ops.DropConstraintOp | ops.DropIndexOp) -> set[str]:
    """The columns that a key or an index is on."""
    if isinstance(operation, ops.DropIndexOp):
        return {str(each.name) for each in operation.to_index().columns}
    constraint: Any = operation.to_constraint()
    return {*constraint.columns.keys()}


def _needs_values(column: Column[Any]) -> bool:
    has_default = column.server_default is not None or column.primary_key
    return not column.nullable and not has_default


def _nullable(column: Column[Any]) -> Column[Any]:
    return Column(column.name, column.type, comment=column.comment)


def _required(
    operation: ops.AddColumnOp | ops.DropColumnOp, column: Column[Any]
) -> ops.AlterColumnOp:
    """Make a column required that was added as nullable."""
    return ops.AlterColumnOp(
        operation.table_name,
        str(column.name),
        schema=operation.schema,
        existing_type=column.type,
        existing_nullable=True,
        modify_nullable=False,
    )


def _retimed(
    declared: Iterable[Table], found: Iterable[MigrateOperation], timings: Timings
) -> Iterator[MigrateOperation]:
    """Make the unique keys anew that are declared to be checked at another time."""
    gone = {
        (each.schema, op.table_name, op.constraint_name)
        for each in found
        if isinstance(each, ops.ModifyTableOps)
        for op in each.ops
        if isinstance(op, ops.DropConstraintOp)
    }
    for table in declared:
        for key in sorted(table.constraints, key=lambda each: str(each.name)):
            named = (table.schema, table.name, str(key.name))
            there = None if named in gone else timings.get(named)
            if isinstance(key, UniqueConstraint) and there not in {None, Timing.of(key)}:
                drop = ops.DropConstraintOp.from_constraint(key)
                add = ops.AddConstraintOp.from_constraint(key)
                both = [_whole(drop, timings), add]
                yield ops.ModifyTableOps(table.name, both, schema=table.schema)


def _whole(operation: MigrateOperation, timings: Timings) -> MigrateOperation:
    """The operation; if it drops a unique key, its reverse makes the same key again."""
    if isinstance(operation, ops.DropConstraintOp) and operation.constraint_type == "unique":
        constraint = operation.to_constraint()
        set_timing(constraint, timings)
        return ops.DropConstraintOp.from_constraint(constraint)
    return operation


def _rank(operation: MigrateOperation) -> tuple[int, str]:
    """Where an operation stands among those on its table, in its phase."""
    match operation:
        case ops.DropConstraintOp(constraint_type="foreignkey"):
            return 1, str(operation.constraint_name)
        case ops.CreateForeignKeyOp():
            return 3, str(operation.constraint_name)
        case ops.DropColumnOp():
            return 4, operation.column_name
        case ops.AddColumnOp() | ops.AlterColumnOp():
            return 0, ""
    return 2, ""
