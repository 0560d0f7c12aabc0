"""The formats of fields in documents: how a value is read, and its JSON Schema."""

from collections.abc import Callable
from typing import Any, NamedTuple

from schema.attributes import ScalarField
from schema.entities.fields import Format
from service.documents.values import (
    INT4,
    LONGEST_MARKDOWN,
    LONGEST_SLUG,
    LONGEST_TEXT,
    SLUG,
    boolean,
    calendar_date,
    country_code,
    currency_code,
    decimal,
    filled_texts,
    instant,
    integer,
    one_of,
    rich_text,
    slug,
    text,
    texts,
    url,
)

FormatReader = Callable[[Any], Any]
Schema = dict[str, Any]

TEXT_SCHEMA: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
SLUG_SCHEMA: Schema = {"type": "string", "pattern": f"^{SLUG}$", "maxLength": LONGEST_SLUG}


class DocumentFormat(NamedTuple):
    """How documents handle a format; for a localized format, a value in one locale."""

    reader: Callable[[ScalarField], FormatReader]
    """For a field, the function from a parsed value to the stored one; it raises `ValueError`."""
    schema: Callable[[ScalarField], Schema]
    """For a field, the JSON Schema of a value."""


def _any(read: FormatReader, schema: Schema) -> DocumentFormat:
    """A format that is the same for every field."""
    return DocumentFormat(lambda _: read, lambda _: schema)


def _name(field: ScalarField) -> FormatReader:
    names = field.names
    return text if names is None else lambda value: one_of(value, names)


FORMATS: dict[Format, DocumentFormat] = {
    Format.TEXT: _any(text, TEXT_SCHEMA),
    Format.LOCALIZED: _any(text, TEXT_SCHEMA),
    Format.LOCALIZED_LIST: _any(
        filled_texts, {"type": "array", "items": TEXT_SCHEMA, "minItems": 1, "uniqueItems": True}
    ),
    Format.RICH_TEXT: _any(rich_text, {**TEXT_SCHEMA, "maxLength": LONGEST_MARKDOWN}),
    Format.LOCALIZED_SLUG: _any(slug, SLUG_SCHEMA),
    Format.LIST: _any(texts, {"type": "array", "items": TEXT_SCHEMA, "uniqueItems": True}),
    Format.SLUG: _any(slug, SLUG_SCHEMA),
    Format.URL: _any(url, {"type": "string", "pattern": "^https?://", "format": "uri"}),
    Format.COUNTRY_CODE: _any(country_code, {"type": "string", "pattern": "^[A-Z]{2}$"}),
    Format.CURRENCY_CODE: _any(currency_code, {"type": "string", "pattern": "^[A-Z]{3}$"}),
    Format.ENUM: DocumentFormat(_name, lambda field: {"enum": [*field.enumeration.__members__]}),
    Format.INTEGER: _any(integer, {"type": "integer", "minimum": INT4[0], "maximum": INT4[-1]}),
    Format.DECIMAL: _any(decimal, {"type": "number"}),
    Format.BOOLEAN: _any(boolean, {"type": "boolean"}),
    Format.DATE: _any(calendar_date, {"type": "string", "format": "date"}),
    Format.DATETIME: _any(instant, {"type": "string", "format": "date-time"}),
}
"""The formats that fields can be declared with; there is none for ids, which documents lack."""


def reader_of(field: ScalarField) -> FormatReader:
    """The reader of a field; for a localized field, of a value in one locale."""
    read = FORMATS[field.format].reader(field)
    if (minimum := field.minimum) is None:
        return read
    return lambda value: _at_least(minimum, read(value))


def schema_of(field: ScalarField) -> Schema:
    """The JSON Schema of a field; for a localized field, of a value in one locale."""
    bound = {} if field.minimum is None else {"minimum": field.minimum}
    return {**FORMATS[field.format].schema(field), **bound}


def _at_least(minimum: int, value: Any) -> Any:
    if value < minimum:
        raise ValueError(f"is {value}; it has to be {minimum} or more")
    return value
