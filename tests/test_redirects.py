"""All former slugs, for the configuration of a site."""

from http import HTTPStatus
from typing import Any

import pytest

from tests.asking import Asker
from tests.editing import GUIDE, PUBLISH, UNPUBLISH, Editor, deleting, items, saving, skill

QUERY = """query($types: [ItemType!], $locale: Locale, $stage: Stage) {
    redirects(types: $types, locale: $locale, stage: $stage) {
        totalCount nodes { type from to item { __typename ... on Skill { slug name } } }
    }
}"""
PAGES = """query($first: Int, $after: String, $last: Int, $before: String, $stage: Stage) {
    redirects(first: $first, after: $after, last: $last, before: $before, stage: $stage) {
        edges { cursor node { type from to } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
    }
}"""


async def rename(editor: Editor, type_: str, old: str, *new: str, publish: bool = True) -> None:
    """Publish an item under its slug, and then under each of the others."""
    for before, slug in zip((old, *new), new, strict=False):
        await editor.change(PUBLISH, slugs=items(**{type_: before}), references="PUBLISH_TOO")
        document = {"slug": slug, "renamedFrom": before}
        await editor.change(saving(type_.capitalize(), "slug"), document=document)
    if publish:
        await editor.change(PUBLISH, slugs=items(**{type_: new[-1]}))


async def found(editor: Editor, **variables: Any) -> list[tuple[str, str, str]]:
    """The redirects on the first page."""
    page = (await editor(QUERY, **variables))["redirects"]
    assert page["totalCount"] == len(page["nodes"])
    return [(each["type"], each["from"], each["to"]) for each in page["nodes"]]


@pytest.fixture
async def renamed(editor: Editor) -> Editor:
    """An editor beside a guide and two skills that had other slugs."""
    await editor.save_guide()
    await editor.save("Skill", skill())
    await editor.save("Skill", skill("java", "Java"))
    await rename(editor, "guide", GUIDE["slug"], "backend-in-belgium")
    await rename(editor, "skill", "python", "monty", "snake")
    await rename(editor, "skill", "java", "coffee")
    return editor


ALL = [
    ("GUIDE", "backend-belgium", "backend-in-belgium"),
    ("SKILL", "java", "coffee"),
    ("SKILL", "monty", "snake"),
    ("SKILL", "python", "snake"),
]


async def test_there_are_none_at_first(editor: Editor) -> None:
    await editor.save_guide()
    await editor.publish_guide()
    for stage in ("LIVE", "DRAFT"):
        assert await found(editor, stage=stage) == []
        page = (await editor(PAGES, stage=stage))["redirects"]
        none = {"hasNextPage": False, "hasPreviousPage": False}
        assert page["pageInfo"] == {**none, "startCursor": None, "endCursor": None}


async def test_all_are_listed_by_type_and_slug(renamed: Editor, ask: Asker) -> None:
    for stage in ("LIVE", "DRAFT"):
        assert await found(renamed, stage=stage) == ALL
    nodes = (await ask(QUERY))["redirects"]["nodes"]
    assert [each["item"] for each in nodes] == [
        {"__typename": "Guide"},
        {"__typename": "Skill", "slug": "coffee", "name": "Java"},
        {"__typename": "Skill", "slug": "snake", "name": "Python"},
        {"__typename": "Skill", "slug": "snake", "name": "Python"},
    ]


