"""JSON made by PostgreSQL as text, keys in the order in which they are given.

Text is put together once. The functions that make values of the type `json` look up how each of
their arguments is written, for each row anew, and their results are written out again by whatever
they become a part of.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FunctionElement, Text, func, literal_column
from sqlalchemy.dialects.postgresql import aggregate_order_by

from schema.planner.selection import TYPENAME, Selected

MakeField = Callable[[Selected], ColumnElement[Any]]
"""Makes the value of a field of an object, other than `__typename`."""

MOST_ARGUMENTS = 100
"""As many as a function of PostgreSQL's takes."""


class Json(Text):
    """The type of expressions whose text is JSON; every other one is a value."""


def name(text: str) -> ColumnElement[str]:
    """A GraphQL name as an SQL string; by its grammar it needs no escaping."""
    return literal_column(f"'{text}'", Text())


NULL: ColumnElement[str] = literal_column("'null'", Json())


def json_object(selections: Sequence[Selected], make: MakeField) -> ColumnElement[str]:
    """The object with what is selected of it; the selection knows the object's type."""
    parts: list[ColumnElement[str]] = []
    for each in selections:
        value = _typename(each) if each.name == TYPENAME else make(each)
        parts += [name(f'{"," if parts else "{"}"{each.key}":'), json_value(value)]
    return _together([*parts, name("}")] if parts else [name("{}")])


def _typename(selected: Selected) -> ColumnElement[str]:
    return literal_column(f"'\"{selected.parent}\"'", Json())


def json_value(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value as JSON, which is there also where the value is not."""
    if not isinstance(value.type, Json):
        made = func.to_json(value)
        # What is null all the same belongs to a row that is not there, and so to no object.
        always = not getattr(value, "nullable", True)
        return made if always else func.coalesce(made, literal_column("'null'::json"))
    # Of PostgreSQL's functions, concat() alone is never null.
    is_there = isinstance(value, FunctionElement) and value.name == "concat"
    return value if is_there else func.coalesce(value, NULL, type_=Json())


def json_list(
    item: ColumnElement[Any],
    order: Sequence[ColumnElement[Any]],
    only: ColumnElement[bool] | None = None,
) -> ColumnElement[str]:
    """A JSON list of an item for each row (for which `only` holds), empty if there is none."""
    items: Any = func.string_agg(json_value(item), ordered(name(","), order))
    if only is not None:
        items = items.filter(only)
    return func.concat(name("["), items, name("]"), type_=Json())


def ordered(value: ColumnElement[Any], order: Sequence[ColumnElement[Any]]) -> Any:
    """The argument of an aggregate that takes its rows in this order; in any, if there is none."""
    return aggregate_order_by(value, *order) if order else value


def _together(parts: Sequence[ColumnElement[str]]) -> ColumnElement[str]:
    while len(parts) > MOST_ARGUMENTS:
        parts = [
            func.concat(*parts[start : start + MOST_ARGUMENTS])
            for start in range(0, len(parts), MOST_ARGUMENTS)
        ]
    return func.concat(*parts, type_=Json())
