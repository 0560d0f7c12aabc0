"""Checks of single values.

Each function takes a value from a YAML or JSON parser and returns it as the working copy stores it,
or raises `ValueError` with a message that says what would be right.
"""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from unicodedata import category

from ada_url import URL, idna
from babel import Locale as BabelLocale

from schema.texts import composed
from service.documents.markdown import check
from service.messages import shortened

SLUG = "[a-z0-9]+(-[a-z0-9]+)*"
_IS_SLUG = re.compile(SLUG).fullmatch
LONGEST_SLUG = 200
LONGEST_TEXT = 10_000
LONGEST_MARKDOWN = 100_000
INT4 = range(-(2**31), 2**31)


def text(value: Any) -> str:
    """A text with something to read in it, without the white space around it."""
    return _seen(_string(value, LONGEST_TEXT).strip())


def _string(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a text, got {said(value)}")
    if len(value) > longest:
        raise ValueError(f"has {len(value):,} characters; it may have {longest:,} at most")
    if found := _CONTROL.search(value):
        raise ValueError(f"contains the control character {found[0]!r}; remove it")
    return value


def _seen(value: str) -> str:
    """The text, composed; raises `ValueError` if no character of it is visible."""
    if value.isascii() and value.strip():
        return value
    try:
        # JSON escapes some characters as a pair of surrogates; this makes one character of them.
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise ValueError("contains half a character (a lone surrogate); remove it") from error
    whole = composed(whole)
    if not any(map(_shows, whole)):
        raise ValueError("is empty; write a text, or leave it out")
    # Usually that is the same text, which need not be in memory twice.
    return value if whole == value else whole


def _shows(character: str) -> bool:
    """Whether a character is visible, and more than a mark on another one."""
    return category(character) not in _UNSEEN and character not in _BLANK


_UNSEEN = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Mn", "Me"))
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that fonts draw as blank space."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters that no text needs: all except tabs and line breaks."""


def slug(value: Any) -> str:
    """A slug, unchanged: items are found by it, so it is refused rather than cleaned up."""
    found = text(value)
    if found != value or not _IS_SLUG(found) or len(found) > LONGEST_SLUG:
        raise ValueError(
            "expected a slug of lower-case letters, digits and single hyphens, with at most "
            f"{LONGEST_SLUG} characters, got {said(value)}"
        )
    return found


def is_slug(value: Any) -> bool:
    """Whether a value is a slug."""
    try:
        return bool(slug(value))
    except ValueError:
        return False


def one_of(value: Any, names: Collection[str]) -> str:
    """One of these names."""
    if isinstance(value, str) and value in names:
        return value
    raise ValueError(f"expected one of {', '.join(names)}, got {said(value)}")


def texts(value: Any) -> list[str]:
    """A list of texts, without duplicates."""
    if not isinstance(value, list):
        raise ValueError(f"expected a list of texts, got {said(value)}")
    found = [text(item) for item in value]
    first: dict[str, int] = {}
    for index, each in enumerate(found):
        if first.setdefault(each, index) != index:
            places = f"[{first[each]}] and [{index}]"
            raise ValueError(f"has {said(each)} twice, at {places}; name it once")
    return found


def filled_texts(value: Any) -> list[str]:
    """A list of at least one text, without duplicates."""
    if not (found := texts(value)):
        raise ValueError("is empty; write at least one text, or leave it out")
    return found


def rich_text(value: Any) -> str:
    """Markdown with something to read in it."""
    # The first line keeps its indentation, which has a meaning in Markdown.
    found = _seen(_BLANK_LINES.sub("", _string(value, LONGEST_MARKDOWN)).rstrip())
    check(found)
    return found


_BLANK_LINES = re.compile(r"\A(?:[^\S\r\n]*[\r\n])+")


def url(value: Any) -> str:
    """A URL, parsed as browsers do: https://url.spec.whatwg.org/."""
    found = text(value)
    problem = _wrong_with(found)
    if problem is not None:
        raise ValueError(
            f"expected an address such as https://example.org/jobs, got {said(found)}{problem}"
        )
    return found


def _wrong_with(address: str) -> str | None:
    # The standard also accepts addresses that nobody would write, such as https:example.org\\jobs.
    authority = re.match(r"https?://([^\s/?#\\]+)[^\s\\]*\Z", address, re.IGNORECASE)
    try:
        url = URL(address)
    except ValueError:
        return ""
    if not authority or url.port == "0":
        return ""
    if "@" in authority[1]:
        return ": leave out the user name and the password"
    written = composed(re.sub(r":\d*\Z", "", authority[1]).lower())
    if written not in {url.hostname, idna.decode(url.hostname)}:
        return f": write its host as {idna.decode(url.hostname)}"
    return None if _IS_HOST(url.hostname) else ": its host is not a valid host name"


_LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_IS_HOST = re.compile(rf"\[[0-9a-f:.]+\]|(?!.{{254}})({_LABEL}\.)*{_LABEL}\.?").fullmatch


def country_code(value: Any) -> str:
    """A code of ISO 3166-1 alpha-2."""
    return _code(value, _countries(), "ISO 3166-1")


def currency_code(value: Any) -> str:
    """A code of ISO 4217."""
    return _code(value, _currencies(), "ISO 4217")


def _code(value: Any, known: Collection[str], standard: str) -> str:
    if (found := text(value)) not in known:
        raise ValueError(f"expected an {standard} code in capital letters, got {said(value)}")
    return found


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


def integer(value: Any) -> int:
    """A whole number that fits into a column of PostgreSQL's type `integer`."""
    if type(value) is not int or value not in INT4:
        raise ValueError(f"expected a whole number of at most 32 bits, got {said(value)}")
    return value


def decimal(value: Any) -> Decimal:
    """A number with no more digits than clients can read exactly."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"expected a number, got {said(value)}")
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or _digits(found) > MOST_DIGITS:
        raise ValueError(
            f"expected a number of at most {MOST_DIGITS} digits, got {shortened(str(value), 80)}"
        )
    # 36000.00 and 3.6E+4 are stored and served as 36000.
    return found.quantize(Decimal(1)) if found == found.to_integral() else found.normalize()


def _digits(number: Decimal) -> int:
    """How many digits it takes to write the number without an exponent, or zeros at its ends."""
    _, digits, exponent = number.normalize().as_tuple()
    return max(len(digits), len(digits) + int(exponent), -int(exponent))


MOST_DIGITS = 15
"""The digits that clients which read JSON numbers as doubles get exactly."""


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {said(value)}")
    return value


def calendar_date(value: Any) -> date:
    """A day of the calendar."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    # In Python a datetime is a date too, but its time would be lost.
    if type(value) is date:
        return value
    raise ValueError(f"expected a date such as 2026-01-31, got {said(value)}")


def instant(value: Any) -> datetime:
    """A date and time with a time zone, converted to UTC."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(found, datetime) and found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(
        f"expected a date and time with a time zone, such as 2026-01-31T09:00:00Z, "
        f"got {said(value)}"
    )


def said(value: Any) -> str:
    """A value as error messages quote it, shortened if it is long."""
    match value:
        case dict():
            return "a map"
        case list():
            return "a list"
        case None:
            return "nothing"
        case _:
            return shortened(repr(value), 80)
