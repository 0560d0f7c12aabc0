"""Connections: what they are set to, and what they do when the server goes away."""

import asyncio
import gc
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url, text

from service.application import create_app
from service.database import pools
from service.database.address import database_url
from service.database.pools import WRITING, reading, writing
from service.errors import DatabaseError, SessionError
from service.roles import READER
from service.settings import Settings
from tests.asking import asking
from tests.databases import CUT, Server, blocked, load, rows
from tests.writing import PLACE, write

CONNECTIONS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and application_name = 'guidepost'
"""


@pytest.mark.parametrize(
    "given", ["postgresql://h/x", "postgres://h/x", "postgresql+asyncpg://h/x"]
)
def test_an_address_may_be_written_for_any_library(given: str) -> None:
    with database_url(Settings(database_url=given), print) as url:
        assert url == "postgresql://h/x"


async def test_who_reads_cannot_write(database: str) -> None:
    statement = "update service.locale set code = code returning '1'::json"
    async with reading(database, 1) as reader:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await reader.json(statement, [])


JSON = "select convert_to(to_json({})::text, 'UTF8')"


async def test_the_session_is_what_statements_rely_on(database: str) -> None:
    name = (await rows(database, "select current_database()"))[0][0]
    await rows(database, f"alter database \"{name}\" set timezone = 'Asia/Tokyo'")
    await rows(database, f'alter database "{name}" set jit = on')
    async with reading(database, 1) as reader:
        assert (await reader.json(JSON.format("now()"), [])).endswith(b'+00:00"')
        assert await reader.json(JSON.format("current_setting('jit')"), []) == b'"off"'


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("set statement_timeout = 0", "statement_timeout is 0, not 10s"),
        ("set default_transaction_read_only = off", "default_transaction_read_only is off, not on"),
        ("set role none", "the role is {0}, not guidepost_reader"),
    ],
)
async def test_a_session_that_is_no_longer_what_was_asked_for_is_found(
    database: str, statement: str, said: str
) -> None:
    [(owner,)] = await rows(database, "select current_user")
    # As one that takes on its role: one with a login of its own cannot leave it.
    url = make_url(database).difference_update_query(["passfile"])
    address = url.render_as_string(hide_password=False)
    async with reading(address, 1, role=READER) as reader:
        await reader.verify()
        await reader._run(lambda connection: connection.execute(statement))
        with pytest.raises(SessionError, match=said.format(owner)):
            await reader.verify()


async def test_reads_share_no_more_connections_than_are_set(database: str) -> None:
    async with reading(database, 2) as reader:
        await asyncio.gather(*(reader.revision() for _ in range(20)))
        assert await rows(database, CONNECTIONS) == [(2,)]


async def test_a_connection_that_is_cut_is_an_error_of_ours_and_soon_replaced(
    database: str,
) -> None:
    async with reading(database, 1) as reader:
        for _ in range(50):
            await rows(database, CUT)
            with suppress(DatabaseError):
                await reader.revision()
        await asyncio.sleep(0.1)
        assert await reader.revision()


async def test_why_a_connection_cannot_be_replaced_is_logged_in_a_line(
    server: Server, migrated: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with server.new(migrated) as database, reading(database, 1):
        name = make_url(database).database
        await rows(server.url, f'alter database "{name}" allow_connections false')
        await rows(server.url, CUT.replace("current_database()", f"'{name}'"))
        async with asyncio.timeout(20):
            while not caplog.records:
                await asyncio.sleep(0.01)
    logged = caplog.records[0]
    assert logged.exc_info is None
    assert f'database "{name}" is not currently accepting connections' in logged.getMessage()


async def test_a_connection_for_writing_that_was_cut_while_it_was_idle_is_replaced(
    database: str,
) -> None:
    async with writing(database) as engine:
        for _ in range(3):
            async with engine.begin() as connection:
                assert await connection.scalar(text("select 1")) == 1
            await rows(database, CUT)
            await asyncio.sleep(0.1)


async def test_who_finds_all_connections_taken_waits_for_one(database: str) -> None:
    async with writing(database, connections=2) as engine:

        async def used() -> int:
            async with engine.begin() as connection:
                await connection.execute(text("select pg_sleep(0.05)"))
                return int(await connection.scalar(text("select pg_backend_pid()")))

        assert len({*await asyncio.gather(*(used() for _ in range(6)))}) == 2


async def test_what_is_written_is_looked_for_from_row_to_row(database: str) -> None:
    async with writing(database) as engine, engine.begin() as connection:
        for name, value in WRITING.items():
            assert await connection.scalar(text(f"show {name}")) == value


async def test_an_old_server_is_refused(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "OLDEST_VERSION", 99)
    with pytest.raises(DatabaseError, match="PostgreSQL 99 or newer is required"):
        async with reading(database, 1):
            pass
    with pytest.raises(DatabaseError, match="PostgreSQL 99 or newer is required") as caught:
        async with writing(database) as engine, engine.connect():
            pass
    # Of a connection that nobody closed, Python warns here.
    del caught
    gc.collect()


async def test_the_default_locale_is_what_the_database_says(database: str, tmp_path: Path) -> None:
    await rows(database, "update service.locale set is_default = false")
    with pytest.raises(DatabaseError, match="no default locale"):
        async with asking(database):
            pass
    await rows(database, "update service.locale set is_default = true where code = 'nl'")
    await load(database, write(tmp_path, place=PLACE))
    async with asking(database) as ask:
        data = await ask('{ location(slug: "belgium") { name } }')
        assert data == {"location": {"name": "België"}}


async def test_an_application_on_an_empty_database_says_so(server: Server) -> None:
    async with server.new() as url:
        with pytest.raises(DatabaseError, match="run `guidepost migrate`"):
            async with asking(url):
                pass


async def test_an_application_without_a_database_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    app = create_app(Settings())
    with pytest.raises(DatabaseError, match="DATABASE_URL is not set"):
        async with app.router.lifespan_context(app):
            pass


async def test_who_sends_many_rows_can_be_stopped(database: str) -> None:
    """While the server takes no more of them."""
    many = [{"key": str(number), "body": b"x" * 1000} for number in range(10_000)]
    statement = text("insert into service.answer values ('me', :key, '', :body)")
    other = await asyncpg.connect(database)
    async with writing(database) as engine:

        async def send() -> None:
            async with engine.begin() as connection:
                await connection.execute(statement, many)

        async with other.transaction():
            await other.execute("insert into service.answer values ('me', '0', '', '')")
            sending = asyncio.create_task(send())
            await blocked(database)
            await asyncio.sleep(0.2)
            sending.cancel()
            done, _ = await asyncio.wait([sending], timeout=20)
            assert sending in done
            assert sending.cancelled()
        async with engine.begin() as connection:
            await connection.execute(statement, many[1:3])
    await other.close()
    assert await rows(database, "select count(*) from service.answer") == [(3,)]
