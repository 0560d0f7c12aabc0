"""Items as they were in a revision."""

from typing import Any

import pytest

from schema.model import content_model
from service.database.pools import writing
from service.editing.edits import editing
from service.editing.renaming import rename
from tests.asking import Asker
from tests.databases import rows
from tests.editing import GUIDE, PUBLISH, RESTORE, SALARY, Editor, deleting, items, skill

OF_GUIDE = """{ revisions(type: GUIDE, slug: "backend-belgium") {
    nodes { id version action document } } }"""


async def revisions(editor: Editor) -> Any:
    """Those of the guide, the oldest first."""
    return (await editor(OF_GUIDE))["revisions"]["nodes"][::-1]


async def written_over(editor: Editor) -> Any:
    """The first revision of a guide of which everything was changed since."""
    await editor.save("Skill", skill())
    await editor.save_guide(salaryRanges=[SALARY], skills=["python"], subtitle={"nl": "b"})
    more = {"title": {"en": "Other"}, "salaryRanges": [], "skills": [], "subtitle": {"en": "a"}}
    await editor.save("Guide", {"slug": "backend-belgium", **more, "whyHire": {"en": "New"}})
    return (await revisions(editor))[0]


async def test_an_item_is_what_it_was_and_the_live_copy_is_left_alone(
    editor: Editor, ask: Asker
) -> None:
    first = await written_over(editor)
    await editor.change(PUBLISH, slugs=items(guide="backend-belgium"), references="PUBLISH_TOO")
    payload = await editor.change(RESTORE, revision=first["id"])
    paths = {".".join(each["path"]) for each in payload["changes"]}
    assert paths == {
        "title.en",
        "subtitle.en",
        "salaryRanges",
        "skills",
        "whyHire.en",
    }
    assert payload["item"]["status"] == "CHANGED"
    assert (await revisions(editor))[-1] == {
        **first,
        "id": (await revisions(editor))[-1]["id"],
        "version": 3,
        "action": "RESTORE",
    }
    live = await ask('{ guide(slug: "backend-belgium") { title } }')
    assert live == {"guide": {"title": "Other"}}


async def test_named_fields_are_what_they_were_and_the_others_stay(editor: Editor) -> None:
    first = await written_over(editor)
    second = (await revisions(editor))[1]["document"]
    fields = ["salaryRanges", "subtitle", "whyHire"]
    await editor.change(RESTORE, revision=first["id"], fields=fields)
    found = (await revisions(editor))[-1]["document"]
    assert found == {
        **{key: value for key, value in second.items() if key != "whyHire"},
        "salaryRanges": first["document"]["salaryRanges"],
        "subtitle": {"nl": "b"},
    }
    payload = await editor.change(RESTORE, revision=first["id"], fields=fields)
    assert payload["changes"] == []
    assert (await editor.change(RESTORE, revision=first["id"], fields=[]))["changes"] == []


async def test_a_deleted_item_comes_back_with_its_id(editor: Editor, database: str) -> None:
    saved = (await editor.save_guide(salaryRanges=[SALARY]))["guide"]["id"]
    await editor.publish_guide()
    await editor.change(deleting("Guide"), slug="backend-belgium")
    *_, last = await revisions(editor)
    assert last["action"] == "DELETE"
    payload = await editor.change(RESTORE, revision=last["id"])
    assert (payload["item"]["id"], payload["item"]["status"]) == (saved, "DRAFT")
    query = '{ guide(slug: "backend-belgium", stage: DRAFT) { salaryRanges { level } } }'
    assert await editor(query) == {"guide": {"salaryRanges": [{"level": "MID"}]}}
    assert await rows(database, "select slug from live.guide") == []


@pytest.mark.parametrize("fields", [None, ["name"], []])
async def test_a_deleted_item_whose_slug_was_taken_since_does_not_take_it_back(
    editor: Editor, database: str, fields: list[str] | None
) -> None:
    await editor.save("Skill", skill())
    await editor.change(deleting("Skill"), slug="python")
    await editor.save("Skill", skill(name="The snake"))
    [error] = await editor.errors(RESTORE, revision="revision_1", fields=fields)
    assert (error["code"], error["path"]) == ("DUPLICATE", ["revision"])
    assert error["message"] == (
        "Skill python was deleted, and another item has its slug now; "
        "rename or delete that item first"
    )
    assert await rows(database, "select name->>'en' from draft.skill") == [("The snake",)]
    await editor.change(deleting("Skill"), slug="python")
    await editor.change(RESTORE, revision="revision_1")


async def test_an_item_that_was_renamed_keeps_its_slug_and_no_other_is_changed(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill(name="First"))
    await editor.save("Skill", skill())
    async with writing(database) as engine, editing(engine, content_model(), "a") as edit:
        await rename(edit, ("Skill", "python"), "cobra")
    await editor.save("Skill", skill(name="Another"))
    payload = await editor.change(RESTORE, revision="revision_1")
    assert [each["slug"] for each in payload["changes"]] == ["cobra"]
    names = "select slug, name->>'en' from draft.skill order by slug"
    assert await rows(database, names) == [("cobra", "First"), ("python", "Another")]


async def test_what_it_referred_to_has_to_be_there(editor: Editor, database: str) -> None:
    first = await written_over(editor)
    await editor.change(deleting("Skill"), slug="python")
    [error] = await editor.errors(RESTORE, revision=first["id"])
    assert (error["code"], error["path"]) == ("UNKNOWN_ITEM", ["skills", "0"])
    assert await rows(database, "select version from draft.guide") == [(2,)]


async def test_a_dry_run_says_what_would_be_and_changes_nothing(
    editor: Editor, database: str
) -> None:
    first = await written_over(editor)
    payload = await editor.change(RESTORE, revision=first["id"], dryRun=True)
    assert len(payload["changes"]) == 5
    assert await rows(database, "select version from draft.guide") == [(2,)]


async def test_unknown_fields_and_revisions_are_errors(editor: Editor) -> None:
    first = await written_over(editor)
    fields = ["titel", "version", "slug", "type", "guides", "title"]
    errors = await editor.errors(RESTORE, revision=first["id"], fields=fields)
    assert [each["path"] for each in errors] == [["fields", str(index)] for index in range(5)]
    assert {each["code"] for each in errors} == {"UNKNOWN_FIELD"}
    assert "did you mean title" in errors[0]["message"]
    [error] = await editor.errors(RESTORE, revision="revision_999")
    assert (error["code"], error["path"]) == ("UNKNOWN_REVISION", ["revision"])
    assert GUIDE["slug"] not in error["message"]


async def test_a_type_that_there_is_no_more_is_not_restored(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await rows(database, "update service.revision set type = 'Gone'")
    [error] = await editor.errors(RESTORE, revision="revision_1")
    assert error["code"] == "UNKNOWN_TYPE"
