"""Items as connections: which of them, in what order, and what is said of all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from schema.model import Model
from schema.planner.arguments import Parameters
from schema.planner.conditions import Conditions
from schema.planner.orders import Key, keys_of
from schema.planner.pages import Listing, Source
from schema.planner.rows import Related, Row, Rows
from schema.planner.selection import Selected

RenderObject = Callable[[Row, Sequence[Selected]], ColumnElement[Any]]


@dataclass(frozen=True)
class Items(Listing):
    """A connection over the items at the end of a relation, or of a type."""

    model: Model
    parameters: Parameters
    selected: Selected
    related: Related
    render: RenderObject

    @property
    def name(self) -> str:
        """The content type's."""
        return self._row.type.name

    @cached_property
    def _row(self) -> Row:
        return self.related().row

    def rows(self) -> Rows:
        """Those for which `where` holds."""
        found = self.related()
        conditions = Conditions(self.model, self.parameters, self.selected)
        return found.narrowed(conditions.where(found.row))

    def source(self) -> Source:
        """The rows, selected from their table and what leads to it."""
        found = self.rows()
        return Source(found.select, found.row.columns)

    def keys(self, columns: FromClause) -> list[Key]:
        """What `orderBy` says, then the slug."""
        return keys_of(self.model, replace(self._row, columns=columns), self.given("orderBy"))

    def node(self, columns: FromClause, selected: Selected) -> ColumnElement[Any]:
        """The item."""
        return self.render(replace(self._row, columns=columns), selected.selections)
