"""A pool of connections that only read, and an engine that writes."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from schema.locales import Locales
from service.database.failures import GONE, reached
from service.database.session import Session, of_a_pooler
from service.errors import DatabaseError, StatementTimeoutError
from service.roles import PREVIEWER, READER, WRITER

OLDEST_VERSION = 15

_SESSION = {"application_name": "guidepost", "timezone": "UTC", "jit": "off"}
"""What statements rely on: timestamps in UTC, and no JIT compilation, which rarely pays off."""

PLANNING = {
    "plan_cache_mode": "force_generic_plan",
    "random_page_cost": "1.1",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
}
"""How statements are planned: once, and row by row over indexes, which every relation has."""

WRITING = {**PLANNING, "enable_bitmapscan": "off"}
"""Writes look rows up in portions too small for bitmaps, and never by full-text search."""

READING = {**PLANNING, "default_transaction_read_only": "on"}
"""PostgreSQL refuses writes on these connections."""

MIGRATING, EDITING, CLEANING = 7136001, 7136002, 7136004
"""The keys of the advisory locks of migrations, edits and cleaning up.

Any numbers that nobody else locks.
"""

EDITORS = 1
"""The number of connections for edits in a process.

There is one edit at a time. The next one waits here, for a connection with prepared statements,
rather than in the database for the lock.
"""

COMPRESSION = """
    select set_config(name, 'lz4', false) from pg_settings
    where name = 'default_toast_compression' and 'lz4' = any(enumvals)
"""
"""Compress new values by LZ4 if the server can: it is several times as fast as pglz.

Reading them is several times as fast, too.
"""

REVISION = "select version_num from alembic_version"
LOCALES = "select code, is_default, fallbacks from service.locale"
LACKING = """
    select format('%s.%s.%s', namespace, relation, attribute)
    from unnest($1::text[], $2::text[], $3::text[]) as known (namespace, relation, attribute)
    where not exists (
        select from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        where (nspname, relname, attname) = (namespace, relation, attribute) and not attisdropped
    )
"""

_LARGE = "select octet_length(repeat(repeat(' ', 1000), 4000))"
"""Allocates 4 MB, more than most responses take, and frees it."""

_RELEASE = 5.0
"""The seconds that releasing a connection may take."""

T = TypeVar("T")


class Reader:
    """A pool of connections that answers plans, and cannot write.

    Its methods raise `DatabaseError` if the server does not answer, and `StatementTimeoutError` if
    it stopped the statement.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", session: Session) -> None:
        self._pool = pool
        self._session = session

    async def verify(self) -> None:
        """Raise `SessionError` if a connection is no longer what was asked for."""
        await self._run(self._session.verify)

    async def json(self, sql: str, values: Sequence[Any]) -> bytes:
        """Run a statement of the planner; returns its one value, JSON as bytes."""
        answer: bytes = await self._run(lambda connection: connection.fetchval(sql, *values))
        return answer

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        """The rows of a statement on a table of the service's own."""
        try:
            found: list[Any] = await self._run(lambda connection: connection.fetch(sql, *values))
        except asyncpg.UndefinedTableError as error:
            raise DatabaseError(f"{error}; run `guidepost migrate`") from error
        return found

    async def locales(self) -> Locales:
        """The locales that the database has now."""
        try:
            rows = await self._run(lambda connection: connection.fetch(LOCALES))
        except asyncpg.UndefinedTableError as error:
            raise DatabaseError(
                "the database has no table of locales; run `guidepost migrate`"
            ) from error
        return locales_of(map(tuple, rows))

    async def revision(self) -> str | None:
        """The alembic revision of the database; None before the first migration."""
        try:
            found: str | None = await self._run(lambda connection: connection.fetchval(REVISION))
        except asyncpg.UndefinedTableError:
            return None
        except asyncpg.PostgresError as error:
            raise DatabaseError(f"the database's revision cannot be read: {error}") from error
        return found

    async def lacking(self, columns: Iterable[tuple[str, str, str]]) -> list[str]:
        """Those of the given columns that the database lacks, as `schema.table.column`.

        The columns are given as (schema, table, name).
        """
        known = [list(each) for each in zip(*columns, strict=True)]
        rows = await self._run(lambda connection: connection.fetch(LACKING, *known))
        return [row[0] for row in rows]

    async def _run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        connection: Any = await reached(self._pool.acquire())
        try:
            while True:
                # A read and a migration may each wait for a table that the other has locked.
                # PostgreSQL then stops one of them. Whichever it is, it is tried again.
                with suppress(asyncpg.DeadlockDetectedError):
                    return await work(connection)
        except asyncpg.QueryCanceledError as error:
            raise StatementTimeoutError(f"a statement was stopped: {error}") from error
        except asyncpg.InvalidSQLStatementNameError as error:
            connection.terminate()
            raise of_a_pooler(str(error)) from error
        except GONE as error:
            raise DatabaseError(f"the connection to the database was lost: {error}") from error
        finally:
            # This stops the statement of a request that ran out of time. If the server does not
            # even do that in time, the connection is closed.
            await self._pool.release(connection, timeout=_RELEASE)


