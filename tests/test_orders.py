"""`orderBy`, and pages in every order."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.asking import Asker, pages, published
from tests.databases import Server, load
from tests.writing import write

HUBS = """query (
    $orderBy: [HubOrderBy!], $first: Int, $after: String, $last: Int, $before: String
) {
    page: hubs(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
        nodes { slug } edges { cursor }
        pageInfo { endCursor startCursor hasNextPage hasPreviousPage }
    }
}"""

# In no order of anything, with ties and missing values.
DOCUMENTS = {
    "p1": "type: Location\nslug: p1\nname: {en: Zed}\nkind: CITY\ncountryCode: BE\n",
    "p2": "type: Location\nslug: p2\nname: {en: Abe}\nkind: CITY\nparent: p1\n",
    "h1": "type: Hub\nslug: h1\nname: {en: b}\nlocation: p1\nkind: CAMPUS\n",
    "h2": "type: Hub\nslug: h2\nname: {en: B}\nlocation: p2\n",
    "h3": "type: Hub\nslug: h3\nname: {en: a}\nlocation: p2\nkind: CAMPUS\n",
    "h4": "type: Hub\nslug: h4\nname: {en: é}\nlocation: p1\n",
    "h5": "type: Hub\nslug: h5\nname: {en: b}\nlocation: p2\nkind: RESEARCH\n",
}

ORDERS: list[tuple[Any, str]] = [
    (None, "h1 h2 h3 h4 h5"),
    ([], "h1 h2 h3 h4 h5"),
    ([{"slug": "DESC"}], "h5 h4 h3 h2 h1"),
    ([{"name": "ASC"}], "h2 h3 h1 h5 h4"),
    ([{"name": "DESC"}], "h4 h1 h5 h3 h2"),
    ([{"name": "DESC"}, {"slug": "DESC"}], "h4 h5 h1 h3 h2"),
    ([{"kind": "ASC"}], "h1 h3 h5 h2 h4"),
    ([{"kind": "DESC"}], "h2 h4 h5 h1 h3"),
    ([{"location": {"name": "ASC"}}], "h2 h3 h5 h1 h4"),
    ([{"location": {"name": "DESC"}}, {"name": "ASC"}], "h1 h4 h2 h3 h5"),
    ([{"location": {"parent": {"countryCode": "ASC"}}}], "h2 h3 h5 h1 h4"),
    ([{"location": {"countryCode": "DESC"}}, {"kind": "ASC"}], "h3 h5 h2 h1 h4"),
    ([{"version": "ASC"}, {"createdAt": "DESC"}, {"slug": "DESC"}], "h5 h4 h3 h2 h1"),
    ([{"publishedAt": "DESC"}], "h1 h2 h3 h4 h5"),
]


def slugs(page: Any) -> list[str]:
    return [each["slug"] for each in page["nodes"]]


@pytest.fixture(scope="module")
async def hubs(server: Server, migrated: str) -> AsyncIterator[Asker]:
    async with published(server, migrated, DOCUMENTS) as asker:
        yield asker


async def test_every_order_and_its_pages_in_both_directions(hubs: Asker) -> None:
    for order, expected in ORDERS:
        options: dict[str, Any] = {"orderBy": order}
        assert slugs((await hubs(HUBS, **options))["page"]) == expected.split(), order
        for size in ({"first": 2}, {"last": 2}):
            found = await pages(hubs, HUBS, "page", **size, **options)
            assert [slug for page in found for slug in slugs(page)] == expected.split(), order


async def test_a_cursor_of_another_order_is_refused(hubs: Asker) -> None:
    page = (await hubs(HUBS, orderBy=[{"name": "ASC"}], first=1))["page"]
    cursor = page["pageInfo"]["endCursor"]
    for order in (None, [{"name": "DESC"}], [{"name": "ASC"}, {"kind": "ASC"}], [{"kind": "ASC"}]):
        [error] = await hubs.errors(HUBS, orderBy=order, after=cursor)
        assert error["extensions"]["code"] == "BAD_CURSOR"
        assert "in this order" in error["message"]


async def test_pages_survive_what_comes_and_goes_between_them(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    await load(database, write(tmp_path, **DOCUMENTS))
    order = [{"name": "ASC"}]
    page = (await ask(HUBS, orderBy=order, first=3))["page"]
    assert slugs(page) == ["h2", "h3", "h1"]
    renamed = DOCUMENTS["h1"].replace("en: b", "en: zz")
    added = DOCUMENTS["h3"].replace("slug: h3", "slug: h0")
    await load(database, write(tmp_path / "later", h1=renamed, h0=added))
    page = (await ask(HUBS, orderBy=order, after=page["pageInfo"]["endCursor"]))["page"]
    assert slugs(page) == ["h5", "h1", "h4"]


async def test_an_order_says_one_thing_at_a_time(hubs: Asker) -> None:
    [error] = await hubs.errors(HUBS, orderBy=[{"name": "ASC", "slug": "ASC"}])
    assert error["extensions"]["code"] == "BAD_VARIABLES"


async def test_curated_lists_can_be_ordered_and_cut(seeds: Asker) -> None:
    data = await seeds(
        """query ($first: Int, $offset: Int) {
            guide(slug: "recruiting-backend-developers-in-belgium") {
                companies(first: 2) { name }
                cut: companies(first: $first, offset: $offset) { name }
                rest: companies(offset: 6) { name }
                named: companies(orderBy: [{ name: DESC }], first: 2) { name }
                salaryRanges(orderBy: [{ minimum: DESC }]) { level }
                hubs(orderBy: [{ location: { name: ASC } }]) { location { name } }
                none: tools(first: 0) { name }
            }
        }""",
        first=1,
        offset=1,
    )
    assert data["guide"] == {
        "companies": [{"name": "Swift"}, {"name": "Proximus"}],
        "cut": [{"name": "Proximus"}],
        "rest": [{"name": "imec"}, {"name": "EVS"}],
        "named": [{"name": "imec"}, {"name": "Swift"}],
        "salaryRanges": [{"level": "SENIOR"}, {"level": "MID"}, {"level": "JUNIOR"}],
        "hubs": [
            {"location": {"name": name}} for name in ("Antwerp", "Brussels", "Ghent", "Leuven")
        ],
        "none": [],
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("first: -1", "`first` is -1; it has to be from 0 to 100"),
        ("first: 101", "`first` is 101; it has to be from 0 to 100"),
        ("offset: -1", "`offset` is -1; it has to be 0 or more"),
    ],
)
async def test_a_list_is_never_cut_silently(seeds: Asker, arguments: str, message: str) -> None:
    query = f'{{ location(slug: "belgium") {{ hubs({arguments}) {{ name }} }} }}'
    [error] = await seeds.errors(query)
    assert error["extensions"]["code"] == "BAD_PAGE"
    assert message in error["message"]
