"""Fields that Python computes of others: `SalaryRange.display`."""

from pathlib import Path

import pytest

from tests.asking import Asker
from tests.databases import load
from tests.writing import seeds as write_seeds

SALARIES = """
    type: Guide
    slug: backend-belgium
    role: backend-developer
    location: belgium
    title: {en: "A \\"tab\\": \\t[0, 1]\\t."}
    salaryRanges:
      - {level: JUNIOR, minimum: 36000, maximum: 48000, currency: EUR, period: YEAR, basis: GROSS}
      - {level: MID, minimum: 20.5, maximum: 31, currency: GBP, period: HOUR, basis: GROSS}
      - {level: SENIOR, minimum: 5000, maximum: 5000, currency: USD, period: MONTH, basis: GROSS,
         source: "x\\t[0]\\tx"}
"""


def plain(text: str) -> str:
    """With spaces that break, and are of one width."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.fixture
async def guide(database: str, ask: Asker, tmp_path: Path) -> Asker:
    await load(database, write_seeds(tmp_path, guide=SALARIES))
    return ask


async def test_a_range_as_people_write_it(guide: Asker) -> None:
    query = """query ($in: Locale, $as: Locale) { guide(slug: "backend-belgium", locale: $in) {
        salaryRanges { display(locale: $as) }
    } }"""
    for locale, written, expected in (
        (None, None, ["€36,000 – €48,000 a year", "£20.50 – £31.00 an hour", "$5,000 a month"]),
        ("nl", None, ["€ 36.000 – € 48.000 per jaar", "£ 20,50 – £ 31,00 per uur"]),
        ("nl", "fr", ["36 000 € – 48 000 € par an", "20,50 £GB – 31,00 £GB par heure"]),
        ("fr", "en", ["€36,000 – €48,000 a year", "£20.50 – £31.00 an hour", "$5,000 a month"]),
    ):
        data = await guide(query, **{"in": locale, "as": written})
        found = [plain(each["display"]) for each in data["guide"]["salaryRanges"]]
        assert found[: len(expected)] == expected


async def test_it_is_computed_wherever_it_is_and_nothing_else_is_touched(guide: Asker) -> None:
    data = await guide(
        """{
            guides { edges { node { title salaryRanges(first: 1) {
                minimum en: display nl: display(locale: "nl") guide { title }
            } } } }
            role(slug: "backend-developer") { guides { nodes { salaryRanges(
                orderBy: [{ minimum: ASC }]) { __typename display source } } } }
        }"""
    )
    title = 'A "tab": \t[0, 1]\t.'
    [edge] = data["guides"]["edges"]
    assert edge["node"]["title"] == title
    [salary] = edge["node"]["salaryRanges"]
    assert salary["minimum"] == 36000
    assert salary["guide"] == {"title": title}
    assert [plain(salary[each]) for each in ("en", "nl")] == [
        "€36,000 – €48,000 a year",
        "€ 36.000 – € 48.000 per jaar",
    ]
    [through] = data["role"]["guides"]["nodes"]
    assert through["salaryRanges"] == [
        {"__typename": "SalaryRange", "display": "£20.50 – £31.00 an hour", "source": None},
        {"__typename": "SalaryRange", "display": "$5,000 a month", "source": "x\t[0]\tx"},
        {"__typename": "SalaryRange", "display": "€36,000 – €48,000 a year", "source": None},
    ]


async def test_an_unknown_locale_is_an_error_there_too(guide: Asker) -> None:
    [error] = await guide.errors('{ guide(slug: "a") { salaryRanges { display(locale: "tlh") } } }')
    assert error["extensions"]["code"] == "UNKNOWN_LOCALE"
    assert error["path"] == ["guide", "salaryRanges", "display"]


async def test_it_is_written_in_languages_that_no_content_is_in(guide: Asker) -> None:
    query = '{ guides { nodes { salaryRanges(first: 1) { display(locale: "de") } } } }'
    [found] = (await guide(query))["guides"]["nodes"]
    assert plain(found["salaryRanges"][0]["display"]) == "36.000 € – 48.000 € pro Jahr"