def _without_traceback(record: logging.LogRecord) -> bool:
    """Shorten what the driver logs whenever it cannot reconnect to the reason."""
    if record.exc_info:
        record.msg, record.exc_info = f"{record.msg}: {record.exc_info[1]}", None
    return True


@asynccontextmanager
async def reading(
    url: str, connections: int, statement_timeout: float = 10, *, role: str | None = None
) -> AsyncIterator[Reader]:
    """A pool of connections for reading; raises `DatabaseError` if the server cannot be used.

    No statement runs longer than `statement_timeout`, in seconds. Without a role the connections
    have the rights of the address's user.
    """
    timeout = str(max(1, round(statement_timeout * 1000)))
    session = Session(url, role, {**_SESSION, **READING, "statement_timeout": timeout})

    async def prepare(connection: Any) -> None:
        _check_version(connection)
        await session.verify(connection)
        # glibc returns memory to the system after each statement, and the next statement gets it
        # again page by page, until a large piece has been freed once. Twenty whole guides take a
        # third less time with this.
        await connection.execute(_LARGE)

    logging.getLogger("asyncpg.pool").addFilter(_without_traceback)
    pool = asyncpg.create_pool(
        # Previews are rare.
        min_size=0 if role == PREVIEWER else 1,
        max_size=connections,
        init=prepare,
        reset=_keep,
        **session.options,
    )
    await reached(pool)
    try:
        yield Reader(pool, session)
    finally:
        await pool.close()


async def _keep(_: Any) -> None:
    """Leave a connection as it is between two statements: no statement leaves anything to reset."""


async def try_roles(url: str) -> None:
    """Raise `SessionError` if the connection of one of the roles is not what was asked for."""
    for role in (READER, PREVIEWER):
        async with reading(url, 1, role=role) as reader:
            await reader.verify()
    async with writing(url, role=WRITER) as engine, engine.connect():
        pass


@asynccontextmanager
async def writing(
    url: str, *, role: str | None = None, connections: int = 5
) -> AsyncIterator[AsyncEngine]:
    """An engine for writing; whoever begins a transaction commits it.

    Without a role it has the rights of the address's user, who may also change tables. If all of
    its connections are in use, the next caller waits.
    """
    session = Session(url, role, {**_SESSION, **WRITING})

    async def connect() -> Any:
        # 0 keeps prepared statements of any length.
        connection = await reached(
            asyncpg.connect(max_cacheable_statement_size=0, **session.options)
        )
        try:
            _check_version(connection)
            await session.verify(connection)
            await connection.execute(COMPRESSION)
        except BaseException:
            # Nobody else has a reference to this connection yet.
            connection.terminate()
            raise
        return connection

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=None,
    )
    event.listen(engine.sync_engine, "checkout", _check_connection)
    try:
        yield engine
    finally:
        await engine.dispose()


def _check_connection(connection: Any, *_: Any) -> None:
    """Replace a connection that was cut while it was idle, so that no request fails because of it.

    The socket knows that it was cut; asking the server would take as long as three statements.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _check_version(connection: Any) -> None:
    major = connection.get_server_version().major
    if major < OLDEST_VERSION:
        raise DatabaseError(
            f"the database is PostgreSQL {major}; PostgreSQL {OLDEST_VERSION} or newer is required"
        )


def locales_of(rows: Iterable[Sequence[Any]]) -> Locales:
    """The locales in rows of `LOCALES`; raises `DatabaseError` if none of them is the default."""
    found = list(rows)
    default = next((code for code, is_default, _ in found if is_default), None)
    if default is None:
        raise DatabaseError("the table service.locale has no default locale; mark one as default")
    chains = {code: tuple(fallbacks) for code, _, fallbacks in found}
    return Locales(frozenset(chains), default, chains)
