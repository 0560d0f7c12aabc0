"""A service goes on answering while newer code migrates its database, and afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import asyncpg
import httpx2
import orjson
import pytest

from service.access import Scope
from service.database.pools import reading
from service.roles import READER
from tests.copies import Copy
from tests.databases import blocked
from tests.editing import token
from tests.processes import DIRECT, serving
from tests.racing import begin, client, read_pairs

READERS = 4

FIELD = "    motto: Mapped[Localized | None]\n"
CONTENT = """
    for slug in ("left", "right"):
        said = {"slug": slug, "title": {"en": "1"}, "motto": {"en": "Both"}}
        op.save("Guide", said, base={"title": {"en": "0"}})
        op.publish("Guide", slug, edits="PUBLISH")
        op.execute("select pg_sleep(0.5)")
"""


class Service(NamedTuple):
    """A running service of this code, with a pair of guides, and a token for it."""

    database: str
    url: str
    token: str


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    made = await token(database, Scope.ADMIN)
    with serving(DATABASE_URL=database) as process:
        url = await asyncio.to_thread(process.address)
        with client(url, made) as someone:
            await asyncio.to_thread(begin, someone)
        yield Service(database, url, made)


BUSY = "the database does not answer in time\n"
"""What `/readyz` may say of a machine that has other work."""


def probe(url: str, done: Path) -> set[str]:
    """What `/readyz` says until a file is there."""
    found = set()
    while not done.exists():
        found.add(httpx2.get(f"{url}/readyz", **DIRECT).text)
        time.sleep(0.02)
    return found - {BUSY}


def write(url: str, made: str, done: Path) -> int:
    """Save a guide again and again until a file is there; how often."""
    number = 0
    with client(url, made) as editor:
        while not done.exists():
            number += 1
            assert editor.save({"slug": "left", "subtitle": {"en": str(number)}}) == set()
            assert editor.guide("DRAFT")["subtitle"] == str(number)
    return number


async def newer(folder: Path, url: str) -> Copy:
    """Newer code, with a revision that adds a field to guides and changes two published texts."""
    copy = Copy(folder, url)
    with (folder / "schema/entities/guide.py").open("a") as declaration:
        declaration.write(FIELD)
    said = await copy.run("-m", "alembic", "revision", "--autogenerate", "-m", "Mottos")
    assert "live.guide.motto" in said
    [path] = (folder / "alembic/versions").glob("*_mottos.py")
    upgrade, downgrade, rest = path.read_text().partition("\n\ndef downgrade")
    path.write_text(upgrade + CONTENT + downgrade + rest)
    return copy


async def test_old_code_serves_on_while_newer_code_migrates(
    service: Service, tmp_path: Path
) -> None:
    copy = await newer(tmp_path / "project", service.database)
    done, url, made = tmp_path / "done", service.url, service.token
    with ThreadPoolExecutor(READERS + 2) as threads:
        reads = [threads.submit(read_pairs, url, made, done) for _ in range(READERS)]
        states, writes = threads.submit(probe, url, done), threads.submit(write, url, made, done)
        try:
            await asyncio.sleep(0.5)
            await copy.guidepost("migrate")
            await asyncio.sleep(0.5)
        finally:
            done.touch()
    assert min(each.result() for each in reads) > 10, "hardly anything was read"
    assert states.result() == {"ok\n"}
    assert writes.result() > 2

    with client(url, made) as someone:
        assert await asyncio.to_thread(someone.pair) == 1
    query = '{ left: guide(slug: "left") { title motto } right: guide(slug: "right") { motto } }'
    assert orjson.loads(await copy.ask(query)) == {
        "left": {"title": "1", "motto": "Both"},
        "right": {"motto": "Both"},
    }
    with serving(DATABASE_URL=service.database) as restarted:
        other = await asyncio.to_thread(restarted.address)
        with client(other, made) as someone:
            assert await asyncio.to_thread(someone.pair) == 1
            await asyncio.to_thread(someone.save_pair, 2)
            await asyncio.to_thread(someone.publish)
            assert await asyncio.to_thread(someone.pair) == 2
    assert "of newer code; it has all that this code needs" in restarted.output()


JOINED = "select count(*)::text::bytea from live.role join live.guide on role_id = role.id"


async def test_a_read_that_is_stopped_for_a_deadlock_tries_again(database: str) -> None:
    async with reading(database, 1, role=READER) as reader:
        migration = await asyncpg.connect(database)
        try:
            async with migration.transaction():
                await migration.execute("lock table live.guide in access exclusive mode")
                read = asyncio.ensure_future(reader.json(JOINED, []))
                await blocked(database)
                # The read began to wait first, so that it is the one that is stopped.
                await migration.execute("lock table live.role in access exclusive mode")
                assert not read.done()
            assert await read == b"0"
        finally:
            await migration.close()
