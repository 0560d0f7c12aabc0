"""Publishing and unpublishing at an instant."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from schema.model import content_model
from service import chores
from service.access import Scope
from service.database import writing
from service.editing.edits import editing
from service.editing.scheduling import BATCH, Times, carry_out, schedule
from service.roles import WRITER
from tests.asking import Asker
from tests.databases import blocked, rows
from tests.editing import (
    PUBLISH,
    SCHEDULE,
    UNPUBLISH,
    Editor,
    deleting,
    editing_app,
    items,
    skill,
    token,
)

SKILL = items(skill="python")
GUIDE = items(guide="backend-belgium")
LATER = "2100-01-31T09:00:00Z"
LATER_STILL = "2100-02-01T00:00:00+02:00"
SET = "select action, due_at, problem from service.schedule order by action"
DUE_NOW = "update service.schedule set due_at = now() - interval '1 hour'"
LIVE = "select distinct slug from live.skill order by slug"
DONE = "select action, author, reason from service.revision where action <> 'SAVE' order by id"


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application leaves what is due to the test."""
    monkeypatch.setattr(chores, "DUE", 3600.0)


async def done(url: str, *, instances: int = 1) -> int:
    """What so many instances carry out that look at the same time."""
    said: list[str] = []
    async with writing(url, role=WRITER) as engine:
        each = (carry_out(engine, content_model(), said.append) for _ in range(instances))
        return sum(await asyncio.gather(*each))


async def status(editor: Editor) -> str:
    found = (await editor('{ skill(slug: "python", stage: DRAFT) { status } }'))["skill"]["status"]
    return str(found)


async def test_what_is_due_is_done_once_however_many_instances_there_are(
    editor: Editor, database: str
) -> None:
    slugs = [f"skill-{index}" for index in range(BATCH + 3)]
    for slug in slugs:
        await editor.save("Skill", skill(slug))
    keys = [{"type": "SKILL", "slug": slug} for slug in slugs]
    await editor.change(SCHEDULE, slugs=keys, at=LATER, reason="the launch")
    assert await done(database) == 0
    await rows(database, DUE_NOW)
    assert await done(database, instances=4) == len(slugs)
    assert len(await rows(database, LIVE)) == len(slugs)
    assert await rows(database, DONE) == [("PUBLISH", "editor", "the launch")] * len(slugs)
    assert await rows(database, SET) == []
    assert await done(database) == 0


async def test_it_is_unpublished_after_it_was_published(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER, unpublishAt=LATER_STILL)
    assert await status(editor) == "SCHEDULED"
    publish = "update service.schedule set due_at = now() where action = 'PUBLISH'"
    await rows(database, publish)
    assert await done(database) == 1
    assert await status(editor) == "PUBLISHED"
    assert await rows(database, LIVE) == [("python",)]
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await status(editor) == "DRAFT"
    assert await rows(database, LIVE) == []


async def test_what_was_due_while_nothing_ran_is_done_in_order(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER, unpublishAt=LATER_STILL)
    await rows(database, "update service.schedule set due_at = due_at - interval '100 years'")
    assert await done(database) == 2
    assert [action for action, *_ in await rows(database, DONE)] == ["PUBLISH", "UNPUBLISH"]


async def test_an_instance_that_is_up_does_it(
    database: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # it is not left to the test
    assert chores.DUE <= 0.5, "a second is more than the pause between two looks"
    async with editing_app(database) as editor:
        await editor.save("Skill", skill())
        at = datetime.now(UTC) + timedelta(seconds=2)
        await editor.change(SCHEDULE, slugs=SKILL, at=at.isoformat())
        assert await rows(database, LIVE) == []
        async with asyncio.timeout(20):
            while await rows(database, LIVE) == []:
                await asyncio.sleep(0.05)
    [(published_at,)] = await rows(database, "select distinct published_at from live.skill")
    assert at <= published_at
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_a_time_that_cannot_be_is_an_error_and_sets_nothing(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    past, local = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00"
    cases: list[tuple[dict[str, str], dict[str, str]]] = [
        ({"at": past}, {"at": "is in the past; it is 20"}),
        ({"at": local}, {"at": "has no time zone; write it as in 2027-01-31T09"}),
        ({"at": "2100-01-01"}, {"at": "has no time zone"}),
        ({"unpublishAt": past}, {"unpublishAt": "is in the past"}),
        ({"at": LATER_STILL, "unpublishAt": LATER}, {"unpublishAt": "is not after `at`"}),
        ({"at": LATER, "unpublishAt": LATER}, {"unpublishAt": "is not after `at`"}),
        ({"at": past, "unpublishAt": local}, {"at": "past", "unpublishAt": "no time zone"}),
    ]
    for times, errors in cases:
        found = await editor.errors(SCHEDULE, slugs=SKILL, **times)
        assert {each["path"][0] for each in found} == errors.keys(), times
        for each in found:
            assert each["code"] == "BAD_TIME"
            assert errors[each["path"][0]] in each["message"]
    assert await rows(database, SET) == []


async def test_setting_again_replaces_and_setting_nothing_cancels(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER, unpublishAt=LATER_STILL)
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER_STILL)
    at = datetime(2100, 1, 31, 22, tzinfo=UTC)
    assert await rows(database, SET) == [("PUBLISH", at, None)]
    await editor.change(SCHEDULE, slugs=SKILL)
    assert await rows(database, SET) == []
    assert await status(editor) == "DRAFT"


async def test_what_cannot_be_done_stays_with_its_problem_and_is_not_tried_again(
    editor: Editor, database: str
) -> None:
    await editor.save_guide()
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER)
    await rows(database, DUE_NOW)
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    await rows(database, DUE_NOW)
    assert await done(database) == 2
    [(action, _, problem)] = await rows(database, SET)
    assert action == "PUBLISH"
    assert "its location, the Location belgium, is not published" in problem
    assert await rows(database, LIVE) == [("python",)], "what else is due is not held up"
    assert await done(database) == 0
    query = '{ guide(slug: "backend-belgium", stage: DRAFT) { status } }'
    assert await editor(query) == {"guide": {"status": "DRAFT"}}
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER, references="PUBLISH_TOO")
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await editor(query) == {"guide": {"status": "PUBLISHED"}}


