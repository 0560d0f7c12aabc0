"""Rows as Relay connections, with keyset pagination.

https://relay.dev/graphql/connections.htm. A page is found by where it begins and never by how many
rows come before it, so that rows which come and go between two pages shift nothing. A cursor is
opaque to clients: the Base64 of a JSON list of a fingerprint of the order, and the values that its
row has in that order.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, cast, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from schema.model import Model
from schema.planner.arguments import Argued, Parameters
from schema.planner.comparisons import negated
from schema.planner.conditions import Conditions
from schema.planner.json import json_list, json_object, name
from schema.planner.orders import Key, behind, fingerprint, keys_of, read_value
from schema.planner.rows import Related, Row, Rows
from schema.planner.selection import TYPENAME, Selected

DEFAULT_PAGE = 20
MAXIMUM_PAGE = 100

RenderObject = Callable[[Row, Sequence[Selected]], ColumnElement[Any]]
Expression = ColumnElement[Any]


@dataclass(frozen=True)
class Connection:
    """A connection that a query asks for, over rows that can be made anew for each use."""

    model: Model
    parameters: Parameters
    selected: Selected
    related: Related
    render: RenderObject

    def json(self) -> Expression:
        """The connection as one subquery."""
        return _Page(self).json()

    def rows(self) -> Rows:
        """All rows of the connection, on whatever page."""
        found = self.related()
        conditions = Conditions(self.model, self.parameters, self.selected)
        return found.narrowed(conditions.where(found.row))

    def given(self, argument: str) -> Any:
        """An argument of the request at hand."""
        return self.parameters.given(self.selected).get(argument)

    def keys(self, row: Row) -> list[Key]:
        """What the connection is ordered by."""
        return keys_of(self.model, row, self.given("orderBy"))


class _Page:
    """The rows of one page, and one more if there is one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._parameters = connection.parameters
        self._selected = connection.selected
        self._backward = connection.given("last") is not None
        found = connection.rows()
        keys = connection.keys(found.row)
        self._order = fingerprint(found.row.type, keys)
        self._size = self._parameters.add(self._selected, Integer(), _size)
        self._bounds = {
            argument: self._place(keys, argument)
            for argument in ("after", "before")
            if connection.given(argument) is not None
        }
        self._pick(found, keys)

    def _pick(self, found: Rows, keys: Sequence[Key]) -> None:
        walked = [key.reversed for key in keys] if self._backward else keys
        clauses = [key.clause for key in walked]
        number = func.row_number().over(order_by=clauses).label("row_number")
        values = [key.value.label(f"key_{index}") for index, key in enumerate(keys)]
        picked = (
            found.select(*found.row.columns.c, *values, number)
            .where(*(self._inside(keys, argument) for argument in self._bounds))
            .order_by(*clauses)
            .limit(self._size + literal_column("1"))
            .subquery()
        )
        self._row = replace(found.row, columns=picked)
        self._keys = [key.at(picked.c[f"key_{index}"]) for index, key in enumerate(keys)]
        self._number: Expression = picked.c.row_number
        self._within = self._number <= self._size

    def _place(self, keys: Sequence[Key], argument: str) -> list[Expression]:
        """The values of a cursor, a parameter for each."""
        rules = (
            partial(_cursor_value, argument, self._order, keys, index) for index in range(len(keys))
        )
        return [
            self._parameters.add(self._selected, key.type, rule)
            for key, rule in zip(keys, rules, strict=True)
        ]

    def _inside(self, keys: Sequence[Key], argument: str) -> ColumnElement[bool]:
        walked = keys if argument == "after" else [key.reversed for key in keys]
        return behind(walked, self._bounds[argument])

    def json(self) -> Expression:
        fields = [(each.key, self._field(each)) for each in self._selected.selections]
        own = self._row.columns
        # One group, and so one row, whether or not there are rows or anything is aggregated.
        statement = select(json_object(fields)).select_from(own).having(true())
        return statement.correlate_except(own).scalar_subquery()

    @property
    def _answer_order(self) -> Expression:
        return self._number.desc() if self._backward else self._number.asc()

    def _list(self, item: Expression) -> Expression:
        return json_list(item, [self._answer_order], self._within)

    def _field(self, selected: Selected) -> Expression:
        below = selected.selections
        match selected.name:
            case "nodes":
                return self._list(self._connection.render(self._row, below))
            case "edges":
                return self._list(json_object((each.key, self._edge(each)) for each in below))
            case "pageInfo":
                return json_object((each.key, self._page_info(each)) for each in below)
            case "totalCount":
                return self._connection.rows().select(func.count()).scalar_subquery()
            case _ if selected.name == TYPENAME:
                return name(f"{self._row.type.name}Connection")
        raise TypeError(f"a connection has no field {selected.name}")

    def _edge(self, selected: Selected) -> Expression:
        match selected.name:
            case "node":
                return self._connection.render(self._row, selected.selections)
            case "cursor":
                return self._cursor()
            case _:
                return name(f"{self._row.type.name}Edge")

    def _page_info(self, selected: Selected) -> Expression:
        match selected.name:
            case "hasNextPage":
                return self._more() if not self._backward else self._beyond("before")
            case "hasPreviousPage":
                return self._more() if self._backward else self._beyond("after")
            case "startCursor":
                return self._first_cursor(self._answer_order)
            case "endCursor":
                ascending = self._number.asc() if self._backward else self._number.desc()
                return self._first_cursor(ascending)
            case _:
                return name("PageInfo")

    def _more(self) -> Expression:
        """Whether there are more rows in the direction of the page."""
        return func.count() > self._size

    def _beyond(self, argument: str) -> Expression:
        """Whether there are rows at the cursor, or on its other side."""
        if argument not in self._bounds:
            return literal_column("false")
        found = self._connection.rows()
        inside = self._inside(self._connection.keys(found.row), argument)
        return found.select(literal_column("1")).where(negated(inside)).exists()

    def _cursor(self) -> Expression:
        """The cursor of a row."""
        return _encoded(self._place_of_row())

    def _first_cursor(self, order: Expression) -> Expression:
        """The cursor of the page's first row in this order; of no other row is one made."""
        place = aggregate_order_by(self._place_of_row(), order)
        places = func.array_agg(place, type_=ARRAY(Text())).filter(self._within)
        return _encoded(places[literal_column("1")])

    def _place_of_row(self) -> Expression:
        values = (key.value for key in self._keys)
        return func.json_build_array(name(self._order), *values)


