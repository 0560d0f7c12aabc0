"""Nothing is served behind a pooler that takes away what holds readers off drafts."""

import asyncio
import json
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import make_url

from service.database import session
from service.database.pools import READING, reading, writing
from service.errors import SessionError
from service.roles import READER
from tests.asking import asking
from tests.databases import Server
from tests.pooler import pooling
from tests.processes import run

ASKED = {**READING, "jit": "off", "statement_timeout": "10s", "timezone": "UTC"}
IGNORED = ",".join({*ASKED, "role", "enable_bitmapscan"} - {"timezone"})
"""What people let PgBouncer ignore when it refuses it."""
NAMES = "select convert_to(json_agg(name)::text, 'UTF8') from pg_prepared_statements"
INSTEAD = "Set DATABASE_URL to the address of PostgreSQL itself, not of the pooler"


def one_login(url: str) -> str:
    """An address without logins of the roles'."""
    return make_url(url).difference_update_query(["passfile"]).render_as_string(hide_password=False)


def reader_at(url: str) -> str | None:
    """The role that has a login at an address; without any, whoever is the address's user."""
    return READER if "passfile" in url else None


@pytest.fixture
async def as_asked(server: Server, template: str) -> AsyncIterator[str]:
    """A database in which every session has by itself what is asked of one that reads."""
    async with server.new(template) as url:
        name = make_url(url).database
        sets = (f"alter database \"{name}\" set {each} = '{ASKED[each]}'" for each in ASKED)
        connection = await asyncpg.connect(url)
        await connection.execute("; ".join(sets))
        await connection.close()
        yield url


@pytest.mark.parametrize("mode", ["session", "transaction"])
async def test_what_a_pooler_ignores_is_said_before_anything_is_served(
    seeded: str, mode: str
) -> None:
    async with pooling(
        one_login(seeded), pool_mode=mode, ignore_startup_parameters=IGNORED
    ) as through:
        with pytest.raises(SessionError) as raised:
            async with reading(through, 1, role=READER):
                pass
        for said in (
            f"not {READER}",
            "default_transaction_read_only is off, not on",
            "statement_timeout is 0, not 10s",
            "enable_seqscan is on, not off",
            f"{READER} may read draft.",
            INSTEAD,
        ):
            assert said in str(raised.value)
        with pytest.raises(SessionError, match=INSTEAD):
            async with asking(through):
                pass
        with pytest.raises(SessionError, match=r"enable_bitmapscan is on, not off.*" + INSTEAD):
            async with writing(through) as engine, engine.connect():
                pass


@pytest.mark.parametrize("mode", ["session", "transaction"])
async def test_what_a_pooler_refuses_is_not_taken_for_a_server_that_is_away(
    seeded: str, mode: str
) -> None:
    async with pooling(one_login(seeded), pool_mode=mode) as through:
        for command in (["serve"], ["migrate"], ["token", "list"]):
            done = await asyncio.to_thread(run, *command, DATABASE_URL=through, PORT="0")
            assert done.returncode == 1
            assert "unsupported startup parameter" in done.stderr
            assert INSTEAD in done.stderr


async def test_a_pooler_in_session_mode_that_keeps_everything_will_do(as_asked: str) -> None:
    async with pooling(
        as_asked,
        pool_mode="session",
        server_reset_query="DISCARD ALL",
        ignore_startup_parameters=IGNORED,
    ) as through:
        for _ in range(2):
            # The second time on server processes that others have used.
            async with reading(through, 2, role=reader_at(through)) as reader:
                found = await asyncio.gather(*(reader.revision() for _ in range(20)))
                assert len({*found}) == 1
                await reader.verify()


async def test_one_that_gives_each_statement_another_server_process_is_refused(
    as_asked: str,
) -> None:
    """Though roles and settings are in force: statements are prepared in one process only."""
    async with pooling(
        as_asked, pool_mode="transaction", ignore_startup_parameters=IGNORED
    ) as through:
        with pytest.raises(SessionError, match=f"one server process serves several.*{INSTEAD}"):
            async with reading(through, 1, role=reader_at(through)):
                pass


async def test_one_that_gives_a_single_connection_is_refused(
    as_asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can tell then in which mode it is."""
    monkeypatch.setattr(session, "_PATIENCE", 0.3)
    async with pooling(
        as_asked, pool_mode="session", default_pool_size="1", ignore_startup_parameters=IGNORED
    ) as through:
        with pytest.raises(SessionError, match="it does not open a second connection"):
            async with reading(through, 1, role=reader_at(through)):
                pass


async def test_no_two_connections_name_their_statements_alike(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = set()
    for _ in range(2):
        # As in two processes.
        monkeypatch.setattr(asyncpg.connection, "_uid", 0)
        async with reading(database, 1) as reader:
            await reader.revision()
            found = await reader.json(NAMES, [])
        names |= {*json.loads(found)}
    assert len(names) >= 6


async def test_a_session_that_lost_its_statements_is_replaced(database: str) -> None:
    """As in transaction mode, where the next statement comes to another process."""
    async with reading(database, 1) as reader:
        known = await reader.revision()
        await reader._run(lambda connection: connection.execute("deallocate all"))
        with pytest.raises(SessionError, match=f"does not exist.*{INSTEAD}"):
            await reader.revision()
        assert await reader.revision() == known
