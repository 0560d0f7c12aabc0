"""Single values: what a document may say for each format, and how it is kept.

Each reader takes what a YAML or JSON parser made of a value and returns what the working copy
keeps, or raises `ValueError` with what would be right.
"""

import re
import reprlib
from collections.abc import Callable, Collection, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale as BabelLocale

from schema.attributes import Field
from schema.entities.fields import Format
from schema.texts import composed
from service.documents.markdown import DEEPEST, depth

Reader = Callable[[Any], Any]

SLUG = "[a-z0-9]+(-[a-z0-9]+)*"
_IS_SLUG = re.compile(SLUG).fullmatch
LONGEST_SLUG = 200
LONGEST_TEXT = 10_000
LONGEST_MARKDOWN = 100_000
INT4 = range(-(2**31), 2**31)


def reader_of(field: Field) -> Reader:
    """The reader for a field; for a localized one, of its value in one locale."""
    if field.format is Format.ENUM:
        names = field.enumeration.__members__
        return lambda value: _one_of(value, names)
    return _READERS[field.format]


def text(value: Any, longest: int = LONGEST_TEXT) -> str:
    """A text that says something."""
    if not isinstance(value, str):
        raise ValueError(f"expected a text, got {said(value)}")
    if len(value) > longest:
        raise ValueError(f"has {len(value):,} characters; it may have {longest:,} at most")
    if not value.strip():
        raise ValueError("is empty; leave it out, or say something")
    if "\0" in value:
        raise ValueError("holds the character NUL, which cannot be stored; remove it")
    if value.isascii():
        return value
    try:
        # Halves of a character, as JSON escapes it, are put together.
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise ValueError("holds half a character (a lone surrogate); remove it") from error
    whole = composed(whole)
    # Mostly that is the text itself, which need not be in memory twice.
    return value if whole == value else whole


def slug(value: Any) -> str:
    """A slug."""
    found = text(value)
    if not _IS_SLUG(found) or len(found) > LONGEST_SLUG:
        raise ValueError(
            f"expected a slug of lower-case letters, digits and single hyphens, {LONGEST_SLUG} at "
            f"most, got {said(value)}"
        )
    return found


def _one_of(value: Any, names: Collection[str]) -> str:
    if isinstance(value, str) and value in names:
        return value
    raise ValueError(f"expected one of {', '.join(names)}, got {said(value)}")


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list of texts, got {said(value)}")
    return [text(item) for item in value]


def _filled_texts(value: Any) -> list[str]:
    if not (found := _texts(value)):
        raise ValueError("is empty; leave it out, or name one at least")
    return found


def _rich_text(value: Any) -> str:
    found = text(value, LONGEST_MARKDOWN).strip()
    if (levels := depth(found)) > DEEPEST:
        raise ValueError(f"nests {levels:,} levels deep; it may nest {DEEPEST} at most")
    return found


def _url(value: Any) -> str:
    found = text(value)
    try:
        parts = urlsplit(found)
        fine = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fine = False
    if not fine or re.search(r"\s", found):
        raise ValueError(f"expected an address such as https://example.org/jobs, got {said(found)}")
    return found


def _code(value: Any, known: Collection[str], standard: str) -> str:
    if text(value) not in known:
        raise ValueError(f"expected a code of {standard} in capital letters, got {said(value)}")
    return str(value)


# In CLDR's list of territories, but reserved or private in ISO 3166-1.
_NO_COUNTRIES = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ")
)


@cache
def _countries() -> frozenset[str]:
    return frozenset(_matching(r"[A-Z]{2}", BabelLocale("en").territories)) - _NO_COUNTRIES


@cache
def _currencies() -> frozenset[str]:
    return frozenset(_matching(r"[A-Z]{3}", BabelLocale("en").currencies))


def _matching(pattern: str, codes: Iterable[str]) -> Iterable[str]:
    return (code for code in codes if re.fullmatch(pattern, code))


def _integer(value: Any) -> int:
    if type(value) is not int or value not in INT4:
        raise ValueError(f"expected a whole number of at most 32 bits, got {said(value)}")
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"expected a number, got {said(value)}")
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or _digits(found) > MOST_DIGITS:
        raise ValueError(f"expected a number of at most {MOST_DIGITS} digits, got {value}")
    # 36000.00 and 3.6E+4 are kept, and served, as 36000.
    return found.quantize(Decimal(1)) if found == found.to_integral() else found.normalize()


def _digits(number: Decimal) -> int:
    """How many digits it takes to write the number, beside zeros at either end of all."""
    _, digits, exponent = number.normalize().as_tuple()
    return max(len(digits), len(digits) + int(exponent), -int(exponent))


MOST_DIGITS = 15
"""What a client that reads JSON numbers as doubles gets back unchanged."""


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {said(value)}")
    return value


def _date(value: Any) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    # A datetime is a date to Python, but says more than a date can keep.
    if type(value) is date:
        return value
    raise ValueError(f"expected a date such as 2026-01-31, got {said(value)}")


def said(value: Any) -> str:
    """A value as an error message quotes it: not at any length."""
    match value:
        case dict():
            return "a map"
        case list():
            return "a list"
        case None:
            return "nothing"
        case _:
            return _SHORT.repr(value)


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 80

_READERS: dict[Format, Reader] = {
    Format.TEXT: text,
    Format.LOCALIZED: text,
    Format.LOCALIZED_LIST: _filled_texts,
    Format.RICH_TEXT: _rich_text,
    Format.LIST: _texts,
    Format.SLUG: slug,
    Format.URL: _url,
    Format.COUNTRY_CODE: lambda value: _code(value, _countries(), "ISO 3166-1"),
    Format.CURRENCY_CODE: lambda value: _code(value, _currencies(), "ISO 4217"),
    Format.INTEGER: _integer,
    Format.DECIMAL: _decimal,
    Format.BOOLEAN: _boolean,
    Format.DATE: _date,
}