async def test_a_type_that_there_is_no_more_holds_nothing_up(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.save("Skill", skill("other"))
    await editor.change(SCHEDULE, slugs=items(skill="other"), at=LATER)
    await rows(database, "update service.schedule set type = 'Gone'")
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    await rows(database, DUE_NOW)
    assert await done(database) == 2
    assert await rows(database, LIVE) == [("python",)]
    assert [problem for *_, problem in await rows(database, SET)] == [
        "there is no type Gone any more"
    ]


async def test_what_is_deleted_is_not_published_later(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    await editor.change(deleting("Skill"), slug="python")
    assert await rows(database, SET) == []


async def test_what_was_published_meanwhile_is_no_problem(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    await editor.change(PUBLISH, slugs=SKILL)
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await rows(database, DONE) == [("PUBLISH", "editor", None)]
    await editor.change(SCHEDULE, slugs=SKILL, unpublishAt=LATER)
    await editor.change(UNPUBLISH, slugs=SKILL)
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await rows(database, SET) == []


async def test_a_token_for_some_types_publishes_no_others_later_either(
    editor: Editor, database: str
) -> None:
    await editor.save_guide()
    only = await token(database, Scope.PUBLISH, name="limited", types=["Guide"])
    limited = Editor(editor.ask, only)
    await limited.change(SCHEDULE, slugs=GUIDE, at=LATER, references="PUBLISH_TOO")
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await rows(database, "select slug from live.location") == []
    [(_, _, problem)] = await rows(database, SET)
    assert "'limited' may not publish Location belgium, Role backend-developer" in problem


async def test_who_does_what_is_due_does_not_stand_in_the_way_of_who_cancels_it(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    await rows(database, DUE_NOW)
    [(id_,)] = await rows(database, "select item_id from service.schedule")
    async with writing(database) as engine:
        async with editing(engine, content_model(), "somebody") as edit:
            doing = asyncio.create_task(done(database))
            await blocked(database)
            await schedule(edit, {("Skill", "python"): id_}, Times())
        assert await doing == 0
    assert await rows(database, LIVE) == []


async def test_status_is_filtered_ordered_and_grouped_by_in_both_copies(
    editor: Editor, ask: Asker
) -> None:
    for slug in ("draft", "live", "changed", "scheduled"):
        await editor.save("Skill", skill(slug))
    await editor.change(PUBLISH, slugs=[*items(skill="live"), *items(skill="changed")])
    await editor.save("Skill", skill("changed", "Other"))
    await editor.change(SCHEDULE, slugs=items(skill="scheduled"), at=LATER)
    query = """query($stage: Stage, $where: SkillWhere) { skills(
        stage: $stage, where: $where, orderBy: [{ status: ASC }, { slug: ASC }]
    ) {
        nodes { slug status } groups(groupBy: [STATUS]) { nodes { status aggregate { count } } }
    } }"""
    found = (await editor(query, stage="DRAFT"))["skills"]
    assert [(each["slug"], each["status"]) for each in found["nodes"]] == [
        ("changed", "CHANGED"),
        ("draft", "DRAFT"),
        ("live", "PUBLISHED"),
        ("scheduled", "SCHEDULED"),
    ]
    assert [each["aggregate"]["count"] for each in found["groups"]["nodes"]] == [1, 1, 1, 1]
    only = {"status": {"in": ["CHANGED", "DRAFT"]}}
    found = (await editor(query, stage="DRAFT", where=only))["skills"]
    assert [each["slug"] for each in found["nodes"]] == ["changed", "draft"]
    live = (await ask(query))["skills"]
    assert live["groups"]["nodes"] == [{"status": "PUBLISHED", "aggregate": {"count": 2}}]
    assert [each["slug"] for each in live["nodes"]] == ["changed", "live"]
    assert (await ask(query, where=only))["skills"]["nodes"] == []
