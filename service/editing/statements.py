"""Statements that are the same each time but for their values.

SQLAlchemy makes them once; then they are run as they are. Making them anew for each item that is
published takes several times longer than PostgreSQL does.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.expression import ClauseElement

from service.editing.edits import Edit

_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


class Statement:
    """A statement with named parameters."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names: list[str] = compiled.positiontup or []  # type: ignore[attr-defined]  # SQL's
        self._defaults = compiled.params

    async def rows(self, edit: Edit, **values: Any) -> list[Any]:
        """The rows that it answers in a transaction."""
        bound = {**self._defaults, **values}
        rows: list[Any] = await edit.driver.fetch(self.sql, *(bound[name] for name in self._names))
        return rows


def ids_of(name: str) -> Any:
    """The parameter for ids of items of a type."""
    return bindparam(f"ids_{name}", type_=ARRAY(Uuid()))


def values_of(ids: Mapping[str, Sequence[UUID]]) -> dict[str, Any]:
    """The values of these parameters, by the types' names."""
    return {f"ids_{name}": each for name, each in ids.items()}
