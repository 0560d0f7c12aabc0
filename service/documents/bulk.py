"""Many at once: documents in batches, and rows in one statement.

PostgreSQL gets the rows as one JSON array and reads it as rows of the table. That is several times
as fast as one statement per row, and takes one parameter for any number of rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import orjson
from sqlalchemy import JSON, FromClause, Table, Text, func, literal, literal_column, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import Insert, insert

RowValues = Mapping[str, Any]

BATCH = 50
"""The number of documents that are held in memory at once, in all their forms."""

T = TypeVar("T")


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Values in lists of at most `BATCH`."""
    remaining = iter(values)
    while batch := [*islice(remaining, BATCH)]:
        yield batch


def rows_of(table: Table, rows: Sequence[RowValues]) -> FromClause:
    """Rows as a table with the columns of `table`; a value that a row lacks is null."""
    text = orjson.dumps(rows, default=str).decode()
    record: Any = literal_column(f"null::{table.fullname}")
    read = func.json_populate_recordset(record, sql_cast(literal(text, Text()), JSON))
    return read.table_valued(*table.columns, name="given")


def inserting(table: Table, rows: Sequence[RowValues], **computed: Any) -> Insert:
    """A statement that inserts rows.

    All have the columns of the first, and those `computed` in SQL.
    """
    given = rows_of(table, rows)
    names = [*rows[0], *computed]
    values = (computed[name] if name in computed else given.c[name] for name in names)
    return insert(table).from_select(names, select(*values).select_from(given))
