"""The parsers of the GraphQL scalars: from an input value to a Python value.

Each raises `TypeError` or `ValueError` for a value that is not valid; graphql-core includes the
message in its own error. The schema is cached as data, which refers to parsers by name (see
`schema.graphql.executable`), so they have to be module-level functions.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

T = TypeVar("T")


def parse_text(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {value!r}")
    return value


def parse_map(value: object) -> dict[str, Any]:
    """A map of locales, whose values are only checked when the document is read."""
    if not isinstance(value, dict):
        raise TypeError(f"expected a map of locales such as {{en: …}}, got {value!r}")
    return value


def parse_date(value: object) -> date:
    """A date such as `2027-01-31`."""
    return _parsed(value, date.fromisoformat, "a date such as 2027-01-31")


def parse_datetime(value: object) -> datetime:
    """A date and time such as `2027-01-31T00:00:00Z`."""
    return _parsed(value, datetime.fromisoformat, "a date and time such as 2027-01-31T00:00:00Z")


def _parsed(value: object, parse: Callable[[str], T], expected: str) -> T:
    try:
        return parse(parse_text(value))
    except ValueError as error:
        raise ValueError(f"expected {expected}: {error}") from error
