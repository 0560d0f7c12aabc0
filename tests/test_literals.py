"""Values in documents that are none of their type: each is refused, with its place in the text."""

import pytest

from tests.asking import Asker

SALARY = "{ salaryStatistics(where: { %s }) { totalCount } }"
GUIDE = "{ guides(where: { %s }) { totalCount } }"
LARGE = ["1e400", "-1e400", "1" + 400 * "0", "1" + 5_000 * "0"]

REFUSED = [
    *(GUIDE % f"createdAt: {{ gt: {value} }}" for value in ('"x"', "1", "{}", "true", "[1.5]")),
    *(SALARY % f"asOf: {{ in: [{value}] }}" for value in ('"2026-02-30"', "2026", "NOW")),
    *(SALARY % f"level: {{ eq: {value} }}" for value in ("CHIEF", '"JUNIOR"', "1")),
    *(SALARY % f"minimum: {{ gt: {value} }}" for value in ('"1"', "true", "MANY", *LARGE)),
    *(f"{{ guides(first: {value}) {{ totalCount }} }}" for value in (99999999999, 1.5, "true")),
    *(f'{{ guide(slug: "a", locale: {value}) {{ id }} }}' for value in (5, "{ a: 1 }")),
    *(f"{{ guide(slug: {value}) {{ id }} }}" for value in (5, "null", "[1]")),
    *(GUIDE % f"slug: {value}" for value in ('"x"', "1", "[1]", "{ eq: [1] }", "{ eq: { a: 1 } }")),
    *(GUIDE % f"{each}: {{ eq: [1.5] }}" for each in ("title", "createdAt", "version", "id")),
    *(SALARY % f"level: {{ eq: {value} }}" for value in ("[JUNIOR]", "{ a: 1 }")),
    SALARY % "minimum: { in: [1, 1e400] }",
    SALARY % "minimum: { in: [[[1]]] }",
    "query ($n: Float = 1e400) { salaryStatistics(where: { minimum: { gt: $n } }) { totalCount } }",
    'query ($t: DateTime = "x") { guides(where: { createdAt: { gt: $t } }) { totalCount } }',
    "mutation { saveGuide(document: { salaryRanges: [{ minimum: 1e400 }] }) { errors { code } } }",
    'mutation { saveGuide(document: { salaryRanges: [{ asOf: "x" }] }) { errors { code } } }',
    'mutation { saveGuide(document: { title: "x" }) { errors { code } } }',
    'mutation { schedule(slugs: [], action: PUBLISH, at: "soon") { errors { code } } }',
]


@pytest.mark.parametrize("query", REFUSED)
async def test_a_wrong_literal_is_refused_where_it_is(seeds: Asker, query: str) -> None:
    errors = await seeds.errors(query)
    assert errors
    for each in errors:
        assert each["extensions"]["code"] == "VALIDATION_FAILED"
        assert each["locations"], each
        assert len(each["message"]) < 300


async def test_the_place_is_the_value_s_own(seeds: Asker) -> None:
    query = GUIDE % "or: [{}, { location: { slug: { in: [{ a: 1 }] } } }]"
    [error] = await seeds.errors(query)
    assert error["locations"] == [{"line": 1, "column": query.index("{ a: 1 }") + 1}]


async def test_the_error_says_what_would_be_right(seeds: Asker) -> None:
    query = (
        "query ($after: DateTime) { guides(where: { createdAt: { gt: $after } }) { totalCount } }"
    )
    [literal] = await seeds.errors(GUIDE % 'createdAt: { gt: "x" }')
    [variable] = await seeds.errors(query, after="x")
    for each in (literal, variable):
        assert "a date and time such as 2027-01-31T00:00:00Z" in each["message"]
        assert each["locations"]


async def test_the_largest_numbers_are_numbers(seeds: Asker) -> None:
    for value in ("1.7976931348623157e308", "1" + 300 * "0"):
        data = await seeds(SALARY % f"minimum: {{ gt: {value} }}")
        assert data == {"salaryStatistics": {"totalCount": 0}}
