"""The tables of a database as operations of alembic's, in an order in which they can be run."""

import warnings
from collections.abc import Iterable, Iterator, Sequence, Set
from textwrap import dedent
from typing import Any, Literal, NamedTuple

from alembic.autogenerate import render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Connection,
    ForeignKeyConstraint,
    MetaData,
    Table,
    UniqueConstraint,
    event,
    text,
    types,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SAWarning
from sqlalchemy.schema import conv, sort_tables_and_constraints

from service.migrations.content.source import literal
from service.migrations.generating import render_item
from service.migrations.timings import Timings, read_timings, set_timing

_SCHEMAS = text(
    "select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'"
    " order by 1"
)
_CALLING = text(
    "select distinct c.relnamespace::regnamespace::text, c.relname from pg_depend d"
    " join pg_proc p on p.oid = d.refobjid and d.refclassid = 'pg_proc'::regclass"
    " left join pg_attrdef a on a.oid = d.objid and d.classid = 'pg_attrdef'::regclass"
    " left join pg_constraint k on k.oid = d.objid and d.classid = 'pg_constraint'::regclass"
    " join pg_class c on c.oid = coalesce(a.adrelid, k.conrelid)"
    " where p.pronamespace <> 'pg_catalog'::regnamespace"
)
_NOT_VALID = text(
    "select format('%I.%I', nspname, relname), conname, pg_get_constraintdef(k.oid)"
    " from pg_constraint k join pg_class c on c.oid = conrelid"
    " join pg_namespace n on n.oid = relnamespace where not convalidated order by 1, 2"
)
_COUNTED = text(
    "select n.nspname, c.relname, attname, format('alter sequence %I.%I rename to %I',"
    " s.relnamespace::regnamespace, c.relname || '_' || attname || '_seq', s.relname),"
    " s.relname = c.relname || '_' || attname || '_seq'"
    " from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'"
    " join pg_class c on c.oid = refobjid join pg_namespace n on n.oid = c.relnamespace"
    " join pg_attribute on attrelid = c.oid and attnum = refobjsubid"
    " where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass"
    " and deptype in ('a', 'i') order by 1, 2, 3"
)
VERSION = "alembic_version"
"""The table that alembic keeps itself."""
_GENERIC = {
    types.TEXT: types.Text,
    types.VARCHAR: types.String,
    types.UUID: types.Uuid,
    types.INTEGER: types.Integer,
    types.BIGINT: types.BigInteger,
    types.SMALLINT: types.SmallInteger,
    types.BOOLEAN: types.Boolean,
    types.DATE: types.Date,
    types.NUMERIC: types.Numeric,
    postgresql.BYTEA: types.LargeBinary,
}
_USUAL = {"start": 1, "increment": 1, "minvalue": 1, "cache": 1, "cycle": False}
"""What an identity column has unless it says something else; the maximum is that of its type."""
_LARGEST = {2**15 - 1, 2**31 - 1, 2**63 - 1}


class Tables(NamedTuple):
    """The tables of a database, as Python source of what makes them."""

    schemas: Sequence[str]
    """Names; not that of `public`, which is there."""
    first: str
    """The tables with their keys and checks."""
    calling: str
    """The tables whose defaults or checks call functions, and those that refer to them."""
    last: str
    """What needs rows to be there: indexes, and keys of tables that refer to one another."""
    order: Sequence[str]
    """The names of the tables, each after those that it refers to."""


def reflected_tables(connection: Connection) -> Tables:
    """The tables in all schemas of a database."""
    schemas = [*connection.scalars(_SCHEMAS)]
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _reflect)
    with warnings.catch_warnings():
        # SQLAlchemy does not know what it reflects of a check that is not valid.
        warnings.simplefilter("ignore", SAWarning)
        for schema in schemas:
            metadata.reflect(connection, schema=schema)
    tables = [each for each in metadata.tables.values() if each.name != VERSION]
    not_valid = [*connection.execute(_NOT_VALID)]
    counted = [*connection.execute(_COUNTED)]
    _complete(tables, read_timings(connection), {(*row[:3],) for row in counted})
    ordered, cyclic = _sorted(tables, {str(row[1]) for row in not_valid})
    # A sequence keeps its name when its table is renamed.
    later = [renamed for *_, renamed, is_usual in counted if not is_usual]
    later += [
        f"alter table {table} add constraint {name} {what}" for table, name, what in not_valid
    ]
    calling = _calling(ordered, {(row[0], row[1]) for row in connection.execute(_CALLING)})
    context = MigrationContext.configure(connection)
    return Tables(
        [each for each in schemas if each != "public"],
        _source(context, map(_creating, (each for each in ordered if each not in calling))),
        _source(context, map(_creating, (each for each in ordered if each in calling))),
        "\n".join(
            [
                _source(context, _indexes(ordered)),
                _source(context, map(ops.AddConstraintOp.from_constraint, cyclic)),
                *(f"op.execute({literal(each)})" for each in later),
            ]
        ),
        [each.fullname for each in ordered],
    )


