"""Connections as Relay's specification has them: https://relay.dev/graphql/connections.htm."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import Asker, pages
from tests.databases import load
from tests.writing import PLACE, write

PAGE = """query ($first: Int, $after: String, $locale: Locale) {
    page: universities(first: $first, after: $after, locale: $locale) {
        edges { cursor node { slug } } nodes { slug } totalCount
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    }
}"""
UNIVERSITIES = ["ku-leuven", "uantwerpen", "uclouvain", "ugent", "ulb", "uliege", "vub"]


def seen(found: list[Any]) -> list[str]:
    """What is on pages whose ends are those of what is on them, each of which counts all."""
    for page in found:
        assert page["totalCount"] == 7
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
    return [each["slug"] for page in found for each in page["nodes"]]


async def test_pages_follow_one_another_without_gap_or_overlap(seeds: Asker) -> None:
    found = await pages(seeds, PAGE, "page", first=3)
    for page in found:
        assert page["nodes"] == [each["node"] for each in page["edges"]]
    assert seen(found) == UNIVERSITIES


@pytest.mark.parametrize(("first", "more"), [(0, True), (6, True), (7, False), (100, False)])
async def test_first_is_how_many(seeds: Asker, first: int, more: bool) -> None:
    page = (await seeds(PAGE, first=first))["page"]
    assert [each["slug"] for each in page["nodes"]] == UNIVERSITIES[:first]
    assert page["pageInfo"]["hasNextPage"] is more


async def test_pages_lead_back_too(seeds: Asker) -> None:
    query = """query ($last: Int, $before: String) {
        page: universities(last: $last, before: $before) {
            nodes { slug } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
            edges { cursor } totalCount
        }
    }"""
    assert seen(await pages(seeds, query, "page", last=3)) == UNIVERSITIES


async def test_a_page_between_two_cursors(seeds: Asker) -> None:
    query = """query ($a: String, $b: String, $first: Int, $last: Int) {
        page: universities(after: $a, before: $b, first: $first, last: $last) {
            nodes { slug } pageInfo { hasNextPage hasPreviousPage } } }"""
    ends = {
        "a": await place(seeds, "universities", "ku-leuven"),
        "b": await place(seeds, "universities", "vub"),
    }
    both = (await seeds(query, **ends))["page"]
    assert [each["slug"] for each in both["nodes"]] == UNIVERSITIES[1:-1]
    assert both["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}
    first = (await seeds(query, **ends, first=2))["page"]
    assert [each["slug"] for each in first["nodes"]] == UNIVERSITIES[1:3]
    assert first["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": True}
    last = (await seeds(query, **ends, last=2))["page"]
    assert [each["slug"] for each in last["nodes"]] == UNIVERSITIES[-3:-1]
    assert last["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": True}


async def test_first_and_last_exclude_each_other(seeds: Asker) -> None:
    [error] = await seeds.errors("{ tools(first: 1, last: 1) { nodes { id } } }")
    assert error["extensions"]["code"] == "BAD_PAGE"
    assert "`first` and `last` are both given" in error["message"]
    [error] = await seeds.errors("{ tools(last: 101) { nodes { id } } }")
    assert error["message"].startswith("`last` is 101; it has to be from 0 to 100")


async def test_an_empty_page_has_no_cursors(seeds: Asker) -> None:
    last = (await seeds(PAGE))["page"]["pageInfo"]["endCursor"]
    page = (await seeds(PAGE, after=last))["page"]
    assert page == {
        "edges": [],
        "nodes": [],
        "totalCount": 7,
        "pageInfo": {
            "startCursor": None,
            "endCursor": None,
            "hasNextPage": False,
            "hasPreviousPage": True,
        },
    }


async def test_the_default_page_is_the_one_that_the_schema_names(seeds: Asker) -> None:
    query = "{ all: skills { nodes { id } } some: skills(first: null) { nodes { id } } }"
    data = await seeds(query)
    assert len(data["all"]["nodes"]) == len(data["some"]["nodes"]) == 11


@pytest.mark.parametrize("first", [-1, 101, 2**31 - 1])
async def test_a_page_is_never_cut_silently(seeds: Asker, first: int) -> None:
    [error] = await seeds.errors(PAGE, first=first)
    assert error["extensions"] == {"code": "BAD_PAGE", "maximum": 100}
    assert error["path"] == ["page"]
    assert f"`first` is {first}; it has to be from 0 to 100" in error["message"]


def cursor(place: Any) -> str:
    return base64.b64encode(json.dumps(place).encode()).decode()


async def place(seeds: Asker, field: str, slug: str) -> str:
    """The cursor that an item with this slug has, or would have, in a root field's own order."""
    data = await seeds(f"{{ {field}(first: 1) {{ pageInfo {{ endCursor }} }} }}")
    [order, _] = json.loads(base64.b64decode(data[field]["pageInfo"]["endCursor"]))
    return cursor([order, slug])


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "ÿ",
        "bm9wZQ==",
        cursor(["guide.slug", "ulb"]),
        cursor(["university.slug"]),
        cursor(["university.slug", 5]),
        cursor({"university.slug": "ulb"}),
        cursor("university.slug"),
        base64.b64encode(b"[" * 100_000).decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b"[1e999999999]").decode(),
    ],
)
async def test_a_cursor_of_something_else_is_refused(seeds: Asker, after: str) -> None:
    [error] = await seeds.errors(PAGE, after=after)
    assert error["extensions"]["code"] == "BAD_CURSOR"
    assert error["path"] == ["page"]


