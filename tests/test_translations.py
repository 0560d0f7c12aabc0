"""What is said of languages: where a text comes from, what is missing, what there is."""

from pathlib import Path
from typing import Any

import pytest

from tests.asking import asking
from tests.databases import rows
from tests.editing import GUIDE, PUBLISH, Editor, items
from tests.migrations.history import History

SOURCES = """query ($locale: Locale, $stage: Stage) {
    guide(slug: "backend-belgium", locale: $locale, stage: $stage) {
        provenance { field locale }
        techScene { text locale }
        whyHire { locale }
        again: whyHire { language: locale html }
        role { careerPath { titles provenance { locale field } } }
    }
}"""
TRANSLATIONS = """query ($locale: Locale, $stage: Stage) {
    guide(slug: "backend-belgium", locale: $locale, stage: $stage) {
        translations { locale slug title nodeId isComplete __typename }
    }
}"""
UNTRANSLATED = """query ($where: GuideWhere, $locale: Locale, $stage: Stage) {
    guides(where: $where, locale: $locale, stage: $stage) { nodes { slug } }
}"""


@pytest.fixture
async def translated(editor: Editor) -> Editor:
    """A published guide that is partly translated, and that inherits a text from its place."""
    steps = [{"titles": {"en": ["Junior"], "nl": ["Starter"]}}, {"titles": {"en": ["Senior"]}}]
    await editor.save_guide(
        title={"en": "One", "nl": "Een"}, whyHire={"en": "*Why*"}, subtitle={"nl": "Onder"}
    )
    await editor.save("Location", {"slug": GUIDE["location"], "techScene": {"fr": "Riche"}})
    await editor.save("Role", {"slug": GUIDE["role"], "careerPath": steps})
    await editor.publish_guide()
    return editor


def sources(**of: str) -> list[dict[str, str]]:
    return [{"field": name, "locale": code} for name, code in of.items()]


@pytest.mark.parametrize("stage", ["LIVE", "DRAFT"])
async def test_each_text_tells_its_locale(translated: Editor, stage: str) -> None:
    dutch = (await translated(SOURCES, locale="nl", stage=stage))["guide"]
    assert dutch["provenance"] == sources(title="nl", subtitle="nl", whyHire="en")
    assert dutch["techScene"] is None
    assert dutch["whyHire"] == {"locale": "en"}
    assert dutch["again"] == {"language": "en", "html": "<p><em>Why</em></p>"}
    titles = [
        (each["titles"], each["provenance"][0]["locale"]) for each in dutch["role"]["careerPath"]
    ]
    assert titles == [(["Starter"], "nl"), (["Senior"], "en")]

    french = (await translated(SOURCES, locale="fr", stage=stage))["guide"]
    # The place has the French text.
    assert french["techScene"] == {"text": "Riche", "locale": "fr"}
    assert french["provenance"] == sources(title="en", techScene="fr", whyHire="en")


async def test_what_was_edited_since_tells_the_locale_of_what_is_served(
    translated: Editor,
) -> None:
    await translated.save("Guide", {"slug": GUIDE["slug"], "whyHire": {"nl": "Waarom"}})
    found = [
        (await translated(SOURCES, locale="nl", stage=each))["guide"]["whyHire"]["locale"]
        for each in ("LIVE", "DRAFT")
    ]
    assert found == ["en", "nl"]


@pytest.mark.parametrize("stage", ["LIVE", "DRAFT"])
async def test_the_item_in_each_locale(translated: Editor, stage: str) -> None:
    found = (await translated(TRANSLATIONS, locale="fr", stage=stage))["guide"]["translations"]
    assert [each["locale"] for each in found] == ["en", "fr", "nl"]
    assert [each["title"] for each in found] == ["One", "One", "Een"]
    # A subtitle in Dutch alone is missing in English, but not taken from another language.
    assert [each["isComplete"] for each in found] == [True, False, False]
    assert {each["slug"] for each in found} == {"backend-belgium"}
    assert {each["__typename"] for each in found} == {"Translation"}
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Guide { title locale stage } } }"
    again = await translated(query, ids=[each["nodeId"] for each in found])
    assert again["nodes"] == [
        {"title": each["title"], "locale": each["locale"], "stage": stage} for each in found
    ]


async def test_only_published_locales_are_listed_of_what_is_live(editor: Editor) -> None:
    await editor.save_guide()
    await editor.change(PUBLISH, slugs=items(location=GUIDE["location"], role=GUIDE["role"]))
    await editor.change(PUBLISH, slugs=items(guide=GUIDE["slug"]), locales=["nl"])
    live = (await editor(TRANSLATIONS, locale="nl"))["guide"]["translations"]
    assert [(each["locale"], each["isComplete"]) for each in live] == [("nl", False)]
    draft = (await editor(TRANSLATIONS, stage="DRAFT"))["guide"]["translations"]
    assert [each["locale"] for each in draft] == ["en", "fr", "nl"]


