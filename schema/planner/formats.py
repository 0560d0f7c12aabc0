"""How the planner compares, sorts, groups and searches the values of each format."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import collate

from schema.entities.fields import Format
from schema.expressions import Expression
from schema.planner.arguments import storable
from schema.planner.comparisons import (
    BOOLEAN,
    DATE,
    DATETIME,
    ENUM,
    FLOAT,
    ID,
    INT,
    STRING,
    STRING_LIST,
    Comparison,
    in_code_points,
)

MOST_DIGITS = 1_000
"""The maximum number of digits before or after the point; aggregates of columns have fewer."""


class CursorValue(NamedTuple):
    """How a value is represented in a cursor."""

    kind: type | UnionType
    """The Python type that parsing the JSON returns."""
    read: Callable[[Any], Any]
    """Converts such a value for the driver; raises `ValueError` if it is not valid."""


class Words(Enum):
    """What a value contributes to full-text search."""

    NONE = "nothing"
    TEXT = "a text"
    LINE = "a text that an item can be named by"
    LIST = "texts"


class PlannedFormat(NamedTuple):
    """What the planner knows about a format."""

    comparison: Comparison
    cursor_value: CursorValue | None
    """None if rows cannot be sorted by values of this format."""
    words: Words = Words.NONE
    is_number: bool = False
    """Whether values are numbers, which can be aggregated."""
    is_shared: bool = False
    """Whether many items have the same value, so that grouping by it makes sense."""


def _decimal(value: int | Decimal) -> Decimal:
    """A number that PostgreSQL can store; raises `ValueError` for any other.

    https://www.postgresql.org/docs/current/datatype-numeric.html
    """
    number = Decimal(value)
    if not -MOST_DIGITS < number.adjusted() < MOST_DIGITS:
        raise ValueError("a number of more digits than any here")
    return number


def _instant(value: str) -> datetime:
    """An instant in UTC; raises `ValueError` if it has no offset, or is outside of the calendar."""
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("an instant has an offset")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("an instant outside of the calendar") from error


_TEXT = CursorValue(str, storable)

FORMATS: dict[Format, PlannedFormat] = {
    Format.TEXT: PlannedFormat(STRING, _TEXT, Words.LINE),
    Format.LOCALIZED: PlannedFormat(STRING, _TEXT, Words.LINE),
    Format.LOCALIZED_LIST: PlannedFormat(STRING_LIST, None, Words.LIST),
    Format.RICH_TEXT: PlannedFormat(STRING, None, Words.TEXT),
    Format.LOCALIZED_SLUG: PlannedFormat(STRING, _TEXT),
    Format.LIST: PlannedFormat(STRING_LIST, None, Words.LIST),
    Format.SLUG: PlannedFormat(STRING, _TEXT),
    Format.URL: PlannedFormat(STRING, _TEXT),
    Format.COUNTRY_CODE: PlannedFormat(STRING, _TEXT, is_shared=True),
    Format.CURRENCY_CODE: PlannedFormat(STRING, _TEXT, is_shared=True),
    Format.ENUM: PlannedFormat(ENUM, _TEXT, is_shared=True),
    Format.INTEGER: PlannedFormat(INT, CursorValue(int, int), is_number=True),
    Format.DECIMAL: PlannedFormat(FLOAT, CursorValue(int | Decimal, _decimal), is_number=True),
    Format.BOOLEAN: PlannedFormat(BOOLEAN, CursorValue(bool, bool)),
    Format.DATE: PlannedFormat(DATE, CursorValue(str, date.fromisoformat)),
    Format.DATETIME: PlannedFormat(DATETIME, CursorValue(str, _instant)),
    Format.ID: PlannedFormat(ID, CursorValue(str, UUID)),
}


def comparable(value: Expression, format_: Format) -> Expression:
    """The value with the collation in which it is compared and sorted."""
    is_text = in_code_points(FORMATS[format_].comparison)
    # The column of a slug has this collation already, and PostgreSQL should use its index.
    return collate(value, "C") if is_text and format_ is not Format.SLUG else value
