"""The scalars of the GraphQL schema, and the GraphQL type of each format."""

from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple

import strawberry
from strawberry.scalars import ID
from strawberry.types.scalar import ScalarDefinition

from schema.attributes import ScalarField
from schema.entities.fields import Format
from schema.graphql.coercion import parse_date, parse_datetime, parse_map, parse_text
from schema.graphql.enumerations import enumeration


class URL(str):
    """Stands for the scalar in annotations."""

    __slots__ = ()


class LocaleCode(str):
    """Stands for the scalar in annotations."""

    __slots__ = ()


class CountryCode(str):
    """Stands for the scalar in annotations."""

    __slots__ = ()


class CurrencyCode(str):
    """Stands for the scalar in annotations."""

    __slots__ = ()


class LocalizedText(dict[str, str]):
    """Stands for the scalar in annotations."""

    __slots__ = ()


class LocalizedTexts(dict[str, list[str]]):
    """Stands for the scalar in annotations."""

    __slots__ = ()


def _map_scalar(name: str, description: str) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, parse_value=parse_map)


def _scalar(name: str, description: str, specified_by: str) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=description,
        specified_by_url=specified_by,
        parse_value=parse_text,
    )


SCALARS: dict[object, ScalarDefinition] = {
    URL: _scalar(
        "URL",
        "An absolute http or https URL without a user name or password.",
        "https://url.spec.whatwg.org/",
    ),
    LocaleCode: _scalar(
        "Locale",
        "A locale, as a BCP 47 language tag such as `en` or `nl-BE`.",
        "https://www.rfc-editor.org/info/bcp47",
    ),
    CountryCode: _scalar(
        "CountryCode",
        "An ISO 3166-1 alpha-2 country code in capital letters, such as `BE`.",
        "https://www.iso.org/iso-3166-country-codes.html",
    ),
    LocalizedText: _map_scalar(
        "LocalizedText",
        'A text or Markdown in several locales, such as `{en: "Belgium", nl: "België"}`. Null '
        "removes the text in a locale. A locale with a hyphen, such as `nl-BE`, has to be given in "
        "a variable. White space around a text is removed, except the indent of the first line of "
        "Markdown.",
    ),
    LocalizedTexts: _map_scalar(
        "LocalizedTexts", 'A list of texts in several locales, such as `{en: ["one", "two"]}`.'
    ),
    CurrencyCode: _scalar(
        "CurrencyCode",
        "An ISO 4217 currency code in capital letters, such as `EUR`.",
        "https://www.iso.org/iso-4217-currency-codes.html",
    ),
    date: strawberry.scalar(
        name="Date",
        description="A date in ISO 8601 format, such as `2027-01-31`.",
        specified_by_url="https://www.rfc-editor.org/info/rfc3339",
        parse_value=parse_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A date and time in ISO 8601 format, such as `2027-01-31T09:00:00+00:00`. "
        "Results are in UTC. In conditions, a time without a time zone counts as UTC.",
        specified_by_url="https://www.rfc-editor.org/info/rfc3339",
        parse_value=parse_datetime,
    ),
}


@strawberry.type(
    description="A text in Markdown, and the same text as HTML and as plain text. The syntax is "
    "CommonMark with the tables, strikethrough and task lists of GitHub Flavored Markdown. HTML "
    "and footnotes are shown as text."
)
class RichText:
    """The forms of `schema.entities.live_tables.RICH_TEXT_FORMS`, and their locale."""

    markdown: str = strawberry.field(description="The Markdown source.")
    html: str = strawberry.field(description="Sanitized HTML, safe to insert into a page.")
    text: str = strawberry.field(description="Plain text without markup.")
    locale: LocaleCode = strawberry.field(
        description="The locale that the text comes from: the one that was read, or a fallback."
    )


class FieldTypes(NamedTuple):
    """The GraphQL types of a format, as annotations."""

    value: Any
    """The type of a field's value in a response."""
    operand: Any
    """The type of an operand in a condition; for every kind of text, a string."""
    document: Any
    """The type of a field's value in a document."""


FORMATS: dict[Format, FieldTypes] = {
    Format.TEXT: FieldTypes(str, str, str),
    Format.LOCALIZED: FieldTypes(str, str, LocalizedText),
    Format.LOCALIZED_LIST: FieldTypes(list[str], str, LocalizedTexts),
    Format.RICH_TEXT: FieldTypes(RichText, str, LocalizedText),
    Format.LOCALIZED_SLUG: FieldTypes(str, str, LocalizedText),
    Format.LIST: FieldTypes(list[str], str, list[str]),
    Format.SLUG: FieldTypes(str, str, str),
    Format.URL: FieldTypes(URL, str, URL),
    Format.COUNTRY_CODE: FieldTypes(CountryCode, str, CountryCode),
    Format.CURRENCY_CODE: FieldTypes(CurrencyCode, str, CurrencyCode),
    # `types_of` replaces these by the enumeration of the field.
    Format.ENUM: FieldTypes(Enum, Enum, Enum),
    Format.INTEGER: FieldTypes(int, int, int),
    Format.DECIMAL: FieldTypes(float, float, float),
    Format.BOOLEAN: FieldTypes(bool, bool, bool),
    Format.DATE: FieldTypes(date, date, date),
    Format.DATETIME: FieldTypes(datetime, datetime, datetime),
    Format.ID: FieldTypes(ID, ID, ID),
}


def types_of(field: ScalarField) -> FieldTypes:
    """The types of a field, without regard to whether it may be null."""
    found = FORMATS[field.format]
    return FieldTypes(*(_enumeration(field) if each is Enum else each for each in found))


def _enumeration(field: ScalarField) -> Any:
    found = field.enumeration
    return found if hasattr(found, "__strawberry_definition__") else enumeration(found)