async def test_a_cursor_stays_good_when_its_row_is_gone(seeds: Asker) -> None:
    page = (await seeds(PAGE, after=await place(seeds, "universities", "ulaaa")))["page"]
    assert [each["slug"] for each in page["nodes"]] == ["ulb", "uliege", "vub"]
    for odd in ("a\0", "a\ud800"):
        page = (await seeds(PAGE, after=await place(seeds, "universities", odd)))["page"]
        assert [each["slug"] for each in page["nodes"]] == UNIVERSITIES


async def test_a_cursor_of_a_long_slug(database: str, ask: Asker, tmp_path: Path) -> None:
    places = {name: PLACE.replace("slug: belgium", f"slug: {name}") for name in ("a" * 80, "b")}
    await load(database, write(tmp_path, **places))
    query = """query ($after: String) {
        locations(first: 1, after: $after) { nodes { slug } pageInfo { endCursor } } }"""
    first = (await ask(query))["locations"]
    second = (await ask(query, after=first["pageInfo"]["endCursor"]))["locations"]
    assert [first["nodes"], second["nodes"]] == [[{"slug": "a" * 80}], [{"slug": "b"}]]


async def test_connections_nest(seeds: Asker) -> None:
    data = await seeds(
        """query ($first: Int, $after: String, $antwerp: String) {
            locations(first: 1, after: $antwerp) { nodes {
                slug
                children(first: $first, after: $after) {
                    totalCount nodes { slug parent { slug } }
                    pageInfo { hasNextPage hasPreviousPage }
                }
                guides { nodes { title location { slug } } totalCount }
            } }
        }""",
        first=2,
        after=await place(seeds, "locations", "brussels"),
        antwerp=await place(seeds, "locations", "antwerp"),
    )
    [belgium] = data["locations"]["nodes"]
    assert belgium["slug"] == "belgium"
    assert belgium["children"] == {
        "totalCount": 7,
        "nodes": [
            {"slug": "brussels-capital", "parent": {"slug": "belgium"}},
            {"slug": "flanders", "parent": {"slug": "belgium"}},
        ],
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": True},
    }
    assert belgium["guides"]["totalCount"] == 1
    assert belgium["guides"]["nodes"][0]["location"] == {"slug": "belgium"}
