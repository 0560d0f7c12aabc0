"""Rows as curated lists: in the order that editors gave them, unless a query asks for another."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Integer, Select, func, select

from schema.errors import ErrorCode
from schema.expressions import Expression
from schema.model import Model
from schema.planner.arguments import Parameters, RequestedField
from schema.planner.conditions import filtered
from schema.planner.json import json_list
from schema.planner.orders import order_of
from schema.planner.pages import RenderObject, bounded
from schema.planner.rows import Picked, Rows
from schema.planner.selection import Selected


def listed(
    model: Model, parameters: Parameters, selected: Selected, rows: Rows, render: RenderObject
) -> Select[Any]:
    """A statement that returns one value: the JSON list of the rows that `selected` asks for."""
    given = parameters.given(selected)
    found = filtered(model, parameters, selected, rows)
    order = [*order_of(model, found.row, given.get("orderBy")), found.order]
    if given.get("first") is None and given.get("offset") is None:
        return found.select(json_list(render(found.row, selected.selections), order))
    return _cut(parameters, selected, found, order, render)


def _cut(
    parameters: Parameters,
    selected: Selected,
    found: Rows,
    order: Sequence[Expression],
    render: RenderObject,
) -> Select[Any]:
    """A slice of the list; `render` is not evaluated for the rows outside of it."""
    given = parameters.given(selected)
    number = func.row_number().over(order_by=order).label("row_number")
    statement = found.select(*found.row.table.c, number).order_by(*order)
    if given.get("first") is not None:
        statement = statement.limit(parameters.add(selected, Integer(), _first))
    if given.get("offset") is not None:
        statement = statement.offset(parameters.add(selected, Integer(), _offset))
    picked = Picked(parameters.name("list"), statement)
    row = replace(found.row, columns=picked, joins=picked.joins)
    items = json_list(render(row, selected.selections), [picked.c["row_number"]])
    source = picked.source()
    return select(items).select_from(source).correlate_except(source)


def _first(requested: RequestedField) -> int:
    return bounded(requested, "first")


def _offset(requested: RequestedField) -> int:
    offset = requested.given["offset"]
    if offset >= 0:
        return int(offset)
    message = f"`offset` is {offset}; it has to be 0 or more."
    raise requested.error(ErrorCode.BAD_PAGE, message)
