"""Content with a name that its enumeration does not have, as after the name was removed."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest
from alembic import command

from service.documents.problems import ContentError
from service.errors import GuidepostError
from tests.databases import SEEDS, dump, rows
from tests.editing import RESTORE, Editor, saving
from tests.migrations.history import PUBLISH, History
from tests.processes import run, run_process

IN_DRAFT = "update draft.hub set kind = 'GARAGE' where slug = 'the-pond'"
IN_BOTH = (IN_DRAFT, IN_DRAFT.replace("draft", "live"))
IN_LIVE = "update live.hub set kind = 'GARAGE' where slug = 'imec'"
BACK_IN_LIVE = "update live.hub set kind = null where slug = 'imec'"
IN_PARTS = """
    update draft.salary_range set level = 'GURU' where level = 'SENIOR' and owner_id in
    (select id from draft.guide where slug = 'recruiting-backend-developers-in-belgium')
"""
BELOW_ZERO = (
    "alter table draft.salary_range drop constraint ck_salary_range_minimum_at_least_0",
    "update draft.salary_range set minimum = -5",
    "update live.salary_range set minimum = -5",
)
MEND = "Change them in a migration with `op.transform`, or declare the name until no item has it"
LEVEL = (
    "Guide.salaryRanges.level: 'GURU' is not one of JUNIOR, MID, SENIOR, LEAD, and these items "
    f"have it: recruiting-backend-developers-in-belgium (working copy). {MEND}"
)
KIND = (
    "Hub.kind: 'GARAGE' is not one of COWORKING, INCUBATOR, CAMPUS, RESEARCH, and these items have "
    f"it: %s. {MEND}"
)
SAVE = 'op.save("Hub", {"slug": "the-pond", "kind": "GARAGE"})\nop.publish("Hub", "the-pond")'
CHANGE = """
    op.transform("Hub", {"kind": "GARAGE"}, lambda document: {**document, "kind": "INCUBATOR"})
"""


@pytest.fixture
async def unknown(seeded_history: History) -> History:
    """The seeds, with unknown names in either copy, and in parts."""
    for statement in (*IN_BOTH, IN_LIVE, IN_PARTS):
        await rows(seeded_history.url, statement)
    return seeded_history


async def test_commands_name_the_items_before_they_do_anything(
    unknown: History, tmp_path: Path
) -> None:
    folder = str(shutil.copytree(SEEDS, tmp_path / "content"))
    before = await dump(unknown.url)
    commands: list[tuple[str, ...]] = [("content", each, folder) for each in ("plan", "apply")]
    commands += [("content", "export", str(tmp_path / "export")), ("migrate",)]
    failed = [
        await asyncio.to_thread(run, *arguments, DATABASE_URL=unknown.url) for arguments in commands
    ]
    # One that is not refused goes on until it is stopped.
    failed.append(await asyncio.to_thread(run_process, "serve", DATABASE_URL=unknown.url, PORT="0"))
    said = f"error: {LEVEL}\n{KIND % 'imec (live copy), the-pond'}\n"
    assert [(each.returncode, each.stdout, each.stderr) for each in failed] == [(1, "", said)] * 5
    assert await dump(unknown.url) == before
    assert not (tmp_path / "export").exists()


async def test_a_revision_is_not_generated_if_it_leaves_unknown_names(unknown: History) -> None:
    unknown.documents = SEEDS
    left = re.escape(KIND % "imec (live copy)")
    with pytest.raises(ContentError, match=f"^{left}$"):
        await unknown.run(command.check)
    with pytest.raises(ContentError, match=f"^{left}$"):
        await unknown.generate(SEEDS)


async def test_a_generated_revision_changes_the_items(unknown: History) -> None:
    for statement in (BACK_IN_LIVE, IN_PARTS.replace("draft", "live")):
        await rows(unknown.url, statement)
    before = await dump(unknown.url)
    await unknown.generate(SEEDS)
    await unknown.upgrade()
    assert "'GARAGE'" not in str(await dump(unknown.url))
    await unknown.run(command.check)
    await unknown.downgrade()
    assert await dump(unknown.url) == before


async def test_an_older_revision_can_have_a_name_that_was_removed_since(
    drafts: History,
) -> None:
    drafts.add(PUBLISH)
    saving_ = drafts.add(SAVE)
    with pytest.raises(ContentError, match=re.escape(KIND % "the-pond")):
        await drafts.upgrade()
    assert await rows(drafts.url, "select kind from draft.hub") == [(None,)]
    drafts.add(CHANGE)
    await drafts.upgrade()
    assert await rows(drafts.url, "select distinct kind from live.hub") == [("INCUBATOR",)]
    await drafts.downgrade(saving_)
    assert await rows(drafts.url, "select distinct kind from live.hub") == [("GARAGE",)]


async def test_a_constraint_that_content_no_longer_meets_is_a_problem_of_what_is_saved(
    seeded_history: History, tmp_path: Path
) -> None:
    for statement in BELOW_ZERO:
        await rows(seeded_history.url, statement)
    folder = str(tmp_path / "content")
    for arguments in (("export", folder), ("plan", folder)):
        done = await asyncio.to_thread(run, "content", *arguments, DATABASE_URL=seeded_history.url)
        assert done.returncode == 0, done.stderr
    guide = '{"slug": "recruiting-backend-developers-in-belgium", "subtitle": {"en": "Shorter"}}'
    seeded_history.add(f'op.save("Guide", {guide})')
    problem = r"salaryRanges\[2\].minimum: is -5; it has to be 0 or more"
    with pytest.raises(GuidepostError, match=problem):
        await seeded_history.upgrade()


async def test_a_mutation_does_not_save_an_unknown_name(editor: Editor, database: str) -> None:
    hub = {"slug": "the-pond", "name": {"en": "The Pond"}, "location": "ghent"}
    place = {"slug": "ghent", "name": {"en": "Ghent"}, "kind": "CITY"}
    await editor.save("Hub", hub, **{"with": [{"location": place}]})
    await rows(database, IN_DRAFT)
    await rows(
        database,
        """update service.revision set document = document || '{"kind": "GARAGE"}'
        where slug = 'the-pond'""",
    )
    website = {"slug": "the-pond", "website": "https://example.org/"}
    problem = {
        "code": "BAD_VALUE",
        "path": ["document", "kind"],
        "message": "expected one of COWORKING, INCUBATOR, CAMPUS, RESEARCH, got 'GARAGE'",
    }
    found = await editor.errors(saving("Hub"), document=website, mode="MERGE")
    assert found == [problem]
    [[number]] = await rows(database, "select id from service.revision where slug = 'the-pond'")
    [restored] = await editor.errors(RESTORE, revision=f"revision_{number}")
    assert (restored["code"], restored["message"]) == (problem["code"], problem["message"])
    await editor.save("Hub", {**website, "kind": "INCUBATOR"}, mode="MERGE")
    assert await rows(database, "select kind from draft.hub") == [("INCUBATOR",)]
