"""Connections of items, with filters, sort keys, aggregates and groups."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, FromClause, true

from schema.model import Model
from schema.planner.aggregates import aggregated, aggregates, number_values
from schema.planner.arguments import Parameters
from schema.planner.conditions import filtered
from schema.planner.groups import AGGREGATE, Groups
from schema.planner.orders import OrderTerm, keys_of
from schema.planner.pages import ConnectionSource, Listing, RenderObject
from schema.planner.rows import Picked, Row, Rows
from schema.planner.selection import Selected


@dataclass(frozen=True)
class ItemConnection(Listing):
    """A connection over all items of a type, or those at the end of a relation."""

    model: Model
    parameters: Parameters
    selected: Selected
    related: Rows
    render: RenderObject

    @property
    def name(self) -> str:
        """The name of the content type."""
        return self._row.type.name

    @property
    def _row(self) -> Row:
        return self._found.row

    @cached_property
    def _found(self) -> Rows:
        """The rows that meet `where`.

        No statement over them is nested in another one, so all can share one alias of the table.
        """
        return filtered(self.model, self.parameters, self.selected, self.related)

    def source(self) -> ConnectionSource:
        """The rows, selected from their table and what is joined to it."""
        return ConnectionSource(self._found.select, self._found.row.table)

    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The sort keys of `orderBy`, then the slug."""
        return keys_of(self.model, replace(self._row, columns=columns), self.given("orderBy"))

    def node(self, picked: Picked, selected: Selected) -> ColumnElement[Any]:
        """The JSON object of an item."""
        row = replace(self._row, columns=picked, joins=picked.joins)
        return self.render(row, selected.selections)

    def field(self, selected: Selected) -> ColumnElement[Any]:
        """The field `aggregate` or `groups`."""
        if selected.name == AGGREGATE:
            found = self._found
            said = aggregates(number_values(self.model, found.row))
            made = aggregated(self._row.type, selected.selections, said.__getitem__)
            # HAVING makes one group, and so one row, even if no aggregate is selected.
            return found.select(made).having(true()).scalar_subquery()
        return Groups(self.model, self.parameters, selected, self._found, self.render).page()
