"""`within`: what is so of an item or of one above it, by a relation to its own type."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from schema.attributes import Reference
from schema.model import content_model
from schema.planner.conditions import ways_up
from tests.asking import Asker, published
from tests.benchmark.growth import scanned_whole
from tests.benchmark.queries import Query
from tests.databases import Server, rows
from tests.editing import PUBLISH, Editor


def place(slug: str, parent: str | None = None, more: str = "") -> str:
    above = f"parent: {parent}\n" if parent else ""
    return f"type: Location\nslug: {slug}\nname: {{en: {slug.title()}}}\nkind: CITY\n{above}{more}"


def guide(location: str) -> str:
    salary = "{level: MID, minimum: 10, maximum: 20, currency: EUR, period: YEAR, basis: GROSS}"
    return (
        f"type: Guide\nslug: in-{location}\nrole: backend\nlocation: {location}\n"
        f"title: {{en: Working in {location.title()}}}\nsalaryRanges:\n  - {salary}\n"
    )


ROLE = "type: Role\nslug: backend\nname: {en: Backend}\nplural: {en: Backends}\n"
COMPANY = "type: Company\nslug: %s\nname: {en: Working %s}\nheadquarters: %s\n"
PLACES = {
    "belgium": None,
    "flanders": "belgium",
    "west-flanders": "flanders",
    "kortrijk": "west-flanders",
    "brussels": "belgium",
    "france": None,
    "paris": "france",
}
CHAIN = [f"level-{number:03}" for number in range(40)]
DOCUMENTS = {
    "role": ROLE,
    **{slug: place(slug, parent) for slug, parent in PLACES.items()},
    # Nothing is above a place whose parent is not published.
    "secret": place("secret", "belgium", "draft: true\n"),
    "below": place("below-secret", "secret"),
    **{f"in-{each}": guide(each) for each in ("belgium", "kortrijk", "paris", "below-secret")},
    "barco": COMPANY % ("barco", "Barco", "kortrijk"),
    "sncf": COMPANY % ("sncf", "Sncf", "paris"),
    **{slug: place(slug, above) for slug, above in zip(CHAIN, [None, *CHAIN], strict=False)},
}


@pytest.fixture(scope="module")
async def ask(server: Server, migrated: str) -> AsyncIterator[Asker]:
    async with published(server, migrated, DOCUMENTS) as asker:
        yield asker


def slug(value: str) -> dict[str, Any]:
    return {"slug": {"eq": value}}


PLACES_WHERE: list[tuple[Any, list[str]]] = [
    (
        {"within": slug("belgium")},
        ["belgium", "brussels", "flanders", "kortrijk", "west-flanders"],
    ),
    ({"within": slug("kortrijk")}, ["kortrijk"]),
    ({"within": slug("secret")}, []),
    ({"within": slug("below-secret")}, ["below-secret"]),
    ({"within": slug("nowhere")}, []),
    ({"within": slug("west-flanders"), "not": slug("west-flanders")}, ["kortrijk"]),
    ({"parent": {"within": slug("flanders")}}, ["kortrijk", "west-flanders"]),
    ({"within": {"slug": {"in": ["flanders", "france"]}, "name": {"startsWith": "Fr"}}},
     ["france", "paris"]),
    ({"within": {"within": slug("flanders"), "not": slug("flanders")}},
     ["kortrijk", "west-flanders"]),
    ({"not": {"within": {"slug": {"in": ["belgium", CHAIN[0]]}}}},
     ["below-secret", "france", "paris"]),
    ({"within": {"guides": {"some": slug("in-belgium")}}, "children": {"none": {}}},
     ["brussels", "kortrijk"]),
    ({"children": {"some": {"within": slug("west-flanders")}}}, ["flanders", "west-flanders"]),
    ({"or": [{"within": slug("paris")}, {"within": slug("brussels")}]}, ["brussels", "paris"]),
    ({"within": {}, "slug": {"notIn": CHAIN}}, sorted([*PLACES, "below-secret"])),
    ({"within": slug(CHAIN[38])}, CHAIN[38:]),
    ({"within": slug(CHAIN[0]), "not": {"slug": {"lt": CHAIN[38]}}}, CHAIN[38:]),
]  # fmt: skip


@pytest.mark.parametrize(("where", "expected"), PLACES_WHERE)
async def test_places(ask: Asker, where: Any, expected: list[str]) -> None:
    data = await ask(
        "query ($where: LocationWhere) { locations(where: $where, first: 50) "
        "{ nodes { slug } totalCount } }",
        where=where,
    )
    assert [each["slug"] for each in data["locations"]["nodes"]] == expected
    assert data["locations"]["totalCount"] == len(expected)


IN_BELGIUM = {"location": {"within": slug("belgium")}}


async def test_all_guides_in_a_country(ask: Asker) -> None:
    data = await ask(
        """query ($w: GuideWhere) {
            guides(where: $w) { nodes { slug } aggregate { count } }
            role(slug: "backend") { guides(where: $w) { nodes { slug } } }
        }""",
        w=IN_BELGIUM,
    )
    expected = [{"slug": "in-belgium"}, {"slug": "in-kortrijk"}]
    assert data["guides"] == {"nodes": expected, "aggregate": {"count": 2}}
    assert data["role"]["guides"]["nodes"] == expected


async def test_what_people_earn_in_a_country(ask: Asker) -> None:
    query = """query ($w: SalaryRangeWhere) {
        salaryStatistics(where: $w) { nodes { aggregate { count } } } }"""
    data = await ask(query, w={"guide": IN_BELGIUM})
    assert data["salaryStatistics"]["nodes"] == [{"aggregate": {"count": 2}}]


SEARCH = """query (
    $text: String! = "working", $stage: Stage, $w: SearchWhere, $types: [SearchType!]
) {
    search(text: $text, where: $w, types: $types, stage: $stage) {
        totalCount edges { node { ... on Guide { slug } ... on Company { slug } } }
    }
}"""
FOUND: list[tuple[Any, list[str]]] = [
    (None, ["barco", "in-belgium", "in-below-secret", "in-kortrijk", "in-paris", "sncf"]),
    ({}, ["barco", "in-belgium", "in-below-secret", "in-kortrijk", "in-paris", "sncf"]),
    ({"guide": IN_BELGIUM}, ["barco", "in-belgium", "in-kortrijk", "sncf"]),
    (
        {"guide": IN_BELGIUM, "company": {"headquarters": {"within": slug("belgium")}}},
        ["barco", "in-belgium", "in-kortrijk"],
    ),
    ({"guide": {"not": {}}, "company": {"headquarters": slug("paris")}}, ["sncf"]),
]


@pytest.mark.parametrize(("where", "expected"), FOUND)
async def test_what_search_finds_in_a_country(ask: Asker, where: Any, expected: list[str]) -> None:
    page = (await ask(SEARCH, w=where))["search"]
    assert sorted(each["node"]["slug"] for each in page["edges"]) == expected
    assert page["totalCount"] == len(expected)
    page = (await ask(SEARCH, w=where, types=["GUIDE"]))["search"]
    guides = [each for each in expected if each.startswith("in-")]
    assert sorted(each["node"]["slug"] for each in page["edges"]) == guides


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"guide": None}, "`where.guide` is null; leave it out."),
        ({"guide": {"title": {}}}, "`where.guide.title` is empty; put a"),
        ({"guide": {"location": {"within": None}}}, "`where.guide.location.within` is null; leave"),
    ],
)
async def test_what_search_is_not_asked(ask: Asker, where: Any, says: str) -> None:
    [error] = await ask.errors(SEARCH, w=where)
    assert error["extensions"]["code"] == "BAD_FILTER"
    assert error["message"].startswith(says)


async def test_a_step_up_counts_as_a_relation(ask: Asker) -> None:
    deep: dict[str, Any] = slug("belgium")
    for _ in range(7):
        deep = {"within": deep}
    [error] = await ask.errors(
        "query ($w: LocationWhere) { locations(where: $w) { totalCount } }", w=deep
    )
    assert error["extensions"]["code"] == "TOO_DEEP"
    data = await ask(
        "query ($w: LocationWhere) { locations(where: $w) { totalCount } }",
        w={"within": deep["within"]["within"]},
    )
    assert data["locations"]["totalCount"] == 5


async def test_a_circle_has_an_end(editor: Editor) -> None:
    """Editors cannot write one, but publish the two halves of one after one another."""
    places = [{"slug": each, "name": {"en": each}, "kind": "CITY"} for each in ("a", "b", "in")]
    for each in places:
        await editor.save("Location", each)
    halves: list[tuple[str, dict[str, str | None]]] = [
        ("a", {"a": "b", "b": None}),
        ("b", {"a": None, "b": "a", "in": "a"}),
    ]
    for half, parents in halves:
        for name, parent in parents.items():
            await editor.save("Location", {"slug": name, "parent": parent})
        key = {"type": "LOCATION", "slug": half}
        await editor.change(PUBLISH, slugs=[key], references="PUBLISH_TOO")
    await editor.change(PUBLISH, slugs=[{"type": "LOCATION", "slug": "in"}])
    query = """query ($w: LocationWhere, $s: Stage) {
        locations(where: $w, stage: $s) { nodes { slug parent { slug } } } }"""
    data = await editor(query, w={"within": slug("b")}, s="LIVE")
    assert data["locations"]["nodes"] == [
        {"slug": "a", "parent": {"slug": "b"}},
        {"slug": "b", "parent": {"slug": "a"}},
        {"slug": "in", "parent": {"slug": "a"}},
    ]
    data = await editor(query, w={"within": slug("b")}, s="DRAFT")
    assert [each["slug"] for each in data["locations"]["nodes"]] == ["b"]


MANY = 2_000

ALL = """query ($s: String!) {
    guides(where: { location: { within: { slug: { eq: $s } } } }) { nodes { slug } totalCount }
    locations(where: { within: { slug: { eq: $s } } }) { nodes { slug } totalCount }
    draft: locations(where: { within: { slug: { eq: $s } } }, stage: DRAFT) { nodes { slug } }
}"""


async def test_what_is_not_below_is_not_read(server: Server, template: str) -> None:
    async with server.new(template) as url:
        for table in ("draft.location", "live.location", "live.guide"):
            await multiply(url, table)
        await rows(url, "analyze draft.location, live.location, live.guide")
        scanned = await scanned_whole(url, Query("", "", ALL, [{"s": "many-123"}]))
        # Other tables have few rows, which are read as they come.
        assert not scanned & {"location", "guide"}


async def test_within_what_several_ids_name(ask: Asker) -> None:
    """Each id names the locale that is looked through for it."""
    id_ = (await ask('{ location(slug: "belgium") { id } }'))["location"]["id"]
    below = 'children(where: { within: { slug: { eq: "flanders" } } }) { nodes { slug locale } }'
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Location {{ {below} }} }} }}"
    found = await ask(query, ids=[id_, f"{id_}.nl"])
    assert [each["children"]["nodes"] for each in found["nodes"]] == [
        [{"slug": "flanders", "locale": locale}] for locale in ("en", "nl")
    ]


async def multiply(url: str, table: str) -> None:
    """Copy an item very many times: places below one another, guides to each of them."""
    stage, _, name = table.partition(".")
    parent = "case when n > 1 then md5('location' || greatest(n / 10, 1))::uuid end"
    other = {
        "id": f"md5('{name}' || n)::uuid",
        "slug": "'many-' || n",
        "parent_id": parent,
        "location_id": "md5('location' || n)::uuid",
    }
    type_ = content_model()[name.title()]
    names = [each.name for each in (type_.live if stage == "live" else type_.draft).columns]
    selected = ", ".join(other.get(each, each) for each in names)
    one = "slug in ('ghent', 'recruiting-backend-developers-in-belgium')"
    statement = f"select {selected} from {table}, generate_series(1, {MANY}) n where {one}"  # noqa: S608
    await rows(url, f"insert into {table} ({', '.join(names)}) {statement}")


def test_each_relation_to_the_type_itself_has_one() -> None:
    model = content_model()
    assert {name: [*ways_up(each)] for name, each in model.items() if ways_up(each)} == {
        "Location": ["within"]
    }
    parent = model["Location"].attributes["parent"]
    assert isinstance(parent, Reference)
    ways = ways_up(model["Location"].with_attributes([replace(parent, name="tax_region")]))
    assert {name: each.name for name, each in ways.items()} == {
        "within": "parent",
        "withinTaxRegion": "tax_region",
    }
