"""Table aliases that create each column on first read.

SQLAlchemy creates all columns of an alias when the first one is read. That takes longer than
everything else that is done with the alias: a table has dozens of columns, and a condition or a
join reads two.
"""

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import ColumnClause, FromClause
from sqlalchemy.types import TypeEngine


class ReadColumn(ColumnClause[Any]):
    """A `ColumnClause` that knows whether it is nullable, as a `Column` does."""

    inherit_cache = True

    nullable = True

    def _make_proxy(self, *arguments: Any, **options: Any) -> tuple[str, ColumnClause[Any]]:
        """Pass the nullability on to the column of a subquery that selects this one."""
        key, made = super()._make_proxy(*arguments, **options)
        cast(ReadColumn, made).nullable = self.nullable
        return key, made


def read_column(
    name: str, type_: TypeEngine[Any], *, nullable: bool, of: FromClause | None = None
) -> ReadColumn:
    """A column of the table or subquery `of`; without `of`, `name` is a qualified name."""
    made = ReadColumn(name, type_, _selectable=of)
    made.nullable = nullable
    return made


class Columns:
    """The columns of an alias, with the interface of SQLAlchemy's column collections."""

    def __init__(self, table: FromClause, alias: FromClause) -> None:
        self._table = table
        self._alias = alias
        self._read: dict[str, ReadColumn] = {}

    def __getitem__(self, name: str) -> ReadColumn:
        if name not in self._read:
            known = cast(Any, self._table.c[name])
            self._read[name] = read_column(
                known.name, known.type, nullable=getattr(known, "nullable", True), of=self._alias
            )
        return self._read[name]

    def __getattr__(self, name: str) -> ReadColumn:
        return self[name]

    def __iter__(self) -> Iterator[ReadColumn]:
        return (self[each.key] for each in self._table.c)


def aliased(table: FromClause) -> FromClause:
    """`table.alias()`, with columns that are created on first read."""
    alias = table.alias()
    columns: Any = Columns(table, alias)
    # Replaces the memoized property that creates all columns.
    alias.c = columns  # type: ignore[misc]  # a property there
    return alias
