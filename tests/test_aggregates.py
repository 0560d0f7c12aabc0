"""`aggregate`, `groups` and `salaryStatistics`: what is said of many items at once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.asking import Asker, pages, published
from tests.databases import Server


def place(slug: str, kind: str, country: str, more: str = "") -> str:
    return (
        f"type: Location\nslug: {slug}\nname: {{en: {slug.title()}}}\nkind: {kind}\n"
        f"countryCode: {country}\n{more}"
    )


def salary(level: str, minimum: str, maximum: str, unit: str = "EUR YEAR GROSS") -> str:
    currency, period, basis = unit.split()
    return (
        f"  - {{level: {level}, minimum: {minimum}, maximum: {maximum}, currency: {currency}, "
        f"period: {period}, basis: {basis}}}\n"
    )


def guide(role: str, location: str, *salaries: str, more: str = "") -> str:
    return (
        f"type: Guide\nslug: {role}-{location}\ntitle: {{en: {role} in {location}}}\n"
        f"role: {role}\nlocation: {location}\n{more}salaryRanges:\n{''.join(salaries)}"
    )


def role(slug: str) -> str:
    return f"type: Role\nslug: {slug}\nname: {{en: {slug.title()}}}\nplural: {{en: {slug}s}}\n"


DOCUMENTS = {
    "belgium": place("belgium", "COUNTRY", "BE"),
    "ghent": place("ghent", "CITY", "BE", "parent: belgium\n"),
    "leeds": place("leeds", "CITY", "GB", "parent: hidden\n"),
    "hidden": place("hidden", "COUNTRY", "GB", "draft: true\n"),
    "backend": role("backend"),
    "data": role("data"),
    "one": guide(
        "backend",
        "ghent",
        salary("JUNIOR", "30000", "40000"),
        salary("SENIOR", "60000.50", "80000"),
    ),
    "two": guide("backend", "leeds", salary("SENIOR", "50000", "70000", "GBP YEAR GROSS")),
    "three": guide(
        "data",
        "ghent",
        salary("JUNIOR", "35000", "45000"),
        salary("SENIOR", "5000", "6000", "EUR MONTH GROSS"),
        salary("LEAD", "41000", "52000", "EUR YEAR NET"),
    ),
    "four": guide("data", "belgium", salary("SENIOR", "61000", "90000")),
    "five": guide("data", "leeds", salary("SENIOR", "1", "2"), more="draft: true\n"),
}

STATISTICS = """query (
    $by: [SalaryRangeGroupBy!], $where: SalaryRangeWhere, $order: [SalaryRangeGroupOrderBy!],
    $first: Int, $after: String, $last: Int, $before: String
) {
    salaryStatistics(
        groupBy: $by, where: $where, orderBy: $order,
        first: $first, after: $after, last: $last, before: $before
    ) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes {
            currency period basis level role { slug } location { slug parent { slug } }
            aggregate { count minimum { min max avg median } maximum { max } }
        }
    }
}"""


@pytest.fixture(scope="module")
async def places(server: Server, migrated: str) -> AsyncIterator[Asker]:
    async with published(server, migrated, DOCUMENTS) as asker:
        yield asker


def units(node: Any) -> str:
    return f"{node['currency']} {node['period']} {node['basis']}"


async def statistics(ask: Asker, **variables: Any) -> list[Any]:
    nodes: list[Any] = (await ask(STATISTICS, **variables))["salaryStatistics"]["nodes"]
    return nodes


def figures(count: int, most: int, **least: float) -> Any:
    """An aggregate: of how many ranges, their highest maximum, and what is said of their minima."""
    return {"count": count, "minimum": least, "maximum": {"max": most}}


async def test_salaries_of_different_units_are_never_mixed(places: Asker) -> None:
    nodes = await statistics(places)
    assert [(units(each), each["aggregate"]) for each in nodes] == [
        ("EUR MONTH GROSS", figures(1, 6000, min=5000, max=5000, avg=5000, median=5000)),
        ("EUR YEAR GROSS", figures(4, 90000, min=30000, max=61000, avg=46500.125, median=47500.25)),
        ("EUR YEAR NET", figures(1, 52000, min=41000, max=41000, avg=41000, median=41000)),
        ("GBP YEAR GROSS", figures(1, 70000, min=50000, max=50000, avg=50000, median=50000)),
    ]
    assert all(each["level"] is each["role"] is each["location"] is None for each in nodes)


async def test_salaries_by_whatever_the_guides_are_about(places: Asker) -> None:
    nodes = await statistics(places, by=["ROLE", "LEVEL", "CURRENCY", "ROLE"])
    assert [
        (each["role"]["slug"], each["level"], units(each), each["aggregate"]["count"])
        for each in nodes
    ] == [
        ("backend", "JUNIOR", "EUR YEAR GROSS", 1),
        ("backend", "SENIOR", "EUR YEAR GROSS", 1),
        ("backend", "SENIOR", "GBP YEAR GROSS", 1),
        ("data", "JUNIOR", "EUR YEAR GROSS", 1),
        ("data", "LEAD", "EUR YEAR NET", 1),
        ("data", "SENIOR", "EUR MONTH GROSS", 1),
        ("data", "SENIOR", "EUR YEAR GROSS", 1),
    ]
    nodes = await statistics(places, by=["LOCATION", "LEVEL", "CURRENCY", "PERIOD", "BASIS"])
    assert nodes[0]["location"] == {"slug": "belgium", "parent": None}
    assert nodes[-1]["location"] == {"slug": "leeds", "parent": None}
    assert len(nodes) == 6


async def test_salaries_of_some_guides(places: Asker) -> None:
    where = {
        "guide": {"role": {"slug": {"eq": "backend"}}, "location": {"countryCode": {"eq": "BE"}}},
        "level": {"in": ["SENIOR", "LEAD"]},
    }
    [node] = await statistics(places, where=where, by=["ROLE"])
    assert node["role"] == {"slug": "backend"}
    assert node["aggregate"]["minimum"]["median"] == 60000.5
    assert await statistics(places, where={"minimum": {"gt": 1e9}}) == []


async def test_groups_in_every_order_and_their_pages(places: Asker) -> None:
    for by, order in (
        (["LOCATION"], None),
        (["LEVEL", "ROLE"], [{"count": "DESC"}]),
        (["ROLE"], [{"minimum": {"avg": "DESC"}}, {"count": "ASC"}]),
        (["LEVEL"], [{"maximum": {"median": "ASC"}}]),
    ):
        options: dict[str, Any] = {"by": by, "order": order}
        every = await statistics(places, **options)
        if order == [{"minimum": {"avg": "DESC"}}, {"count": "ASC"}]:
            averages = [each["aggregate"]["minimum"]["avg"] for each in every]
            assert averages == sorted(averages, reverse=True)
        for size in ({"first": 2}, {"last": 2}):
            found = await pages(places, STATISTICS, "salaryStatistics", **size, **options)
            assert {page["totalCount"] for page in found} == {len(every)}
            assert [node for page in found for node in page["nodes"]] == every


async def test_a_cursor_of_other_groups_is_refused(places: Asker) -> None:
    page = (await places(STATISTICS, by=["ROLE"], first=1))["salaryStatistics"]
    cursor = page["pageInfo"]["endCursor"]
    [error] = await places.errors(STATISTICS, by=["LEVEL"], after=cursor)
    assert error["extensions"]["code"] == "BAD_CURSOR"
    [error] = await places.errors(STATISTICS, by=["ROLE"], first=101)
    assert error["extensions"]["code"] == "BAD_PAGE"


async def test_an_aggregate_is_of_all_pages(places: Asker) -> None:
    data = await places(
        """query ($where: GuideWhere) {
            guides(first: 1, where: $where) {
                nodes { slug } named: aggregate { __typename }
                again: aggregate { count version { min max avg median } __typename }
            }
            none: guides(where: { slug: { eq: "none" } }) {
                aggregate { count version { min max avg median __typename } }
                groups(groupBy: [ROLE]) { totalCount nodes { aggregate { count } } }
                whole: groups(groupBy: []) { totalCount }
            }
        }""",
        where={"location": {"slug": {"eq": "ghent"}}},
    )
    assert data["guides"] == {
        "nodes": [{"slug": "backend-ghent"}],
        "named": {"__typename": "GuideAggregate"},
        "again": {
            "count": 2,
            "version": {"min": 1, "max": 1, "avg": 1, "median": 1},
            "__typename": "GuideAggregate",
        },
    }
    nothing = {"min": None, "max": None, "avg": None, "median": None}
    assert data["none"] == {
        "aggregate": {"count": 0, "version": {**nothing, "__typename": "IntAggregate"}},
        "groups": {"totalCount": 0, "nodes": []},
        "whole": {"totalCount": 0},
    }


async def test_what_is_not_published_is_no_group(places: Asker) -> None:
    data = await places(
        """{ locations {
            groups(groupBy: [PARENT, KIND]) {
                edges { cursor node { __typename parent { name } kind countryCode
                    aggregate { count } } }
                __typename
            }
            whole: groups(groupBy: []) { nodes { kind aggregate { count } } }
        } }"""
    )
    groups = data["locations"]["groups"]
    assert groups["__typename"] == "LocationGroupConnection"
    nodes = [each["node"] for each in groups["edges"]]
    assert [(each["parent"], each["kind"], each["aggregate"]["count"]) for each in nodes] == [
        ({"name": "Belgium"}, "CITY", 1),
        (None, "CITY", 1),
        (None, "COUNTRY", 1),
    ]
    assert {(each["__typename"], each["countryCode"]) for each in nodes} == {
        ("LocationGroup", None)
    }
    assert data["locations"]["whole"] == {"nodes": [{"kind": None, "aggregate": {"count": 3}}]}


async def test_groups_of_what_refers_to_an_item(places: Asker) -> None:
    data = await places(
        """query ($by: [GuideGroupBy!]!) { roles { nodes { slug guides(first: 1) {
            aggregate { count }
            groups(groupBy: $by, orderBy: [{ count: DESC }], first: 1) {
                totalCount pageInfo { hasNextPage }
                nodes { location { guides { totalCount } } aggregate { count } }
            }
        } } } }""",
        by=["LOCATION"],
    )
    assert data["roles"]["nodes"] == [
        {
            "slug": slug,
            "guides": {
                "aggregate": {"count": 2},
                "groups": {
                    "totalCount": 2,
                    "pageInfo": {"hasNextPage": True},
                    "nodes": [
                        {"location": {"guides": {"totalCount": guides}}, "aggregate": {"count": 1}}
                    ],
                },
            },
        }
        for slug, guides in (("backend", 2), ("data", 1))
    ]


async def test_plans_differ_by_what_is_grouped_by(places: Asker) -> None:
    query = """query ($by: [GuideGroupBy!]!) {
        guides { groups(groupBy: $by) { nodes { role { slug } location { slug } } } }
    }"""
    found = [
        (await places(query, by=by))["guides"]["groups"]["nodes"]
        for by in (["ROLE"], ["LOCATION"], ["ROLE", "LOCATION"])
    ]
    assert [len(each) for each in found] == [2, 3, 4]
    assert [(each["role"] is None, each["location"] is None) for each, *_ in found] == [
        (False, True),
        (True, False),
        (False, False),
    ]


async def test_a_part_knows_its_owner(places: Asker) -> None:
    data = await places(
        """{ guide(slug: "backend-ghent") { salaryRanges(
            where: { guide: { location: { kind: { eq: CITY } } } },
            orderBy: [{ guide: { role: { name: ASC } } }, { minimum: DESC }]
        ) { level guide { slug salaryRanges { level guide { __typename } } } } } }"""
    )
    inner = {
        "slug": "backend-ghent",
        "salaryRanges": [
            {"level": "JUNIOR", "guide": {"__typename": "Guide"}},
            {"level": "SENIOR", "guide": {"__typename": "Guide"}},
        ],
    }
    assert data["guide"]["salaryRanges"] == [
        {"level": "SENIOR", "guide": inner},
        {"level": "JUNIOR", "guide": inner},
    ]
