"""The types of fields that content can have.

Each name below is used as `Mapped[Name]` in a declaration and stands for a Python type, a column
of the working copy and a `Format`, from which everything else follows: the column of the live
copy, the GraphQL type, the form that a value has in a document and how it is checked there.
"""

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, DateTime, Enum, Integer, Numeric, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import mapped_column

FORMAT = "format"
"""The key of a column's `info` under which its `Format` stands."""

ENUM_LENGTH = 64
"""The longest name that an enumeration may have; a new name needs no migration."""


class Format(enum.Enum):
    """The kind of value that a field holds."""

    TEXT = "text"
    LOCALIZED = "localized text"
    LOCALIZED_LIST = "localized list of texts"
    RICH_TEXT = "localized Markdown"
    LIST = "list of texts"
    SLUG = "slug"
    URL = "URL"
    COUNTRY_CODE = "country code"
    CURRENCY_CODE = "currency code"
    ENUM = "enumeration"
    INTEGER = "integer"
    DECIMAL = "decimal number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "date and time"
    ID = "id"

    @property
    def localized(self) -> bool:
        """Whether the field has one value for each locale."""
        return self in (Format.LOCALIZED, Format.LOCALIZED_LIST, Format.RICH_TEXT)


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

Url = Annotated[str, _column(Text, Format.URL)]
"""An absolute http or https URL without a user name or password."""

CountryCode = Annotated[str, _column(Text, Format.COUNTRY_CODE)]
"""An ISO 3166-1 alpha-2 country code, such as BE."""

CurrencyCode = Annotated[str, _column(Text, Format.CURRENCY_CODE)]
"""An ISO 4217 currency code, such as EUR."""

COLUMN_TYPES: dict[Any, Any] = {
    str: Text(),
    int: Integer(),
    bool: Boolean(),
    # No fixed scale: a whole amount is stored and served without decimals.
    Decimal: Numeric(),
    date: Date(),
    datetime: DateTime(timezone=True),
    UUID: Uuid(),
    # Not a type of PostgreSQL's: those can only ever grow, and autogenerate does not see it.
    enum.Enum: Enum(enum.Enum, native_enum=False, create_constraint=False, length=ENUM_LENGTH),
}

_FORMATS: dict[type, Format] = {
    Text: Format.TEXT,
    Integer: Format.INTEGER,
    Boolean: Format.BOOLEAN,
    Numeric: Format.DECIMAL,
    Date: Format.DATE,
    DateTime: Format.DATETIME,
    Uuid: Format.ID,
    Enum: Format.ENUM,
}


def format_of(column: Column[Any]) -> Format:
    """The format of a column of the working copy.

    Raises `TypeError` if content cannot have a column of this type.
    """
    found = column.info.get(FORMAT) or _FORMATS.get(type(column.type))
    if not isinstance(found, Format):
        raise TypeError(
            f"{column} has the type {column.type!r}, which content cannot hold; "
            "use a type of schema.entities.fields"
        )
    return found
