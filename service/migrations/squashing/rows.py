"""The rows of a database as files of a squashed revision.

A time at which the revisions ran is not a fact: it is `now`, as `op.restore_rows` says.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import orjson

from service.migrations.squashing.scratch import Scratch, rows
from service.migrations.squashing.tables import VERSION

LARGEST = 4_000_000
"""How many bytes of rows a file has, about."""
INDEXED = "live.search_entry"
"""The table whose rows are made from others."""

_COLUMNS = """
    select nspname || '.' || relname, format('%I.%I', nspname, relname), quote_ident(attname),
        atttypid in ('timestamptz'::regtype, 'timestamp'::regtype),
        coalesce(attnum = any(indkey), false), atthasdef
    from pg_attribute
    join pg_class c on c.oid = attrelid
    join pg_namespace n on n.oid = relnamespace
    left join pg_index on indrelid = c.oid and indisprimary
    where relkind = 'r' and nspname !~ '^pg_' and nspname <> 'information_schema'
        and attnum > 0 and not attisdropped and attgenerated = ''
    order by 1, attnum
"""


class Column(NamedTuple):
    """A column of a table."""

    name: str
    """As it is written in SQL."""
    is_time: bool
    is_key: bool
    has_default: bool


class StoredTable(NamedTuple):
    """A table of a database."""

    name: str
    """As it is written in SQL."""
    columns: list[Column]


LOG, COUNTED = "service.change", "service.content_version"
"""The versions of the content. Each migration makes another one, so they are never the same."""


async def stored_rows(database: Scratch, order: Iterable[str]) -> list[bytes]:
    """The rows of a database as the content of files, tables in this order."""
    tables = await tables_of(database)
    wanted = [tables[each] for each in order if each in tables and each not in {INDEXED, LOG}]
    found = [(each.name, await _lines(database, each)) for each in wanted]
    return [_file(each) for each in portions(found, LARGEST)]


async def tables_of(database: Scratch) -> dict[str, StoredTable]:
    """All tables but alembic's own, by schema and name."""
    found: dict[str, StoredTable] = {}
    for key, name, *column in await rows(database.url, _COLUMNS):
        if key.partition(".")[2] != VERSION:
            found.setdefault(key, StoredTable(name, [])).columns.append(Column(*column))
    return found


async def read_rows(database: Scratch, table: StoredTable, value: str = "{}") -> list[str]:
    """The rows of a table as JSON, in the order of their keys; `value` makes one of a column.

    Times at which the revisions ran are `now`.
    """
    values = ", ".join(_selected(each, value) for each in table.columns)
    keys = ", ".join(f"each_row.{each.name}" for each in table.columns if each.is_key)
    statement = (
        f"select row_to_json(each_value)::text from {table.name} each_row,"  # noqa: S608  # its names
        f" lateral (select {values}) each_value where $1::timestamptz <= $2::timestamptz"
        f" order by {keys or 'each_row::text'}"
    )
    return [row for (row,) in await rows(database.url, statement, database.begin, database.end)]


def _selected(column: Column, value: str) -> str:
    name = f"each_row.{column.name}"
    if not column.is_time:
        return f"{value.format(name)} as {column.name}"
    now, other = "to_json('now'::text)", f"to_json({name})"
    is_now = f"{name} between $1::timestamptz and $2::timestamptz"
    return f"case when {is_now} then {now} else {other} end as {column.name}"


async def _lines(database: Scratch, table: StoredTable) -> list[bytes]:
    """The rows of a table as JSON."""
    return [_line(table.columns, each) for each in await read_rows(database, table)]


def _line(columns: Sequence[Column], row: str) -> bytes:
    """A row without nulls, unless there would be a default instead."""
    # Numbers stay as they are: no float has all digits of a numeric.
    values = json.loads(row, parse_int=orjson.Fragment, parse_float=orjson.Fragment)
    found = zip(values.items(), columns, strict=True)
    return orjson.dumps(
        {name: value for (name, value), column in found if value is not None or column.has_default}
    )


def portions(
    tables: Iterable[tuple[str, Sequence[bytes]]], largest: int
) -> Iterator[list[tuple[str, list[bytes]]]]:
    """Tables with rows, in portions of at most so many bytes; a large table is in several.

    A row that is larger is a portion of its own.
    """
    portion: list[tuple[str, list[bytes]]] = []
    size = 0
    for name, lines in tables:
        for number, line in enumerate(lines):
            if portion and size + len(line) > largest:
                yield portion
                portion, size = [], 0
            if number == 0 or not portion:
                portion.append((name, []))
            portion[-1][1].append(line)
            size += len(line)
    if portion:
        yield portion


def _file(tables: Iterable[tuple[str, Sequence[bytes]]]) -> bytes:
    """Tables as JSON, with a row on each line."""
    pieces = (
        b'{"table": %s, "rows": [\n%s\n]}' % (orjson.dumps(name), b",\n".join(lines))
        for name, lines in tables
    )
    return b"[%s]\n" % b",\n".join(pieces)
