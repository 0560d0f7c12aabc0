"""Rows as Relay connections, with keyset pagination.

https://relay.dev/graphql/connections.htm. A page starts after the position of a cursor, not after a
number of rows, so rows that are added or removed between two requests shift nothing. A cursor is
opaque to clients: a JSON list in Base64, of the fingerprint of the order and the values that its
row has for the sort keys.
"""

import json
from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import operators

from schema.errors import ErrorCode
from schema.expressions import Expression
from schema.planner.arguments import Parameters, RequestedField
from schema.planner.comparisons import negated
from schema.planner.compiled import CompiledOnce
from schema.planner.json import json_list, json_object, name, ordered
from schema.planner.orders import OrderTerm, behind, fingerprint, read_value
from schema.planner.rows import Picked, Row
from schema.planner.selection import Selected
from schema.planner.shapes import ArgumentShape

DEFAULT_PAGE = 20
MAXIMUM_PAGE = 100
LENGTHS = frozenset({"first", "last", "ids"})
"""The arguments that limit the length of a list."""

Bounds = Mapping[str, Sequence[Expression]]
"""Where rows have to be: positions in an order, a value for each sort key, by the side of them.

The sides are `after` and `before`, which are arguments as well, and `from` and `to`, which include
the position.
"""
RenderObject = Callable[[Row, Sequence[Selected]], Expression]


class ConnectionSource(NamedTuple):
    """The rows of a connection, on all pages."""

    select: Callable[..., Select[Any]]
    """Makes a statement over the rows that selects the given columns."""
    columns: FromClause

    @classmethod
    def over(cls, subquery: FromClause) -> "ConnectionSource":
        """The rows of a subquery; other tables in a statement over it are correlated."""

        def statement(*columns: Expression) -> Select[Any]:
            return select(*columns).select_from(subquery).correlate_except(subquery)

        return cls(statement, subquery)


class Listing(ABC):
    """What a connection lists: its rows, their order, and how they are rendered."""

    parameters: Parameters
    selected: Selected

    @property
    @abstractmethod
    def name(self) -> str:
        """What the names of the GraphQL types begin with, as in `GuideConnection`."""

    @abstractmethod
    def source(self) -> ConnectionSource:
        """The rows, on all pages."""

    @abstractmethod
    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The sort keys, which together are unique for each row."""

    def window(self, bounds: Bounds, size: int, *, backward: bool) -> ConnectionSource | None:
        """Fewer rows, with at least the first `size` within bounds, or the last ones `backward`.

        None if there is no way to leave rows out that is better than an order and a limit.
        """
        del bounds, size, backward
        return None

    @abstractmethod
    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The JSON object of a row, as the selected node."""

    def edge(self, picked: Picked, selected: Selected) -> Expression:
        """A field of an edge that Relay does not prescribe."""
        raise TypeError(f"{self.name}Edge has no field {selected.name}, nor has {picked}")

    def field(self, selected: Selected) -> Expression:
        """A field of the connection that Relay does not prescribe."""
        raise TypeError(f"{self.name}Connection has no field {selected.name}")

    def given(self, argument: str) -> ArgumentShape:
        """The shape of an argument."""
        return self.parameters.given(self.selected).get(argument)

    def page(self) -> Expression:
        """The JSON object of the connection, as one subquery."""
        return _Page(self).json()


