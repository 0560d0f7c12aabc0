"""Tables under another name, whose columns are made when they are read.

SQLAlchemy makes all columns of an alias once one of them is read, which takes longer than all else
that is done with it: a table has dozens, a condition or a join reads two.
"""

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import ColumnClause, FromClause
from sqlalchemy.types import TypeEngine


class ReadColumn(ColumnClause[Any]):
    """A column that a statement reads."""

    inherit_cache = True

    nullable = True

    def _make_proxy(self, *arguments: Any, **options: Any) -> tuple[str, ColumnClause[Any]]:
        """The column of a subquery that selects this one, as SQLAlchemy makes it."""
        key, made = super()._make_proxy(*arguments, **options)
        cast(ReadColumn, made).nullable = self.nullable
        return key, made


def read_column(
    name: str, type_: TypeEngine[Any], *, nullable: bool, of: FromClause | None = None
) -> ReadColumn:
    """A column of a table, or one that says itself what it is of."""
    made = ReadColumn(name, type_, _selectable=of)
    made.nullable = nullable
    return made


class Columns:
    """Those of a table under another name, as SQLAlchemy's own collections have them."""

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
    """`table.alias()`, with the columns that are read of it."""
    alias = table.alias()
    columns: Any = Columns(table, alias)
    # SQLAlchemy would find out its own, and keep them there.
    alias.c = columns  # type: ignore[misc]  # a property there
    return alias
