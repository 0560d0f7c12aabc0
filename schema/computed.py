"""Fields that Python computes from other fields, for values that SQL cannot compute.

    @computed("SalaryRange", needs=("minimum", "currency"))
    def display(locale: str, minimum: Decimal, currency: str) -> str:

declares a field of `SalaryRange` with an argument `locale`. The field has the name, the return type
and the docstring of the function. The function gets the values of the fields in `needs` as they are
served: numbers as `Decimal`, null as None, dates, enumerations and ids as `str`. They are read by
the SQL statement that reads everything else.
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
    """A computed field."""

    type: str
    """The name of the content type or part that it is a field of."""
    name: str
    needs: tuple[str, ...]
    """The names of the fields that it is computed from."""
    compute: Callable[..., Any]
    """Called with the locale and the values of these fields."""
    returns: Any
    """The type of its result."""
    doc: str


COMPUTATIONS: list[Computation] = []


def computed(type_: str, *, needs: tuple[str, ...]) -> Callable[[Function], Function]:
    """Declare that a function computes a field of the content type or part called `type_`.

    Its docstring is the description of the field. `needs` are the fields that it is called with,
    after the locale. Its results are cached, because a few values make up most of the requests.
    """

    def register(function: Function) -> Function:
        doc = inspect.getdoc(function) or ""
        returns = get_type_hints(function)["return"]
        name = function.__name__
        kept = lru_cache(maxsize=4096)(function)
        COMPUTATIONS.append(Computation(type_, name, needs, kept, returns, doc))
        return function

    return register


# People say "a year". The Unicode CLDR, which serves all other languages, has "per year".
_ENGLISH = {"year": "a year", "month": "a month", "day": "a day", "hour": "an hour"}


@computed("SalaryRange", needs=("minimum", "maximum", "currency", "period"))
def display(locale: str, minimum: Decimal, maximum: Decimal, currency: str, period: str) -> str:
    """The range as text, such as "€36,000 – €48,000 a year"."""
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
        # Some languages, such as Japanese, only have short forms; Babel then writes an identifier.
        if written and "duration-" not in written:
            return written
    return amounts


def _amount(amount: Decimal, currency: str, locale: Locale, *, is_whole: bool) -> str:
    if not is_whole:
        return format_currency(amount, currency, locale=locale)
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(amount, currency, pattern, locale=locale, currency_digits=False)


def _locale(code: str) -> Locale:
    """The locale with this code, or its language, or English if Babel knows neither."""
    return _known(code) or _known(code.partition("-")[0]) or Locale("en")


def has_words(code: str) -> bool:
    """Whether Babel can format amounts and units for a locale, which may be without content."""
    return _known(code) is not None


def _known(code: str) -> Locale | None:
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