def _encoded(place: Expression) -> Expression:
    """The cursor that stands for a place: its JSON in Base64."""
    text = func.convert_to(cast(place, Text()), literal_column("'UTF8'"))
    encoded = func.encode(text, literal_column("'base64'"))
    # encode() breaks lines.
    return func.replace(encoded, literal_column("E'\\n'"), literal_column("''"), type_=Text())


def bounded(argued: Argued, argument: str) -> int:
    """An argument that says how many; raises `GraphQLError` where that is not allowed."""
    number = argued.given[argument]
    if 0 <= number <= MAXIMUM_PAGE:
        return int(number)
    message = (
        f"`{argument}` is {number}; it has to be from 0 to {MAXIMUM_PAGE}. "
        "For more, ask for the next page with a cursor."
    )
    raise argued.error("BAD_PAGE", message, maximum=MAXIMUM_PAGE)


def _size(argued: Argued) -> int:
    first, last = argued.given.get("first"), argued.given.get("last")
    if first is not None and last is not None:
        message = "`first` and `last` are both given; give one, for the direction of the page."
        raise argued.error("BAD_PAGE", message)
    if first is None and last is None:
        return DEFAULT_PAGE
    return bounded(argued, "last" if first is None else "first")


def _cursor_value(
    argument: str, order: str, keys: Sequence[Key], index: int, argued: Argued
) -> Any:
    """One value of a cursor; raises `GraphQLError` for a cursor of anything else."""
    try:
        found, *values = _decoded(argued.given[argument])
        if found == order and len(values) == len(keys):
            return read_value(keys[index], values[index])
    except (TypeError, ValueError):
        pass
    message = (
        f"`{argument}` is no cursor of this connection in this order. "
        "Use one that it answered, with the same `orderBy`."
    )
    raise argued.error("BAD_CURSOR", message)


def _decoded(cursor: str) -> list[Any]:
    try:
        found = json.loads(b64decode(cursor, validate=True), parse_float=Decimal)
    except RecursionError as error:
        raise ValueError("not a cursor") from error
    if not isinstance(found, list):
        raise TypeError("not a cursor")
    return found