def _reflect(_: Any, __: Any, column: dict[str, Any]) -> None:
    """Write types as `sa.Text`, and identities without what is usual."""
    column["type"] = _generic(column["type"])
    column.pop("autoincrement", None)
    if identity := column.get("identity"):
        column["identity"] = {
            name: value
            for name, value in identity.items()
            if _USUAL.get(name) != value and not (name == "maxvalue" and value in _LARGEST)
        }


def _generic(type_: Any) -> Any:
    match type_:
        case postgresql.ARRAY():
            return postgresql.ARRAY(_generic(type_.item_type), dimensions=type_.dimensions)
        case types.TIMESTAMP(timezone=True):
            precision = getattr(type_, "precision", None)
            return types.DateTime(timezone=True) if precision is None else type_
        case _ if type(type_) in _GENERIC:
            return type_.as_generic()
    return type_


def _complete(
    tables: Iterable[Table], found: Timings, counted: Set[tuple[str | None, ...]]
) -> None:
    """Let keys be named as they are, whatever is the convention, and be checked when they are."""
    for table in tables:
        _forget_unset(table)
        _count(table, counted)
        for index in table.indexes:
            _forget_unset(index)
        for constraint in table.constraints:
            constraint.name = conv(str(constraint.name))
            _forget_unset(constraint)
            if isinstance(constraint, UniqueConstraint):
                set_timing(constraint, found)


def _count(table: Table, counted: Set[tuple[str | None, ...]]) -> None:
    """Let a key of one column be a `serial` if it is one, and not be made one otherwise."""
    columns = [*table.primary_key.columns]
    if len(columns) != 1 or columns[0].identity is not None:
        return
    is_serial = (table.schema, table.name, columns[0].name) in counted
    columns[0].autoincrement = is_serial
    if is_serial:
        columns[0].server_default = None


def _forget_unset(reflected: Any) -> None:
    """Leave out options that say nothing."""
    for name, value in [*reflected.dialect_kwargs.items()]:
        if value is None or value is False or value == []:
            del reflected.dialect_kwargs[name]


def _sorted(
    tables: Sequence[Table], not_valid: Set[str]
) -> tuple[list[Table], list[ForeignKeyConstraint]]:
    """Tables in an order in which they can be made, and the foreign keys of cycles.

    The tables lose these, and the constraints that rows need not fulfil.
    """
    for table in tables:
        table.constraints -= {each for each in table.constraints if each.name in not_valid}
    sort: Any = sort_tables_and_constraints
    *ordered, (_, cyclic) = sort(sorted(tables, key=lambda each: each.fullname))
    for each in cyclic:
        each.table.constraints.discard(each)
    keys = sorted(cyclic, key=lambda key: (key.table.fullname, str(key.name)))
    return [table for table, _ in ordered], keys


def _calling(ordered: Iterable[Table], found: set[tuple[str, str]]) -> set[Table]:
    """The tables that call functions, and those that refer to them."""
    calling: set[Table] = set()
    for table in ordered:
        keys = (each for each in table.constraints if isinstance(each, ForeignKeyConstraint))
        refers = any(key.referred_table in calling for key in keys)
        if refers or (str(table.schema), table.name) in found:
            calling.add(table)
    return calling


def _creating(table: Table) -> ops.CreateTableOp:
    return ops.CreateTableOp.from_table(table)


def _indexes(tables: Iterable[Table]) -> Iterator[ops.CreateIndexOp]:
    for table in tables:
        keys = {key.name for key in table.constraints}
        for each in sorted(table.indexes, key=lambda index: str(index.name)):
            # The index of a unique key comes with it.
            if each.name not in keys:
                yield ops.CreateIndexOp.from_index(each)


def _source(context: MigrationContext, operations: Iterable[Any]) -> str:
    found = [*operations]
    if not found:
        return ""
    code = render_python_code(ops.UpgradeOps(found), render_item=_render, migration_context=context)
    # The first and the last line are alembic's comments.
    return dedent("\n".join(code.splitlines()[1:-1]))


def _render(type_: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    if type_ == "type" and isinstance(item, postgresql.ENUM):
        # A statement has made it.
        names = "".join(f"{each!r}, " for each in item.enums)
        return (
            f"postgresql.ENUM({names}name={item.name!r}, schema={item.schema!r}, create_type=False)"
        )
    return render_item(type_, item, autogenerate)
