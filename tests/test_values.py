"""Single values: what is refused, and how what is not is kept."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from schema.attributes import ScalarField
from schema.entities.fields import Format
from schema.model import content_model
from service.documents import values
from service.documents.formats import reader_of
from service.documents.values import said

FIELDS: dict[Format, ScalarField] = {
    field.format: field
    for each in content_model().values()
    for field in (*each.written(), *each.fields())
    if field.minimum is None
}

REFUSED: list[tuple[Format, Any]] = [
    (Format.LOCALIZED, "a\0b"),
    (Format.LOCALIZED, "a\x07b"),
    (Format.LOCALIZED, "a\x85b"),
    (Format.LOCALIZED, "  "),
    (Format.LOCALIZED, "\N{ZERO WIDTH SPACE}"),
    (Format.LOCALIZED, " \N{NO-BREAK SPACE}\N{SOFT HYPHEN}\N{HANGUL FILLER}"),
    (Format.RICH_TEXT, "\N{WORD JOINER}"),
    (Format.RICH_TEXT, "a\x1bb"),
    (Format.LIST, ["a", "b", "a"]),
    (Format.LIST, ["a", " a "]),
    (Format.LIST, ["\u00e9", "e\N{COMBINING ACUTE ACCENT}"]),
    (Format.LIST, ["a", "\N{ZERO WIDTH JOINER}"]),
    (Format.LOCALIZED, None),
    (Format.LIST, "x"),
    (Format.LIST, [1]),
    (Format.LOCALIZED_LIST, []),
    (Format.URL, "https://"),
    (Format.URL, "ftp://example.org"),
    (Format.URL, "https://e.org:0"),
    (Format.URL, "https://e.org:99999"),
    (Format.URL, "https://e.org/a b"),
    (Format.URL, "https://e.org/a\x01b"),
    (Format.URL, "https://e.org\\a"),
    (Format.URL, "https:e.org"),
    (Format.URL, "javascript:alert(1)"),
    (Format.URL, "https://name:word@e.org"),
    (Format.URL, "https://name@e.org"),
    (Format.URL, "https://e..org"),
    (Format.URL, "https://-e.org"),
    (Format.URL, "http://1"),
    (Format.URL, "http://0x7f.1"),
    (Format.URL, "http://0300.1.1.1"),
    (Format.URL, "http://0x7f.1/127.0.0.1"),
    (Format.URL, "http://127.1/?127.0.0.1"),
    (Format.URL, "http://\N{FULLWIDTH DIGIT ONE}27.0.0.1"),
    (Format.URL, "https:///e.org"),
    (Format.URL, "https://@e.org"),
    (Format.URL, "https://:@e.org"),
    (Format.URL, "https://e%2Eorg"),
    (Format.URL, "https://e\N{ZERO WIDTH SPACE}.org"),
    (Format.URL, "https://\N{CIRCLED LATIN SMALL LETTER E}.org"),
    (Format.SLUG, " a"),
    (Format.SLUG, "a\n"),
    (Format.COUNTRY_CODE, "XK"),
    (Format.COUNTRY_CODE, "EU"),
    (Format.COUNTRY_CODE, "be"),
    (Format.CURRENCY_CODE, "eur"),
    (Format.DECIMAL, True),
    (Format.DECIMAL, float("inf")),
    (Format.DECIMAL, float("nan")),
    (Format.DECIMAL, 10**15),
    (Format.COUNTRY_CODE, "b e"),
    (Format.DATE, datetime(2026, 1, 1)),  # noqa: DTZ001  # as a YAML parser makes it
    (Format.DATE, "2026-13-01"),
    (Format.DATE, 2026),
    (Format.DATETIME, "2026-01-31"),
    (Format.DATETIME, "2026-01-31T09:00:00"),
    (Format.DATETIME, "2026-13-01T09:00:00Z"),
    (Format.DATETIME, "0001-01-01T00:00:00+14:00"),
    (Format.DATETIME, "9999-12-31T23:59:59-14:00"),
    (Format.DATETIME, date(2026, 1, 31)),
    (Format.DATETIME, datetime(2026, 1, 1)),  # noqa: DTZ001  # nobody knows when that is
    (Format.DATETIME, 2026),
    (Format.ENUM, "NOBODY"),
    (Format.ENUM, ["SENIOR"]),
]

KEPT: list[tuple[Format, Any, Any]] = [
    (Format.URL, "https://example.org/jobs?x=1#y", "https://example.org/jobs?x=1#y"),
    (Format.URL, " HTTPS://Example.org\n", "HTTPS://Example.org"),
    (Format.URL, "https://ex\u00e4mple.org:8443/\u00fc", "https://ex\u00e4mple.org:8443/\u00fc"),
    (Format.URL, "http://192.168.1.1/", "http://192.168.1.1/"),
    (Format.URL, "http://[2001:db8::1]/", "http://[2001:db8::1]/"),
    (Format.LOCALIZED, " Belgium\n", "Belgium"),
    (Format.LOCALIZED, "one\ntwo\tthree", "one\ntwo\tthree"),
    (Format.LOCALIZED, "e\N{COMBINING ACUTE ACCENT}", "\u00e9"),
    (
        Format.LOCALIZED,
        "\N{THUMBS UP SIGN}\N{ZERO WIDTH JOINER}",
        "\N{THUMBS UP SIGN}\N{ZERO WIDTH JOINER}",
    ),
    (Format.URL, "http://[2001:DB8::1]:80/", "http://[2001:DB8::1]:80/"),
    (Format.URL, "https://xn--r8jz45g.jp/@x?@y", "https://xn--r8jz45g.jp/@x?@y"),
    (Format.URL, "https://e.org/0x7f.1", "https://e.org/0x7f.1"),
    (Format.COUNTRY_CODE, "BE", "BE"),
    (Format.COUNTRY_CODE, " BE\n", "BE"),
    (Format.CURRENCY_CODE, "EUR ", "EUR"),
    (Format.RICH_TEXT, "\n \n    code\n\ntext \n\n", "    code\n\ntext"),
    (Format.RICH_TEXT, "  - a\r\n  - b\r\n", "  - a\r\n  - b"),
    (Format.RICH_TEXT, "\r\n\u00a0\n a", " a"),
    (Format.CURRENCY_CODE, "EUR", "EUR"),
    (Format.DATE, "2026-01-31", date(2026, 1, 31)),
    (Format.DATE, date(2026, 1, 31), date(2026, 1, 31)),
    (Format.DATETIME, "2026-01-31T09:00:00+01:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
    (Format.DATETIME, "2026-01-31 09:00:00.5Z", datetime(2026, 1, 31, 9, 0, 0, 500_000, UTC)),
    (Format.LIST, ["a", "b"], ["a", "b"]),
]


@pytest.mark.parametrize(("format_", "value"), REFUSED)
def test_refused(format_: Format, value: Any) -> None:
    with pytest.raises(ValueError, match=r"expected|empty|control|twice"):
        reader_of(FIELDS[format_])(value)


@pytest.mark.parametrize(("format_", "value", "kept"), KEPT)
def test_kept(format_: Format, value: Any, kept: Any) -> None:
    assert reader_of(FIELDS[format_])(value) == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (0.1, "0.1"),
        (2.50, "2.5"),
        (-0.1234, "-0.1234"),
        (36000.0, "36000"),
        (Decimal("1.20"), "1.2"),
    ],
)
def test_a_number_is_kept_as_short_as_it_can_be_written(value: Any, kept: str) -> None:
    assert str(reader_of(FIELDS[Format.DECIMAL])(value)) == kept


@pytest.mark.parametrize(
    ("format_", "value", "message"),
    [
        (Format.LIST, ["a", "b", " a"], "has 'a' twice, at [0] and [2]; name it once"),
        (Format.URL, "https://a:b@e.org", "leave out the user name and the password"),
        (Format.URL, "http://0x7f.1", "write its host as 127.0.0.1"),
        (Format.URL, "https://\u24d4.org", "write its host as e.org"),
    ],
)
def test_what_would_be_right(format_: Format, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        reader_of(FIELDS[format_])(value)


def test_a_number_is_held_to_the_minimum_of_its_field() -> None:
    minimum = content_model()["SalaryRange"].named("minimum")
    assert isinstance(minimum, ScalarField)
    assert reader_of(minimum)(0) == 0
    with pytest.raises(ValueError, match=r"is -0\.5; it has to be 0 or more"):
        reader_of(minimum)(-0.5)


def test_a_long_list_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0

    class Counting(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

    monkeypatch.setattr(values, "text", Counting)
    found = reader_of(FIELDS[Format.LIST])([str(number) for number in range(1_000)])
    assert len(found) == 1_000
    assert compared < 5_000


def test_values_are_quoted_in_short() -> None:
    given: list[Any] = [{}, [], None, "x"]
    assert [said(each) for each in given] == ["a map", "a list", "nothing", "'x'"]
    assert len(said("x" * 1000)) < 100
