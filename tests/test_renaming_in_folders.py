"""Renaming items in a folder of documents."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from service.database.pools import writing
from service.documents import bulk
from service.folders.exporting import export
from service.folders.printing import lines
from tests.databases import rows
from tests.editing import Editor, saving
from tests.folders import MODEL, Folder, folder_of, skill, steps
from tests.test_renaming import READ

BASES = "select slug, folders from service.applied order by slug"
HISTORY = "select slug, action, changes::text from service.revision where type = 'Skill'"


@pytest.fixture(params=[bulk.BATCH, 1])
async def folder(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    database: str,
    editor: Editor,
    tmp_path: Path,
) -> AsyncIterator[Folder]:
    """An empty folder, and a database without content; many documents at once, or one."""
    monkeypatch.setattr(bulk, "BATCH", request.param)
    async with folder_of(database, tmp_path / "content", editor) as found:
        yield found


def renamed(slug: str, old: str, name: str = "Python", **texts: str) -> str:
    """The text of a file about a skill that had another slug before."""
    return skill(slug, name, **texts) + f"renamedFrom: {old}\n"


async def slugs(folder: Folder) -> dict[str, str]:
    """The slugs of skills, by their ids."""
    return {str(id_): str(slug) for id_, slug in await rows(folder.url, IDS)}


IDS = "select id, slug from draft.skill"


async def test_a_document_with_another_slug_renames_its_item(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"))
    await folder.apply()
    before = await slugs(folder)
    folder.write(a=renamed("snake", "python"))
    plan = await folder.plan()
    *said, summary = (line.plain for line in lines(plan))
    assert said == ["> rename Skill snake", "    renamed from python"]
    assert summary.endswith("1 unchanged, 0 changed by others, 1 to rename")
    [item] = plan.as_json()["items"]
    assert (item["action"], item["renamed_from"]) == ("rename", "python")
    await folder.apply()
    assert await slugs(folder) == {
        id_: "snake" if slug == "python" else slug for id_, slug in before.items()
    }
    assert [slug for slug, _ in await rows(folder.url, BASES)] == ["snake", "sql"]
    *_, last = await rows(folder.url, HISTORY + " order by id")
    assert last[:2] == ("snake", "SAVE")
    assert (await folder.plan(delete=True)).as_json()["items"] == []


async def test_what_else_has_changed_is_merged(folder: Folder) -> None:
    folder.write(a=skill(nl="Slang", fr="Serpent"))
    await folder.apply()
    await folder.save(name="Python 3", nl="Slang", fr="Serpent")
    folder.write(a=renamed("snake", "python", nl="Ratelslang"))
    plan = (await folder.apply()).plan
    assert steps(plan.items) == {"snake": "update"}
    assert await folder.names() == {"snake": {"en": "Python 3", "nl": "Ratelslang"}}


async def test_a_conflict_stops_it(folder: Folder) -> None:
    folder.write(a=skill())
    await folder.apply()
    await folder.save(name="Python 3")
    folder.write(a=renamed("snake", "python", "Python 4"))
    assert steps((await folder.plan()).items) == {"snake": "conflict"}
    [_, message] = await folder.refused()
    assert message.startswith('a.yaml:3: name.en: Skill snake: is "Python 3" in the database')
    assert await folder.names() == {"python": {"en": "Python 3"}}


async def test_nothing_is_deleted(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"))
    await folder.apply()
    folder.write(a=None, b=None, c=renamed("snake", "python"), d=renamed("structured", "sql"))
    plan = (await folder.apply(delete=True)).plan
    assert [each.step.value for each in plan.items] == ["rename", "update"]


async def test_the_key_may_stay(folder: Folder) -> None:
    folder.write(a=skill())
    await folder.apply()
    folder.write(a=renamed("snake", "python"))
    await folder.apply(publish=True)
    assert not (await folder.plan(publish=True)).does_something
    folder.write(b=skill(name="The other Python"))
    await folder.apply(publish=True)
    assert (await folder.names()).keys() == {"python", "snake"}
    assert not (await folder.plan(publish=True)).does_something


async def test_an_empty_database_gets_new_items(folder: Folder) -> None:
    folder.write(a=renamed("snake", "python"))
    assert steps((await folder.apply()).plan.items) == {"snake": "create"}


async def test_another_item_may_take_the_old_slug_at_once(folder: Folder) -> None:
    folder.write(a=skill(nl="Slang"))
    await folder.apply()
    folder.write(a=renamed("snake", "python", nl="Slang"), b=skill(name="Python"))
    done = await folder.apply()
    assert steps(done.plan.items) == {"snake": "rename", "python": "create"}
    assert await folder.names() == {
        "snake": {"en": "Python", "nl": "Slang"},
        "python": {"en": "Python"},
    }


async def test_items_change_places_and_move_on(folder: Folder) -> None:
    folder.write(a=skill("a", "A"), b=skill("b", "B"), c=skill("c", "C"))
    await folder.apply()
    folder.write(a=renamed("b", "a", "A"), b=renamed("a", "b", "B"), c=renamed("d", "c", "C"))
    await folder.apply(delete=True)
    there = {"b": {"en": "A"}, "a": {"en": "B"}, "d": {"en": "C"}}
    assert await folder.names() == there
    folder.write(d=skill("c", "New"))
    await folder.apply(delete=True)
    assert await folder.names() == {**there, "c": {"en": "New"}}


async def test_references_follow(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"), r=_ROLE.format("[python]"))
    await folder.apply()
    # What others add stays, because the folder changed nothing but a slug.
    document = {"slug": "developer", "skills": ["python", "sql"]}
    await folder.editor.change(saving("Role"), document=document)
    folder.write(a=renamed("snake", "python"), r=_ROLE.format("[snake]"))
    plan = (await folder.apply()).plan
    assert steps(plan.items) == {"developer": "keep", "snake": "rename"}
    folder.write(b=skill("sql", "SQL 2"))
    assert steps((await folder.apply()).plan.items) == {"developer": "keep", "sql": "update"}


_ROLE = """type: Role
slug: developer
name: {{en: Developer}}
plural: {{en: Developers}}
skills: {}
"""


async def test_a_reference_by_the_old_slug_leads_nowhere(folder: Folder) -> None:
    folder.write(a=skill(), r=_ROLE.format("[python]"))
    await folder.apply()
    folder.write(a=renamed("snake", "python"), r=_ROLE.format("[python]").replace("s}", "s!}"))
    [message] = await folder.refused()
    assert message.startswith("r.yaml:5: skills[0]: there is no Skill 'python'")


async def test_publishing_leads_readers_on(folder: Folder) -> None:
    folder.write(a=skill())
    await folder.apply(publish=True)
    folder.write(a=renamed("snake", "python"))
    assert steps((await folder.apply()).plan.items) == {"snake": "rename"}
    assert (await folder.editor(READ, slug="python"))["skill"]["slug"] == "python"
    assert steps((await folder.apply(publish=True)).plan.items) == {"snake": "publish"}
    found = (await folder.editor(READ, slug="python"))["skill"]
    assert (found["slug"], found["formerSlugs"]) == ("snake", ["python"])


async def test_publishing_and_renaming_are_one_step(folder: Folder) -> None:
    folder.write(a=skill())
    await folder.apply(publish=True)
    folder.write(a=renamed("snake", "python"))
    plan = (await folder.apply(publish=True)).plan
    assert steps(plan.items) == {"snake": "publish"}
    assert "    renamed from python" in [line.plain for line in lines(plan)]
    assert (await folder.editor(READ, slug="python"))["skill"]["slug"] == "snake"


@pytest.mark.parametrize("publish", [True, False])
async def test_a_folder_follows_what_others_renamed(folder: Folder, publish: bool) -> None:
    folder.write(a=skill(nl="Slang"))
    await folder.apply(publish=publish)
    await rename(folder.editor, "python", "snake")
    await folder.save("Python 3", "snake", nl="Slang")
    folder.write(a=renamed("snake", "python", nl="Ratelslang"))
    await folder.apply(delete=True)
    assert await folder.names() == {"snake": {"en": "Python 3", "nl": "Ratelslang"}}
    assert [slug for slug, _ in await rows(folder.url, BASES)] == ["snake"]


async def test_both_sides_renamed_it(folder: Folder) -> None:
    folder.write(a=skill())
    await folder.apply()
    await rename(folder.editor, "python", "snake")
    folder.write(a=renamed("monty", "python"))
    [message] = await folder.refused()
    assert message.startswith("a.yaml:4: renamedFrom: the Skill 'python' is called 'snake' now")


async def test_what_others_rename_later_is_not_made_again(folder: Folder) -> None:
    folder.write(a=skill())
    await folder.apply()
    folder.write(a=renamed("snake", "python"))
    await folder.apply()
    await rename(folder.editor, "snake", "viper")
    assert steps((await folder.apply()).plan.items) == {"snake": "keep"}
    assert (await folder.names()).keys() == {"viper"}


async def rename(editor: Editor, old: str, new: str) -> None:
    """What somebody else does to a skill."""
    await editor.change(saving("Skill"), document={"slug": new, "renamedFrom": old})


async def test_two_items_do_not_become_one(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"))
    await folder.apply()
    folder.write(a=None, b=renamed("sql", "python", "SQL"))
    [message] = await folder.refused(delete=True)
    assert message.startswith("b.yaml:4: renamedFrom: there is a Skill 'python' and another Skill")


async def test_an_item_cannot_get_two_slugs(folder: Folder) -> None:
    folder.write(a=skill())
    await folder.apply()
    folder.write(a=renamed("snake", "python"), b=renamed("monty", "python"))
    [message] = await folder.refused()
    assert message.startswith("b.yaml:4: renamedFrom: ")
    assert "a.yaml names the Skill python too" in message


async def test_the_slug_of_another_item_in_some_locale_is_taken(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL") + "localizedSlug: {nl: snake}\n")
    await folder.apply()
    folder.write(a=renamed("snake", "python"))
    [message] = await folder.refused()
    assert message == (
        "a.yaml:2: slug: Skill sql has the slug 'snake' in a locale; choose another slug"
    )


LOCALIZED = "localizedSlug: {nl: snake}\n"
TAKERS = {
    "renamed": renamed("snake", "python"),
    "renamed and changed": renamed("snake", "python", "Snake"),
    "with the slug in a locale": skill() + "localizedSlug: {fr: snake}\n",
    "new": skill("snake", "Snake"),
}
GIVERS = {
    "without the slug": skill("sql", "SQL"),
    "with another one": skill("sql", "SQL") + "localizedSlug: {nl: other}\n",
    "renamed, too": renamed("structured", "sql", "SQL"),
    "gone": None,
}


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("giver", GIVERS.values(), ids=GIVERS)
@pytest.mark.parametrize("taker", TAKERS.values(), ids=TAKERS)
async def test_one_item_may_take_the_slug_that_another_gives_up_in_a_locale(
    folder: Folder, taker: str, giver: str | None, *, is_first: bool
) -> None:
    """Whichever of the two documents comes first."""
    mine, other = ("a", "b") if is_first else ("b", "a")
    folder.write(**{mine: skill(), other: skill("sql", "SQL") + LOCALIZED})
    await folder.apply(publish=True)
    folder.write(**{mine: taker, other: giver})
    if "renamedFrom" not in taker and "slug: snake" in taker:
        folder.write(c=skill())
    await folder.apply(publish=True, delete=True)
    led = "select slug from live.skill where locale = 'fr' and 'snake' in (slug, localized_slug)"
    assert await rows(folder.url, led) == [("python" if "localizedSlug" in taker else "snake",)]


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("taker", TAKERS.values(), ids=TAKERS)
async def test_the_slug_that_another_item_keeps_in_a_locale_is_a_problem_of_its_document(
    folder: Folder, taker: str, *, is_first: bool
) -> None:
    mine, other = ("a", "b") if is_first else ("b", "a")
    folder.write(**{mine: skill(), other: skill("sql", "SQL") + LOCALIZED})
    await folder.apply(publish=True)
    folder.write(**{mine: taker, other: skill("sql", "Changed") + LOCALIZED})
    if "renamedFrom" not in taker and "slug: snake" in taker:
        folder.write(c=skill())
    [message] = await folder.refused(publish=True)
    assert re.match(r"[ab]\.yaml:\d: (slug|localizedSlug\.\w\w): .*'snake'", message)


async def test_every_problem_is_said(folder: Folder) -> None:
    folder.write(a=skill("a", "A") + "renamedFrom: Not A Slug\n", b=skill("b", "B") + "years: 3\n")
    found = await folder.refused()
    assert [each.partition(": ")[0] for each in found] == ["a.yaml:4", "b.yaml:4"]


@pytest.mark.parametrize("only", ["Skill", "Skill/snake", "Skill/python"])
async def test_chosen_items_are_renamed(folder: Folder, only: str) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"))
    await folder.apply()
    folder.write(a=renamed("snake", "python"), b=renamed("structured", "sql", "SQL"))
    await folder.apply(only, delete=True)
    kept = {"structured"} if only == "Skill" else {"sql"}
    assert (await folder.names()).keys() == {"snake", *kept}


async def test_another_folder_keeps_its_base(
    folder: Folder, tmp_path: Path, editor: Editor
) -> None:
    folder.write(a=skill())
    await folder.apply()
    async with folder_of(folder.url, tmp_path / "other", editor) as other:
        other.write(a=skill())
        await other.apply()
        folder.write(a=renamed("snake", "python"))
        await folder.apply(delete=True)
        found: Any = dict(await rows(folder.url, BASES))
        assert {slug: len(folders) for slug, folders in found.items()} == {"python": 1, "snake": 1}
        assert steps((await other.apply(delete=True)).plan.items) == {"python": "keep"}


async def test_live_copies_follow(folder: Folder) -> None:
    folder.write(a=skill(nl="Slang"))
    await folder.apply(publish=True)
    live = "published: [en]\nlive:\n- locales: [nl]\n  slug: python\n  name: {nl: Slang}\n"
    folder.write(a=renamed("snake", "python", "Viper") + live)
    await folder.apply(publish=True)
    query = "query($slug: String!) { skill(slug: $slug, locale: %s) { slug name } }"
    for code, slug, name in (("en", "snake", "Viper"), ("nl", "python", "Slang")):
        asked = query % f'"{code}"'
        for old in ("python", "snake"):
            found = (await folder.editor(asked, slug=old))["skill"]
            if (code, old) != ("nl", "snake"):
                assert found == {"slug": slug, "name": name}


async def test_an_export_writes_no_former_slug_and_keeps_one_that_is_there(
    folder: Folder, tmp_path: Path
) -> None:
    folder.write(a=skill(), b=renamed("structured", "sql", "SQL"))
    await folder.apply(publish=True)
    text = renamed("snake", "python")
    folder.write(a=text)
    await folder.apply(publish=True)
    async with writing(folder.url) as engine:
        done = await export(engine, MODEL, folder.directory)
        assert (done.written, done.unchanged) == (0, 2)
        await folder.save("Python 3", "snake")
        await export(engine, MODEL, folder.directory)
        assert "renamedFrom: python" in (folder.directory / "a.yaml").read_text("utf-8")
        await export(engine, MODEL, tmp_path / "new")
    assert "renamedFrom" not in (tmp_path / "new/skills/snake.yaml").read_text("utf-8")