async def test_types_are_chosen(renamed: Editor) -> None:
    assert await found(renamed, types=["SKILL"]) == ALL[1:]
    assert await found(renamed, types=["GUIDE", "HUB"]) == ALL[:1]
    assert await found(renamed, types=[]) == []


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
@pytest.mark.parametrize(
    ("count", "towards", "end"),
    [
        ("first", "after", "endCursor"),
        ("last", "before", "startCursor"),
    ],
)
async def test_they_come_page_by_page(
    renamed: Editor, size: int, count: str, towards: str, end: str
) -> None:
    pages: list[list[tuple[str, ...]]] = []
    cursor, more = None, True
    while more:
        page = (await renamed(PAGES, **{count: size, towards: cursor}))["redirects"]
        assert page["totalCount"] == len(ALL)
        pages.append([tuple(each["node"].values()) for each in page["edges"]])
        cursor = page["pageInfo"][end]
        more = page["pageInfo"]["hasNextPage" if count == "first" else "hasPreviousPage"]
    assert [each for page in (pages if count == "first" else pages[::-1]) for each in page] == ALL
    assert len(pages) == -(-len(ALL) // size)


async def test_a_cursor_of_another_connection_is_an_error(renamed: Editor) -> None:
    query = "{ skills(first: 1) { pageInfo { endCursor } } }"
    cursor = (await renamed(query))["skills"]["pageInfo"]["endCursor"]
    [error] = (await renamed.answer(PAGES, {"after": cursor}))["errors"]
    assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_a_draft_has_those_that_publishing_will_make(editor: Editor) -> None:
    await editor.save("Skill", skill())
    await rename(editor, "skill", "python", "snake", publish=False)
    assert await found(editor) == []
    assert await found(editor, stage="DRAFT") == [("SKILL", "python", "snake")]


async def test_a_draft_takes_the_scope(ask: Asker) -> None:
    response = await ask.post({"query": QUERY, "variables": {"stage": "DRAFT"}})
    assert response.status_code == HTTPStatus.UNAUTHORIZED


async def test_they_go_with_what_is_published(renamed: Editor) -> None:
    await renamed.change(UNPUBLISH, slugs=items(skill="snake"))
    assert await found(renamed) == ALL[:2]
    assert await found(renamed, stage="DRAFT") == ALL
    await renamed.change(deleting("Skill"), slug="snake")
    for stage in ("LIVE", "DRAFT"):
        assert await found(renamed, stage=stage) == ALL[:2]


async def test_another_item_may_take_the_slug(renamed: Editor) -> None:
    await renamed.save("Skill", skill("java", "JavaScript"))
    assert await found(renamed) == ALL
    assert await found(renamed, stage="DRAFT") == [ALL[0], *ALL[2:]]
    await renamed.change(PUBLISH, slugs=items(skill="java"))
    assert await found(renamed) == [ALL[0], *ALL[2:]]


async def test_each_locale_has_its_own(editor: Editor) -> None:
    await editor.save("Skill", skill())
    await rename(editor, "skill", "python", "snake", publish=False)
    await editor.change(PUBLISH, slugs=items(skill="snake"), locales=["en"])
    assert await found(editor, locale="en") == [("SKILL", "python", "snake")]
    assert await found(editor, locale="nl") == []
    await editor.change(UNPUBLISH, slugs=items(skill="snake"), locales=["fr"])
    assert await found(editor, locale="fr") == []
    await editor.change(PUBLISH, slugs=items(skill="snake"), locales=["nl"])
    assert await found(editor, locale="nl") == [("SKILL", "python", "snake")]


async def test_they_lead_to_the_slug_of_the_locale(editor: Editor) -> None:
    await editor.save("Skill", {**skill(), "localizedSlug": {"nl": "slang"}})
    await rename(editor, "skill", "python", "snake")
    for stage in ("LIVE", "DRAFT"):
        assert await found(editor, locale="en", stage=stage) == [("SKILL", "python", "snake")]
        assert await found(editor, locale="nl", stage=stage) == [("SKILL", "python", "slang")]
    await editor.save("Skill", {"slug": "snake", "localizedSlug": {"nl": "adder"}})
    await editor.change(PUBLISH, slugs=items(skill="snake"))
    for stage in ("LIVE", "DRAFT"):
        for locale, to in (("en", "snake"), ("nl", "adder")):
            expected = [("SKILL", each, to) for each in ("python", "slang")]
            assert await found(editor, locale=locale, stage=stage) == expected
