"""Renames of the tables and the columns of content, with all names that follow from theirs."""

import re
from collections.abc import Callable, Iterator

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Attribute, Parts, Reference, References, ScalarField
from schema.entities.content import DRAFT, LIVE, snake_case
from schema.entities.live_tables import entries_column, localized_columns
from schema.model import ContentType
from service.migrations.content.dropped import literal, quote

COPIES = (DRAFT, LIVE)

_HAS_COLUMN = text("""
    select exists (
        select from pg_attribute
        where attrelid = to_regclass(quote_ident(:schema) || '.' || quote_ident(:name))
        and attname = cast(:column as text) and not attisdropped
    )
""")
_HAS_TABLE = text("select to_regclass(:name) is not null")
# The index of a constraint is renamed with it.
_NAMES = text("""
    select true, conname::text from pg_constraint where conrelid = to_regclass(:name)
    union all
    select false, relname::text from pg_index join pg_class on pg_class.oid = indexrelid
    where indrelid = to_regclass(:name) and not exists (
        select from pg_constraint where conindid = indexrelid and conrelid = indrelid
    )
""")
_RENAME_CONSTRAINT = "alter table {whole} rename constraint {old} to {new}"
_RENAME_INDEX = "alter index {whole} rename to {new}"
_KINDS = r"(?:(?:ix|uq|ck|fk|pk)_)?"


async def rename_table(connection: AsyncConnection, old: str, new: str) -> None:
    """Rename a table in both copies, and its constraints and indexes."""
    pattern = re.compile(rf"^({_KINDS}){re.escape(old)}(?=_|$)")
    for schema in COPIES:
        if await _has_table(connection, schema, old):
            statement = f"alter table {_name(schema, old)} rename to {quote(new)}"
            await connection.execute(text(statement))
            await _rename_rest(connection, schema, new, lambda name: pattern.sub(rf"\1{new}", name))


async def rename_columns(
    connection: AsyncConnection, type_: ContentType, attribute: Attribute, new: str
) -> None:
    """Rename the columns, or the tables, in which an attribute is stored.

    The comment of a table of parts has the name of their list.
    """
    table, old = type_.table_name, attribute.name
    if isinstance(attribute, Parts):
        part = _name(DRAFT, snake_case(attribute.target))
        await connection.execute(text(f"comment on table {part} is {literal(new)}"))
    if isinstance(attribute, References):
        await rename_table(connection, f"{table}_{old}", f"{table}_{new}")
    for before, after in columns_of(attribute, new):
        for schema in COPIES:
            await _rename_column(connection, schema, table, before, after)


def columns_of(attribute: Attribute, new: str) -> Iterator[tuple[str, str]]:
    """The columns that an attribute may have, with the names that they get."""
    old = attribute.name
    match attribute:
        case Reference():
            yield f"{old}_id", f"{new}_id"
        case References():
            yield entries_column(old), entries_column(new)
        case ScalarField():
            columns = (localized_columns(each, attribute.format) for each in (old, new))
            yield from zip(*columns, strict=True)


async def _rename_column(
    connection: AsyncConnection, schema: str, table: str, old: str, new: str
) -> None:
    there = {"schema": schema, "name": table, "column": old}
    if not await connection.scalar(_HAS_COLUMN, there):
        return
    statement = f"alter table {_name(schema, table)} rename {quote(old)} to {quote(new)}"
    await connection.execute(text(statement))
    pattern = re.compile(rf"^({_KINDS}{re.escape(table)}_(?:\w+_)??){re.escape(old)}(?=_|$)")
    await _rename_rest(connection, schema, table, lambda name: pattern.sub(rf"\g<1>{new}", name))


async def _rename_rest(
    connection: AsyncConnection, schema: str, table: str, renamed: Callable[[str], str]
) -> None:
    """Rename the constraints and indexes of a table."""
    found = await connection.execute(_NAMES, {"name": _name(schema, table)})
    for is_constraint, name in found.all():
        if (new := renamed(name)) != name:
            whole = _name(schema, table if is_constraint else name)
            rename = _RENAME_CONSTRAINT if is_constraint else _RENAME_INDEX
            statement = rename.format(whole=whole, old=quote(name), new=quote(new))
            await connection.execute(text(statement))


async def _has_table(connection: AsyncConnection, schema: str, name: str) -> bool:
    return bool(await connection.scalar(_HAS_TABLE, {"name": _name(schema, name)}))


def _name(schema: str, name: str) -> str:
    return f"{quote(schema)}.{quote(name)}"
