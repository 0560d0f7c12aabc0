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
        "An absolute http or https address, without a user name or a password.",
        "https://url.spec.whatwg.org/",
    ),
    LocaleCode: _scalar(
        "Locale",
        "A language tag, such as `en` or `nl-BE`. A text that is missing in a locale is served "
        "from its fallbacks.",
        "https://www.rfc-editor.org/info/bcp47",
    ),
    CountryCode: _scalar(
        "CountryCode",
        "A country in two capital letters, such as `BE` (ISO 3166-1 alpha-2).",
        "https://www.iso.org/iso-3166-country-codes.html",
    ),
    LocalizedText: _map_scalar(
        "LocalizedText",
        'A text or Markdown in each locale, such as `{en: "Belgium", nl: "België"}`. Null takes '
        "one away. Locales with a hyphen have to be in a variable. White space around a text is "
        "taken away; Markdown keeps its first indent.",
    ),
    LocalizedTexts: _map_scalar(
        "LocalizedTexts", 'Texts in each locale, such as `{en: ["one", "two"]}`.'
    ),
    CurrencyCode: _scalar(
        "CurrencyCode",
        "A currency in three capital letters, such as `EUR` (ISO 4217).",
        "https://www.iso.org/iso-4217-currency-codes.html",
    ),
    date: strawberry.scalar(name="Date", description="Date (isoformat)", parse_value=parse_date),
    datetime: strawberry.scalar(
        name="DateTime", description="Date with time (isoformat)", parse_value=parse_datetime
    ),
}


@strawberry.type(
    description="Markdown, and what it renders to: CommonMark with tables, strikethrough and task "
    "lists as in GitHub Flavored Markdown. HTML and footnotes stay text."
)
class RichText:
    """The forms of `schema.entities.live_tables.RICH_TEXT_FORMS`."""

    markdown: str = strawberry.field(description="As it was written.")
    html: str = strawberry.field(description="Rendered and sanitised, safe to put into a page.")
    text: str = strawberry.field(description="Without any markup.")


class FieldTypes(NamedTuple):
    """The GraphQL types of a format, as annotations."""

    value: Any
    """Of what is served."""
    operand: Any
    """Of what it is compared with: of texts whatever their kind, a text."""
    document: Any
    """Of what is written."""


FORMATS: dict[Format, FieldTypes] = {
    Format.TEXT: FieldTypes(str, str, str),
    Format.LOCALIZED: FieldTypes(str, str, LocalizedText),
    Format.LOCALIZED_LIST: FieldTypes(list[str], str, LocalizedTexts),
    Format.RICH_TEXT: FieldTypes(RichText, str, LocalizedText),
    Format.LIST: FieldTypes(list[str], str, list[str]),
    Format.SLUG: FieldTypes(str, str, str),
    Format.URL: FieldTypes(URL, str, URL),
    Format.COUNTRY_CODE: FieldTypes(CountryCode, str, CountryCode),
    Format.CURRENCY_CODE: FieldTypes(CurrencyCode, str, CurrencyCode),
    # Each field has one of its own.
    Format.ENUM: FieldTypes(Enum, Enum, Enum),
    Format.INTEGER: FieldTypes(int, int, int),
    Format.DECIMAL: FieldTypes(float, float, float),
    Format.BOOLEAN: FieldTypes(bool, bool, bool),
    Format.DATE: FieldTypes(date, date, date),
    Format.DATETIME: FieldTypes(datetime, datetime, datetime),
    Format.ID: FieldTypes(ID, ID, ID),
}


def types_of(field: ScalarField) -> FieldTypes:
    """The types of a field, without regard to whether it may be missing."""
    found = FORMATS[field.format]
    return FieldTypes(*(_enumeration(field) if each is Enum else each for each in found))


def _enumeration(field: ScalarField) -> Any:
    enumeration = field.enumeration
    if hasattr(enumeration, "__strawberry_definition__"):
        return enumeration
    description = " ".join((enumeration.__doc__ or "").split()) or None
    return strawberry.enum(enumeration, description=description)
