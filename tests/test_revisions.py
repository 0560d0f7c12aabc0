"""What was done to items, and what is different between two revisions."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from schema.model import content_model
from service.database.pools import writing
from service.editing.changes import changes
from service.editing.history import forget
from service.jobs import Retention, clean
from service.roles import WRITER
from tests.databases import blocked, rows
from tests.editing import (
    GUIDE,
    PLACE,
    PUBLISH,
    RESTORE,
    SALARY,
    UNPUBLISH,
    Editor,
    deleting,
    editing_app,
    items,
    skill,
)

FOR_EVER = Retention(timedelta(days=30), None)
SKILL = items(skill="python")
REVISION = """id type slug version action author reason at
    changes { path before after } document"""
OF_SKILL = f'{{ revisions(type: SKILL, slug: "python") {{ nodes {{ {REVISION} }} }} }}'
DIFF = "query($from: ID!, $to: ID!) { diff(from: $from, to: $to) { path before after } }"


async def revisions(editor: Editor) -> Any:
    """Those of the skill, the oldest first."""
    return (await editor(OF_SKILL))["revisions"]["nodes"][::-1]


async def test_whatever_is_done_leaves_one_that_says_what_who_when_and_why(editor: Editor) -> None:
    before = datetime.now(UTC)
    reasons = iter("abcdef")
    await editor.save("Skill", skill(), reason=next(reasons))
    await editor.change(PUBLISH, slugs=SKILL, reason=next(reasons))
    await editor.save("Skill", skill(name="Python 3"), reason=next(reasons))
    await editor.change(RESTORE, revision=(await revisions(editor))[0]["id"], reason=next(reasons))
    await editor.change(UNPUBLISH, slugs=SKILL, reason=next(reasons))
    await editor.change(deleting("Skill"), slug="python", reason=next(reasons))
    found = await revisions(editor)
    assert [(each["action"], each["version"], each["reason"]) for each in found] == [
        ("SAVE", 1, "a"),
        ("PUBLISH", 1, "b"),
        ("SAVE", 2, "c"),
        ("RESTORE", 3, "d"),
        ("UNPUBLISH", 3, "e"),
        ("DELETE", 3, "f"),
    ]
    old, new = ({**skill(name=name), "type": "Skill"} for name in ("Python", "Python 3"))
    assert [each["document"] for each in found] == [old, old, new, old, old, old]
    path = ["name", "en"]
    assert [each["changes"] for each in found] == [
        [{"path": path, "before": None, "after": "Python"}],
        [],
        [{"path": path, "before": "Python", "after": "Python 3"}],
        [{"path": path, "before": "Python 3", "after": "Python"}],
        [],
        [],
    ]
    assert {each["author"] for each in found} == {"editor"}
    assert {(each["type"], each["slug"]) for each in found} == {("Skill", "python")}
    times = [datetime.fromisoformat(each["at"]) for each in found]
    assert before <= times[0] <= times[-1] <= datetime.now(UTC)
    assert times == sorted(times)


async def test_what_changes_nothing_leaves_none(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.change(PUBLISH, slugs=SKILL)
    first, _ = await revisions(editor)
    await editor.save("Skill", skill())
    await editor.save("Skill", skill(name="Other"), dryRun=True)
    await editor.change(PUBLISH, slugs=SKILL)
    await editor.change(UNPUBLISH, slugs=SKILL, dryRun=True)
    await editor.change(RESTORE, revision=first["id"])
    await editor.change(deleting("Skill"), slug="python", dryRun=True)
    await editor.errors(PUBLISH, slugs=SKILL, locales=["xx"])
    assert await rows(database, "select count(*) from service.revision") == [(2,)]


async def test_they_are_a_connection_on_each_item_and_at_the_root(editor: Editor) -> None:
    for index in range(5):
        await editor.save("Skill", skill(name=f"Python {index}"))
    await editor.save("Skill", skill("sql", "SQL"))
    page = "totalCount pageInfo { hasNextPage endCursor } nodes { version }"
    of_item = f"""query($after: String) {{ skill(slug: "python", stage: DRAFT) {{
        revisions(first: 2, after: $after) {{ {page} }} }} }}"""
    at_root = f"""query($after: String) {{
        revisions(type: SKILL, slug: "python", first: 2, after: $after) {{ {page} }} }}"""
    seen: dict[str, list[int]] = {"item": [], "root": []}
    for name, query in (("item", of_item), ("root", at_root)):
        after, more = None, True
        while more:
            data = await editor(query, after=after)
            found = data["revisions"] if name == "root" else data["skill"]["revisions"]
            assert found["totalCount"] == 5
            seen[name] += [each["version"] for each in found["nodes"]]
            after, more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]
    assert seen == {"item": [5, 4, 3, 2, 1], "root": [5, 4, 3, 2, 1]}


async def test_those_of_a_deleted_item_are_at_the_root(editor: Editor) -> None:
    await editor.save("Skill", skill())
    await editor.change(deleting("Skill"), slug="python")
    assert [each["action"] for each in await revisions(editor)] == ["SAVE", "DELETE"]
    unknown = '{ revisions(type: SKILL, slug: "\\u0000") { totalCount nodes { id } } }'
    assert await editor(unknown) == {"revisions": {"totalCount": 0, "nodes": []}}


async def test_a_difference_is_the_one_that_saving_finds(editor: Editor) -> None:
    part = {**SALARY, "minimum": 36_000.5, "maximum": 48_000}
    await editor.save("Skill", skill())
    await editor.save_guide(subtitle={"en": "a", "nl": "b"}, salaryRanges=[part])
    steps: list[dict[str, Any]] = [
        {"title": {"en": "Other", "fr": "Autre"}, "subtitle": None, "skills": ["python"]},
        {"salaryRanges": [{**part, "minimum": 36_000}], "jobsUrl": "https://example.org"},
        {"salaryRanges": None, "skills": [], "subtitle": {"nl": "b"}},
        {"salaryRanges": [part]},
    ]
    for more in steps:
        await editor.save("Guide", {"slug": "backend-belgium", **more})
    query = '{ revisions(type: GUIDE, slug: "backend-belgium") { nodes { id changes '
    found = (await editor(f"{query} {{ path before after }} document }} }} }}"))["revisions"]
    nodes = found["nodes"][::-1]
    for index, old in enumerate(nodes):
        for new in nodes:
            made = changes(old["document"], new["document"])
            expected = [{**each._asdict(), "path": [*each.path]} for each in made]
            diff = (await editor(DIFF, **{"from": old["id"], "to": new["id"]}))["diff"]
            assert by_path(diff) == by_path(expected)
            if nodes.index(new) == index + 1:
                assert by_path(diff) == by_path(new["changes"])
    assert len({len(each["changes"]) for each in nodes}) > 1


def by_path(made: list[dict[str, Any]]) -> list[Any]:
    """Changes in the order of their paths."""
    return sorted(made, key=lambda each: each["path"])


async def test_there_is_no_difference_to_what_there_is_not(editor: Editor) -> None:
    await editor.save("Skill", skill())
    first = (await revisions(editor))[0]["id"]
    assert await editor(DIFF, **{"from": first, "to": first}) == {"diff": []}
    assert await editor(DIFF, **{"from": first, "to": "revision_999"}) == {"diff": None}
    for bad in ("skill_1", "revision_", "revision_1_1", "revision_-1", f"revision_{9**20}"):
        answer = await editor.answer(DIFF, {"from": bad, "to": first})
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "BAD_ID"
        assert error["message"].startswith("`from`: ")


async def test_old_ones_are_forgotten_but_for_the_newest_of_each_item(
    editor: Editor, database: str
) -> None:
    for name in ("Python", "Python 2", "Python 3"):
        await editor.save("Skill", skill(name=name))
    await editor.save("Skill", skill("sql", "SQL"))
    await editor.change(deleting("Skill"), slug="sql")
    await rows(database, "update service.revision set at = at - interval '10 days'")
    await editor.save("Skill", skill("git", "Git"))
    await editor.save("Skill", skill("git", "Git 2"))
    left = "select slug, version, action from service.revision order by id"
    async with writing(database, role=WRITER) as engine, engine.begin() as connection:
        assert await forget(connection, timedelta(days=11)) == 0
        assert await forget(connection, timedelta(days=9)) == 3
    assert await rows(database, left) == [
        ("python", 3, "SAVE"),
        ("sql", 1, "DELETE"),
        ("git", 1, "SAVE"),
        ("git", 2, "SAVE"),
    ]


async def test_an_instance_forgets_what_is_too_old_when_it_comes_up(database: str) -> None:
    async with editing_app(database) as editor:
        for name in ("Python", "Python 2"):
            await editor.save("Skill", skill(name=name))
        await rows(database, "update service.revision set at = at - interval '2 days'")
    left = "select version from service.revision"
    async with editing_app(database, name="again"):
        assert await rows(database, left) == [(1,), (2,)]
    async with editing_app(database, name="once more", revision_days=1):
        async with asyncio.timeout(20):
            while await rows(database, left) != [(2,)]:
                await asyncio.sleep(0.01)


async def test_one_process_at_a_time_forgets(database: str) -> None:
    async with writing(database, role=WRITER) as engine:
        async with engine.begin() as first, engine.begin() as second:
            assert await clean(first, FOR_EVER)
            assert not await clean(second, FOR_EVER)
        async with engine.begin() as third:
            assert await clean(third, FOR_EVER)


async def test_edits_go_on_while_old_ones_are_removed(database: str) -> None:
    async with editing_app(database) as editor:
        for name in ("Python", "Python 2"):
            await editor.save("Skill", skill(name=name))
    await rows(database, "update service.revision set at = at - interval '2 days'")
    async with writing(database) as engine, engine.connect() as connection:
        await connection.execute(text("select from service.revision for update"))
        async with editing_app(database, name="again", revision_days=1) as editor:
            await blocked(database)
            await editor.save("Skill", skill(name="Python 3"))
            await blocked(database)
            await connection.rollback()


def test_every_type_has_revisions() -> None:
    for each in content_model().content():
        assert "revisions" in each.attributes


async def test_a_whole_guide_is_in_its_document(editor: Editor) -> None:
    await editor.save_guide()
    query = '{ revisions(type: GUIDE, slug: "backend-belgium") { nodes { document } } }'
    [found] = (await editor(query))["revisions"]["nodes"]
    assert found["document"] == {"type": "Guide", **GUIDE}
    query = '{ revisions(type: LOCATION, slug: "belgium") { nodes { document } } }'
    [found] = (await editor(query))["revisions"]["nodes"]
    assert found["document"] == {"type": "Location", **PLACE}
