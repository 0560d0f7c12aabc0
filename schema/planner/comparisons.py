"""The operators of `where` for each kind of value, by their GraphQL names.

This is the complete list; `schema.planner.formats` assigns operators to formats. The GraphQL input
types and the SQL conditions are derived from both. Only `ne`, `notIn`, `isNull` and `isEmpty` can
be true of a null value. `not` is true wherever its condition is not true, so the result is never
unknown.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    Text,
    Uuid,
    any_,
    cast,
    func,
    literal_column,
)
from sqlalchemy.types import TypeEngine

from schema.expressions import Expression
from schema.planner.arguments import storable

Compare = Callable[[Expression, Expression], ColumnElement[bool]]


class Operator(NamedTuple):
    """A comparison of a value with one operand."""

    compare: Compare
    description: str
    operand: str = "value"
    """`value`, `list` or `boolean`."""


def _in(value: Expression, operand: Expression) -> ColumnElement[bool]:
    return value == any_(operand)


def _is_null(value: Expression, operand: Expression) -> ColumnElement[bool]:
    return value.is_(None) == operand


def _has(value: Expression, operand: Expression) -> ColumnElement[bool]:
    return operand == any_(value)


def _is_empty(value: Expression, operand: Expression) -> ColumnElement[bool]:
    return (func.coalesce(func.cardinality(value), literal_column("0")) == literal_column("0")) == (
        operand
    )


def _ends_with(value: Expression, operand: Expression) -> ColumnElement[bool]:
    return func.right(value, func.length(operand)) == operand


def _contains(value: Expression, operand: Expression) -> ColumnElement[bool]:
    return func.strpos(value, operand) > literal_column("0")


def _starts_with(value: Expression, operand: Expression) -> ColumnElement[bool]:
    return func.starts_with(value, operand)


def _insensitive(compare: Compare) -> Compare:
    return lambda value, operand: compare(_folded(value), _folded(operand))


def _folded(text: Expression) -> Expression:
    """A text with its case folded, by a database function that a migration creates."""
    return func.service.folded(text, type_=Text())


def negated(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The negation: true if the condition is false, or unknown because of a null value."""
    return condition.is_not(literal_column("true", Boolean()))


def _negated(compare: Compare) -> Compare:
    return lambda value, operand: negated(compare(value, operand))


def _equal(value: Expression, operand: Expression) -> ColumnElement[bool]:
    return value == operand


EQUALITY: dict[str, Operator] = {
    "eq": Operator(_equal, "Equals this value."),
    "ne": Operator(_negated(_equal), "Differs from this value, or is null."),
    "in": Operator(_in, "Equals one of these values.", "list"),
    "notIn": Operator(_negated(_in), "Equals none of these values, or is null.", "list"),
}
NULLITY: dict[str, Operator] = {
    "isNull": Operator(_is_null, "True: is null. False: is not null.", "boolean"),
}


def _order(lt: str, lte: str, gt: str, gte: str) -> dict[str, Operator]:
    """The operators of an order, with their descriptions."""
    return {
        "lt": Operator(lambda value, operand: value < operand, lt),
        "lte": Operator(lambda value, operand: value <= operand, lte),
        "gt": Operator(lambda value, operand: value > operand, gt),
        "gte": Operator(lambda value, operand: value >= operand, gte),
    }


