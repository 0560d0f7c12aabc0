"""New tables, each after those that it refers to; dropped ones, each before those.

Keys of tables that refer to one another in a cycle are added later, or dropped first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from alembic.operations import MigrateOperation, ops
from sqlalchemy import Column, ForeignKeyConstraint, MetaData, Table
from sqlalchemy.schema import sort_tables_and_constraints

from service.migrations.timings import Timings, set_timing


def creates(created: Iterable[ops.CreateTableOp]) -> Iterator[MigrateOperation]:
    """Create tables, each after those that it refers to; foreign keys in a cycle come last."""
    by_key = {key_of(each): each for each in created}
    tables, cyclic = _sorted(_tables(by_key.values()))
    names = {str(key.name) for key in cyclic}
    for table in tables:
        each = by_key[table.schema, table.name]
        each.columns = [it for it in each.columns if getattr(it, "name", None) not in names]
        yield each
    for key in cyclic:
        add = ops.CreateForeignKeyOp.from_constraint(key)
        yield ops.ModifyTableOps(key.table.name, [add], schema=key.table.schema)


def drops(
    dropped: Iterable[ops.DropTableOp],
    changed: Mapping[Any, list[MigrateOperation]],
    timings: Timings,
) -> Iterator[MigrateOperation]:
    """Drop tables, each before those that it refers to; foreign keys in a cycle come first."""
    tables = _tables(dropped)
    for table in tables:
        for constraint in table.constraints:
            set_timing(constraint, timings)
    ordered, cyclic = _sorted(tables)
    for key in cyclic:
        drop = ops.DropConstraintOp.from_constraint(key)
        yield ops.ModifyTableOps(key.table.name, [drop], schema=key.table.schema)
        key.table.constraints.discard(key)
    for table in reversed(ordered):
        yield from changed[table.schema, table.name]
        yield ops.DropTableOp.from_table(table)


def _sorted(tables: Sequence[Table]) -> tuple[list[Table], list[ForeignKeyConstraint]]:
    """The tables, each after those that it refers to, except by the foreign keys in a cycle."""
    sort: Any = sort_tables_and_constraints
    *ordered, (_, cyclic) = sort(tables)
    keys = sorted(cyclic, key=lambda key: (key.table.key, str(key.name)))
    return [table for table, _ in ordered], keys


def _tables(found: Iterable[ops.CreateTableOp | ops.DropTableOp]) -> list[Table]:
    """The tables of operations, by name, in one `MetaData` with all that they refer to."""
    given = sorted((each.to_table() for each in found), key=lambda table: table.key)
    metadata = MetaData()
    tables = [table.to_metadata(metadata) for table in given]
    others = [other for table in given for other in table.metadata.tables.values()]
    for other in others:
        there = Table(other.name, metadata, schema=other.schema, keep_existing=True)
        for column in other.columns:
            if column.name not in there.columns:
                there.append_column(Column(column.name, column.type))
    return tables


def key_of(
    operation: ops.CreateTableOp | ops.DropTableOp | ops.ModifyTableOps,
) -> tuple[str | None, str]:
    """The schema and the name of the table of an operation."""
    return operation.schema, operation.table_name
