"""Items by their ids: https://relay.dev/graphql/objectidentification.htm."""

import pytest

from tests.asking import Asker
from tests.editing import GUIDE, Editor, items

IDS = """{
    tools(first: 2) { nodes { id name } }
    guide(slug: "recruiting-backend-developers-in-belgium") { id title location { id } }
}"""


async def test_an_item_of_any_type_by_its_id(seeds: Asker) -> None:
    found = await seeds(IDS)
    query = """query ($id: ID!) { node(id: $id) {
        id __typename ...Titled ... on Tool { name } ... on Node { again: id }
    } }
    fragment Titled on Guide { title location { name ... on Node { id } } }"""
    guide = found["guide"]
    assert await seeds(query, id=f"{guide['id']}.nl") == {
        "node": {
            "id": f"{guide['id']}.nl",
            "__typename": "Guide",
            "title": "Backendontwikkelaars aanwerven in België",
            "location": {"name": "België", "id": f"{guide['location']['id']}.nl"},
            "again": f"{guide['id']}.nl",
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


@pytest.mark.parametrize(
    "id_", ["", "x", "guide", "guide_1", "salary_range_1", "guide_\0", "5", "guide_1.nl"]
)
async def test_what_is_no_id_is_an_error_that_says_so(seeds: Asker, id_: str) -> None:
    [error] = await seeds.errors("query ($id: ID!) { node(id: $id) { id } }", id=id_)
    assert error["extensions"]["code"] == "BAD_ID"
    message = f"{id_!r} is not an id that fits here; such ids begin with career_step_, company_"
    assert message in error["message"]
    assert error["path"] == ["node"]


async def test_no_more_ids_than_a_page_has_items(seeds: Asker) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    found = (await seeds(IDS))["guide"]["id"]
    assert len((await seeds(query, ids=[found] * 100))["nodes"]) == 100
    [error] = await seeds.errors(query, ids=[found] * 101)
    assert error["extensions"] == {"code": "BAD_PAGE", "maximum": 100}


WHOLE = """query ($locale: Locale, $stage: Stage) {
    guide(slug: "backend-belgium", locale: $locale, stage: $stage) {
        id itemId locale stage title
        role { id itemId locale stage name careerPath { id itemId locale stage titles } }
    }
}"""
AGAIN = """query ($id: ID!) {
    node(id: $id) {
        ... on Guide {
            id itemId locale stage title
            role { id itemId locale stage name careerPath { id itemId locale stage titles } }
        }
        ... on Role { id itemId locale stage name careerPath { id itemId locale stage titles } }
        ... on CareerStep { id itemId locale stage titles }
    }
}"""


@pytest.fixture
async def published(editor: Editor) -> Editor:
    """A guide whose draft has another title than what is published."""
    steps = [{"titles": {"en": ["Junior"], "nl": ["Starter"]}}]
    await editor.save_guide(title={"en": "One", "nl": "Een"})
    await editor.save("Role", {"slug": GUIDE["role"], "careerPath": steps})
    await editor.publish_guide()
    await editor.save("Guide", {"slug": GUIDE["slug"], "title": {"en": "Two", "nl": "Twee"}})
    return editor


@pytest.mark.parametrize("stage", ["LIVE", "DRAFT"])
@pytest.mark.parametrize("locale", ["en", "nl", "fr"])
async def test_an_id_finds_exactly_what_was_read(
    published: Editor, locale: str, stage: str
) -> None:
    guide = (await published(WHOLE, locale=locale, stage=stage))["guide"]
    named = ("" if locale == "en" else f".{locale}") + ("" if stage == "LIVE" else ".DRAFT")
    [step] = guide["role"]["careerPath"]
    for each in (guide, guide["role"], step):
        assert each["id"] == f"{each['itemId']}{named}"
        assert (each["locale"], each["stage"]) == (locale, stage)
        assert await published(AGAIN, id=each["id"]) == {"node": each}
    assert step["itemId"].startswith("career_step_")


async def test_ids_of_both_stages_and_many_locales_in_one_list(published: Editor) -> None:
    item = (await published(WHOLE))["guide"]["itemId"]
    ends = [".nl.DRAFT", "", ".DRAFT", ".xx", ".nl", ".fr"]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Guide { title locale stage } } }"
    ids = [f"{item}{end}" for end in ends]
    found = (await published(query, ids=ids))["nodes"]
    assert [each and each["title"] for each in found] == ["Twee", "One", "Two", None, "Een", "One"]
    assert [each["id"] for each in found if each] == [id_ for id_ in ids if id_ != f"{item}.xx"]
    literal = ", ".join(f'"{each}"' for each in ids)
    assert (await published(f"{{ nodes(ids: [{literal}]) {{ id }} }}"))["nodes"] == [
        each and {"id": each["id"]} for each in found
    ]
    each_alone = "query ($a: ID!, $b: ID!) { nodes(ids: [$a, $b]) { id } }"
    both = (await published(each_alone, a=ids[0], b=ids[1]))["nodes"]
    assert [each["id"] for each in both] == ids[:2]


async def test_headers_do_not_decide_what_an_id_finds(published: Editor) -> None:
    id_ = (await published(WHOLE))["guide"]["id"]
    response = await published.post(
        {"query": AGAIN, "variables": {"id": id_}}, **{"graphql-stage": "DRAFT"}
    )
    assert response.json()["data"]["node"]["title"] == "One"


async def test_every_form_of_an_id_is_understood_where_one_is_taken(published: Editor) -> None:
    guide = (await published(WHOLE, locale="nl", stage="DRAFT"))["guide"]
    query = "query ($ids: [ID!]) { guides(where: { id: { in: $ids } }) { nodes { id title } } }"
    live = {"id": guide["itemId"], "title": "One"}
    assert await published(query, ids=[guide["id"]]) == {"guides": {"nodes": [live]}}
    publish = (
        "mutation ($ids: [ID!]) { publish(ids: $ids) { published { id } errors { message } } }"
    )
    done = await published.change(publish, ids=[guide["id"]])
    assert done["published"] == [{"id": f"{guide['itemId']}.DRAFT"}]


async def test_a_payload_has_what_a_client_has_cached(published: Editor) -> None:
    before = (await published(WHOLE, locale="nl"))["guide"]
    query = """mutation ($slugs: [ItemKey!]) { publish(slugs: $slugs) {
        live: published(stage: LIVE, locale: "nl") { id ... on Guide { title stage } }
        draft: published { id ... on Guide { title stage } }
        errors { message }
    } }"""
    done = await published.change(query, slugs=items(guide=GUIDE["slug"]))
    assert done["live"] == [{"id": before["id"], "title": "Twee", "stage": "LIVE"}]
    assert done["draft"] == [{"id": f"{before['itemId']}.DRAFT", "title": "Two", "stage": "DRAFT"}]
    french = query.replace('published(stage: LIVE, locale: "nl")', "unpublished(stage: LIVE)")
    french = french.replace("draft: published", "draft: unpublished").replace(
        "publish(slugs", "unpublish(slugs"
    )
    done = await published.change(french, slugs=items(guide=GUIDE["slug"]))
    assert done["live"] == []
    assert len(done["draft"]) == 1
