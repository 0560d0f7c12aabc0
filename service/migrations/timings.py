"""When unique keys are checked, which alembic does not see."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Constraint, text

_UNIQUE = text(
    "select nspname, relname, conname, condeferrable, condeferred from pg_constraint"
    " join pg_class on pg_class.oid = conrelid"
    " join pg_namespace on pg_namespace.oid = relnamespace where contype = 'u'"
)


class Timing(NamedTuple):
    """When a constraint is checked."""

    is_deferrable: bool
    is_deferred: bool

    @classmethod
    def of(cls, constraint: Constraint) -> "Timing":
        """When a declared constraint is checked."""
        is_deferred = (constraint.initially or "").upper() == "DEFERRED"
        return cls(bool(constraint.deferrable), is_deferred)

    def set(self, constraint: Constraint) -> None:
        """Declare that a constraint is checked then."""
        constraint.deferrable = self.is_deferrable or None
        constraint.initially = "DEFERRED" if self.is_deferred else None


Timings = Mapping[tuple[str | None, str, str], Timing]
"""When the unique keys of a database are checked, by schema, table and name."""


def read_timings(connection: Connection) -> Timings:
    """When the unique keys of a database are checked."""
    return {(*row[:3],): Timing(*row[3:]) for row in connection.execute(_UNIQUE)}


def set_timing(constraint: Constraint, timings: Timings) -> None:
    """Let a reflected unique key be checked when the one in the database is."""
    table = constraint.table
    timing = timings.get((table.schema, table.name, str(constraint.name)))
    if timing is not None:
        timing.set(constraint)
