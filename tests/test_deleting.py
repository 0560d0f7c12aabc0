"""Items out of both copies."""

from tests.asking import Asker
from tests.databases import rows
from tests.editing import PLACE, PUBLISH, Editor, deleting, items, saving, skill

COUNT = '{ skills { totalCount } search(text: "Python") { nodes { __typename } } }'


async def test_what_is_deleted_is_gone_from_both_copies_and_from_search(
    editor: Editor, ask: Asker, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.change(PUBLISH, slugs=items(skill="python"))
    found = await ask(COUNT)
    assert found == {"skills": {"totalCount": 1}, "search": {"nodes": [{"__typename": "Skill"}]}}
    payload = await editor.change(deleting("Skill"), slug="python")
    [(id_,)] = await rows(database, "select distinct item_id from service.revision")
    assert payload["deletedId"] == f"skill_{id_}"
    assert await ask(COUNT) == {"skills": {"totalCount": 0}, "search": {"nodes": []}}
    assert await editor("{ skills(stage: DRAFT) { totalCount } }") == {"skills": {"totalCount": 0}}
    [error] = await editor.errors(deleting("Skill"), slug="python")
    assert (error["code"], error["path"]) == ("UNKNOWN_ITEM", ["slug"])


async def test_what_something_refers_to_is_not_deleted_and_all_of_it_is_named(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.save_guide(skills=["python"])
    await editor.save("Role", {"slug": "backend-developer", "skills": ["python"]})
    hub = {"slug": "the-pond", "name": {"en": "The Pond"}, "location": "belgium"}
    await editor.save("Hub", hub)
    errors = await editor.errors(deleting("Skill"), slug="python")
    assert {each["code"] for each in errors} == {"IN_USE"}
    assert [each["message"] for each in errors] == [
        f"Skill python: the {user} refers to it in its skills; remove the reference first"
        for user in ("Guide backend-belgium", "Role backend-developer")
    ]
    errors = await editor.errors(deleting("Location"), slug="belgium")
    assert len(errors) == 2
    assert await rows(database, "select slug from draft.location") == [("belgium",)]


async def test_what_only_the_published_copy_needs_is_not_deleted_either(editor: Editor) -> None:
    await editor.save_guide()
    await editor.publish_guide()
    other = {**PLACE, "slug": "france", "countryCode": "FR"}
    await editor.save("Location", other)
    await editor.save("Guide", {"slug": "backend-belgium", "location": "france"})
    [error] = await editor.errors(deleting("Location"), slug="belgium")
    assert error["code"] == "IN_USE"
    assert (
        "the live copy of the Guide backend-belgium refers to it in its location"
        in error["message"]
    )
    await editor.change(PUBLISH, slugs=items(guide="backend-belgium", location="france"))
    await editor.change(deleting("Location"), slug="belgium")


async def test_what_only_the_published_copy_lists_is_deleted_after_that_is_published(
    editor: Editor, ask: Asker
) -> None:
    await editor.save("Skill", skill())
    await editor.save_guide(skills=["python"])
    guide = items(guide="backend-belgium")
    await editor.change(PUBLISH, slugs=guide, references="PUBLISH_TOO")
    await editor.save("Guide", {"slug": "backend-belgium", "skills": []})
    query = """{ guide(slug: "backend-belgium") { skills { name } }
        search(text: "Python") { nodes { __typename } } }"""
    before = await ask(query)
    [error] = await editor.errors(deleting("Skill"), slug="python")
    assert error["code"] == "IN_USE"
    assert error["message"] == (
        "Skill python: the live copy of the Guide backend-belgium refers to it in its skills; "
        "publish that item without the reference first"
    )
    assert await ask(query) == before
    await editor.change(PUBLISH, slugs=guide)
    await editor.change(deleting("Skill"), slug="python")
    assert await ask(query) == {"guide": {"skills": []}, "search": {"nodes": []}}


async def test_an_optional_reference_of_the_published_copy_keeps_its_target_too(
    editor: Editor, ask: Asker
) -> None:
    company = {"slug": "swift", "name": {"en": "Swift"}, "headquarters": "belgium"}
    await editor.save("Company", company, **{"with": [{"location": PLACE}]})
    await editor.change(PUBLISH, slugs=items(company="swift"), references="PUBLISH_TOO")
    await editor.save("Company", {"slug": "swift", "headquarters": None})
    [error] = await editor.errors(deleting("Location"), slug="belgium")
    assert error["code"] == "IN_USE"
    found = await ask('{ company(slug: "swift") { headquarters { slug } } }')
    assert found == {"company": {"headquarters": {"slug": "belgium"}}}


async def test_what_the_published_copy_hides_is_deleted(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.save_guide(skills=["python"])
    guide = items(guide="backend-belgium", location="belgium", role="backend-developer")
    await editor.change(PUBLISH, slugs=guide, references="LEAVE_PENDING")
    await editor.save("Guide", {"slug": "backend-belgium", "skills": []})
    await editor.change(deleting("Skill"), slug="python")
    assert await rows(database, "select slug from draft.skill") == []


async def test_a_dry_run_deletes_nothing(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    payload = await editor.change(deleting("Skill"), slug="python", dryRun=True)
    assert payload["deletedId"]
    assert await rows(database, "select slug from draft.skill") == [("python",)]
    assert await rows(database, "select count(*) from service.revision") == [(1,)]


async def test_an_unknown_slug_names_the_nearest(editor: Editor) -> None:
    await editor.save("Skill", skill())
    [error] = await editor.errors(deleting("Skill"), slug="pythn")
    assert error["message"] == "there is no Skill 'pythn'; did you mean python?"


async def test_a_slug_that_is_free_again_names_a_new_item(editor: Editor) -> None:
    first = (await editor.save("Skill", skill()))["skill"]["id"]
    await editor.change(deleting("Skill"), slug="python")
    payload = await editor.change(saving("Skill"), document=skill())
    assert payload["skill"]["id"] != first