class _Page:
    """Makes one page. A page of size 0 picks one row, which is not shown."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._parameters = listing.parameters
        self._selected = listing.selected
        self._backward = listing.given("last") is not None
        self._leaves: dict[str, Expression] = {}
        self._found = found = listing.source()
        self._all = keys = listing.keys(found.columns)
        self._compared = _compared(keys)
        self._order = fingerprint(listing.name, keys)
        self._size = self._parameters.add(self._selected, Integer(), _size)
        self._bounds = {
            argument: self._place(keys, argument)
            for argument in ("after", "before")
            if listing.given(argument) is not None
        }
        self._pick()

    def _window(
        self, bounds: Bounds, size: int, *, backward: bool
    ) -> tuple[ConnectionSource, list[OrderTerm], list[OrderTerm]]:
        """Rows that have the first ones within bounds, and their keys; also as compared."""
        found = self._listing.window(bounds, size, backward=backward)
        if found is None:
            return self._found, self._all, self._compared
        keys = self._listing.keys(found.columns)
        return found, keys, _compared(keys)

    def _pick(self) -> None:
        found, keys, compared = self._window(self._bounds, MAXIMUM_PAGE, backward=self._backward)
        walked = [key.reversed for key in keys] if self._backward else keys
        clauses = [key.clause for key in walked]
        # A page of size 0 picks one row, which is not shown: it tells whether there is a next page.
        values = [key.value.label(f"key_{index}") for index, key in enumerate(keys)]
        statement = (
            found.select(*found.columns.c, *values)
            .where(*inside(compared, self._bounds))
            .order_by(*clauses)
            .limit(func.greatest(self._size, literal_column("1")))
        )
        picked = Picked(self._parameters.name("page"), statement)
        self._picked = picked
        self._keys = [key.at(picked.c[f"key_{index}"]) for index, key in enumerate(keys)]
        self._shown = self._size > literal_column("0")

    def _place(self, keys: Sequence[OrderTerm], argument: str) -> list[Expression]:
        """The position of a cursor: a parameter for each key."""
        rules = (
            partial(_cursor_value, argument, self._order, keys, index) for index in range(len(keys))
        )
        return [
            self._parameters.add(self._selected, key.type, rule)
            for key, rule in zip(keys, rules, strict=True)
        ]

    def json(self) -> Expression:
        made = json_object(self._selected.selections, self._field)
        own = self._picked.source()
        # HAVING makes one group, and so one row, even without rows or aggregates.
        statement = select(made).select_from(own).having(true())
        return statement.correlate_except(own).scalar_subquery()

    @property
    def _answer_order(self) -> list[Expression]:
        """The order of the keys. PostgreSQL knows that most pages are sorted by it already."""
        return [key.clause for key in self._keys]

    def _list(self, item: Expression) -> Expression:
        return json_list(item, self._answer_order, self._shown)

    def _field(self, selected: Selected) -> Expression:
        below = selected.selections
        match selected.name:
            case "nodes":
                return self._list(self._listing.node(self._picked, selected))
            case "edges":
                return self._list(json_object(below, self._edge))
            case "pageInfo":
                return json_object(
                    below, lambda each: self._leaf(each, partial(self._page_info, each))
                )
            case "totalCount":
                return self._leaf(selected, self._count)
        return self._listing.field(selected)

    def _leaf(self, selected: Selected, make: Callable[[], Expression]) -> Expression:
        """A value of the page, compiled once however many aliases it is selected under."""
        if selected.name not in self._leaves:
            self._leaves[selected.name] = CompiledOnce(make())
        return self._leaves[selected.name]

    def _count(self) -> Expression:
        """The number of rows on all pages."""
        return self._found.select(func.count()).scalar_subquery()

    def _edge(self, selected: Selected) -> Expression:
        match selected.name:
            case "node":
                return self._listing.node(self._picked, selected)
            case "cursor":
                return self._leaf(selected, self._cursor)
        return self._leaf(selected, partial(self._listing.edge, self._picked, selected))

    def _page_info(self, selected: Selected) -> Expression:
        match selected.name:
            case "hasNextPage":
                return self._more() if not self._backward else self._beyond("before")
            case "hasPreviousPage":
                return self._more() if self._backward else self._beyond("after")
            case "startCursor":
                return self._cursor_at(literal_column("1", Integer()))
            case "endCursor":
                return self._cursor_at(cast(func.count(), Integer()))
        raise TypeError(f"PageInfo has no field {selected.name}")

    def _more(self) -> Expression:
        """Whether there are more rows in the direction of the page."""
        towards, limit = ("before", "after") if self._backward else ("after", "before")
        last = literal_column("1", Integer()) if self._backward else self._size
        bounds: dict[str, Sequence[Expression]] = {
            towards: [CompiledOnce(self._values(key)[last], operators.eq) for key in self._keys]
        }
        if limit in self._bounds:
            bounds[limit] = self._bounds[limit]
        beyond = self._any(bounds, backward=self._backward)
        is_full = func.count() == self._size
        return case((self._shown, and_(is_full, beyond)), else_=func.count() > literal_column("0"))

    def _beyond(self, argument: str) -> Expression:
        """Whether there are rows at the cursor, or on its other side."""
        if argument not in self._bounds:
            return literal_column("false")
        is_to = argument == "after"
        bounds = {"to" if is_to else "from": self._bounds[argument]}
        return self._any(bounds, backward=is_to)

    def _any(self, bounds: Bounds, *, backward: bool) -> Expression:
        """Whether there are rows within bounds; the nearest is the last one if `backward`."""
        found, _, compared = self._window(bounds, 1, backward=backward)
        return found.select(literal_column("1")).where(*inside(compared, bounds)).exists()

    def _cursor(self) -> Expression:
        """The cursor of a row."""
        return self._encoded(key.value for key in self._keys)

    def _cursor_at(self, position: Expression) -> Expression:
        """The cursor of the row at an index of the page, from 1; null if the page is empty."""
        values = (self._values(key)[position] for key in self._keys)
        return case((self._shown & (func.count() > literal_column("0")), self._encoded(values)))

    def _values(self, key: OrderTerm) -> Expression:
        """An array of the values of a key on the whole page, in the order of the answer."""
        return func.array_agg(ordered(key.value, self._answer_order), type_=ARRAY(key.type))

    def _encoded(self, values: Iterable[Expression]) -> Expression:
        """The cursor with these values: its JSON in Base64."""
        place = func.json_build_array(name(self._order), *values)
        text = func.convert_to(cast(place, Text()), literal_column("'UTF8'"))
        encoded = func.encode(text, literal_column("'base64'"))
        # encode() inserts line breaks.
        return func.replace(encoded, literal_column("E'\\n'"), literal_column("''"), type_=Text())


def _compared(keys: Sequence[OrderTerm]) -> list[OrderTerm]:
    """The keys, compiled once: comparing rows with a position repeats each for all after it."""
    return [key.at(CompiledOnce(key.value, operators.eq)) for key in keys]


def inside(keys: Sequence[OrderTerm], bounds: Bounds) -> Iterator[ColumnElement[bool]]:
    """The conditions that a row is within bounds."""
    for side, place in bounds.items():
        walked = keys if side in {"after", "to"} else [key.reversed for key in keys]
        beyond = behind(walked, place)
        yield beyond if side in {"after", "before"} else negated(beyond)


def bounded(requested: RequestedField, argument: str) -> int:
    """The argument for the size of a page; raises `GraphQLError` if it is out of range."""
    number = requested.given[argument]
    if 0 <= number <= MAXIMUM_PAGE:
        return int(number)
    message = (
        f"`{argument}` is {number}; it has to be from 0 to {MAXIMUM_PAGE}. "
        "For more, ask for the next page with a cursor."
    )
    raise requested.error(ErrorCode.BAD_PAGE, message, maximum=MAXIMUM_PAGE)


def _size(requested: RequestedField) -> int:
    first, last = requested.given.get("first"), requested.given.get("last")
    if first is not None and last is not None:
        message = "`first` and `last` are both given; give only one of them."
        raise requested.error(ErrorCode.BAD_PAGE, message)
    if first is None and last is None:
        return DEFAULT_PAGE
    return bounded(requested, "last" if first is None else "first")


def _cursor_value(
    argument: str, order: str, keys: Sequence[OrderTerm], index: int, requested: RequestedField
) -> Any:
    """One value of a cursor; raises `GraphQLError` if it is not one of this order."""
    try:
        found, *values = _decoded(requested.given[argument])
        if found == order and len(values) == len(keys):
            return read_value(keys[index], values[index])
    except (TypeError, ValueError):
        pass
    message = (
        f"`{argument}` is not a cursor of this connection in this order; "
        "use one that it returned with the same `orderBy`."
    )
    raise requested.error(ErrorCode.BAD_CURSOR, message)


def _decoded(cursor: str) -> list[Any]:
    try:
        found = json.loads(b64decode(cursor, validate=True), parse_float=Decimal)
    except RecursionError as error:
        raise ValueError("not a cursor") from error
    if not isinstance(found, list):
        raise TypeError("not a cursor")
    return found
