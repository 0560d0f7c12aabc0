"""Migrations of content that are killed: the database is as before, and the next one completes.

`make soak ONLY=kills` kills more often.
"""

import asyncio
import signal
from pathlib import Path
from random import Random

import pytest

from service.database.pools import MIGRATING
from tests.copies import add_revision, copy_revisions
from tests.databases import Server, dump, is_held, looking, rows
from tests.processes import run, running
from tests.soaking import SOAK, rounds

DOCUMENTS = 1000 if SOAK else 300
REVISION = """
    skills = [{{"slug": f"skill-{{n}}", "name": {{"en": f"Skill {{n}}"}}}} for n in range({0})]
    op.save("Skill", skills)
    op.publish("Skill", [each["slug"] for each in skills])
    op.transform("Skill", {{}}, lambda skill: {{**skill, "kind": "PRACTICE"}})
    op.execute("select pg_sleep(2)")
"""
COUNT = "select count(*) from live.skill where kind = 'PRACTICE' and locale = 'en'"


@pytest.mark.parametrize("delays", [(0.0, 0.5), (0.5, 2.0)], ids=["early", "late"])
async def test_a_migration_that_is_killed_leaves_nothing(
    server: Server, migrated: str, tmp_path: Path, delays: tuple[float, float]
) -> None:
    copy_revisions(tmp_path)
    add_revision(tmp_path, REVISION.format(DOCUMENTS))
    for number in rounds(share=0.25):
        async with server.new(migrated) as database:
            await _kill(database, tmp_path, Random(number).uniform(*delays))


async def _kill(database: str, project: Path, delay: float) -> None:
    """Kill a migration so many seconds after it has begun, and go through with another one."""
    before = await dump(database)
    settings = {"DATABASE_URL": database, "GUIDEPOST_PROJECT": str(project)}
    with running("migrate", **settings) as process:
        async with looking(database) as look:
            while not await is_held(look, MIGRATING):
                await asyncio.sleep(0.01)
            await asyncio.sleep(delay)
            process.process.send_signal(signal.SIGKILL)
            assert await asyncio.to_thread(process.wait) == -signal.SIGKILL
            while await is_held(look, MIGRATING):
                await asyncio.sleep(0.01)
    assert await dump(database) == before
    done = await asyncio.to_thread(run, "migrate", **settings)
    assert done.returncode == 0, done.stderr
    assert await rows(database, COUNT) == [(DOCUMENTS,)]
