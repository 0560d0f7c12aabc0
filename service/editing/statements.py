"""Statements that differ only in their parameters.

SQLAlchemy compiles them once, and they run as they are. Compiling one for each item that is
published would take several times longer than PostgreSQL does.
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
    """A compiled statement with named parameters."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names: list[str] = compiled.positiontup or []  # type: ignore[attr-defined]  # SQL's
        self._defaults = compiled.params

    async def rows(self, edit: Edit, **values: Any) -> list[Any]:
        """Run the statement in an edit; returns its rows."""
        bound = {**self._defaults, **values}
        rows: list[Any] = await edit.driver.fetch(self.sql, *(bound[name] for name in self._names))
        return rows


def ids_of(name: str) -> Any:
    """The parameter for the ids of items of a type."""
    return bindparam(f"ids_{name}", type_=ARRAY(Uuid()))


def values_of(ids: Mapping[str, Sequence[UUID]]) -> dict[str, Any]:
    """The values of the parameters `ids_of`, given by the names of types."""
    return {f"ids_{name}": each for name, each in ids.items()}
