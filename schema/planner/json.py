"""JSON made by PostgreSQL, keys in the order in which they are given."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, cast, func, literal_column
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

Pair = tuple[str, ColumnElement[Any]]

LARGEST_OBJECT = 50
"""The pairs that one `json_build_object` takes: functions have 100 arguments at most."""


def name(text: str) -> ColumnElement[str]:
    """A GraphQL name as an SQL string; by its grammar it needs no escaping."""
    return literal_column(f"'{text}'", Text())


def json_object(pairs: Iterable[Pair]) -> ColumnElement[Any]:
    """A JSON object."""
    all_pairs = list(pairs)
    if len(all_pairs) <= LARGEST_OBJECT:
        return _built(all_pairs)
    chunks = [
        cast(_built(all_pairs[start : start + LARGEST_OBJECT]), Text())
        for start in range(0, len(all_pairs), LARGEST_OBJECT)
    ]
    # The text of each but its braces, put together again: `||` on jsonb would sort the keys.
    inside: list[ColumnElement[str]] = [
        func.substr(func.left(each, literal_column("-1")), literal_column("2"), type_=Text())
        for each in chunks
    ]
    text = func.array_to_string(array(inside), literal_column("','"))
    return cast(func.concat(literal_column("'{'"), text, literal_column("'}'")), JSON())


def json_list(
    item: ColumnElement[Any],
    order: Sequence[ColumnElement[Any]],
    only: ColumnElement[bool] | None = None,
) -> ColumnElement[Any]:
    """A JSON list of an item for each row (for which `only` holds), empty if there is none."""
    items: Any = func.json_agg(ordered(item, order), type_=JSON())
    if only is not None:
        items = items.filter(only)
    return func.coalesce(items, literal_column("'[]'::json", JSON()), type_=JSON())


def ordered(value: ColumnElement[Any], order: Sequence[ColumnElement[Any]]) -> Any:
    """The argument of an aggregate that takes its rows in this order; in any, if there is none."""
    return aggregate_order_by(value, *order) if order else value


def _built(pairs: Sequence[Pair]) -> ColumnElement[Any]:
    arguments = [part for key, value in pairs for part in (name(key), value)]
    return func.json_build_object(*arguments, type_=JSON())