ORDER = _order(
    "Is less than this value.",
    "Is at most this value.",
    "Is greater than this value.",
    "Is at least this value.",
)
ORDER_OF_TIMES = _order(
    "Is earlier than this.",
    "Is this or earlier.",
    "Is later than this.",
    "Is this or later.",
)
ORDER_OF_TEXTS = _order(
    "Comes before this text, by Unicode code point.",
    "Is this text, or comes before it, by Unicode code point.",
    "Comes after this text, by Unicode code point.",
    "Is this text, or comes after it, by Unicode code point.",
)
TEXT: dict[str, Operator] = {
    "contains": Operator(_contains, "Contains this text."),
    "startsWith": Operator(_starts_with, "Starts with this text."),
    "endsWith": Operator(_ends_with, "Ends with this text."),
    "eqInsensitive": Operator(_insensitive(_equal), "Equals this text, ignoring case."),
    "containsInsensitive": Operator(_insensitive(_contains), "Contains this text, ignoring case."),
    "startsWithInsensitive": Operator(
        _insensitive(_starts_with), "Starts with this text, ignoring case."
    ),
    "endsWithInsensitive": Operator(
        _insensitive(_ends_with), "Ends with this text, ignoring case."
    ),
}
LIST: dict[str, Operator] = {
    "has": Operator(_has, "Contains this value."),
    "hasSome": Operator(
        lambda value, operand: value.op("&&")(operand),
        "Contains at least one of these values.",
        "list",
    ),
    "hasEvery": Operator(
        lambda value, operand: value.op("@>")(operand), "Contains all of these values.", "list"
    ),
    "isEmpty": Operator(_is_empty, "True: is empty or null. False: has values.", "boolean"),
}


class Comparison(NamedTuple):
    """How one kind of value is compared."""

    name: str
    """The name of the GraphQL input type, without `Filter`; for enumerations empty."""
    operators: Mapping[str, Operator]
    type: TypeEngine[Any]
    """The SQL type of an operand."""
    convert: Callable[[Any], Any]
    """Converts an operand for the driver; raises `ValueError` if that is not possible."""


def _decimal(value: float) -> Decimal:
    if not isfinite(value):
        raise ValueError("the number is out of range")
    return Decimal(str(value))


def _instant(value: datetime) -> datetime:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value.isoformat()} is out of range") from error


def _same(value: Any) -> Any:
    return value


def _enum_name(value: Any) -> str:
    return value.name if isinstance(value, Enum) else str(value)


# Texts sort by code point, whatever the default collation of the server is.
_TEXT = Text(collation="C")

STRING = Comparison("String", {**EQUALITY, **ORDER_OF_TEXTS, **TEXT, **NULLITY}, _TEXT, storable)
STRING_LIST = Comparison("StringList", {**LIST, **NULLITY}, Text(), storable)
ENUM = Comparison("", {**EQUALITY, **NULLITY}, _TEXT, _enum_name)
INT = Comparison("Int", {**EQUALITY, **ORDER, **NULLITY}, Integer(), _same)
FLOAT = Comparison("Float", {**EQUALITY, **ORDER, **NULLITY}, Numeric(), _decimal)
BOOLEAN = Comparison(
    "Boolean", {"eq": EQUALITY["eq"], "ne": EQUALITY["ne"], **NULLITY}, Boolean(), _same
)
DATE = Comparison("Date", {**EQUALITY, **ORDER_OF_TIMES, **NULLITY}, Date(), _same)
DATETIME = Comparison(
    "DateTime", {**EQUALITY, **ORDER_OF_TIMES, **NULLITY}, DateTime(timezone=True), _instant
)
ID = Comparison("ID", EQUALITY, Uuid(), _same)


def in_code_points(comparison: Comparison) -> bool:
    """Whether values are texts, which are compared and sorted by code point."""
    return comparison.type is _TEXT


def operand_of(
    comparison: Comparison,
    operator: Operator,
    parameter: Callable[[TypeEngine[Any], Callable[[Any], Any]], Expression],
) -> Expression:
    """The operand of an operator; `parameter` makes it from an SQL type and a conversion."""
    match operator.operand:
        case "boolean":
            return parameter(Boolean(), _same)
        case "list":
            # As an array of text: the driver first queries the database about other array types.
            texts = parameter(
                ARRAY(Text()), lambda items: [str(comparison.convert(i)) for i in items]
            )
            return cast(texts, ARRAY(comparison.type))
        case _:
            return parameter(comparison.type, comparison.convert)
