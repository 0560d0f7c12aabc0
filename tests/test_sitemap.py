"""The pages of a site: each item in each locale in which it is complete."""

import json
from typing import Any

import asyncpg
import pytest

from service.database.pools import READING
from tests.asking import Asker, asking
from tests.asking import pages as all_pages
from tests.benchmark.growth import plan_nodes, planned
from tests.benchmark.queries import Query
from tests.databases import rows
from tests.editing import PUBLISH, Editor, items, skill

PAGES = """query ($types: [ItemType!], $first: Int, $after: String, $last: Int, $before: String,
    $stage: Stage) {
    sitemap(types: $types, first: $first, after: $after, last: $last, before: $before,
        stage: $stage) {
        totalCount
        nodes { type locale slug nodeId lastModified alternates { slug locale __typename } }
        pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
    }
}"""


@pytest.fixture
async def pages(editor: Editor) -> Editor:
    """Skills in English and in Dutch, a tool in French, and another tool that is a draft."""
    python = {**skill(), "name": {"en": "Python", "nl": "Python"}, "localizedSlug": {"nl": "slang"}}
    await editor.save("Skill", python)
    await editor.save("Skill", skill("go", "Go"))
    await editor.save("Tool", {"slug": "git", "name": {"fr": "Git", "en": "Git"}})
    await editor.save("Tool", {"slug": "make", "name": {"en": "Make"}})
    await editor.change(PUBLISH, slugs=[*items(skill="python"), *items(skill="go", tool="git")])
    return editor


def named(found: Any) -> list[str]:
    return [f"{each['type']} {each['slug']} {each['locale']}" for each in found["nodes"]]


async def test_only_complete_locales_are_listed(pages: Editor) -> None:
    found = (await pages(PAGES))["sitemap"]
    assert named(found) == [
        "SKILL go en",
        "SKILL python en",
        "SKILL slang nl",
        "TOOL git en",
        "TOOL git fr",
    ]
    assert found["totalCount"] == 5
    go, python, slang, *_ = found["nodes"]
    both = [("python", "en"), ("slang", "nl")]
    for page in (python, slang):
        assert [(each["slug"], each["locale"]) for each in page["alternates"]] == both
    assert [each["__typename"] for each in go["alternates"]] == ["SitemapAlternate"]
    query = "query ($id: ID!) { node(id: $id) { id ... on Skill { locale publishedAt } } }"
    node = (await pages(query, id=slang["nodeId"]))["node"]
    assert node == {"id": slang["nodeId"], "locale": "nl", "publishedAt": slang["lastModified"]}


async def test_a_preview_lists_what_is_not_published(pages: Editor) -> None:
    found = (await pages(PAGES, types=["TOOL"], stage="DRAFT"))["sitemap"]
    assert named(found) == ["TOOL git en", "TOOL git fr", "TOOL make en"]
    assert found["nodes"][2]["nodeId"].endswith(".DRAFT")


async def test_pages_of_one_type(pages: Editor) -> None:
    assert named((await pages(PAGES, types=["TOOL"]))["sitemap"]) == ["TOOL git en", "TOOL git fr"]
    assert (await pages(PAGES, types=[]))["sitemap"]["totalCount"] == 0


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("way", [{"first": 1}, {"last": 1}], ids=["forward", "backward"])
@pytest.mark.parametrize("stage", ["LIVE", "DRAFT"])
async def test_page_after_page_lists_everything_once(
    pages: Editor, way: dict[str, int], size: int, stage: str
) -> None:
    whole = (await pages(PAGES, stage=stage))["sitemap"]
    ways = dict.fromkeys(way, size)
    found = await all_pages(pages, PAGES, "sitemap", **ways, stage=stage)
    assert [each for page in found for each in named(page)] == named(whole)


async def test_the_pages_of_the_guides_that_come_with_it(seeds: Asker) -> None:
    found = await seeds("""{
        sitemap(types: [GUIDE]) { nodes { locale slug } }
        guides { nodes { slug translations { locale slug isComplete } } }
    }""")
    assert found["sitemap"]["nodes"] == [
        {"locale": each["locale"], "slug": each["slug"]}
        for guide in found["guides"]["nodes"]
        for each in guide["translations"]
        if each["isComplete"]
    ]
    assert found["sitemap"]["nodes"]


async def test_nothing_is_a_page_of_an_empty_site(editor: Editor) -> None:
    found = (await editor(PAGES))["sitemap"]
    assert found == {
        "totalCount": 0,
        "nodes": [],
        "pageInfo": {
            "hasNextPage": False,
            "endCursor": None,
            "hasPreviousPage": False,
            "startCursor": None,
        },
    }


MANY = (
    """
    insert into draft.skill (id, slug, version, created_at, updated_at, name)
    select md5(n::text)::uuid, 'skill-' || n, 1, now(), now(), '{"en": "Skill"}'
    from generate_series(3000, 1, -1) n
    """,
    """
    insert into live.skill (id, locale, slug, version, created_at, updated_at, published_at, name,
        name_locale)
    select id, code, slug, 1, now(), now(), now(), 'Skill', code
    from draft.skill, service.locale
    """,
    """
    insert into live.redirect (type, slug, item_id)
    select 'skill', 'old-' || slug, id from draft.skill
    """,
    "analyze",
)
SITEMAP = "sitemap(first: 100, after: $after) { nodes { type slug locale }"
PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage endCursor }"
REDIRECTS = "redirects(first: 100, after: $after) { nodes { from to }"


@pytest.mark.parametrize("field", [SITEMAP, REDIRECTS])
async def test_a_page_reads_no_more_rows_than_it_shows(database: str, field: str) -> None:
    for statement in MANY:
        await rows(database, statement)
    text = f"query ($after: String) {{ {field} {PAGE_INFO} }} }}"
    name = field.partition("(")[0]
    async with asking(database) as ask:
        given: dict[str, str] = {}
        for _ in range(3):
            # For a page, and to look whether there are others before and after it.
            assert await rows_read(database, Query(name, name, text, [given])) < 400
            page = (await ask(text, **given))[name]
            assert len(page["nodes"]) == 100
            given = {"after": page["pageInfo"]["endCursor"]}


async def rows_read(url: str, query: Query) -> int:
    """The number of rows of the largest step of the planner's statement for a query."""
    sql, values = planned(query)
    connection = await asyncpg.connect(url, server_settings=READING)
    try:
        await connection.execute(f"prepare planned as {sql}")
        written = ", ".join("null" if each is None else f"'{each}'" for each in values)
        explained = f"explain (analyze, format json) execute planned({written})"
        steps = [*plan_nodes(json.loads(await connection.fetchval(explained)))]
    finally:
        await connection.close()
    kinds = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    return max(int(each.get(kind, 0) * each["Actual Loops"]) for each in steps for kind in kinds)
