"""What becomes of what a document does not say."""

from typing import Any

from tests.databases import rows
from tests.editing import GUIDE, SALARY, Editor, saving, skill

REVISIONS = "select count(*) from service.revision where type = 'Guide'"
READ = """{ guide(slug: "backend-belgium", stage: DRAFT) {
    title subtitle jobsUrl skills { slug } salaryRanges { level source }
    location { slug } role { slug }
    revisions(first: 1) { nodes { document } } } }"""
FULL: dict[str, Any] = {
    "subtitle": {"en": "In short", "nl": "Kort"},
    "jobsUrl": "https://example.org/jobs",
    "skills": ["python"],
    "salaryRanges": [{**SALARY, "source": "a survey"}],
}
SLUG = {"slug": "backend-belgium"}


async def full(editor: Editor) -> Any:
    """The document of a guide that says something of most."""
    await editor.save("Skill", skill())
    await editor.save_guide(**FULL)
    return await document(editor)


async def document(editor: Editor) -> Any:
    """The document of the guide as it is now."""
    return (await editor(READ))["guide"]["revisions"]["nodes"][0]["document"]


async def test_what_is_left_out_stays(editor: Editor) -> None:
    before = await full(editor)
    payload = await editor.save("Guide", {**SLUG, "title": {"nl": "Nieuw"}})
    [change] = payload["changes"]
    assert (change["path"], change["before"], change["after"]) == (["title", "nl"], None, "Nieuw")
    title = {"en": "Backend in Belgium", "nl": "Nieuw"}
    assert await document(editor) == {**before, "title": title}


async def test_null_and_an_empty_list_take_away(editor: Editor, database: str) -> None:
    before = await full(editor)
    given: dict[str, Any] = {
        "subtitle": {"nl": None, "fr": None},
        "jobsUrl": None,
        "skills": [],
        "tools": None,
    }
    payload = await editor.save("Guide", {**SLUG, **given})
    made = {".".join(each["path"]): each["after"] for each in payload["changes"]}
    assert made == {"subtitle.nl": None, "jobsUrl": None, "skills": None}
    after = await document(editor)
    assert after == {
        key: value for key, value in before.items() if key not in {"jobsUrl", "skills"}
    } | {"subtitle": {"en": "In short"}}
    await editor.save("Guide", {**SLUG, "subtitle": {"en": None}})
    assert "subtitle" not in await document(editor)
    assert await rows(database, "select subtitle from draft.guide") == [(None,)]


async def test_what_has_to_be_there_is_not_taken_away(editor: Editor) -> None:
    before = await full(editor)
    for name, given in (("title", {"en": None}), ("title", None), ("role", None)):
        [error] = await editor.errors(saving("Guide"), document={**SLUG, name: given})
        assert (error["code"], error["path"]) == ("MISSING", ["document", name])
    assert await document(editor) == before


async def test_parts_are_given_whole(editor: Editor) -> None:
    await full(editor)
    await editor.save("Guide", {**SLUG, "salaryRanges": [{**SALARY, "source": None}]})
    assert (await editor(READ))["guide"]["salaryRanges"] == [{"level": "MID", "source": None}]
    steps = [{"titles": {"en": ["One", "Two"], "nl": None}}]
    await editor.save("Role", {"slug": "backend-developer", "careerPath": steps})


async def test_replacing_leaves_nothing_but_the_document(editor: Editor) -> None:
    await full(editor)
    given = {**GUIDE, "title": {"en": "Anew", "nl": None}, "subtitle": None, "whyHire": {}}
    payload = await editor.save("Guide", given, mode="REPLACE")
    assert {each["path"][0] for each in payload["changes"]} == {
        "title",
        "subtitle",
        "jobsUrl",
        "skills",
        "salaryRanges",
    }
    assert await document(editor) == {**GUIDE, "type": "Guide", "title": {"en": "Anew"}}


async def test_a_replacement_has_to_say_all_that_has_to_be_there(editor: Editor) -> None:
    await full(editor)
    errors = await editor.errors(saving("Guide"), document=SLUG, mode="REPLACE")
    assert {each["path"][1] for each in errors} == {"title", "role", "location"}
    assert {each["code"] for each in errors} == {"MISSING"}


async def test_the_mode_is_that_of_what_is_saved_beside_it_too(editor: Editor) -> None:
    named = {**skill(), "name": {"en": "Python", "nl": "Slang"}}
    await editor.save("Skill", named)
    for mode, name in (("MERGE", named["name"]), ("REPLACE", {"en": "Python"})):
        await editor.save("Skill", skill("other"), mode=mode, **{"with": [{"skill": skill()}]})
        found = await editor(
            """{ revisions(type: SKILL, slug: "python", first: 1) { nodes { document } } }"""
        )
        assert found["revisions"]["nodes"][0]["document"]["name"] == name


async def test_what_changes_nothing_leaves_no_version(editor: Editor, database: str) -> None:
    await full(editor)
    cases: list[tuple[str, dict[str, Any]]] = [
        ("MERGE", SLUG),
        ("MERGE", {**SLUG, "title": {}, "subtitle": {"fr": None}}),
        ("REPLACE", {**GUIDE, **FULL}),
    ]
    for mode, given in cases:
        payload = await editor.save("Guide", given, mode=mode)
        assert payload["changes"] == []
        assert payload["guide"]["version"] == 1
    assert await rows(database, REVISIONS) == [(1,)]
