"""The types of fields that content can have.

Each name below is used as `Mapped[Name]` in a declaration and stands for a Python type, a column
of the working copy and a `Format`, from which everything else follows: the column of the live
copy, the GraphQL type, the form that a value has in a document and how it is checked there.

What a format is stands in one record for each layer: here, in `schema.planner.formats`, in
`schema.graphql.scalars` and in `service.documents.formats`.
"""

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Integer,
    Numeric,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeEngine

FORMAT = "format"
"""The key of a column's `info` under which its `Format` stands."""

RENAMED_FROM = "renamed_from"
"""The key of a column's `info` under which the former name of its field stands."""

RENAMED_NAMES = "__renamed_from__"
"""The attribute of an enumeration that has the former names of its members, by name."""

ENUMERATION = "enumeration"
"""The key of a column's `info` under which the Python class of its enumeration stands."""

ENUM_LENGTH = 64
"""The longest name that an enumeration may have; a new name needs no migration."""


class Format(enum.Enum):
    """The kind of value that a field holds."""

    TEXT = ("text", "str")
    LOCALIZED = ("localized text", "Localized", True)
    LOCALIZED_LIST = ("localized list of texts", "LocalizedList", True)
    RICH_TEXT = ("localized Markdown", "RichText", True)
    LOCALIZED_SLUG = ("localized slug", None, True)
    LIST = ("list of texts", "Tags")
    SLUG = ("slug", "Slug")
    URL = ("URL", "Url")
    COUNTRY_CODE = ("country code", "CountryCode")
    CURRENCY_CODE = ("currency code", "CurrencyCode")
    ENUM = ("enumeration", "Enum")
    INTEGER = ("integer", "int")
    DECIMAL = ("decimal number", "Decimal")
    BOOLEAN = ("boolean", "bool")
    DATE = ("date", "date")
    DATETIME = ("date and time", "datetime")
    ID = ("id", None)

    def __init__(self, label: str, declared: str | None, localized: bool = False) -> None:
        self.label = label
        """What people call it."""
        self.declared = declared
        """What stands in `Mapped[…]`, of an enumeration its base; None for what only keys are."""
        self.localized = localized
        """Whether a value is a map of locales."""

    @property
    def holds_several(self) -> bool:
        """Whether a field holds several values, in a list or by locale."""
        return self.localized or self is Format.LIST


# A missing text is stored as SQL's NULL, not as JSON's null.
_JSON = JSONB(none_as_null=True)


def _column(type_: Any, format_: Format, **options: Any) -> Any:
    return mapped_column(type_, info={FORMAT: format_}, **options)


Localized = Annotated[dict[str, str], _column(_JSON, Format.LOCALIZED)]
"""Plain text, one value for each locale."""

LocalizedList = Annotated[dict[str, list[str]], _column(_JSON, Format.LOCALIZED_LIST)]
"""An ordered list of plain texts, one list for each locale."""

RichText = Annotated[dict[str, dict[str, str]], _column(_JSON, Format.RICH_TEXT)]
"""Markdown, one value for each locale, stored as `{markdown, html, text}`; see docs/markdown.md."""

Tags = Annotated[list[str], _column(ARRAY(Text), Format.LIST, server_default=text("'{}'::text[]"))]
"""An ordered list of short texts without duplicates, the same in every locale; default: empty."""

# Sorting by slug has to be the same on every server, whatever its collation.
Slug = Annotated[str, _column(Text(collation="C"), Format.SLUG)]
"""The name of an item in URLs and documents, in the form `lower-case-words`."""

LocalizedSlug = Annotated[dict[str, str], _column(_JSON, Format.LOCALIZED_SLUG)]
"""Slugs that take the place of an item's slug in the addresses of some locales."""

Url = Annotated[str, _column(Text, Format.URL)]
"""An absolute http or https URL without a user name or password."""

CountryCode = Annotated[str, _column(Text, Format.COUNTRY_CODE)]
"""An ISO 3166-1 alpha-2 country code, such as BE."""

CurrencyCode = Annotated[str, _column(Text, Format.CURRENCY_CODE)]
"""An ISO 4217 currency code, such as EUR."""


def field(*, renamed_from: str | None = None, **options: Any) -> Any:
    """Declare more about a field; `options` are those of `mapped_column`, such as `doc`.

    `renamed_from` is the name that the field had before. Autogenerate renames its columns then,
    instead of dropping them and adding others; afterwards it has no effect.
    """
    return mapped_column(info={RENAMED_FROM: renamed_from} if renamed_from else {}, **options)


class _Column(NamedTuple):
    """The column that a type of Python's stands for."""

    type: TypeEngine[Any]
    format: Format


_COLUMNS: dict[Any, _Column] = {
    str: _Column(Text(), Format.TEXT),
    int: _Column(Integer(), Format.INTEGER),
    bool: _Column(Boolean(), Format.BOOLEAN),
    # No fixed scale: a whole amount is stored and served without decimals.
    Decimal: _Column(Numeric(), Format.DECIMAL),
    date: _Column(Date(), Format.DATE),
    datetime: _Column(DateTime(timezone=True), Format.DATETIME),
    UUID: _Column(Uuid(), Format.ID),
    # Not a type of PostgreSQL's: those can only ever grow, and autogenerate does not see it.
    enum.Enum: _Column(
        Enum(enum.Enum, native_enum=False, create_constraint=False, length=ENUM_LENGTH),
        Format.ENUM,
    ),
}

COLUMN_TYPES: dict[Any, Any] = {python: each.type for python, each in _COLUMNS.items()}
_FORMATS = {
    type(each.type): each.format for each in _COLUMNS.values() if each.format is not Format.ENUM
}


def store_as_text(column: Column[Any]) -> None:
    """Make a declared enumeration what it is in the database: text.

    SQLAlchemy's own type cannot read a name that was removed from the declaration.
    """
    if isinstance(column.type, Enum) and column.type.enum_class is not None:
        column.info |= {FORMAT: Format.ENUM, ENUMERATION: column.type.enum_class}
        column.type = String(column.type.length)


def format_of(column: Column[Any], name: str | None = None) -> Format:
    """The format of a column of the working copy.

    Raises `TypeError` if content cannot have such a column; `name` is what the error calls it.
    """
    found = known_format(column)
    if found is None:
        raise TypeError(f"{name or column} has the type {column.type!r}; {USABLE}")
    return found


def known_format(column: Column[Any]) -> Format | None:
    """The format of a column of the working copy; None if content cannot have such a column."""
    found = column.info.get(FORMAT) or _FORMATS.get(type(column.type))
    return found if isinstance(found, Format) and _is_whole(column, found) else None


def _is_whole(column: Column[Any], format_: Format) -> bool:
    """Whether a column's type has all that its format takes."""
    if isinstance(column.type, DateTime):
        return column.type.timezone
    return format_ is not Format.ID or column.primary_key


_NAMES = ", ".join(each.declared for each in Format if each.declared)
USABLE = f"a field can be Mapped[…] of one of {_NAMES}: see schema.entities.fields"
"""What would be right."""
