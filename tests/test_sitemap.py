"""The pages of a site: each item in each locale in which it is complete."""

from typing import Any

import pytest

from tests.asking import Asker
from tests.editing import PUBLISH, Editor, items, skill

PAGES = """query ($types: [ItemType!], $first: Int, $after: String, $stage: Stage) {
    sitemap(types: $types, first: $first, after: $after, stage: $stage) {
        totalCount
        nodes { type locale slug nodeId lastModified alternates { slug locale __typename } }
        pageInfo { hasNextPage endCursor }
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


async def test_page_after_page_lists_everything_once(pages: Editor) -> None:
    whole = (await pages(PAGES))["sitemap"]
    found: list[str] = []
    after: str | None = None
    while True:
        page = (await pages(PAGES, first=2, after=after))["sitemap"]
        found += named(page)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert found == named(whole)


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
        "pageInfo": {"hasNextPage": False, "endCursor": None},
    }
