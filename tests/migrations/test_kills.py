"""Migrations of content that are killed: the database is as before, and the next one completes.

`GUIDEPOST_DOCUMENTS` says how many documents the revision brings.
"""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from service.database import MIGRATING
from tests.copies import add_revision, copy_revisions
from tests.databases import dump, is_held, rows
from tests.processes import run, running

DOCUMENTS = int(os.environ.get("GUIDEPOST_DOCUMENTS", "1000"))
REVISION = """
    skills = [{{"slug": f"skill-{{n}}", "name": {{"en": f"Skill {{n}}"}}}} for n in range({0})]
    op.save("Skill", skills)
    op.publish("Skill", [each["slug"] for each in skills])
    op.transform("Skill", {{}}, lambda skill: {{**skill, "kind": "PRACTICE"}})
    op.execute("select pg_sleep(2)")
"""
COUNT = "select count(*) from live.skill where kind = 'PRACTICE' and locale = 'en'"


@pytest.mark.parametrize("delay", [0.3, 1.0])
async def test_a_migration_that_is_killed_leaves_nothing(
    database: str, tmp_path: Path, delay: float
) -> None:
    copy_revisions(tmp_path)
    add_revision(tmp_path, REVISION.format(DOCUMENTS))
    before = await dump(database)
    settings = {"DATABASE_URL": database, "GUIDEPOST_PROJECT": str(tmp_path)}
    with running("migrate", **settings) as process:
        while not await is_held(database, MIGRATING):
            await asyncio.sleep(0.01)
        await asyncio.sleep(delay)
        process.process.send_signal(signal.SIGKILL)
        assert await asyncio.to_thread(process.wait) == -signal.SIGKILL
    while await is_held(database, MIGRATING):
        await asyncio.sleep(0.05)
    assert await dump(database) == before
    done = await asyncio.to_thread(run, "migrate", **settings)
    assert done.returncode == 0, done.stderr
    assert await rows(database, COUNT) == [(DOCUMENTS,)]