async def test_parts_have_to_be_translated_too(editor: Editor) -> None:
    steps: list[Any] = [{"titles": {"en": ["Junior"]}}]
    names = {"name": {"en": "Dev", "nl": "Dev"}, "plural": {"en": "Devs", "nl": "Devs"}}
    query = '{ role(slug: "dev", stage: DRAFT) { translations { locale isComplete } } }'

    async def complete() -> set[str]:
        found = (await editor(query))["role"]["translations"]
        return {each["locale"] for each in found if each["isComplete"]}

    await editor.save("Role", {"slug": "dev", **names, "careerPath": steps})
    assert await complete() == {"en"}
    steps[0]["titles"]["nl"] = ["Starter"]
    await editor.save("Role", {"slug": "dev", "careerPath": steps})
    assert await complete() == {"en", "nl"}


@pytest.mark.parametrize("stage", ["LIVE", "DRAFT"])
async def test_what_is_missing_in_a_locale(translated: Editor, stage: str) -> None:
    async def found(**where: Any) -> bool:
        answer = await translated(
            UNTRANSLATED, where={"untranslated": where}, locale="fr", stage=stage
        )
        return bool(answer["guides"]["nodes"])

    assert await found(locale="nl")
    assert await found(locale="NL", fields=["WHY_HIRE"])
    assert not await found(locale="nl", fields=["TITLE", "SUBTITLE"])
    assert await found(locale="nl", fields=["TITLE", "WHY_HIRE"])
    assert await found(locale="fr", fields=["TITLE"])
    # A text that is nowhere is not missing, nor is one that is inherited.
    assert not await found(locale="fr", fields=["SUBTITLE", "ABOUT_ROLE", "TECH_SCENE"])
    assert not await found(locale="nl", fields=[])
    assert not await found(locale="en")


async def test_what_is_missing_in_parts(translated: Editor) -> None:
    query = """{ roles { nodes {
        careerPath(where: { untranslated: { locale: "nl", fields: [TITLES] } }) { titles }
    } }
    lacking: roles(where: { careerPath: { some: { untranslated: { locale: "nl" } } } }) {
        totalCount
    } }"""
    found = await translated(query)
    assert found == {
        "roles": {"nodes": [{"careerPath": [{"titles": ["Senior"]}]}]},
        "lacking": {"totalCount": 1},
    }


@pytest.mark.parametrize(
    ("where", "code", "message"),
    [
        ({"locale": "de"}, "UNKNOWN_LOCALE", "There is no locale 'de'. Use one of: en, fr, nl."),
        ({"locale": "nl", "fields": None}, "BAD_FILTER", "`where.untranslated.fields` is null; "),
        (None, "BAD_FILTER", "`where.untranslated` is null; leave it out."),
        ({"locale": "nl", "fields": ["SLUG"]}, "BAD_VARIABLES", "'SLUG' does not exist in 'Guid"),
        ({}, "BAD_VARIABLES", "'locale'"),
    ],
)
async def test_what_is_wrong_with_a_condition(
    seeds: Any, where: Any, code: str, message: str
) -> None:
    [error] = await seeds.errors(UNTRANSLATED, where={"untranslated": where})
    assert error["extensions"]["code"] == code
    assert message in error["message"]


async def test_a_region_has_the_texts_of_its_language(database: str, tmp_path: Path) -> None:
    history = History(tmp_path / "versions", database)
    history.add(
        'op.add_locale("nl-BE", "nl")',
        """op.save("Skill", {"slug": "java", "name": {"en": "Java", "nl": "Java"}})""",
        """op.save("Skill", {"slug": "go", "name": {"en": "Go"}})""",
        'op.publish("Skill", ["go", "java"])',
    )
    await history.upgrade()
    async with asking(database) as ask:
        query = """{
            skills(locale: "nl-BE") { nodes {
                provenance { locale }
                translations { locale nodeId isComplete }
            } }
            lacking: skills(where: { untranslated: { locale: "nl-be" } }) { nodes { slug } }
        }"""
        found = await ask(query)
    [go, java] = found["skills"]["nodes"]
    assert (go["provenance"], java["provenance"]) == ([{"locale": "en"}], [{"locale": "nl"}])
    assert found["lacking"]["nodes"] == [{"slug": "go"}]
    complete = [
        {each["locale"] for each in skill["translations"] if each["isComplete"]}
        for skill in (go, java)
    ]
    assert complete == [{"en"}, {"en", "nl", "nl-BE"}]
    [id_] = {each["nodeId"] for each in java["translations"] if each["locale"] == "nl-BE"}
    assert id_.endswith(".nl-BE")


async def test_what_is_live_already_gets_the_locales_of_its_texts(
    translated: Editor, database: str, tmp_path: Path
) -> None:
    await translated.save("Guide", {"slug": GUIDE["slug"], "whyHire": {"nl": "Waarom"}})
    await translated.save("Guide", {"slug": GUIDE["slug"], "title": {"fr": "Un", "nl": None}})

    async def live() -> list[Any]:
        found = await rows(database, "select to_jsonb(it) from live.guide as it order by locale")
        steps = await rows(
            database, "select to_jsonb(it) from live.career_step as it order by position, locale"
        )
        return [*found, *steps]

    before, history = await live(), History(tmp_path / "versions", database)
    await history.downgrade("5d1c7a93e0b4")
    assert "title_locale" not in (await live())[0][0]
    await history.upgrade()
    assert await live() == before
    assert "title_locale" in before[0][0]
