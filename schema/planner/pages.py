"""Rows as Relay connections, with keyset pagination.

https://relay.dev/graphql/connections.htm. A cursor is opaque to clients: the Base64 of a JSON list
of the order that it belongs to and its row's place in that order.
"""

import binascii
import json
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from schema.errors import request_error
from schema.planner.arguments import Parameters, Request, storable
from schema.planner.json import json_list, json_object, name
from schema.planner.rows import Related, Row
from schema.planner.selection import TYPENAME, Selected

DEFAULT_PAGE = 20
MAXIMUM_PAGE = 100

RenderObject = Callable[[Row, Sequence[Selected]], ColumnElement[Any]]

BEFORE_ALL = ""
"""Sorts before every slug."""


class Page(NamedTuple):
    """The rows of a page, and one more if there is one."""

    row: Row
    number: ColumnElement[int]
    """From 1, in order."""
    size: ColumnElement[int]
    after: ColumnElement[str]
    order: str

    @property
    def within(self) -> ColumnElement[bool]:
        """Whether a row is on the page: not so the one more."""
        return self.number <= self.size

    def cursor(self) -> ColumnElement[str]:
        """The cursor of a row."""
        place = func.json_build_array(name(self.order), self.row["slug"])
        encoded = func.encode(
            func.convert_to(cast(place, Text()), literal_column("'UTF8'")),
            literal_column("'base64'"),
        )
        # encode() breaks lines.
        return func.replace(encoded, literal_column("E'\\n'"), literal_column("''"), type_=Text())


def page(
    rows: Related, selected: Selected, parameters: Parameters, render: RenderObject
) -> ColumnElement[Any]:
    """The connection that `selected` asks for over the rows; one subquery."""
    picked = _pick(rows, selected, parameters)
    fields = [(each.key, _field(rows, picked, each, render)) for each in selected.selections]
    own = picked.row.columns
    # One group, and so one row, whether or not there are rows or anything is aggregated.
    statement = select(json_object(fields)).select_from(own).having(true())
    return statement.correlate_except(own).scalar_subquery()


def _pick(rows: Related, selected: Selected, parameters: Parameters) -> Page:
    found = rows()
    key = f"{found.row.type.table_name}.slug"
    size = parameters.add(selected, Integer(), _size)
    after = parameters.add(selected, Text(collation="C"), _place_in(key))
    number = func.row_number().over(order_by=found.order).label("row_number")
    picked = (
        found.select(*found.row.columns.c, number)
        .where(found.order > after)
        .order_by(found.order)
        .limit(size + literal_column("1"))
        .subquery()
    )
    return Page(Row(found.row.type, picked), picked.c.row_number, size, after, key)


def _field(
    rows: Related, picked: Page, selected: Selected, render: RenderObject
) -> ColumnElement[Any]:
    connection = f"{picked.row.type.name}Connection"
    match selected.name:
        case "nodes":
            node = render(picked.row, selected.selections)
            return json_list(node, picked.number, picked.within)
        case "edges":
            edge = json_object(
                (each.key, _edge_field(picked, each, render)) for each in selected.selections
            )
            return json_list(edge, picked.number, picked.within)
        case "pageInfo":
            return json_object(
                (each.key, _page_info_field(rows, picked, each)) for each in selected.selections
            )
        case "totalCount":
            return _count(rows)
        case _ if selected.name == TYPENAME:
            return name(connection)
    raise TypeError(f"{connection} has no field {selected.name}")


def _edge_field(picked: Page, selected: Selected, render: RenderObject) -> ColumnElement[Any]:
    match selected.name:
        case "node":
            return render(picked.row, selected.selections)
        case "cursor":
            return picked.cursor()
        case _:
            return name(f"{picked.row.type.name}Edge")


def _page_info_field(rows: Related, picked: Page, selected: Selected) -> ColumnElement[Any]:
    match selected.name:
        case "hasNextPage":
            return func.count() > picked.size
        case "hasPreviousPage":
            return _any_before(rows, picked)
        case "startCursor":
            return _first(picked, picked.number)
        case "endCursor":
            return _first(picked, picked.number.desc())
        case _:
            return name("PageInfo")


def _first(picked: Page, order: ColumnElement[Any]) -> ColumnElement[Any]:
    """The cursor of the first row of the page in this order."""
    cursors = func.array_agg(
        aggregate_order_by(picked.cursor(), order), type_=ARRAY(Text())
    ).filter(picked.within)
    found: ColumnElement[Any] = cursors[literal_column("1")]
    return found


def _count(rows: Related) -> ColumnElement[Any]:
    return rows().select(func.count()).scalar_subquery()


def _any_before(rows: Related, picked: Page) -> ColumnElement[Any]:
    found = rows()
    return found.select(literal_column("1")).where(found.order <= picked.after).exists()


def _size(selected: Selected, given: Mapping[str, Any], _: Request) -> int:
    first = DEFAULT_PAGE if given.get("first") is None else given["first"]
    if 0 <= first <= MAXIMUM_PAGE:
        return int(first)
    raise request_error(
        "BAD_PAGE",
        f"`first` is {first}; it has to be from 0 to {MAXIMUM_PAGE}. "
        "For more, ask for the next page with `after`.",
        selected.nodes,
        selected.path,
        maximum=MAXIMUM_PAGE,
    )


def _place_in(order: str) -> Callable[[Selected, Mapping[str, Any], Request], str]:
    def place(selected: Selected, given: Mapping[str, Any], _: Request) -> str:
        cursor = given.get("after")
        if cursor is None:
            return BEFORE_ALL
        match _decoded(cursor):
            case [found, str(slug)] if found == order:
                return storable(slug)
        raise request_error(
            "BAD_CURSOR",
            "`after` is no cursor of this connection. "
            "Use a `cursor` or `endCursor` that it answered.",
            selected.nodes,
            selected.path,
        )

    return place


def _decoded(cursor: str) -> object:
    try:
        return json.loads(b64decode(cursor, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
