"""Aggregates over rows: their count, and aggregate functions of their numeric fields."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Double, cast, func, literal_column

from schema.attributes import ScalarField
from schema.expressions import Expression
from schema.model import ContentType, Model
from schema.planner.formats import FORMATS
from schema.planner.json import json_object
from schema.planner.rows import Row
from schema.planner.selection import Selected
from schema.planner.values import value_of

AggregateValue = Callable[[str], Expression]

COUNT = "count"

FUNCTIONS = {
    "min": "The smallest value.",
    "max": "The largest value.",
    "avg": "The arithmetic mean.",
    "median": "The middle value; the mean of the two middle values if their number is even.",
}
"""The aggregate functions of a numeric field, with descriptions; null if no row has a value."""


def numbers(type_: ContentType) -> list[ScalarField]:
    """The numeric fields, except the position of a part, whose aggregates mean nothing."""
    found = (each for each in type_.fields() if FORMATS[each.format].is_number)
    return [each for each in found if each.name != "position"]


def number_values(model: Model, row: Row) -> dict[str, Expression]:
    """The values of a row's numeric fields, by field name."""
    return {each.name: value_of(model, row, each) for each in numbers(row.type)}


def aggregates(values: Mapping[str, Expression]) -> dict[str, Expression]:
    """All aggregates over rows with these values, by label (see `label`)."""
    return {
        COUNT: func.count(),
        **{
            label(number, function): _aggregate(function, value)
            for number, value in values.items()
            for function in FUNCTIONS
        },
    }


def label(number: str, function: str) -> str:
    """The name of an aggregate's column; the dot keeps it apart from the names of fields."""
    return f"{number}.{function}"


def aggregated(
    type_: ContentType, selections: Sequence[Selected], value: AggregateValue
) -> Expression:
    """The JSON object of the selected aggregates; `value` returns an aggregate by its label."""
    by_name = {each.graphql_name: each for each in numbers(type_)}

    def field(selected: Selected) -> Expression:
        if selected.name == COUNT:
            return value(COUNT)
        return _number(by_name[selected.name], selected.selections, value)

    return json_object(selections, field)


def _number(
    number: ScalarField, selections: Sequence[Selected], value: AggregateValue
) -> Expression:
    return json_object(selections, lambda each: value(label(number.name, each.name)))


def _aggregate(function: str, value: Expression) -> Expression:
    match function:
        case "avg":
            return cast(func.avg(value), Double())
        case "median":
            half = func.percentile_cont(literal_column("0.5"))
            return half.within_group(cast(value, Double()))
        case "min":
            return func.min(value)
        case _:
            return func.max(value)
