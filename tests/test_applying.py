"""Applying a folder to content that others change: a merge against what was last applied."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event

from schema.model import content_model
from service.database.pools import writing
from service.documents import bulk
from service.editing import publishing
from service.errors import GuidepostError
from service.folders.applying import plan
from service.folders.identity import FILE, give_name, name_of
from service.folders.plans import ManyDeletionsError
from tests.databases import applied, load, rows
from tests.editing import PUBLISH, Editor, deleting, items
from tests.folders import Folder, folder_of, options, skill, steps
from tests.writing import GUIDE, PLACE, ROLE, dedented, write

ROLES = """
    select distinct g.slug, r.slug from live.guide g join live.role r on r.id = g.role_id order by 1
"""
BASES = "select slug, document->'name'->>'en' from service.applied order by slug"


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


async def test_a_folder_makes_its_items_and_is_noted(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL", nl="Es"))
    done = await folder.apply()
    assert steps(done.plan.items) == {"python": "create", "sql": "create"}
    [_, sql] = done.plan.items
    assert [tuple(each) for each in sql.merge.changes] == [
        (("name", "en"), None, "SQL"),
        (("name", "nl"), None, "Es"),
    ]
    assert await folder.names() == {"python": {"en": "Python"}, "sql": {"en": "SQL", "nl": "Es"}}
    assert await rows(folder.url, BASES) == [("python", "Python"), ("sql", "SQL")]


async def test_what_only_the_folder_changed_is_written_and_what_only_others_did_is_kept(
    folder: Folder,
) -> None:
    folder.write(a=skill(nl="Slang", fr="Serpent"))
    await folder.apply()
    await folder.save(nl="Python (nl)")
    folder.write(a=skill(name="Python 3", nl="Slang"))
    done = await folder.apply()
    [item] = done.plan.items
    assert [tuple(each) for each in item.merge.changes] == [
        (("name", "en"), "Python", "Python 3"),
        (("name", "fr"), "Serpent", None),
    ]
    assert [tuple(each) for each in item.merge.kept] == [(("name", "nl"), "Slang", "Python (nl)")]
    assert await folder.names() == {"python": {"en": "Python 3", "nl": "Python (nl)"}}
    assert steps((await folder.plan()).items) == {"python": "keep"}
    folder.write(a=skill(name="Python 3", nl="Python (nl)"))
    plan = await folder.plan()
    assert (plan.items, plan.unchanged) == ([], 1), "the file has caught up"


async def test_the_database_learns_how_many_rows_were_published(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "MANY", 1)
    folder.write(a=skill(), b=skill("sql", "SQL"), c=skill("java", "Java"))
    await load(folder.url, folder.directory)
    [(known,)] = await rows(
        folder.url, "select reltuples from pg_class where oid = 'live.skill'::regclass"
    )
    # All three in three locales, or those two that were there when two were many.
    assert known in {9, 6}


async def test_what_both_changed_to_the_same_is_no_conflict(folder: Folder) -> None:
    folder.write(a=skill())
    await folder.apply()
    await folder.save("Python 3")
    folder.write(a=skill(name="Python 3"))
    await folder.apply()
    await folder.save("Python 4")
    assert steps((await folder.plan()).items) == {"python": "keep"}, "the base is what both said"


async def test_what_both_changed_is_refused_with_all_that_is_known_and_nothing_is_written(
    folder: Folder,
) -> None:
    folder.write(a=skill(nl="Slang"), b=skill("sql", "SQL"))
    await folder.apply()
    await folder.save("Python 3", nl="Adder")
    folder.write(a=skill(name="Python 4"), b=skill("sql", "SQL-92"), c=skill("new", "New"))
    plan = await folder.plan()
    assert steps(plan.items) == {"python": "conflict", "sql": "update", "new": "create"}
    assert [tuple(each) for each in plan.items[0].merge.conflicts] == [
        (("name", "en"), "Python", "Python 3", "Python 4"),
        (("name", "nl"), "Slang", "Adder", None),
    ]
    head, *conflicts = await folder.refused()
    assert head.startswith("2 conflicts, and nothing was changed; `--conflicts ours` takes ")
    assert conflicts == [
        (
            'a.yaml:3: name.en: Skill python: is "Python 3" in the database and "Python 4" in the '
            'folder; was "Python" when the folder was last applied'
        ),
        (
            'a.yaml:3: name.nl: Skill python: is "Adder" in the database and nothing in the '
            'folder; was "Slang" when the folder was last applied'
        ),
    ]


@pytest.mark.parametrize(("side", "name"), [("ours", "Python 4"), ("theirs", "Python 3")])
async def test_a_side_decides_conflicts_and_nothing_else(
    folder: Folder, side: str, name: str
) -> None:
    folder.write(a=skill(nl="Slang", fr="Serpent"))
    await folder.apply()
    await folder.save("Python 3", nl="Adder")
    folder.write(a=skill(name="Python 4", nl="Slang", fr="Vipère"))
    await folder.apply(conflicts=side)
    assert await folder.names() == {"python": {"en": name, "nl": "Adder", "fr": "Vipère"}}
    assert not (await folder.plan()).does_something, "it is decided for good"


async def test_without_a_base_what_only_one_says_is_taken_and_the_rest_is_a_conflict(
    folder: Folder,
) -> None:
    await folder.save("Python", nl="Adder")
    await folder.save("SQL", "sql")
    folder.write(a=skill(fr="Serpent"), b=skill("sql", "SQL"))
    done = await folder.apply()
    assert steps(done.plan.items) == {"python": "update"}
    assert await folder.names() == {
        "python": {"en": "Python", "nl": "Adder", "fr": "Serpent"},
        "sql": {"en": "SQL"},
    }
    assert await rows(folder.url, BASES) == [("python", "Python"), ("sql", "SQL")]
    await folder.save("Java", "java")
    folder.write(c=skill("java", "Java 25"))
    [_, conflict] = await folder.refused()
    assert conflict == (
        'c.yaml:3: name.en: Skill java: is "Java" in the database and "Java 25" in the folder; '
        "was nothing when the folder was last applied"
    )


async def test_nothing_is_deleted_unless_it_is_said_and_nothing_that_the_folder_never_had(
    folder: Folder,
) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"))
    await folder.apply(publish=True)
    await folder.save("Java", "java")
    folder.write(b=None)
    plan = await folder.plan()
    assert (plan.gone, plan.does_something) == ([("Skill", "sql")], False)
    await folder.apply()
    assert [*await folder.names()] == ["java", "python", "sql"]
    done = await folder.apply(delete=True)
    assert steps(done.plan.items) == {"sql": "delete"}
    assert [*await folder.names()] == ["java", "python"]
    assert await rows(folder.url, "select distinct slug from live.skill") == [("python",)]
    assert await rows(folder.url, BASES) == [("python", "Python")]


async def test_what_others_changed_is_not_deleted(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"))
    await folder.apply()
    await folder.save("SQL-92", "sql")
    folder.write(b=None)
    assert steps((await folder.plan(delete=True)).items) == {"sql": "conflict"}
    _, conflict = await folder.refused(delete=True)
    assert conflict == (
        "Skill sql: was removed from the folder, but was changed in the database "
        "since the folder was last applied: name.en"
    )
    await folder.apply(delete=True, conflicts="theirs")
    assert [*await folder.names()] == ["python", "sql"]
    assert await rows(folder.url, BASES) == [("python", "Python")]
    assert (await folder.plan(delete=True)).items == [], "it is theirs from now on"


async def test_what_others_changed_is_deleted_if_ours_prevails(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"))
    await folder.apply()
    await folder.save("SQL-92", "sql")
    folder.write(b=None)
    await folder.apply(delete=True, conflicts="ours")
    assert [*await folder.names()] == ["python"]


async def test_what_others_deleted_stays_deleted(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"))
    await folder.apply()
    await folder.editor.change(deleting("Skill"), slug="sql")
    done = await folder.apply()
    assert steps(done.plan.items) == {"sql": "keep"}
    assert [tuple(each)[:3:2] for each in done.plan.items[0].merge.kept] == [((), None)]
    assert [*await folder.names()] == ["python"]
    folder.write(b=None)
    await folder.apply(delete=True)
    assert await rows(folder.url, BASES) == [("python", "Python")]


@pytest.mark.parametrize(("side", "left"), [("ours", ["python", "sql"]), ("theirs", ["python"])])
async def test_what_others_deleted_and_the_folder_changed_is_a_conflict(
    folder: Folder, side: str, left: list[str]
) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"))
    await folder.apply()
    await folder.editor.change(deleting("Skill"), slug="sql")
    folder.write(b=skill("sql", "SQL-92"))
    _, conflict = await folder.refused()
    assert conflict == (
        "b.yaml:1: Skill sql: was deleted in the database since the folder was last applied, "
        "but was changed in the folder: name.en"
    )
    await folder.apply(conflicts=side)
    assert [*await folder.names()] == left
    assert not (await folder.plan()).does_something


async def test_a_guide_can_have_a_new_slug(folder: Folder) -> None:
    """Though only one can have its role and its location."""
    folder.write(**dedented(place=PLACE, role=ROLE, guide=GUIDE))
    await folder.apply(publish=True)
    renamed = GUIDE.replace("slug: backend-belgium", "slug: belgium")
    folder.write(**dedented(guide=renamed))
    await folder.apply(publish=True, delete=True)
    assert await rows(folder.url, "select slug from draft.guide") == [("belgium",)]
    assert await rows(folder.url, "select distinct slug from live.guide") == [("belgium",)]


async def test_guides_can_change_places(folder: Folder) -> None:
    """Though none of them is free before the other one moves."""
    other = ROLE.replace("backend-developer", "data-engineer")
    moved = GUIDE.replace("backend-belgium", "data-belgium")
    moved = moved.replace("role: backend-developer", "role: data-engineer")
    folder.write(**dedented(place=PLACE, role=ROLE, other=other, guide=GUIDE, moved=moved))
    await folder.apply(publish=True)
    before = await rows(folder.url, ROLES)
    assert len(before) == 2
    folder.write(
        **dedented(
            guide=GUIDE.replace("role: backend-developer", "role: data-engineer"),
            moved=moved.replace("role: data-engineer", "role: backend-developer"),
        )
    )
    assert len((await folder.apply(publish=True)).published) == 2
    assert await rows(folder.url, ROLES) == [
        (slug, role) for (slug, _), (_, role) in zip(before, reversed(before), strict=True)
    ]


async def test_what_others_refer_to_can_have_a_new_slug(folder: Folder) -> None:
    folder.write(**dedented(place=PLACE, role=ROLE, guide=GUIDE))
    await folder.apply(publish=True)
    place = PLACE.replace("slug: belgium", "slug: be")
    guide = GUIDE.replace("location: belgium", "location: be")
    folder.write(**dedented(place=place, guide=guide))
    await folder.apply(publish=True, delete=True)
    assert await rows(folder.url, "select slug from draft.location") == [("be",)]
    assert await rows(folder.url, "select distinct slug from live.location") == [("be",)]


async def test_what_is_referred_to_is_not_deleted_and_the_plan_says_so(folder: Folder) -> None:
    folder.write(**dedented(place=PLACE, role=ROLE, guide=GUIDE))
    await folder.apply()
    folder.write(place=None)
    problem = (
        "Location belgium: the Guide backend-belgium refers to it in its location; "
        "remove the reference first"
    )
    assert await folder.refused(delete=True) == [problem]
    with pytest.raises(
        GuidepostError, match="the Guide backend-belgium refers to it in its location"
    ):
        await folder.plan(delete=True)


async def test_a_plan_says_what_an_apply_would_be_refused_for(folder: Folder) -> None:
    folder.write(**dedented(guide=GUIDE, place=PLACE))
    assert await folder.refused() == [
        "guide.yaml:3: role: there is no Role 'backend-developer'",
    ]
    with pytest.raises(GuidepostError, match="there is no Role 'backend-developer'"):
        await folder.plan()
    folder.write(**dedented(role=ROLE + "    draft: true\n"))
    with pytest.raises(GuidepostError, match="is not published; publish that too"):
        await folder.plan(publish=True)


async def test_only_what_is_chosen_is_looked_at(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL"), bad="type: Tool\nslug: x\n")
    folder.write(**dedented(place=PLACE))
    assert steps((await folder.apply("Skill/sql")).plan.items) == {"sql": "create"}
    done = await folder.apply("Location", "Skill/python")
    assert steps(done.plan.items) == {"python": "create", "belgium": "create"}
    folder.write(b=None, place=None)
    assert (await folder.plan("Skill")).gone == [("Skill", "sql")]
    await folder.apply("Skill/sql", delete=True)
    assert [*await folder.names()] == ["python"]
    assert await rows(folder.url, "select slug from draft.location") == [("belgium",)]


async def test_what_is_chosen_has_to_be_there(folder: Folder) -> None:
    folder.write(a=skill())
    with pytest.raises(GuidepostError, match=r"has no Skill pyton, and never had"):
        await folder.plan("Skill/pyton")
    with pytest.raises(GuidepostError, match=r"no content type 'Skil'; did you mean Skill"):
        await folder.plan("Skil")


async def test_what_the_folder_calls_no_draft_is_published_and_nothing_else(
    folder: Folder,
) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL") + "draft: true\n")
    await folder.save("Java", "java")
    await folder.apply()
    done = await folder.apply(publish=True)
    assert steps(done.plan.items) == {"python": "publish"}
    folder.write(b=skill("sql", "SQL"))
    assert steps((await folder.apply(publish=True)).plan.items) == {"sql": "publish"}
    live = "select distinct slug from live.skill order by 1"
    assert await rows(folder.url, live) == [("python",), ("sql",)]


async def test_what_others_changed_and_did_not_publish_is_not_published_for_them(
    folder: Folder,
) -> None:
    folder.write(a=skill(nl="Slang"))
    await folder.apply(publish=True)
    await folder.save(nl="Adder")
    folder.write(a=skill(name="Python 3", nl="Slang"))
    done = await folder.apply(publish=True)
    assert [(each.step.value, each.is_held) for each in done.plan.items] == [("update", True)]
    names = "select locale, name from live.skill order by locale"
    held = [("en", "Python"), ("fr", "Python"), ("nl", "Slang")]
    assert await rows(folder.url, names) == held
    await folder.editor.change(PUBLISH, slugs=items(skill="python"))
    folder.write(a=skill(name="Python 4", nl="Slang"))
    await folder.apply(publish=True)
    published = [("en", "Python 4"), ("fr", "Python 4"), ("nl", "Adder")]
    assert await rows(folder.url, names) == published, "theirs was published by themselves"


async def test_items_of_two_types_with_one_slug_have_each_a_base_of_its_own(folder: Folder) -> None:
    tool = "type: Tool\nslug: python\nname: {{en: {}}}\n".format
    folder.write(skill=skill(), tool=tool("CPython"))
    await folder.apply()
    folder.write(skill=skill(name="Python 3"), tool=tool("CPython 3"))
    done = await folder.apply()
    assert {each.key: [tuple(it) for it in each.merge.changes] for each in done.plan.items} == {
        ("Skill", "python"): [(("name", "en"), "Python", "Python 3")],
        ("Tool", "python"): [(("name", "en"), "CPython", "CPython 3")],
    }
    folder.write(skill=None)
    await folder.apply(delete=True)
    assert await rows(folder.url, BASES) == [("python", "CPython 3")]


async def test_a_base_from_before_a_change_of_the_model_hinders_nothing(folder: Folder) -> None:
    folder.write(a=skill())
    await folder.apply()
    await rows(
        folder.url,
        """update service.applied set document = document || '{"level": 3, "name": "Python"}'""",
    )
    folder.write(a=skill(fr="Serpent"))
    await folder.apply()
    assert await folder.names() == {"python": {"en": "Python", "fr": "Serpent"}}
    await rows(
        folder.url,
        """insert into service.applied (type, slug, document, folders)
        select 'Planet', 'mars', '{}', folders from service.applied""",
    )
    await folder.apply(delete=True)
    assert await rows(folder.url, BASES) == [("python", "Python")]


async def test_a_field_that_the_code_does_not_know_is_an_error_with_its_line(
    folder: Folder,
) -> None:
    folder.write(a=skill(), b=skill("sql", "SQL") + "years: 3\n")
    known = "type, slug, renamedFrom, draft, published, live, localizedSlug, name, kind"
    message = f"b.yaml:4: years: there is no such field; the fields are {known}"
    assert await folder.refused() == [message]


async def test_many_documents_are_compared_with_few_statements(
    database: str, tmp_path: Path
) -> None:
    write(tmp_path, **{f"s{n}": skill(f"s{n}", f"Skill {n}") for n in range(1100)})
    assert (await load(database, tmp_path)).created == 1100
    statements: list[str] = []
    async with writing(database) as engine:
        event.listen(
            engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2])
        )
        chosen = options(publish=True)
        found = await plan(engine, content_model(), tmp_path, chosen, lambda _: None)
    assert (found.items, found.unchanged) == ([], 1100)
    assert len(statements) < 110, statements


@pytest.fixture
async def other(folder: Folder, tmp_path: Path) -> AsyncIterator[Folder]:
    """Another folder for the same database."""
    async with folder_of(folder.url, tmp_path / "other", folder.editor) as found:
        yield found


async def test_a_folder_deletes_nothing_that_another_one_brought(
    folder: Folder, other: Folder
) -> None:
    folder.write(a=skill("of-a"))
    await folder.apply(publish=True)
    other.write(b=skill("of-b"), c=skill("of-b-too"))
    await other.apply(publish=True)
    other.write(c=None)
    done = await other.apply(delete=True)
    assert steps(done.plan.items) == {"of-b-too": "delete"}
    assert (await folder.names()).keys() == {"of-a", "of-b"}


async def test_a_wrong_folder_deletes_nothing(folder: Folder, other: Folder) -> None:
    folder.write(**{f"s{number}": skill(f"s{number}") for number in range(20)})
    await folder.apply()
    other.write(a=skill("of-a"))
    await other.apply(delete=True)
    assert len(await folder.names()) == 21


async def test_what_two_folders_brought_is_there_while_one_has_it(
    folder: Folder, other: Folder
) -> None:
    for each in (folder, other):
        each.write(a=skill(), b=skill("sql"))
        await each.apply()
    other.write(a=None)
    assert (await other.plan(delete=True)).items == []
    await other.apply(delete=True)
    assert (await folder.names()).keys() == {"python", "sql"}
    folder.write(a=None)
    await folder.apply(delete=True)
    assert (await folder.names()).keys() == {"sql"}


async def test_a_clone_is_the_same_folder(folder: Folder, tmp_path: Path) -> None:
    folder.write(a=skill(), b=skill("sql"))
    await folder.apply()
    clone = tmp_path / "clone"
    shutil.copytree(folder.directory, clone)
    (clone / "a.yaml").unlink()
    await applied(folder.url, clone, options(delete=True))
    assert (await folder.names()).keys() == {"sql"}


async def test_what_was_applied_before_folders_had_names_is_the_next_ones(folder: Folder) -> None:
    folder.write(a=skill(), b=skill("sql"))
    await folder.apply()
    await rows(folder.url, "update service.applied set folders = '{}'")
    folder.write(a=None)
    assert (await folder.plan(delete=True)).items == [], "whose it is, nobody knows"
    await folder.apply()
    folder.write(a=skill("java"), b=None)
    await folder.apply(delete=True)
    assert (await folder.names()).keys() == {"python", "java"}


async def test_many_deletions_have_to_be_confirmed(folder: Folder) -> None:
    names = [f"s{number}" for number in range(12)]
    folder.write(**{name: skill(name) for name in names})
    await folder.apply()
    folder.write(**dict.fromkeys(names[1:]))
    for confirmed in (None, 10, 12):
        given = options(delete=True)._replace(confirmed=confirmed)
        with pytest.raises(ManyDeletionsError, match=r"^11 of the 12 items .* `--deletions 11`$"):
            await applied(folder.url, folder.directory, given)
    assert len(await folder.names()) == 12
    await applied(folder.url, folder.directory, options(delete=True)._replace(confirmed=11))
    assert [*await folder.names()] == ["s0"]


@pytest.mark.parametrize(("gone", "share"), [(10, 0.0), (12, 1.0), (12, 0.9)])
async def test_few_deletions_need_no_confirmation(folder: Folder, gone: int, share: float) -> None:
    names = [f"s{number}" for number in range(13)]
    folder.write(**{name: skill(name) for name in names})
    await folder.apply()
    folder.write(**dict.fromkeys(names[:gone]))
    given = options(delete=True)._replace(most_deleted=share)
    if gone > max(10, 13 * share):
        with pytest.raises(ManyDeletionsError):
            await applied(folder.url, folder.directory, given)
    else:
        await applied(folder.url, folder.directory, given)
        assert len(await folder.names()) == 13 - gone


@pytest.mark.parametrize("text", ["", 'folder = ""', "folder = 1", "folder", 'folder = "a\\u0007"'])
async def test_a_name_that_cannot_be_read_is_said(folder: Folder, text: str) -> None:
    folder.write(a=skill())
    (folder.directory / FILE).write_text(text)
    with pytest.raises(GuidepostError, match=f"{FILE} (cannot be read|does not name the folder)"):
        await applied(folder.url, folder.directory, options())


def test_a_folder_gets_one_name(tmp_path: Path) -> None:
    name = give_name(tmp_path)
    assert name is not None
    assert name == give_name(tmp_path) == name_of(tmp_path)
    assert name_of(tmp_path / "none") is give_name(tmp_path / "none") is None
