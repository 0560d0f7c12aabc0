"""Autogenerate for tables: what alembic finds, whole, and in an order in which it can be run.

alembic alone drops tables, columns and foreign keys in the order of a set, which differs from run
to run, and tables while others still refer to them. It does not see whether a unique key in the
database is deferrable.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from alembic.autogenerate import comparators
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, ops
from alembic.util.langhelpers import DispatchPriority, PriorityDispatchResult
from sqlalchemy import Column, Constraint, MetaData, Table, UniqueConstraint, text
from sqlalchemy.schema import sort_tables_and_constraints

_UNIQUE = text(
    "select nspname, relname, conname, condeferrable, condeferred from pg_constraint"
    " join pg_class on pg_class.oid = conrelid"
    " join pg_namespace on pg_namespace.oid = relnamespace where contype = 'u'"
)
_OTHERS_RANK = 3
_RANKS = {ops.AddColumnOp: 0, ops.AlterColumnOp: 1, ops.CreateForeignKeyOp: 4, ops.DropColumnOp: 5}


class Timing(NamedTuple):
    """When a constraint is checked."""

    is_deferrable: bool
    is_deferred: bool

    @classmethod
    def of(cls, constraint: Constraint) -> "Timing":
        """When a declared constraint is checked."""
        is_deferred = (constraint.initially or "").upper() == "DEFERRED"
        return cls(bool(constraint.deferrable), is_deferred)

    def set(self, constraint: Constraint) -> None:
        """Declare that a constraint is checked then."""
        constraint.deferrable = self.is_deferrable or None
        constraint.initially = "DEFERRED" if self.is_deferred else None


Timings = Mapping[tuple[str | None, str, str], Timing]
"""When the unique keys of a database are checked, by schema, table and name."""


# Among comparators of one priority, those for a dialect run before those for all dialects, as the
# one for content is: it comes after the tables.
@comparators.dispatch_for("schema", qualifier="postgresql", priority=DispatchPriority.LAST)
def complete(context: AutogenContext, upgrade: ops.UpgradeOps, _: Any) -> PriorityDispatchResult:
    """Complete what alembic has found, and put it into order."""
    connection: Any = context.connection
    timings = {(*row[:3],): Timing(*row[3:]) for row in connection.execute(_UNIQUE)}
    upgrade.ops[:] = _in_order(upgrade.ops, timings)
    upgrade.ops += _retimed(context.sorted_tables, upgrade.ops, timings)
    return PriorityDispatchResult.CONTINUE


def _in_order(found: Iterable[MigrateOperation], timings: Timings) -> list[MigrateOperation]:
    """New tables first, then changed ones, and dropped ones last: nothing refers to them then."""
    dropped = {_key(each): each for each in found if isinstance(each, ops.DropTableOp)}
    changed: dict[Any, list[MigrateOperation]] = {key: [] for key in dropped}
    others: list[MigrateOperation] = []
    for each in found:
        if isinstance(each, ops.ModifyTableOps):
            each.ops[:] = sorted((_whole(op, timings) for op in each.ops), key=_rank)
            changed.get(_key(each), others).append(each)
        elif not isinstance(each, ops.DropTableOp):
            others.append(each)
    return [*others, *_drops(dropped.values(), changed, timings)]


def _drops(
    dropped: Iterable[ops.DropTableOp],
    changed: Mapping[Any, list[MigrateOperation]],
    timings: Timings,
) -> Iterator[MigrateOperation]:
    """Drop tables, each before those that it refers to; foreign keys in a cycle come first."""
    tables = _tables(dropped)
    for table in tables:
        for constraint in table.constraints:
            _set_timing(constraint, timings)
    sort: Any = sort_tables_and_constraints
    *ordered, (_, cyclic) = sort(tables)
    for key in sorted(cyclic, key=lambda key: (key.table.key, str(key.name))):
        drop = ops.DropConstraintOp.from_constraint(key)
        yield ops.ModifyTableOps(key.table.name, [drop], schema=key.table.schema)
        key.table.constraints.discard(key)
    for table, _ in reversed(ordered):
        yield from changed[table.schema, table.name]
        yield ops.DropTableOp.from_table(table)


def _tables(dropped: Iterable[ops.DropTableOp]) -> list[Table]:
    """The tables that are dropped, by name, in one `MetaData` with all that they refer to."""
    found = sorted((each.to_table() for each in dropped), key=lambda table: table.key)
    metadata = MetaData()
    tables = [table.to_metadata(metadata) for table in found]
    others = [other for table in found for other in table.metadata.tables.values()]
    for other in others:
        there = Table(other.name, metadata, schema=other.schema, keep_existing=True)
        for column in other.columns:
            if column.name not in there.columns:
                there.append_column(Column(column.name, column.type))
    return tables


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
        _set_timing(constraint, timings)
        return ops.DropConstraintOp.from_constraint(constraint)
    return operation


def _set_timing(constraint: Constraint, timings: Timings) -> None:
    table = constraint.table
    timing = timings.get((table.schema, table.name, str(constraint.name)))
    if timing is not None:
        timing.set(constraint)


def _rank(operation: MigrateOperation) -> tuple[int, str]:
    """Where an operation stands among those on its table."""
    match operation:
        case ops.DropConstraintOp(constraint_type="foreignkey"):
            return 2, str(operation.constraint_name)
        case ops.CreateForeignKeyOp():
            return _RANKS[type(operation)], str(operation.constraint_name)
        case ops.DropColumnOp():
            return _RANKS[type(operation)], operation.column_name
    return _RANKS.get(type(operation), _OTHERS_RANK), ""


def _key(operation: ops.DropTableOp | ops.ModifyTableOps) -> tuple[str | None, str]:
    return operation.schema, operation.table_name
