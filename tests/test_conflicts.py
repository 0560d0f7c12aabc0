"""Documents that were written for another version of their item: no change is lost."""

import asyncio
from typing import Any

from tests.databases import rows
from tests.editing import GUIDE, PLACE, RESTORE, SALARY, Editor, deleting, saving, skill

SLUG = {"slug": "belgium"}
DOCUMENT = """{ revisions(type: LOCATION, slug: "belgium", first: 1) {
    nodes { version action document } } }"""
SAVE = saving("Location")


async def newest(editor: Editor) -> Any:
    """The newest revision of the place."""
    [found] = (await editor(DOCUMENT))["revisions"]["nodes"]
    return found


async def conflict(editor: Editor, document: Any, version: int, **more: Any) -> str:
    """What is said of a conflict, which changes nothing."""
    before = await newest(editor)
    given = {"document": document, "expectedVersion": version, **more}
    payload = (await editor(SAVE, **given))["saveLocation"]
    [error] = payload["errors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["expectedVersion"])
    assert (payload["location"], payload["changes"]) == (None, [])
    assert await newest(editor) == before
    return str(error["message"])


async def test_a_stale_document_changes_nothing_and_names_what_differs(editor: Editor) -> None:
    await editor.save("Location", PLACE)
    await editor.save("Location", {**SLUG, "techScene": {"en": "New"}}, expectedVersion=1)
    said = await conflict(editor, {**SLUG, "name": {"nl": "Belgenland"}}, 1)
    assert "the item has version 2, not 1; changed since: techScene.en." in said
    said = await conflict(editor, {**SLUG, "techScene": {"en": "Other"}}, 1)
    assert "changed since: techScene.en; changed by both: techScene.en." in said
    await editor.save("Location", {**SLUG, "techScene": {"en": "Other"}}, expectedVersion=2)


async def test_an_empty_list_is_no_change_of_one_that_was_not_there(editor: Editor) -> None:
    await editor.save("Location", PLACE)
    hub = {"hub": {"slug": "pond", "name": {"en": "The Pond"}, "location": "belgium"}}
    theirs = {**SLUG, "hubs": ["pond"]}
    await editor.save("Location", theirs, expectedVersion=1, **{"with": [hub]})
    ours = {**SLUG, "kind": "REGION", "hubs": []}
    await editor.save("Location", ours, expectedVersion=1, onConflict="MERGE")
    document = (await newest(editor))["document"]
    assert (document["kind"], document["hubs"]) == ("REGION", ["pond"])


async def test_changes_of_different_values_are_merged_where_that_is_asked_for(
    editor: Editor,
) -> None:
    await editor.save("Location", PLACE)
    theirs = {"name": {"nl": "Belgenland"}, "techScene": {"en": "New"}}
    await editor.save("Location", {**SLUG, **theirs}, expectedVersion=1)
    ours = {**PLACE, "name": {"en": "Kingdom of Belgium", "nl": "België"}, "kind": "REGION"}
    merging = {"expectedVersion": 1, "onConflict": "MERGE", "mode": "REPLACE"}
    payload = await editor.save("Location", ours, **merging)
    assert {".".join(each["path"]) for each in payload["changes"]} == {"name.en", "kind"}
    assert (await newest(editor))["document"] == {
        **PLACE,
        "type": "Location",
        "name": {"en": "Kingdom of Belgium", "nl": "Belgenland"},
        "kind": "REGION",
        "techScene": {"en": "New"},
    }


async def test_taking_away_merges_too(editor: Editor) -> None:
    await editor.save("Location", {**PLACE, "techScene": {"en": "Old"}})
    await editor.save("Location", {**SLUG, "techScene": None}, expectedVersion=1)
    given = {**SLUG, "name": {"nl": None}}
    await editor.save("Location", given, expectedVersion=1, onConflict="MERGE")
    found = (await newest(editor))["document"]
    assert found == {**PLACE, "type": "Location", "name": {"en": "Belgium"}}


async def test_changes_of_the_same_value_conflict_even_where_merging_is_asked_for(
    editor: Editor,
) -> None:
    await editor.save("Location", PLACE)
    await editor.save("Location", {**SLUG, "name": {"nl": "Belgenland"}})
    merging = {"onConflict": "MERGE"}
    said = await conflict(editor, {**SLUG, "name": {"nl": "'t Land"}}, 1, **merging)
    assert "changed by both: name.nl." in said
    said = await conflict(editor, {**SLUG, "name": {"nl": None}}, 1, **merging)
    assert "changed by both: name.nl." in said
    same = {**SLUG, "name": {"nl": "Belgenland"}}
    await editor.save("Location", same, expectedVersion=1, onConflict="MERGE")
    assert (await newest(editor))["version"] == 2


async def test_the_same_parts_with_other_spellings_are_no_conflict(editor: Editor) -> None:
    part = {**SALARY, "minimum": 1.0, "asOf": "2026-01-31", "source": None}
    await editor.save_guide(salaryRanges=[part])
    title = {"slug": "backend-belgium", "salaryRanges": [{**part, "minimum": 1.5}]}
    await editor.save("Guide", title)
    stale = {**GUIDE, "subtitle": {"en": "More"}, "salaryRanges": [part]}
    await editor.save("Guide", stale, expectedVersion=1, onConflict="MERGE")
    query = '{ guide(slug: "backend-belgium", stage: DRAFT) { subtitle salaryRanges { minimum } } }'
    found = (await editor(query))["guide"]
    assert found == {"subtitle": "More", "salaryRanges": [{"minimum": 1.5}]}


async def test_of_two_who_save_at_the_same_time_one_is_told(editor: Editor) -> None:
    await editor.save("Location", PLACE)
    documents = [{**SLUG, "techScene": {"en": f"by {index}"}} for index in range(4)]
    answers = await asyncio.gather(
        *(editor(SAVE, document=each, expectedVersion=1) for each in documents)
    )
    said = [each["saveLocation"]["errors"] for each in answers]
    assert sum(errors == [] for errors in said) == 1
    assert sum(bool(errors) and errors[0]["code"] == "CONFLICT" for errors in said) == 3


async def test_what_is_expected_not_to_be_there_is_not_overwritten(editor: Editor) -> None:
    await editor.save("Location", PLACE, expectedVersion=0)
    said = await conflict(editor, {**SLUG, "kind": "CITY"}, 0, onConflict="MERGE")
    assert "the item has version 1, not 0; different from the document: kind." in said
    for number in (1, 7):
        document = {**PLACE, "slug": "france"}
        [error] = await editor.errors(SAVE, document=document, expectedVersion=number)
        assert error["code"] == "CONFLICT"
        assert "does not exist" in error["message"]


async def test_a_version_whose_revision_is_forgotten_is_never_merged(
    editor: Editor, database: str
) -> None:
    await editor.save("Location", PLACE)
    await editor.save("Location", {**SLUG, "kind": "REGION"})
    await rows(database, "delete from service.revision where version = 1")
    said = await conflict(editor, {**SLUG, "name": {"fr": "Belgique"}}, 1, onConflict="MERGE")
    assert "different from the document: name.fr." in said


async def test_a_version_never_comes_twice_even_if_its_item_was_deleted_in_between(
    editor: Editor,
) -> None:
    await editor.save("Location", PLACE)
    await editor.change(deleting("Location"), slug="belgium")
    again = await editor.save("Location", PLACE)
    assert again["location"]["version"] == 2
    assert "has version 2, not 1" in await conflict(editor, {**SLUG, "kind": "CITY"}, 1)
    await editor.change(deleting("Location"), slug="belgium")
    revision = await editor('{ revisions(type: LOCATION, slug: "belgium") { nodes { id } } }')
    first = revision["revisions"]["nodes"][-1]["id"]
    await editor.change(RESTORE, revision=first)
    assert (await newest(editor))["version"] == 3


async def test_a_stale_delete_or_restore_does_nothing(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.save("Skill", skill(name="Python 3"))
    [error] = await editor.errors(deleting("Skill"), slug="python", expectedVersion=1)
    assert (error["code"], error["path"]) == ("CONFLICT", ["expectedVersion"])
    [error] = await editor.errors(RESTORE, revision="revision_1", expectedVersion=1)
    assert (error["code"], error["path"]) == ("CONFLICT", ["expectedVersion"])
    assert "has version 2, not 1; changed since: name.en" in error["message"]
    assert await rows(database, "select count(*) from service.revision") == [(2,)]
    await editor.change(RESTORE, revision="revision_1", expectedVersion=2)
    await editor.change(deleting("Skill"), slug="python", expectedVersion=3)
    assert await rows(database, "select slug from draft.skill") == []
