"""Slugs in each language: what they find, where they lead, and whose they are."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import literal_column, select

from schema.expressions import Expression
from schema.localized_slugs import has_localized_slug_of
from schema.model import content_model
from schema.planner.compiled import DIALECT
from service.database.pools import WRITING
from tests.editing import PUBLISH, UNPUBLISH, Editor, deleting, items, skill
from tests.migrations.history import History

READ = """query ($slug: String!, $locale: Locale, $stage: Stage) {
    skill(slug: $slug, locale: $locale, stage: $stage) {
        slug localizedSlug formerSlugs translations { locale slug }
    }
}"""


async def found(
    editor: Editor, slug: str, locale: str = "en", stage: str = "LIVE", type_: str = "skill"
) -> Any:
    """The slug and the localized slug of what a slug finds; None if it finds nothing."""
    answer = (await editor(READ, slug=slug, locale=locale, stage=stage))[type_]
    return answer and (answer["slug"], answer["localizedSlug"], answer["formerSlugs"])


async def save(editor: Editor, slug: str = "python", **slugs: str | None) -> Any:
    return await editor.save("Skill", {**skill(slug), "localizedSlug": slugs})


async def publish(editor: Editor, slug: str = "python", *locales: str) -> None:
    await editor.change(PUBLISH, slugs=items(skill=slug), locales=locales or None)


async def test_any_slug_finds_the_item(editor: Editor) -> None:
    await save(editor, nl="slang", fr="serpent")
    for stage in ("LIVE", "DRAFT"):
        await publish(editor)
        for slug in ("python", "slang", "serpent"):
            assert await found(editor, slug, "nl", stage) == ("python", "slang", [])
            assert await found(editor, slug, "en", stage) == ("python", "python", [])
        assert await found(editor, "anaconda", "nl", stage) is None
        answer = await editor(READ, slug="slang", stage=stage)
        assert answer["skill"]["translations"] == [
            {"locale": "en", "slug": "python"},
            {"locale": "fr", "slug": "serpent"},
            {"locale": "nl", "slug": "slang"},
        ]


async def test_a_former_slug_leads_on_in_its_language(editor: Editor) -> None:
    await save(editor, nl="slang")
    await publish(editor)
    await save(editor, nl="reptiel")
    # Readers see it once it is published, and a preview sees how it will be.
    assert await found(editor, "reptiel", "nl") is None
    assert await found(editor, "slang", "nl") == ("python", "slang", [])
    for slug in ("reptiel", "slang"):
        assert await found(editor, slug, "nl", "DRAFT") == ("python", "reptiel", ["slang"])
    await publish(editor)
    for stage in ("LIVE", "DRAFT"):
        for slug in ("reptiel", "slang"):
            assert await found(editor, slug, "nl", stage) == ("python", "reptiel", ["slang"])
    await save(editor, nl=None)
    await publish(editor)
    assert await found(editor, "slang", "nl") == ("python", "python", ["reptiel", "slang"])
    await save(editor, nl="slang")
    await publish(editor)
    assert await found(editor, "reptiel", "nl") == ("python", "slang", ["reptiel"])


async def test_a_slug_in_a_locale_that_is_not_published_finds_nothing(editor: Editor) -> None:
    await save(editor, nl="slang", fr="serpent")
    await publish(editor, "python", "nl")
    assert await found(editor, "slang", "nl") == ("python", "slang", [])
    assert await found(editor, "serpent", "nl") is None
    assert await found(editor, "slang", "fr") is None
    await publish(editor)
    assert await found(editor, "serpent", "fr") == ("python", "serpent", [])
    await editor.change(UNPUBLISH, slugs=items(skill="python"), locales=["nl"])
    assert await found(editor, "slang", "nl") is None
    assert await found(editor, "slang", "fr") == ("python", "serpent", ["slang"])


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        ({"slug": "slang"}, ["slug"], "python already has the slug 'slang'; only one Skill may "),
        (
            {"slug": "go", "localizedSlug": {"fr": "slang"}},
            ["localizedSlug", "fr"],
            "python already has the slug 'slang'; only one Skill may have it",
        ),
        (
            {"slug": "go", "localizedSlug": {"nl": "python"}},
            ["localizedSlug", "nl"],
            "python already has the slug 'python'; only one Skill may have it",
        ),
        ({"slug": "go", "localizedSlug": {"nl": "De Slang"}}, ["localizedSlug", "nl"], "expected"),
        ({"slug": "go", "localizedSlug": {"de": "x"}}, ["localizedSlug", "de"], "'de'"),
    ],
)
async def test_no_two_items_have_the_same(
    editor: Editor, document: Any, path: list[str], message: str
) -> None:
    await save(editor, nl="slang")
    answer = await editor(SAVE, document={"name": {"en": "Go"}, **document})
    [error] = answer["saveSkill"]["errors"]
    assert error["path"] == ["document", *path]
    assert message in error["message"]


SAVE = """mutation ($document: SkillInput!, $with: [ItemInput!]) {
    saveSkill(document: $document, with: $with) { errors { path message } }
}"""


async def test_no_two_items_of_a_request_have_the_same(editor: Editor) -> None:
    other = {"skill": {**skill("go"), "localizedSlug": {"nl": "slang"}}}
    document = {**skill("python"), "localizedSlug": {"fr": "slang"}}
    answer = await editor(SAVE, document=document, **{"with": [other]})
    [error] = answer["saveSkill"]["errors"]
    assert "python already has the slug 'slang'" in error["message"]
    # A slug may be the same in several locales, and as that of an item of another type.
    await save(editor, "python", nl="slang", fr="slang", en="python")
    tool = {"slug": "slang", "name": {"en": "Slang"}}
    await editor.save("Tool", tool)


async def test_slugs_move_from_one_item_to_another(editor: Editor) -> None:
    await save(editor, nl="slang")
    await publish(editor)
    await save(editor, "python", nl="reptiel")
    await save(editor, "snake", nl="slang")
    # As long as readers find the one by the slug, the other cannot be published under it.
    for given in (["snake"], ["snake", "go"]):
        await editor.save("Skill", skill("go"))
        [error] = await editor.errors(PUBLISH, slugs=[*map(_item, given)])
        assert "the live copy of python has the same localizedSlug; publish" in error["message"]
    await editor.change(PUBLISH, slugs=[*map(_item, ("snake", "python"))])
    assert await found(editor, "slang", "nl") == ("snake", "slang", [])
    assert await found(editor, "reptiel", "nl") == ("python", "reptiel", [])
    # A former slug leads to the item that takes it.
    await save(editor, "snake", nl=None)
    await publish(editor, "snake")
    assert await found(editor, "slang", "nl") == ("snake", "snake", ["slang"])
    await editor.save("Skill", skill("slang"))
    await publish(editor, "slang")
    assert await found(editor, "slang", "nl") == ("slang", "slang", [])
    assert await found(editor, "snake", "nl") == ("snake", "snake", [])


async def test_a_slug_of_its_own_meets_one_in_a_locale(editor: Editor) -> None:
    await save(editor, nl="slang")
    await publish(editor, "python", "nl")
    await save(editor, nl=None)
    await save(editor, "slang")
    [error] = await editor.errors(PUBLISH, slugs=[_item("slang")], locales=["fr"])
    assert "the live copy of python has the same localizedSlug" in error["message"]
    await publish(editor)
    await publish(editor, "slang")
    assert await found(editor, "slang", "fr") == ("slang", "slang", [])
    await save(editor, "python", nl="other")
    await editor.change(deleting("Skill"), slug="slang")
    await save(editor, "python", nl="slang")
    await publish(editor)
    assert await found(editor, "slang", "fr") == ("python", "python", [])


def _item(slug: str) -> Any:
    return {"type": "SKILL", "slug": slug}


async def test_conditions_and_orders_use_the_slug_that_is_served(editor: Editor) -> None:
    await save(editor, nl="slang")
    await save(editor, "go")
    for slug in ("python", "go"):
        await publish(editor, slug)
    query = """query ($locale: Locale) {
        skills(locale: $locale, orderBy: { localizedSlug: DESC }) { nodes { localizedSlug } }
        some: skills(locale: $locale, where: { localizedSlug: { in: ["slang", "go"] } }) {
            totalCount
        }
    }"""
    dutch = await editor(query, locale="nl")
    assert [each["localizedSlug"] for each in dutch["skills"]["nodes"]] == ["slang", "go"]
    assert dutch["some"]["totalCount"] == 2
    assert (await editor(query))["some"]["totalCount"] == 1


async def test_a_slug_is_no_text(editor: Editor) -> None:
    await save(editor, nl="slang")
    await publish(editor)
    query = """{
        search(text: "slang", locale: "nl") { totalCount }
        skills(where: { untranslated: { locale: "fr", fields: [NAME] } }) {
            nodes { provenance { field } }
        }
    }"""
    assert await editor(query) == {
        "search": {"totalCount": 0},
        "skills": {"nodes": [{"provenance": [{"field": "name"}]}]},
    }


async def test_a_downgrade_and_an_upgrade_keep_the_slugs(
    editor: Editor, database: str, tmp_path: Path
) -> None:
    await save(editor, nl="slang")
    await publish(editor)
    history = History(tmp_path / "versions", database)
    before = await history.dump()
    await history.downgrade("8a4e6d20b7c3")
    await history.upgrade()
    assert await history.dump() == before
    assert await found(editor, "slang", "nl") == ("python", "slang", [])


async def test_items_are_found_by_their_slugs_in_locales_by_index(database: str) -> None:
    """Where content is written, which is when a slug must not be taken."""
    draft = content_model()["Skill"].draft
    slugs: Expression = literal_column("array['slang', 'python']")
    statement = select(draft.c.id).where(has_localized_slug_of(draft, slugs))
    connection = await asyncpg.connect(database, server_settings=WRITING)
    try:
        await connection.execute(MANY)
        sql = str(statement.compile(dialect=DIALECT))
        plan = "\n".join(row[0] for row in await connection.fetch(f"explain {sql}"))
    finally:
        await connection.close()
    assert "Bitmap Index Scan on ix_skill_localized_slug" in plan


MANY = """
    insert into draft.skill (id, slug, localized_slug, version, created_at, updated_at, name)
    select md5(n::text)::uuid, 'skill-' || n, jsonb_build_object('nl', 'nl-' || n), 1, now(), now(),
        '{"en": "Skill"}'
    from generate_series(1, 5000) n;
    analyze draft.skill;
"""
