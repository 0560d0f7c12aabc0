"""Renaming items by mutations: with `renamedFrom`, or by their ids."""

from typing import Any

from tests.databases import rows
from tests.editing import GUIDE, PUBLISH, WITH, Editor, deleting, items, saving, skill

SAVE = saving("Skill", "id itemId slug version formerSlugs")
READ = "query($slug: String!) { skill(slug: $slug) { slug name formerSlugs } }"


async def renamed(editor: Editor, slug: str, old: str, **more: Any) -> Any:
    """A skill that gets another slug; the payload."""
    document = {"slug": slug, "renamedFrom": old, **more.pop("document", {})}
    return await editor.change(SAVE, document=document, **more)


async def slugs(database: str) -> list[str]:
    """The slugs of all skills."""
    return [slug for (slug,) in await rows(database, "select slug from draft.skill order by 1")]


async def names(database: str) -> dict[str, str]:
    """The English names of all skills, by their slugs."""
    found = await rows(database, "select slug, name ->> 'en' from draft.skill")
    return {str(slug): str(name) for slug, name in found}


async def test_an_item_gets_another_slug_and_stays_the_same(editor: Editor, database: str) -> None:
    first = await editor.save("Skill", skill())
    payload = await renamed(editor, "python-3", "python", document={"name": {"nl": "Piton"}})
    assert payload["skill"]["id"] == first["skill"]["id"]
    assert (payload["skill"]["slug"], payload["skill"]["version"]) == ("python-3", 2)
    assert payload["changes"] == [
        {**_CHANGE, "path": ["slug"], "before": "python", "after": "python-3"},
        {**_CHANGE, "path": ["name", "nl"], "before": None, "after": "Piton"},
    ]
    assert await names(database) == {"python-3": "Python"}
    assert await rows(
        database, "select slug, version, document ->> 'slug' from service.revision order by id"
    ) == [("python", 1, "python"), ("python-3", 2, "python-3")]


_CHANGE = {"type": "Skill", "slug": "python-3"}


