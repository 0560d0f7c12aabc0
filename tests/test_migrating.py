"""`guidepost migrate` beside others: it takes turns, gives way, and leaves nothing half done."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.model import content_model
from service.database.pools import MIGRATING, writing
from service.editing.edits import editing
from service.errors import DatabaseError
from service.migrations.lock_retry import FIRST_PAUSE, with_lock_retry
from service.migrations.revisions import Revisions
from service.settings import Settings
from tests.copies import HEAD, add_revision, copy_revisions
from tests.databases import blocked, rows
from tests.processes import Command, environment, run, running

AFTER = "a" * 12
SLOW = """
    op.execute("alter table live.guide add column motto text")
    op.execute("select pg_sleep(2)")
"""
UNTIL = """
    from pathlib import Path
    op.execute("alter table live.guide add column motto text")
    while not Path({!r}).exists():
        op.execute("select pg_sleep(0.1)")
"""
QUICK = 'op.execute("alter table live.guide add column motto text")'
SHAPE = """
    select version_num, (
        select count(*) from information_schema.columns
        where (table_schema, table_name, column_name) = ('live', 'guide', 'motto')
    ) from alembic_version
"""
SLEEPING = """
    select pid from pg_stat_activity
    where datname = current_database() and query like '%pg_sleep%' and state = 'active'
        and pid <> pg_backend_pid()
"""


class Project:
    """A project with one revision more than its database."""

    def __init__(self, folder: Path, url: str) -> None:
        copy_revisions(folder)
        self.folder = folder
        self.url = url

    def environment(self, **settings: object) -> dict[str, str]:
        """The settings of a command; those of migrations without their prefix."""
        named = {
            f"GUIDEPOST_MIGRATION_{name.upper()}": str(each) for name, each in settings.items()
        }
        return {"DATABASE_URL": self.url, "GUIDEPOST_PROJECT": str(self.folder), **named}

    @contextmanager
    def migrating(self, **settings: object) -> Iterator[Command]:
        """`guidepost migrate`, under way."""
        with running("migrate", **self.environment(**settings)) as process:
            yield process

    async def migrate(self, **settings: object) -> subprocess.CompletedProcess[str]:
        """`guidepost migrate`, to its end."""
        return await asyncio.to_thread(run, "migrate", **self.environment(**settings))

    async def shape(self) -> tuple[str, int]:
        """The revision of the database, and how many of the columns it adds there are."""
        [(revision, columns)] = await rows(self.url, SHAPE)
        return revision, columns

    async def asleep(self) -> int:
        """The process of the database's that runs a slow statement, once there is one."""
        while not (found := await rows(self.url, SLEEPING)):
            await asyncio.sleep(0.01)
        return int(found[0][0])


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    return Project(tmp_path, database)


