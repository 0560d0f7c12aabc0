"""Items by their ids: https://relay.dev/graphql/objectidentification.htm."""

import pytest

from tests.asking import Asker

IDS = """{
    tools(first: 2) { nodes { id name } }
    guide(slug: "recruiting-backend-developers-in-belgium") { id title location { id } }
}"""


async def test_an_item_of_any_type_by_its_id(seeds: Asker) -> None:
    found = await seeds(IDS)
    query = """query ($id: ID!, $l: Locale) { node(id: $id, locale: $l) {
        id __typename ...Titled ... on Tool { name } ... on Node { again: id }
    } }
    fragment Titled on Guide { title location { name ... on Node { id } } }"""
    guide = found["guide"]
    assert await seeds(query, id=guide["id"], l="nl") == {
        "node": {
            "id": guide["id"],
            "__typename": "Guide",
            "title": "Backendontwikkelaars aanwerven in België",
            "location": {"name": "België", "id": guide["location"]["id"]},
            "again": guide["id"],
        }
    }
    tool = found["tools"]["nodes"][0]
    assert await seeds(query, id=tool["id"]) == {
        "node": {
            "id": tool["id"],
            "__typename": "Tool",
            "name": tool["name"],
            "again": tool["id"],
        }
    }


async def test_several_items_in_the_order_of_their_ids(seeds: Asker) -> None:
    found = await seeds(IDS)
    first, second = (each["id"] for each in found["tools"]["nodes"])
    nobody = f"guide_{first.removeprefix('tool_')}"
    ids = [second, nobody, found["guide"]["id"], first, second]
    data = await seeds("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert data["nodes"] == [{"id": id_} if id_ != nobody else None for id_ in ids]
    assert await seeds("{ nodes(ids: []) { id } }") == {"nodes": []}


async def test_what_is_not_published_has_no_id_that_finds_it(seeds: Asker) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert await seeds(query, id="guide_00000000-0000-7000-8000-000000000000") == {"node": None}


@pytest.mark.parametrize("id_", ["", "x", "guide", "guide_1", "salary_range_1", "guide_\0", "5"])
async def test_what_is_no_id_is_an_error_that_says_so(seeds: Asker, id_: str) -> None:
    [error] = await seeds.errors("query ($id: ID!) { node(id: $id) { id } }", id=id_)
    assert error["extensions"]["code"] == "BAD_ID"
    message = f"{id_!r} is not an id that fits here; such ids begin with company_, guide_"
    assert message in error["message"]
    assert error["path"] == ["node"]


async def test_no_more_ids_than_a_page_has_items(seeds: Asker) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    found = (await seeds(IDS))["guide"]["id"]
    assert len((await seeds(query, ids=[found] * 100))["nodes"]) == 100
    [error] = await seeds.errors(query, ids=[found] * 101)
    assert error["extensions"] == {"code": "BAD_PAGE", "maximum": 100}
