"""Fields that Python computes of others, for what SQL cannot say.

    @computed("SalaryRange", needs=("minimum", "currency"))
    def display(locale: str, minimum: Decimal, currency: str) -> str:

is a field of `SalaryRange` with an argument `locale`, called as the function is and of the type
that it returns. The fields that it needs arrive as they are served, numbers as `Decimal`, what is
missing as None; dates, enumerations and ids as texts. They are read by the statement that reads
everything else.
"""

import inspect
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, get_type_hints

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency
from babel.units import format_compound_unit

Function = TypeVar("Function", bound=Callable[..., Any])


class Computation(NamedTuple):
    """A field that is computed."""

    type: str
    """The name of the content type or part that it is a field of."""
    name: str
    needs: tuple[str, ...]
    """The names of the fields that it is computed of."""
    compute: Callable[..., Any]
    """Called with the locale and the values of these fields."""
    returns: Any
    """The type of its result."""
    doc: str


COMPUTATIONS: list[Computation] = []


def computed(type_: str, *, needs: tuple[str, ...]) -> Callable[[Function], Function]:
    """Make a field of a content type or a part of a function; what is said of it is its docstring.

    Its results are kept, as few values make up most of what is asked for.
    """

    def register(function: Function) -> Function:
        doc = inspect.getdoc(function) or ""
        returns = get_type_hints(function)["return"]
        name = function.__name__
        kept = lru_cache(maxsize=4096)(function)
        COMPUTATIONS.append(Computation(type_, name, needs, kept, returns, doc))
        return function

    return register


# What people say; the Unicode CLDR, which has the words of all other languages, says "per year".
_ENGLISH = {"year": "a year", "month": "a month", "day": "a day", "hour": "an hour"}


@computed("SalaryRange", needs=("minimum", "maximum", "currency", "period"))
def display(locale: str, minimum: Decimal, maximum: Decimal, currency: str, period: str) -> str:
    """The range as people write it: "€36,000 – €48,000 a year"."""
    language = _locale(locale)
    is_whole = minimum == int(minimum) and maximum == int(maximum)
    lowest, highest = (
        _amount(each, currency, language, is_whole=is_whole) for each in (minimum, maximum)
    )
    amounts = lowest if lowest == highest else f"{lowest} – {highest}"
    unit = period.lower()
    if language.language == "en":
        return f"{amounts} {_ENGLISH[unit]}"
    for length in ("long", "short"):
        written = format_compound_unit(
            amounts, denominator_unit=unit, length=length, locale=language
        )
        # Some languages, such as Japanese, only have short words; Babel then writes an identifier.
        if written and "duration-" not in written:
            return written
    return amounts


def _amount(amount: Decimal, currency: str, locale: Locale, *, is_whole: bool) -> str:
    if not is_whole:
        return format_currency(amount, currency, locale=locale)
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(amount, currency, pattern, locale=locale, currency_digits=False)


def _locale(code: str) -> Locale:
    """The locale with this code, or its language, or English where Babel knows neither."""
    return _known(code) or _known(code.partition("-")[0]) or Locale("en")


def has_words(code: str) -> bool:
    """Whether amounts and units can be written in a locale, whatever content there is in it."""
    return _known(code) is not None


def _known(code: str) -> Locale | None:
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