async def test_nothing_else_has_to_change(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    [change] = (await renamed(editor, "python-3", "python"))["changes"]
    assert change["path"] == ["slug"]
    assert await slugs(database) == ["python-3"]


async def test_afterwards_the_key_changes_nothing(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await renamed(editor, "python-3", "python")
    again = await renamed(editor, "python-3", "python")
    assert (again["changes"], again["skill"]["version"]) == ([], 2)
    await editor.save("Skill", skill("python", "The snake"))
    again = await renamed(editor, "python-3", "python")
    assert (again["changes"], again["skill"]["version"]) == ([], 2)
    assert await slugs(database) == ["python", "python-3"]


async def test_where_there_is_neither_an_item_is_made(editor: Editor, database: str) -> None:
    payload = await renamed(editor, "python-3", "python", document={"name": {"en": "Python"}})
    assert payload["skill"]["version"] == 1
    assert await slugs(database) == ["python-3"]


async def test_two_items_do_not_become_one(editor: Editor) -> None:
    await editor.save("Skill", skill())
    await editor.save("Skill", skill("java", "Java"))
    [error] = await editor.errors(SAVE, document={"slug": "java", "renamedFrom": "python"})
    assert error == {
        "code": "DUPLICATE",
        "path": ["document", "renamedFrom"],
        "message": "there is a Skill 'python' and another Skill 'java', which never had this "
        "slug; choose another slug, or leave `renamedFrom` out",
    }


async def test_an_item_that_others_renamed_is_not_made_again(editor: Editor) -> None:
    await editor.save("Skill", skill())
    await renamed(editor, "python-3", "python")
    document = {**skill("snake"), "renamedFrom": "python"}
    [error] = await editor.errors(SAVE, document=document)
    assert (error["code"], error["path"]) == ("CONFLICT", ["document", "renamedFrom"])
    assert error["message"] == (
        "the Skill 'python' is called 'python-3' now; write `renamedFrom: python-3` to rename it, "
        "or leave it out to make another item"
    )


async def test_items_change_places(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.save("Skill", skill("java", "Java"))
    swap: dict[str, Any] = {
        "document": {"slug": "java", "renamedFrom": "python"},
        "with": [{"skill": {"slug": "python", "renamedFrom": "java"}}],
    }
    changed = await editor.change(SAVE, **swap)
    assert await names(database) == {"java": "Python", "python": "Java"}
    assert [each["path"] for each in changed["changes"]] == [["slug"], ["slug"]]
    again = await editor.change(SAVE, **swap)
    assert again["changes"] == []
    assert await names(database) == {"java": "Python", "python": "Java"}


async def test_items_move_on_one_after_the_other(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill("a", "A"))
    await editor.save("Skill", skill("b", "B"))
    chain: dict[str, Any] = {
        "document": {"slug": "b", "renamedFrom": "a"},
        "with": [{"skill": {"slug": "c", "renamedFrom": "b"}}, {"skill": skill("a", "New")}],
    }
    await editor.change(SAVE, **chain)
    assert await names(database) == {"a": "New", "b": "A", "c": "B"}
    assert (await editor.change(SAVE, **chain))["changes"] == []


async def test_an_item_cannot_get_two_slugs(editor: Editor) -> None:
    await editor.save("Skill", skill())
    other = {"skill": {"slug": "snake", "renamedFrom": "python"}}
    document = {"slug": "python-3", "renamedFrom": "python"}
    [error] = await editor.errors(SAVE, document=document, **{"with": [other]})
    assert (error["code"], error["path"]) == ("DUPLICATE", ["with", "0", "skill", "renamedFrom"])
    assert "the document 'python-3'" in error["message"]


async def test_references_follow(editor: Editor) -> None:
    save = saving("Guide", "slug version skills { slug }")
    guide = {**GUIDE, "skills": ["python"]}
    await editor.change(save, document=guide, **{"with": [*WITH, {"skill": skill()}]})
    other = {"skill": {"slug": "snake", "renamedFrom": "python"}}
    payload = await editor.change(
        save, document={"slug": GUIDE["slug"], "skills": ["snake"]}, **{"with": [other]}
    )
    assert payload["guide"] == {"slug": GUIDE["slug"], "version": 1, "skills": [{"slug": "snake"}]}
    [error] = await editor.errors(
        save,
        document={"slug": GUIDE["slug"], "skills": ["snake"]},
        **{"with": [{"skill": {"slug": "python", "renamedFrom": "snake"}}]},
    )
    assert (error["code"], error["path"]) == ("UNKNOWN_ITEM", ["document", "skills", "0"])


async def test_a_dry_run_shows_it(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    payload = await renamed(editor, "snake", "python", dryRun=True)
    assert [each["path"] for each in payload["changes"]] == [["slug"]]
    assert await slugs(database) == ["python"]


async def test_the_expected_version_is_that_of_the_old_slug(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.save("Skill", skill(name="Python 3"))
    document = {"slug": "snake", "renamedFrom": "python", "name": {"nl": "Slang"}}
    [error] = await editor.errors(SAVE, document=document, expectedVersion=1)
    assert error["code"] == "CONFLICT"
    assert error["message"].startswith("the item has version 2, not 1")
    merged = {"expectedVersion": 1, "onConflict": "MERGE"}
    payload = await editor.change(SAVE, document=document, **merged)
    assert payload["skill"]["version"] == 3
    assert await names(database) == {"snake": "Python 3"}


async def test_a_version_never_means_two_documents(editor: Editor, database: str) -> None:
    for name in ("A", "B", "C"):
        await editor.save("Skill", skill("snake", name))
    await editor.change(deleting("Skill"), slug="snake")
    await editor.save("Skill", skill())
    last = "select max(version) from service.revision where slug = 'snake'"
    [(version,)] = await rows(database, last)
    payload = await renamed(editor, "snake", "python")
    assert payload["skill"]["version"] == version + 1
    assert await rows(database, "select version from draft.skill") == [(version + 1,)]


async def test_the_old_slug_finds_it_once_it_is_published(editor: Editor) -> None:
    await editor.save("Skill", skill())
    await editor.change(PUBLISH, slugs=items(skill="python"))
    await renamed(editor, "snake", "python")
    assert (await editor(READ, slug="snake"))["skill"] is None
    await editor.change(PUBLISH, slugs=items(skill="snake"))
    there = {"slug": "snake", "name": "Python", "formerSlugs": ["python"]}
    for slug in ("snake", "python"):
        assert (await editor(READ, slug=slug))["skill"] == there


async def test_the_item_is_named_by_its_id_in_any_form(editor: Editor, database: str) -> None:
    first = await editor.save("Skill", skill())
    [(uuid,)] = await rows(database, "select id from draft.skill")
    for slug, end in (("a", ""), ("b", ".nl"), ("c", ".DRAFT"), ("d", ".fr.DRAFT")):
        document = {"slug": slug, "id": f"skill_{uuid}{end}"}
        payload = await editor.change(SAVE, document=document)
        assert payload["skill"]["id"] == first["skill"]["id"]
        assert await slugs(database) == [slug]
    payload = await editor.change(SAVE, document={"slug": "d", "id": f"skill_{uuid}"})
    assert payload["changes"] == []


async def test_items_that_changed_places_change_back_by_their_ids(
    editor: Editor, database: str
) -> None:
    saved = {slug: await editor.save("Skill", skill(slug, slug)) for slug in ("a", "b")}
    ids = {slug: payload["skill"]["id"] for slug, payload in saved.items()}
    for one, other in (("b", "a"), ("a", "b")):
        await editor.change(
            SAVE,
            document={"slug": one, "id": ids["a"]},
            **{"with": [{"skill": {"slug": other, "id": ids["b"]}}]},
        )
        assert await names(database) == {one: "a", other: "b"}


async def test_an_id_has_to_fit(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.save("Skill", skill("java", "Java"))
    [(uuid,)] = await rows(database, "select id from draft.skill where slug = 'python'")
    path = ["document", "id"]
    for id_, slug, code, said in (
        (f"guide_{uuid}", "x", "UNKNOWN_ITEM", "such ids begin with skill_"),
        ("python", "x", "UNKNOWN_ITEM", "such ids begin with skill_"),
        (f"skill_{_NOBODY}", "x", "UNKNOWN_ITEM", "there is no item with the id"),
        (f"skill_{uuid}", "java", "DUPLICATE", "another Skill 'java'"),
    ):
        [error] = await editor.errors(SAVE, document={"slug": slug, "id": id_})
        assert (error["code"], error["path"]) == (code, path)
        assert said in error["message"]
    assert await slugs(database) == ["java", "python"]


_NOBODY = "01920000-0000-7000-8000-000000000000"


async def test_a_former_slug_is_one(editor: Editor) -> None:
    [error] = await editor.errors(SAVE, document={**skill(), "renamedFrom": "The Snake"})
    assert (error["code"], error["path"]) == ("BAD_VALUE", ["document", "renamedFrom"])


async def test_null_says_nothing(editor: Editor, database: str) -> None:
    await editor.change(SAVE, document={**skill(), "renamedFrom": None, "id": None})
    assert await slugs(database) == ["python"]


async def test_the_slug_of_another_item_in_some_locale_is_taken(editor: Editor) -> None:
    await editor.save("Skill", skill())
    await editor.save("Skill", {**skill("sql", "SQL"), "localizedSlug": {"nl": "snake"}})
    document = {"slug": "snake", "renamedFrom": "python"}
    [error] = await editor.errors(SAVE, document=document)
    assert (error["code"], error["path"]) == ("DUPLICATE", ["document", "slug"])
    assert error["message"].startswith("sql already has the slug 'snake'")