@asynccontextmanager
async def transaction(url: str, *statements: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of somebody else's, in which statements were run."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
            yield connection
    finally:
        await connection.close()


async def ended(process: Command) -> str:
    """What a command said that has to succeed, after its end."""
    code = await asyncio.to_thread(process.wait)
    assert code == 0, process.output()
    return process.output()


async def test_of_two_at_once_one_works_and_one_waits(project: Project) -> None:
    go_on = project.folder / "go-on"
    add_revision(project.folder, UNTIL.format(str(go_on)))
    with project.migrating() as one:
        await project.asleep()
        with project.migrating() as other:
            await asyncio.to_thread(other.until, "another command is migrating .* waiting")
            assert await project.shape() == (HEAD, 0)
            go_on.touch()
            assert "waiting" not in await ended(one)
            assert "trying again" not in await ended(other)
    assert await project.shape() == (AFTER, 1)


async def test_it_waits_for_another_only_so_long(project: Project) -> None:
    add_revision(project.folder, QUICK)
    async with transaction(project.url, f"select pg_advisory_xact_lock({MIGRATING})"):
        done = await project.migrate(patience=0.5)
    assert done.returncode == 1
    assert "error: another command has been migrating the database for longer than" in done.stderr
    assert "GUIDEPOST_MIGRATION_PATIENCE" in done.stderr
    assert "Traceback" not in done.stderr
    assert await project.shape() == (HEAD, 0)


async def test_the_plain_command_takes_turns_too(project: Project) -> None:
    add_revision(project.folder, QUICK)
    settings = project.environment(patience=0.5)
    async with transaction(project.url, f"select pg_advisory_xact_lock({MIGRATING})"):
        done = await asyncio.to_thread(
            subprocess.run,
            [str(Path(sys.executable).parent / "alembic"), "upgrade", "head"],
            cwd=project.folder,
            env=environment(**settings),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode != 0
    assert "another command is migrating the database; waiting for it to end" in done.stderr
    assert "Traceback" not in done.stderr


async def test_it_holds_up_readers_only_briefly_while_it_waits_for_a_lock(project: Project) -> None:
    add_revision(project.folder, QUICK)
    longest = 0.0
    with project.migrating(lock_timeout=0.2) as process:
        async with transaction(project.url, "select from live.guide"):
            for number in (1, 2):
                pattern = (
                    r"(others are using the tables to be changed.*trying again in .* s\n.*){%d}"
                )
                until = asyncio.to_thread(process.until, f"(?s){pattern % number}")
                waiting = asyncio.ensure_future(until)
                while not waiting.done():
                    began = time.monotonic()
                    await rows(project.url, "select count(*) from live.guide")
                    longest = max(longest, time.monotonic() - began)
                await waiting
            assert await project.shape() == (HEAD, 0)
        await ended(process)
    assert 0.1 < longest < 1
    assert await project.shape() == (AFTER, 1)


async def test_it_gives_up_when_its_patience_ends(project: Project) -> None:
    add_revision(project.folder, QUICK)
    async with transaction(project.url, "select from live.guide"):
        done = await project.migrate(lock_timeout=0.1, patience=1)
    assert done.returncode == 1
    assert "error: others are using the tables to be changed (canceling statement" in done.stderr
    assert "nothing was changed. The migration was retried for GUIDEPOST_MIGRATION_PATIENCE" in (
        done.stderr
    )
    assert "Traceback" not in done.stderr
    assert await project.shape() == (HEAD, 0)


async def test_it_does_not_pause_for_longer_than_its_patience_lasts(project: Project) -> None:
    settings = Settings(migration_patience=FIRST_PAUSE / 2, migration_lock_timeout=0.001)

    async def change(connection: AsyncConnection) -> None:
        async with connection.begin():
            await connection.execute(text("lock table live.guide"))

    def say(line: str) -> None:
        raise AssertionError(line)

    async with transaction(project.url, "select from live.guide"):
        with pytest.raises(
            DatabaseError, match=r"others are using .* The migration was retried for"
        ):
            await with_lock_retry(project.url, settings, say, change)


async def test_it_does_not_begin_while_somebody_writes(project: Project) -> None:
    add_revision(project.folder, QUICK)
    async with writing(project.url) as engine:
        with project.migrating(lock_timeout=0.1) as process:
            async with editing(engine, content_model(), "somebody"):
                await asyncio.to_thread(process.until, "others are using .* trying again")
            await ended(process)
    assert await project.shape() == (AFTER, 1)


async def test_after_a_deadlock_it_tries_again(project: Project) -> None:
    add_revision(
        project.folder,
        """
        op.execute("alter table live.guide add column motto text")
        op.execute("select pg_sleep(0.5)")
        op.execute("alter table live.role add column motto text")
        """,
    )
    with project.migrating(lock_timeout=30, statement_timeout=30) as process:
        await project.asleep()
        async with transaction(project.url, "lock table live.role in share mode") as other:
            # It is stopped whose wait is the first to have lasted a second.
            await blocked(project.url)
            await other.execute("lock table live.guide in share mode")
            await asyncio.to_thread(process.until, "others are using .*deadlock.* trying again")
        await ended(process)
    assert await project.shape() == (AFTER, 1)


async def test_after_its_connection_was_cut_it_tries_again(project: Project) -> None:
    add_revision(project.folder, SLOW)
    with project.migrating() as process:
        await rows(project.url, f"select pg_terminate_backend({await project.asleep()})")
        said = await ended(process)
    assert "the connection to the database was lost" in said
    assert "Traceback" not in said
    assert await project.shape() == (AFTER, 1)


async def test_a_statement_that_locks_a_table_for_too_long_is_stopped(project: Project) -> None:
    add_revision(
        project.folder,
        """
        op.execute("alter table live.guide add column motto text")
        op.execute("/* very */ -- long\\n CREATE table service.x as select from pg_sleep(30)")
        """,
    )
    done = await project.migrate(statement_timeout=0.3)
    assert done.returncode == 1
    assert "error: a statement was stopped (canceling statement due to statement timeout)" in (
        done.stderr
    )
    assert "GUIDEPOST_MIGRATION_STATEMENT_TIMEOUT" in done.stderr
    assert f"revision {AFTER} (One more revision): canceling statement" in done.stderr
    assert "statement: /* very */ -- long CREATE table service.x" in done.stderr
    assert "Traceback" not in done.stderr
    assert await project.shape() == (HEAD, 0)


INSERT = """
    for _ in range(2):
        op.execute(
            "insert into draft.skill (id, slug, name, version, created_at, updated_at)"
            " values (gen_random_uuid(), 'same', '{}', 1, now(), now())"
        )
"""


async def test_revisions_are_named_and_an_error_says_where_and_why(project: Project) -> None:
    add_revision(project.folder, QUICK)
    last = "b" * 12
    add_revision(project.folder, INSERT, last, AFTER)
    done = await project.migrate()
    assert done.returncode == 1
    said = done.stderr.splitlines()
    start = next(index for index, line in enumerate(said) if line.startswith("error: "))
    took = rf"revision {AFTER} \(One more revision\): upgraded in \d+\.\d s"
    assert re.fullmatch(took, said[start - 1])
    refusal = 'duplicate key value violates unique constraint "uq_skill_slug"'
    # The key is checked at the end of the revision: no other revision is to blame.
    assert said[start:] == [
        f"error: revision {last} (One more revision): {refusal}",
        "  DETAIL: Key (slug)=(same) already exists.",
        "  statement: set constraints all immediate",
    ]
    assert await project.shape() == (HEAD, 0)
    add_revision(project.folder, f"op.execute('select nothing -- {'x' * 50_000}')", last, AFTER)
    *_, error, statement = (await project.migrate()).stderr.splitlines()
    assert error == f'error: revision {last} (One more revision): column "nothing" does not exist'
    assert re.fullmatch(r"  statement: select nothing -- x{380,}… \(50,018 characters\)", statement)


async def test_a_plan_is_for_people_and_for_programs(project: Project) -> None:
    """Its exit code says whether there is anything to do."""

    async def plan(*more: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(run, "migrate", "--plan", *more, **project.environment())

    assert (await plan()).returncode == 0
    add_revision(project.folder, QUICK)
    there = await project.shape()
    done = await plan()
    assert (done.returncode, done.stdout.splitlines()[-1]) == (2, "1 migration, 0 items changed")
    [revision] = json.loads((await plan("--json")).stdout)["revisions"]
    assert (revision["revision"], revision["items"]) == (AFTER, [])
    assert revision["statements"] == ["alter table live.guide add column motto text"]
    refused = await plan("--json", "--force=mine")
    assert refused.returncode == 1
    assert "force=mine is not valid" in json.loads(refused.stdout)["error"]["message"]
    assert await project.shape() == there


async def test_a_statement_that_locks_no_table_may_take_its_time(project: Project) -> None:
    add_revision(project.folder, SLOW)
    done = await project.migrate(statement_timeout=0.3)
    assert done.returncode == 0, done.stderr
    assert await project.shape() == (AFTER, 1)


async def test_an_index_that_is_made_concurrently_waits_for_others(project: Project) -> None:
    add_revision(
        project.folder,
        """
        with op.get_context().autocommit_block():
            op.create_index("i", "guide", ["title"], schema="live", postgresql_concurrently=True)
        op.execute("alter table live.guide add column motto text")
        """,
    )
    old = "declare c cursor for select from live.role"
    with project.migrating(lock_timeout=0.2, statement_timeout=0.3) as process:
        async with transaction(project.url, old), transaction(project.url, old):
            waits = """
                select from pg_stat_activity
                where datname = current_database() and wait_event = 'virtualxid'
            """
            while not await rows(project.url, waits):
                await asyncio.sleep(0.01)
            with project.migrating() as other:
                await asyncio.to_thread(other.until, "waiting")
                await asyncio.sleep(1)
                assert process.process.poll() is None
        assert "trying again" not in await ended(process)
    assert await project.shape() == (AFTER, 1)
    valid = "select indisvalid from pg_index where indexrelid = 'live.i'::regclass"
    assert await rows(project.url, valid) == [(True,)]


async def test_a_killed_one_leaves_nothing_and_the_next_completes(project: Project) -> None:
    add_revision(project.folder, SLOW.replace("pg_sleep(2)", "pg_sleep(30)"))
    with project.migrating() as process:
        await project.asleep()
        process.process.kill()
        await asyncio.to_thread(process.wait)
    assert await project.shape() == (HEAD, 0)
    add_revision(project.folder, QUICK)
    began = time.monotonic()
    done = await project.migrate()
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 15, "the server did not notice"
    assert await project.shape() == (AFTER, 1)


async def test_several_heads_are_refused_before_anything_is_done(project: Project) -> None:
    add_revision(project.folder, QUICK)
    add_revision(project.folder, QUICK, "b" * 12)
    for command in (["migrate"], ["serve", "--migrate"]):
        done = await asyncio.to_thread(run, *command, **project.environment(), PORT="0")
        assert done.returncode == 1
        assert done.stderr == (
            f"error: the revisions of the code have several heads, {AFTER} and {'b' * 12}; "
            "let one come after the other, or join them with `alembic merge heads`\n"
        )
    assert await project.shape() == (HEAD, 0)


def test_revisions_are_read_anew_when_there_is_another(tmp_path: Path) -> None:
    copy_revisions(tmp_path)
    assert Revisions.of(tmp_path).head == Revisions.of(tmp_path).head == HEAD
    add_revision(tmp_path, QUICK)
    assert Revisions.of(tmp_path).head == AFTER
    (tmp_path / f"alembic/versions/{AFTER}.py").unlink()
    assert Revisions.of(tmp_path).head == HEAD


def test_revisions_may_lie_in_more_folders(tmp_path: Path) -> None:
    copy_revisions(tmp_path / "project")
    copy_revisions(tmp_path / "others")
    options = tmp_path / "project/alembic.ini"
    folders = f"%(here)s/alembic/versions:{tmp_path}/more"
    more = f"[alembic]\npath_separator = :\nversion_locations = {folders}\n"
    options.write_text(options.read_text().replace("[alembic]\n", more))
    (tmp_path / "more").mkdir()
    assert Revisions.of(tmp_path / "project").head == HEAD
    add_revision(tmp_path / "others", QUICK)
    (tmp_path / f"others/alembic/versions/{AFTER}.py").rename(tmp_path / "more/one.py")
    assert Revisions.of(tmp_path / "project").head == AFTER


async def test_a_revision_without_its_forerunner_is_said_in_a_line(project: Project) -> None:
    add_revision(project.folder, QUICK, after="c" * 12)
    done = await project.migrate()
    assert done.returncode == 1
    assert done.stderr.startswith("error: the revisions of the code are not consistent: ")
    assert "Traceback" not in done.stderr
    assert await project.shape() == (HEAD, 0)


async def test_where_there_is_nothing_to_do_it_waits_for_nobody(project: Project) -> None:
    async with transaction(project.url, f"select pg_advisory_xact_lock({MIGRATING})"):
        done = await project.migrate()
    assert (done.returncode, done.stderr) == (
        0,
        f"the database is at the newest revision, {HEAD}\n",
    )
