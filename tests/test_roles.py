"""What the roles of connections may do, whatever statement somebody finds a way to send."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from service import application
from service.database import pools
from service.database.pools import writing
from service.database.session import Session
from service.roles import PREVIEWER, READER, WRITER
from tests.asking import asking
from tests.databases import rows
from tests.editing import editing_app

NAMED = "service.persisted_document"
NOT_OF_READERS = [
    "service.revision",
    "service.token",
    "service.schedule",
    "service.release",
    "service.release_item",
    "service.answer",
    "service.applied",
    NAMED,
]
WRITES = [
    "insert into {0} default values",
    "update {0} set {1} = {1}",
    "delete from {0}",
    "truncate {0}",
    "select * from {0} for update",
    "copy {0} from program 'true'",
]
CHANGES = [
    "create table live.mine (id int)",
    "create table draft.mine (id int)",
    "create table service.mine (id int)",
    "create table public.mine (id int)",
    "create schema mine",
    "alter table live.guide add column mine int",
    "drop table live.guide",
    "truncate live.guide",
    "create index on live.guide (slug)",
    "create function live.mine() returns int language sql as 'select 1'",
    "alter role current_user superuser",
    "update alembic_version set version_num = version_num",
]


@asynccontextmanager
async def connected(url: str, role: str) -> AsyncIterator[Any]:
    """A connection that is what the service's own are."""
    connection = await asyncpg.connect(**Session(url, role, {}).options)
    try:
        yield connection
    finally:
        await connection.close()


async def tables(url: str, *schemas: str) -> list[tuple[str, str]]:
    """Every table of some schemas, and a column of each."""
    found = await rows(
        url,
        """select table_schema || '.' || table_name, min(column_name)
        from information_schema.columns where table_schema = any($1) group by 1 order by 1""",
        list(schemas),
    )
    assert found
    return [(str(table), str(column)) for table, column in found]


def has_logins(url: str) -> bool:
    """Whether roles log in at an address, as they do on the embedded server."""
    return "passfile" in url


async def denied(connection: Any, statement: str) -> None:
    """Hold a statement to being refused for want of a right."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)


async def test_who_reads_what_is_published_reads_no_draft_and_nothing_of_the_service(
    database: str,
) -> None:
    drafts = [table for table, _ in await tables(database, "draft")]
    async with connected(database, READER) as reader:
        for table in [*drafts, *NOT_OF_READERS]:
            for statement in ("select 1 from {}", "table {}", "copy {} to stdout"):
                await denied(reader, statement.format(table))
            # Through a function that a query could call, too.
            await denied(reader, f"select query_to_xml('table {table}', true, true, '')")
        await denied(reader, "select * from live.guide, draft.guide")
        for table, _ in await tables(database, "live"):
            await reader.execute(f"select * from {table}")  # noqa: S608  # our names


async def test_who_previews_reads_drafts_and_revisions_but_no_tokens(database: str) -> None:
    async with connected(database, PREVIEWER) as previewer:
        for table, _ in await tables(database, "live", "draft"):
            await previewer.execute(f"select * from {table}")  # noqa: S608  # our names
        await previewer.execute(
            "select * from service.revision, service.release, service.release_item"
        )
        for table in ("service.token", "service.answer", "service.applied", NAMED):
            await denied(previewer, f"select 1 from {table}")  # noqa: S608  # our names


@pytest.mark.parametrize("role", [READER, PREVIEWER])
async def test_who_reads_writes_nothing(database: str, role: str) -> None:
    async with connected(database, role) as connection:
        for table, column in await tables(database, "live", "draft", "service"):
            for statement in WRITES:
                await denied(connection, statement.format(table, column))
        for statement in CHANGES:
            await denied(connection, statement)


async def test_who_writes_changes_rows_and_no_tables(database: str) -> None:
    async with connected(database, WRITER) as writer:
        for table, column in await tables(database, "live", "draft"):
            await writer.execute(f"update {table} set {column} = {column}")  # noqa: S608
            await writer.execute(f"delete from {table}")  # noqa: S608  # our names
            await denied(writer, f"truncate {table}")
            await denied(writer, f"drop table {table}")
            await denied(writer, f"alter table {table} rename to mine")
        for statement in CHANGES:
            await denied(writer, statement)


@pytest.mark.parametrize("role", [READER, PREVIEWER, WRITER])
async def test_a_role_may_not_become_more(database: str, role: str) -> None:
    rights = """select rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls
        from pg_roles where rolname = $1"""
    [(can_log_in, *others)] = await rows(database, rights, role)
    # Roles are the same for all databases of a server, and tests with a pooler give them logins.
    assert can_log_in or not has_logins(database)
    assert others == [False] * 4
    memberships = """select count(*) from pg_auth_members m join pg_roles r on r.oid = m.member
        where r.rolname = $1"""
    assert await rows(database, memberships, role) == [(0,)]


@pytest.mark.parametrize("role", [READER, PREVIEWER, WRITER])
@pytest.mark.parametrize(
    "statement",
    [
        "select set_config('role', 'none', false)",
        "set role none",
        "reset role",
        "reset all",
        "discard all",
        "set session authorization default",
        "reset session authorization",
    ],
)
async def test_with_a_login_of_its_own_a_session_stays_who_it_is(
    database: str, role: str, statement: str
) -> None:
    """With one login for all, it goes back to that: see docs/decisions/0018."""
    [(owner,)] = await rows(database, "select current_user")
    async with connected(database, role) as connection:
        await connection.execute(statement)
        stays = has_logins(database) or "none" not in statement
        assert await connection.fetchval("select current_user") == (role if stays else owner)
        if has_logins(database):
            assert await connection.fetchval("select session_user") == role
            for become in (f"set role {owner}", f"set session authorization {owner}"):
                await denied(connection, become)


async def test_the_service_reads_each_copy_as_who_may_read_no_more(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[Any, str]] = []
    check = pools._check_version

    def checked(connection: Any) -> None:
        """What every new connection is given to."""
        check(connection)
        connection.add_query_logger(lambda each: ran.append((connection, each.query)))

    monkeypatch.setattr(pools, "_check_version", checked)
    async with editing_app(database) as editor:

        async def answering(query: str) -> Any:
            """The connection that a query is answered from."""
            ran.clear()
            await editor(query)
            [found] = {connection for connection, said in ran if "totalCount" in said}
            return found

        live = await answering("{ guides { totalCount } }")
        draft = await answering("{ guides(stage: DRAFT) { totalCount } }")
        for connection, role in ((live, READER), (draft, PREVIEWER)):
            assert await connection.fetchval("select current_user") == role
            assert await connection.fetchval("show transaction_read_only") == "on"
            for table, _ in await tables(database, "draft"):
                if role == READER:
                    await denied(connection, f"table {table}")
                else:
                    await connection.execute(f"table {table}")
            await denied(connection, "table service.token")


async def test_the_service_writes_as_who_may_change_no_tables(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines: list[AsyncEngine] = []

    @asynccontextmanager
    async def kept(*arguments: Any, **options: Any) -> AsyncIterator[AsyncEngine]:
        async with writing(*arguments, **options) as engine:
            engines.append(engine)
            yield engine

    monkeypatch.setattr(application, "writing", kept)
    async with asking(database):
        assert engines
        for engine in engines:
            async with engine.connect() as connection:
                assert await connection.scalar(text("select current_user")) == WRITER
