"""Autogenerate for check constraints, which alembic does not compare.

They are compared by name: the name of one that is declared says what it checks.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alembic.operations import MigrateOperation, ops
from sqlalchemy import CheckConstraint, Connection, MetaData, Table, text
from sqlalchemy.sql.naming import conv

_CHECKS = text(
    "select nspname, relname, conname, pg_get_expr(conbin, conrelid) from pg_constraint"
    " join pg_class on pg_class.oid = conrelid"
    " join pg_namespace on pg_namespace.oid = relnamespace where contype = 'c'"
    " order by 1, 2, 3"
)

Checks = Mapping[str, CheckConstraint]
"""The check constraints of a table, by name."""
TableKey = tuple[str | None, str]


def compared(
    connection: Connection, declared: Iterable[Table], found: Iterable[MigrateOperation]
) -> Iterator[ops.ModifyTableOps]:
    """What makes the check constraints of the database those that are declared.

    Tables come and go with theirs.
    """
    there = _there(connection)
    made = {(it.schema, it.table_name) for it in found if isinstance(it, ops.CreateTableOp)}
    for table in declared:
        key = (table.schema, table.name)
        if key not in made:
            yield from _changed(key, there.get(key, {}), _checks(table))


def _changed(key: TableKey, there: Checks, wanted: Checks) -> Iterator[ops.ModifyTableOps]:
    made: list[Any] = [
        ops.DropConstraintOp.from_constraint(each)
        for name, each in there.items()
        if name not in wanted
    ]
    made += [
        ops.AddConstraintOp.from_constraint(each)
        for name, each in wanted.items()
        if name not in there
    ]
    if made:
        yield ops.ModifyTableOps(key[1], made, schema=key[0])


def _checks(table: Table) -> dict[str, CheckConstraint]:
    found = (each for each in table.constraints if isinstance(each, CheckConstraint))
    return {str(each.name): each for each in sorted(found, key=lambda each: str(each.name))}


def _there(connection: Connection) -> dict[TableKey, dict[str, CheckConstraint]]:
    """The check constraints in the database, on tables that have nothing else."""
    tables, found = MetaData(), dict[TableKey, dict[str, CheckConstraint]]()
    for schema, name, constraint, condition in connection.execute(_CHECKS):
        made = CheckConstraint(condition, name=conv(constraint))
        Table(name, tables, schema=schema, keep_existing=True).append_constraint(made)
        found.setdefault((schema, name), {})[constraint] = made
    return found
