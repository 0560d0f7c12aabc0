"""Unique and check constraints in a downgrade: they go before content comes back, and come after.

What a downgrade puts back may break a constraint that it drops afterwards, and items that the
migration made, which it deletes at its end, may break one that it adds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from service.errors import GuidepostError
from service.migrations.content.dropped import quote

_CONSTRAINTS = text("""
    select conname, conrelid::regclass::text, pg_get_constraintdef(con.oid),
        array_agg(attname::text)
    from pg_constraint as con join pg_attribute on attrelid = conrelid and attnum = any(conkey)
    where contype in ('u', 'c') and connamespace = 'draft'::regnamespace
    group by con.oid having not 'slug' = any(array_agg(attname::text)) order by 2, 1
""")
_HAS_COLUMNS = text("""
    select count(*) = cardinality(cast(:columns as text[])) from pg_attribute
    where attrelid = to_regclass(:table) and attname::text = any(:columns) and not attisdropped
""")


class _Constraint(NamedTuple):
    """A constraint that was dropped for now."""

    name: str
    table: str
    definition: str
    columns: list[str]

    def drop(self, connection: Connection) -> None:
        connection.execute(text(f"alter table {self.table} drop constraint {quote(self.name)}"))

    def add(self, connection: Connection) -> None:
        add = f"alter table {self.table} add constraint {quote(self.name)} {self.definition}"
        connection.exec_driver_sql(add)


@dataclass
class DowngradeConstraints:
    """The constraints that content need not fulfil before the end of a downgrade."""

    connection: Connection
    _broken: dict[str, _Constraint] = field(default_factory=dict)
    """Those that were dropped because of what came back."""
    _added: list[Callable[[], None]] = field(default_factory=list)
    """What adds those that the migration has dropped, and that are broken now."""

    def without(self, work: Callable[[], None]) -> None:
        """Do something while there are none; those that are broken then stay away."""
        every = [*self._every()]
        for each in every:
            each.drop(self.connection)
        work()
        for each in every:
            if not self._is_possible(partial(each.add, self.connection)):
                self._broken[each.name] = each

    def is_dropped(self, name: str) -> bool:
        """Whether one that the downgrade drops is dropped already."""
        return self._broken.pop(name, None) is not None

    def add(self, add: Callable[[], None]) -> None:
        """Add one: at the end, if it is broken now.

        Or else at once: the downgrade may rename its table or its columns afterwards.
        """
        if not self._is_possible(add):
            self._added.append(add)

    def _is_possible(self, add: Callable[[], None]) -> bool:
        """Whether a constraint could be added."""
        point = self.connection.begin_nested()
        try:
            add()
        except (DBAPIError, GuidepostError):
            point.rollback()
            return False
        point.commit()
        return True

    def end(self) -> None:
        """Add those that the downgrade adds, and those that it has not dropped."""
        for each in self._broken.values():
            there = {"table": each.table, "columns": each.columns}
            if self.connection.scalar(_HAS_COLUMNS, there):
                each.add(self.connection)
        for add in self._added:
            add()

    def _every(self) -> Iterator[_Constraint]:
        for row in self.connection.execute(_CONSTRAINTS):
            yield _Constraint(*row)
