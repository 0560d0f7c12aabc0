"""JSON that PostgreSQL concatenates as text, with keys in the order of the selection.

Text is written once. Functions that return the type `json` look up the output function of each
argument for every row, and every function around them writes their results again.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FunctionElement, Text, func, literal_column
from sqlalchemy.dialects.postgresql import aggregate_order_by

from schema.planner.selection import TYPENAME, Selected

MakeField = Callable[[Selected], ColumnElement[Any]]
"""Makes the value of a field of an object, other than `__typename`."""

Mark = tuple[str, ColumnElement[Any]]
"""A text and a value, which make a mark together."""

MOST_ARGUMENTS = 100
"""The maximum number of arguments of a function in PostgreSQL."""


class Json(Text):
    """The type of expressions whose text is JSON already; see `json_value`."""


def name(text: str) -> ColumnElement[str]:
    """A GraphQL name, or another text without quotes, as an SQL string; nothing is escaped."""
    return literal_column(f"'{text}'", Text())


NULL: ColumnElement[str] = literal_column("'null'", Json())


def json_object(
    selections: Sequence[Selected], make: MakeField, marks: Sequence[Mark] = ()
) -> ColumnElement[str]:
    """The JSON object of a selection; `make` makes the values, except that of `__typename`.

    The marks follow the object, each between two tabs; see `schema.planner.tags`.
    """
    parts: list[ColumnElement[str]] = []
    for each in selections:
        value = _typename(each) if each.name == TYPENAME else make(each)
        parts += [name(f'{"," if parts else "{"}"{each.key}":'), json_value(value)]
    end = "}" if parts else "{}"
    for prefix, value in marks:
        parts += [name(f"{end}\t{prefix}"), value]
        end = "\t"
    return _together([*parts, name(end)])


def _typename(selected: Selected) -> ColumnElement[str]:
    return literal_column(f"'\"{selected.parent}\"'", Json())


def json_value(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value as JSON; the JSON null if it is an SQL null."""
    if not isinstance(value.type, Json):
        made = func.to_json(value)
        # Such a column is only null in an outer join without a match, which makes no object.
        always = not getattr(value, "nullable", True)
        return made if always else func.coalesce(made, literal_column("'null'::json"))
    # concat() never returns null; any other function may.
    is_there = isinstance(value, FunctionElement) and value.name == "concat"
    return value if is_there else func.coalesce(value, NULL, type_=Json())


def json_list(
    item: ColumnElement[Any],
    order: Sequence[ColumnElement[Any]],
    only: ColumnElement[bool] | None = None,
) -> ColumnElement[str]:
    """A JSON list with an item for each row, or for each row that meets `only`; may be empty."""
    items: Any = func.string_agg(json_value(item), ordered(name(","), order))
    if only is not None:
        items = items.filter(only)
    return func.concat(name("["), items, name("]"), type_=Json())


def ordered(value: ColumnElement[Any], order: Sequence[ColumnElement[Any]]) -> Any:
    """The argument of an aggregate, with an ORDER BY; without `order`, rows come in any order."""
    return aggregate_order_by(value, *order) if order else value


def _together(parts: Sequence[ColumnElement[str]]) -> ColumnElement[str]:
    while len(parts) > MOST_ARGUMENTS:
        parts = [
            func.concat(*parts[start : start + MOST_ARGUMENTS])
            for start in range(0, len(parts), MOST_ARGUMENTS)
        ]
    return func.concat(*parts, type_=Json())
