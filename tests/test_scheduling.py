"""Publishing and unpublishing at an instant."""

import asyncio
import logging
import signal
from datetime import UTC, datetime, timedelta

import pytest

from schema.model import content_model
from service import jobs
from service.access import Scope
from service.database.pools import writing
from service.editing.edits import editing
from service.editing.history import forget
from service.editing.releasing import carry_out
from service.editing.renaming import rename
from service.editing.scheduling import Times, schedule
from service.roles import WRITER
from service.tokens import revoke
from tests.asking import Asker
from tests.databases import blocked, rows
from tests.editing import (
    ALL,
    CONFIRM,
    PUBLISH,
    SALARY,
    SCHEDULE,
    UNPUBLISH,
    Editor,
    deleting,
    editing_app,
    items,
    skill,
    token,
)
from tests.processes import PATIENCE, serving

SKILL = items(skill="python")
GUIDE = items(guide="backend-belgium")
LATER = "2100-01-31T09:00:00Z"
LATER_STILL = "2100-02-01T00:00:00+02:00"
SET = """
    select action, due_at, problems->0->>'message' from service.release order by action, due_at
"""
DUE_NOW = """
    update service.release set
        due_at = now() - interval '1 hour', next_at = now() - interval '1 hour'
"""
AGAIN = "update service.release set next_at = now()"
RELEASES = """query($states: [ReleaseState!]) { releases(states: $states) { nodes {
    id action state attempts nextAttemptAt references author reason problems { code message }
    items { type version locales isReference item { ... on Guide { slug } ... on Skill { slug } } }
} } }"""
SCHEDULED = """query($locale: Locale) { skill(slug: "python", stage: DRAFT, locale: $locale) {
    status schedule { at unpublishAt version state problems { code message } releases }
} }"""
FAULT = """
    create function public.fault() returns trigger language plpgsql
    as $$ begin raise exception 'a fault of ours'; end $$
"""
LIVE = "select distinct slug from live.skill order by slug"
DONE = "select action, author, reason from service.revision where action <> 'SAVE' order by id"


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application leaves what is due to the test."""
    monkeypatch.setattr(jobs, "DUE", 3600.0)


async def done(url: str, *, instances: int = 1) -> int:
    """What so many instances carry out that look at the same time."""
    said: list[str] = []
    async with writing(url, role=WRITER) as engine:
        found = 0
        while True:
            each = (carry_out(engine, content_model(), said.append) for _ in range(instances))
            now = sum(await asyncio.gather(*each))
            if not now:
                return found
            found += now


async def status(editor: Editor) -> str:
    found = (await editor('{ skill(slug: "python", stage: DRAFT) { status } }'))["skill"]["status"]
    return str(found)


async def test_what_is_due_is_done_once_however_many_instances_there_are(
    editor: Editor, database: str
) -> None:
    slugs = [f"skill-{index}" for index in range(6)]
    for slug in slugs:
        await editor.save("Skill", skill(slug))
        await editor.change(SCHEDULE, slugs=items(skill=slug), at=LATER, reason="the launch")
    assert await done(database) == 0
    await rows(database, DUE_NOW)
    assert await done(database, instances=4) == len(slugs)
    assert len(await rows(database, LIVE)) == len(slugs)
    assert await rows(database, DONE) == [("PUBLISH", "editor", "the launch")] * len(slugs)
    assert await rows(database, SET) == []
    assert await done(database) == 0


async def test_what_is_due_is_done_once_by_several_workers(editor: Editor, database: str) -> None:
    slugs = [f"skill-{index}" for index in range(6)]
    for slug in slugs:
        await editor.save("Skill", skill(slug))
        await editor.change(SCHEDULE, slugs=items(skill=slug), at=LATER, reason="the launch")
    with serving(DATABASE_URL=database, GUIDEPOST_WORKERS="2") as process:
        await asyncio.to_thread(process.address)
        await rows(database, DUE_NOW)
        async with asyncio.timeout(PATIENCE):
            while await rows(database, SET) != []:
                await asyncio.sleep(0.05)
        assert await asyncio.to_thread(process.stop) == 128 + signal.SIGTERM
    assert await rows(database, DONE) == [("PUBLISH", "editor", "the launch")] * len(slugs)
    assert "failed" not in process.output()


async def test_it_is_unpublished_after_it_was_published(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER, unpublishAt=LATER_STILL)
    assert await status(editor) == "SCHEDULED"
    publish = "update service.release set next_at = now() where action = 'PUBLISH'"
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
    late = "update service.release set due_at = due_at - interval '100 years', next_at = now()"
    await rows(database, late)
    assert await done(database) == 2
    assert [action for action, *_ in await rows(database, DONE)] == ["PUBLISH", "UNPUBLISH"]


async def test_an_instance_that_is_up_does_it(
    database: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # it is not left to the test
    assert jobs.DUE <= 0.5, "a second is more than the pause between two looks"
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


async def test_what_cannot_be_done_is_tried_again_and_shows_why(
    editor: Editor, database: str
) -> None:
    await editor.save_guide()
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER)
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    await rows(database, DUE_NOW)
    assert await done(database) == 2
    assert await rows(database, LIVE) == [("python",)], "what else is due is not held up"
    assert await done(database) == 0, "there is a pause"
    query = """{ guide(slug: "backend-belgium", stage: DRAFT) {
        status schedule { state problems { code message } }
    } }"""
    found = (await editor(query))["guide"]
    assert (found["status"], found["schedule"]["state"]) == ("SCHEDULED", "RETRYING")
    problems = found["schedule"]["problems"]
    assert [each["code"] for each in problems] == ["NOT_PUBLISHED"] * 2
    assert "its location, the Location belgium, is not published" in problems[0]["message"]
    [release] = (await editor(RELEASES))["releases"]["nodes"]
    assert (release["state"], release["attempts"]) == ("RETRYING", 1)
    assert release["problems"] == problems
    assert datetime.fromisoformat(release["nextAttemptAt"]) > datetime.now(UTC)
    await editor.change(PUBLISH, slugs=items(location="belgium", role="backend-developer"))
    await rows(database, AGAIN)
    assert await done(database) == 1
    assert (await editor(query))["guide"] == {"status": "PUBLISHED", "schedule": None}
    assert (await editor(RELEASES))["releases"]["nodes"] == []


async def test_it_is_given_up_after_a_day_and_goes_on_when_it_is_confirmed(
    editor: Editor, database: str
) -> None:
    await editor.save_guide()
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER)
    yesterday = "update service.release set due_at = now() - interval '1 day', next_at = now()"
    await rows(database, yesterday)
    assert await done(database) == 1
    await rows(database, AGAIN)
    assert await done(database) == 0
    [release] = (await editor(RELEASES, states=["FAILED"]))["releases"]["nodes"]
    assert (release["nextAttemptAt"], len(release["problems"])) == (None, 2)
    assert (await editor(RELEASES, states=["RETRYING"]))["releases"]["nodes"] == []
    query = '{ guide(slug: "backend-belgium", stage: DRAFT) { status schedule { state } } }'
    assert (await editor(query))["guide"] == {"status": "DRAFT", "schedule": {"state": "FAILED"}}
    await editor.change(PUBLISH, slugs=items(location="belgium", role="backend-developer"))
    await editor.change(CONFIRM, release=release["id"])
    assert await done(database) == 1
    assert (await editor(query))["guide"] == {"status": "PUBLISHED", "schedule": None}


async def test_what_is_scheduled_together_is_published_together_or_not_at_all(
    editor: Editor, database: str
) -> None:
    await editor.save_guide()
    await editor.save("Skill", skill())
    await editor.save("Guide", {"slug": "backend-belgium", "skills": ["python"]})
    both = [*GUIDE, *items(location="belgium", role="backend-developer")]
    await editor.change(SCHEDULE, slugs=both, at=LATER)
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await rows(database, "select slug from live.location") == [], "the skill is missing"
    await editor.change(SCHEDULE, slugs=[*both, *SKILL], at=LATER, reason="the launch")
    [release] = (await editor(RELEASES))["releases"]["nodes"]
    assert (release["action"], release["author"], release["reason"]) == (
        "PUBLISH",
        "editor",
        "the launch",
    )
    assert [each["type"] for each in release["items"]] == ["Guide", "Location", "Role", "Skill"]
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await rows(database, LIVE) == [("python",)]
    assert len(await rows(database, "select distinct published_at from live.guide")) == 1


async def test_it_publishes_the_version_that_there_was_with_all_it_is_made_of(
    editor: Editor, ask: Asker, database: str
) -> None:
    part = {**SALARY, "level": "MID"}
    await editor.save("Skill", skill("a"))
    await editor.save("Skill", skill("b"))
    await editor.save_guide(skills=["a", "b"], salaryRanges=[part], whyHire={"en": "*Now*"})
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER, references="PUBLISH_TOO")
    more = {
        "title": {"en": "Unfinished"},
        "skills": ["b"],
        "salaryRanges": [],
        "whyHire": {"en": "x"},
    }
    await editor.save("Guide", {"slug": "backend-belgium", **more})
    await editor.save("Skill", skill("a", "Unfinished"))
    query = """query($stage: Stage) { guide(slug: "backend-belgium", stage: $stage) {
        version title skills { name } salaryRanges { level } whyHire { html } updatedAt
    } }"""
    before = await editor(query, stage="DRAFT")
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    live = (await ask(query))["guide"]
    updated_at = live.pop("updatedAt")
    assert live == {
        "version": 1,
        "title": "Backend in Belgium",
        "skills": [{"name": "Python"}, {"name": "Python"}],
        "salaryRanges": [{"level": "MID"}],
        "whyHire": {"html": "<p><em>Now</em></p>"},
    }
    assert updated_at < before["guide"]["updatedAt"]
    assert await editor(query, stage="DRAFT") == before, "the working copy is what it was"
    assert (await editor('{ guide(slug: "backend-belgium", stage: DRAFT) { status } }')) == {
        "guide": {"status": "CHANGED"}
    }
    found = await rows(
        database,
        """select version, action, document->'title'->>'en'
        from service.revision where type = 'Guide' order by id desc limit 1""",
    )
    assert found == [(1, "PUBLISH", "Backend in Belgium")]
    await editor.change(PUBLISH, slugs=GUIDE)
    assert (await ask(query))["guide"]["title"] == "Unfinished"


async def test_it_follows_edits_where_that_is_asked_for(
    editor: Editor, ask: Asker, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER, version="LATEST")
    assert (await editor(SCHEDULED))["skill"]["schedule"]["version"] is None
    await editor.save("Skill", skill(name="Newer"))
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await ask('{ skill(slug: "python") { name } }') == {"skill": {"name": "Newer"}}


async def test_what_was_published_since_in_a_newer_version_stays(
    editor: Editor, ask: Asker, database: str
) -> None:
    await editor.save("Skill", skill(name="One"))
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    await editor.save("Skill", {"slug": "python", "name": {"en": "Two", "nl": "Twee"}})
    await editor.change(PUBLISH, slugs=SKILL, locales=["nl"])
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    query = 'query($locale: Locale) { skill(slug: "python", locale: $locale) { name version } }'
    assert (await ask(query, locale="nl"))["skill"] == {"name": "Twee", "version": 2}
    assert (await ask(query, locale="en"))["skill"] == {"name": "One", "version": 1}


async def test_a_version_is_published_whatever_was_renamed_since(
    editor: Editor, ask: Asker, database: str
) -> None:
    await editor.save("Skill", skill("a", "The first"))
    await editor.save_guide(skills=["a"])
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER, references="PUBLISH_TOO")
    async with writing(database) as engine, editing(engine, content_model(), "a") as edit:
        await rename(edit, ("Skill", "a"), "b")
        await rename(edit, ("Guide", "backend-belgium"), "belgium")
        await rename(edit, ("Role", "backend-developer"), "developer")
    await editor.save("Skill", skill("a", "Another"))
    await editor.save("Guide", {"slug": "belgium", "title": {"en": "Unfinished"}})
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    found = await ask("{ guides { nodes { slug title skills { slug name } } } }")
    assert found["guides"]["nodes"] == [
        {
            "slug": "backend-belgium",
            "title": "Backend in Belgium",
            "skills": [{"slug": "a", "name": "The first"}],
        }
    ]
    assert await rows(database, "select slug from draft.guide") == [("belgium",)]
    assert await rows(database, "select slug from draft.skill order by 1") == [("a",), ("b",)]


async def test_a_slug_that_another_is_published_under_by_now_is_a_problem(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    async with writing(database) as engine, editing(engine, content_model(), "a") as edit:
        await rename(edit, ("Skill", "python"), "cobra")
    await editor.save("Skill", skill())
    await editor.change(PUBLISH, slugs=SKILL)
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    [(_, _, problem)] = await rows(database, SET)
    assert problem.startswith("Skill python: the live copy of python has the same slug")


async def test_a_version_that_cannot_be_published_any_more_says_why(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.save_guide(skills=["python"])
    await editor.change(PUBLISH, slugs=items(location="belgium", role="backend-developer"))
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER, references="LEAVE_PENDING")
    await editor.save("Guide", {"slug": "backend-belgium", "skills": []})
    await editor.change(deleting("Skill"), slug="python")
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    [(_, _, problem)] = await rows(database, SET)
    assert (
        problem == "Guide backend-belgium: its skills[0], the Skill python, was deleted since then"
    )
    await rows(database, "delete from service.revision where version = 1 and type = 'Guide'")
    await rows(database, AGAIN)
    assert await done(database) == 1
    [(_, _, problem)] = await rows(database, SET)
    assert "the revision of version 1 no longer exists; schedule the item again" in problem


async def test_another_item_that_has_the_slug_by_now_is_not_published_instead(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.save_guide(skills=["python"])
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER, references="PUBLISH_TOO")
    await editor.save("Guide", {"slug": "backend-belgium", "skills": []})
    await editor.change(deleting("Skill"), slug="python")
    await editor.save("Skill", skill(name="Nobody may see it yet"))
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    [(_, _, problem)] = await rows(database, SET)
    assert (
        problem == "Guide backend-belgium: its skills[0], the Skill python, was deleted since then"
    )
    assert await rows(database, LIVE) == []


async def test_what_was_taken_back_since_is_not_published_as_it_is_now(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.save_guide(skills=["python"])
    await editor.change(PUBLISH, slugs=SKILL)
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER, references="PUBLISH_TOO")
    await editor.change(UNPUBLISH, slugs=SKILL)
    await editor.save("Skill", skill(name="Unfinished"))
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    [(_, _, problem)] = await rows(database, SET)
    assert "skills[0]" in problem
    assert await rows(database, LIVE) == []


async def test_a_newer_version_in_another_language_keeps_its_lists(
    editor: Editor, ask: Asker, database: str
) -> None:
    for slug in ("python", "java"):
        await editor.save("Skill", skill(slug))
    await editor.save_guide(skills=["python"])
    await editor.change(PUBLISH, slugs=[*items(skill="java"), *SKILL, *ALL])
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER, locales=["nl"])
    await editor.save("Guide", {"slug": "backend-belgium", "skills": ["java"]})
    await editor.change(PUBLISH, slugs=GUIDE, locales=["en"])
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    [(_, _, problem)] = await rows(database, SET)
    assert problem == (
        "Guide backend-belgium: a newer version with other skills is published in en, and lists "
        "have to be the same in all locales; schedule it again"
    )
    found = await ask('{ guide(slug: "backend-belgium") { skills { slug } } }')
    assert found == {"guide": {"skills": [{"slug": "java"}]}}


async def test_what_goes_wrong_in_the_service_is_shown_and_holds_nothing_up(
    editor: Editor, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    for slug in ("python", "java"):
        await editor.save("Skill", skill(slug))
        await editor.change(SCHEDULE, slugs=items(skill=slug), at=LATER)
    await rows(database, FAULT)
    await rows(
        database,
        "create trigger fault before insert on live.skill "
        "for each row when (new.slug = 'python') execute function public.fault()",
    )
    await rows(database, DUE_NOW)
    assert await done(database) == 2
    assert await rows(database, LIVE) == [("java",)]
    [release] = (await editor(RELEASES))["releases"]["nodes"]
    assert (release["state"], release["attempts"]) == ("RETRYING", 1)
    assert [each["code"] for each in release["problems"]] == ["INTERNAL"]
    assert "a fault of ours" in caplog.text


async def test_what_is_to_be_published_is_not_forgotten(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    for name in ("Two", "Three"):
        await editor.save("Skill", skill(name=name))
    async with writing(database) as engine, engine.begin() as connection:
        assert await forget(connection, timedelta()) == 1
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await rows(database, "select distinct name from live.skill") == [("Python",)]


async def test_languages_are_scheduled_apart(editor: Editor, ask: Asker, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.save("Skill", skill("other"))
    both = [*SKILL, *items(skill="other")]
    await editor.change(SCHEDULE, slugs=both, at=LATER, locales=["nl", "fr"])
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER_STILL, locales=["fr"])
    kept = "select locales from service.release_item order by release_id, locales"
    assert await rows(database, kept) == [(["fr", "nl"],), (["nl"],), (["fr"],)]
    await editor.change(SCHEDULE, slugs=items(skill="other"), locales=["nl", "fr"])
    assert await rows(database, kept) == [(["nl"],), (["fr"],)]
    found = {code: (await editor(SCHEDULED, locale=code))["skill"] for code in ("en", "fr", "nl")}
    assert found["en"] == {"status": "DRAFT", "schedule": None}
    assert [found[code]["status"] for code in ("fr", "nl")] == ["SCHEDULED"] * 2
    at = {code: datetime.fromisoformat(found[code]["schedule"]["at"]) for code in ("fr", "nl")}
    assert at["nl"] < at["fr"]
    await rows(database, DUE_NOW)
    assert await done(database) == 2
    locales = "select locale from live.skill order by locale"
    assert await rows(database, locales) == [("fr",), ("nl",)]
    await editor.change(SCHEDULE, slugs=SKILL, unpublishAt=LATER, locales=["fr"])
    await rows(database, DUE_NOW)
    assert await done(database) == 1
    assert await rows(database, locales) == [("nl",)]
    said = """select action, locales from service.revision where action <> 'SAVE' order by id"""
    assert sorted(await rows(database, said), key=str) == [
        ("PUBLISH", ["fr"]),
        ("PUBLISH", ["nl"]),
        ("UNPUBLISH", ["fr"]),
    ]
    [error] = await editor.errors(SCHEDULE, slugs=SKILL, at=LATER, locales=["xx"])
    assert (error["code"], error["path"]) == ("UNKNOWN_LOCALE", ["locales", "0"])
    assert (await ask('{ skill(slug: "python", locale: "nl") { name } }'))["skill"]


async def test_references_are_listed_and_go_with_what_refers_to_them(
    editor: Editor, database: str
) -> None:
    await editor.save_guide()
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER, references="PUBLISH_TOO")
    [release] = (await editor(RELEASES))["releases"]["nodes"]
    assert [(each["type"], each["isReference"]) for each in release["items"]] == [
        ("Guide", False),
        ("Location", True),
        ("Role", True),
    ]
    await editor.change(SCHEDULE, slugs=GUIDE)
    assert await rows(database, "select * from service.release_item") == []
    assert await rows(database, SET) == []


async def test_what_could_not_be_published_is_not_after_it_was_to_be_unpublished(
    editor: Editor, database: str
) -> None:
    await editor.save_guide()
    await editor.change(SCHEDULE, slugs=GUIDE, at=LATER, unpublishAt=LATER_STILL)
    await rows(
        database,
        "update service.release set next_at = now(), due_at = "
        "now() - case action when 'PUBLISH' then interval '1 hour' else interval '1 s' end",
    )
    assert await done(database) == 2
    await editor.change(PUBLISH, slugs=items(location="belgium", role="backend-developer"))
    await rows(database, AGAIN)
    assert await done(database) == 0
    [release] = (await editor(RELEASES))["releases"]["nodes"]
    assert release["state"] == "FAILED"
    assert release["problems"][-1]["code"] == "BAD_TIME"


@pytest.mark.parametrize("is_seen_first_when_due", [False, True])
async def test_what_a_revoked_token_scheduled_waits_for_somebody_who_confirms_it(
    editor: Editor, database: str, *, is_seen_first_when_due: bool
) -> None:
    await editor.save("Skill", skill())
    gone = Editor(editor.ask, await token(database, Scope.PUBLISH, name="gone"))
    await gone.change(SCHEDULE, slugs=SKILL, at=LATER)
    if is_seen_first_when_due:
        await rows(database, "update service.token set revoked_at = now() where name = 'gone'")
    else:
        async with writing(database) as engine, engine.begin() as connection:
            await revoke(connection, "gone")
    await rows(database, DUE_NOW)
    assert await done(database) == int(is_seen_first_when_due)
    assert await rows(database, LIVE) == []
    found = (await editor(SCHEDULED))["skill"]
    assert (found["status"], found["schedule"]["state"]) == ("DRAFT", "HELD")
    [release] = (await editor(RELEASES, states=["HELD"]))["releases"]["nodes"]
    assert release["author"] == "gone"
    other = Editor(editor.ask, await token(database, Scope.PUBLISH, name="o", types=["Guide"]))
    answer = await other.answer(CONFIRM, {"release": release["id"]})
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    await editor.change(CONFIRM, release=release["id"], reason="It is fine")
    assert await done(database) == 1
    assert await rows(database, DONE) == [("PUBLISH", "editor", "It is fine")]
    [error] = await editor.errors(CONFIRM, release=release["id"])
    assert (error["code"], error["path"]) == ("UNKNOWN_RELEASE", ["release"])
    [error] = await editor.errors(CONFIRM, release="skill_1")
    assert error["code"] == "UNKNOWN_RELEASE"


async def test_the_list_of_releases_takes_the_right_to_preview(editor: Editor, ask: Asker) -> None:
    answer = (await ask.post({"query": "{ releases { totalCount } }"})).json()
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    answer = (await ask.post({"query": "{ skills { nodes { schedule { at } } } }"})).json()
    assert answer["errors"][0]["extensions"]["code"] == "BAD_STAGE"
    for slug in "abc":
        await editor.save("Skill", skill(slug))
        await editor.change(SCHEDULE, slugs=items(skill=slug), at=LATER)
    query = """query($after: String) { releases(first: 1, after: $after) {
        nodes { items { item { ... on Skill { slug } } } } pageInfo { endCursor } totalCount
    } }"""
    found, after = [], None
    for _ in range(3):
        page = (await editor(query, after=after))["releases"]
        assert page["totalCount"] == 3
        found += [each["items"][0]["item"]["slug"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert found == [*"abc"]


async def test_a_type_that_there_is_no_more_holds_nothing_up(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.save("Skill", skill("other"))
    await editor.change(SCHEDULE, slugs=items(skill="other"), at=LATER)
    await rows(database, "update service.release_item set type = 'Gone'")
    await editor.change(SCHEDULE, slugs=SKILL, at=LATER)
    await rows(database, DUE_NOW)
    assert await done(database) == 2
    assert await rows(database, LIVE) == [("python",)]
    assert [problem for *_, problem in await rows(database, SET)] == [
        "the content type Gone no longer exists"
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
    given = {"slugs": GUIDE, "at": LATER, "references": "PUBLISH_TOO"}
    answer = await limited.answer(SCHEDULE, given)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    await limited.change(SCHEDULE, **given, version="LATEST")
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
    [(id_,)] = await rows(database, "select item_id from service.release_item")
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
