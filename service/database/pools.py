"""The database: where it is, a pool that only reads, and an engine that writes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError, EmulatedDBAPIException
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from schema.locales import Locales
from service.database.session import Session, of_a_pooler
from service.embedded import Outage, embedded_postgres
from service.errors import DatabaseError, OutdatedError, SettingsError, StatementTimeoutError
from service.roles import PREVIEWER, READER, WRITER
from service.settings import Settings

OLDEST_VERSION = 15

_SESSION = {"application_name": "guidepost", "timezone": "UTC", "jit": "off"}
"""What statements rely on: timestamps in UTC, and no compilation, which would hardly ever pay."""

PLANNING = {
    "plan_cache_mode": "force_generic_plan",
    "random_page_cost": "1.1",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
}
"""How statements are planned: once, and from row to row by index, which every relation has."""

WRITING = {**PLANNING, "enable_bitmapscan": "off"}
"""What is written is looked for in pieces too small for a bitmap, and nothing by words."""

READING = {**PLANNING, "default_transaction_read_only": "on"}
"""Who only reads cannot write."""

MIGRATING, EDITING = 7136001, 7136002
"""The advisory locks of who migrates and of who writes content. Any numbers do that nobody else
locks."""

EDITORS = 1
"""The connections that edits have in a process. One edit goes on at a time, so the next had better
wait here, for a connection that has its statements prepared, than for the lock in the database."""

COMPRESSION = """
    select set_config(name, 'lz4', false) from pg_settings
    where name = 'default_toast_compression' and 'lz4' = any(enumvals)
"""
"""What is written is compressed by LZ4 where the server can: several times as fast as by pglz, and
so is reading it."""

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

_LARGE = 4_000_000
"""Bytes; more than most answers take to make."""

_REFUSED = "unsupported startup parameter"
"""What PgBouncer says to what it is asked and does not know."""

_RELEASE = 5.0
"""The seconds that a connection may take to become free again."""

T = TypeVar("T")


@contextmanager
def database_url(
    settings: Settings, say: Callable[[str], None], outage: Outage | None = None
) -> Iterator[str]:
    """Where the database is; the embedded one runs for as long as the context lasts.

    `outage` tells while that cannot be.
    """
    if settings.database_url is None:
        with embedded_postgres(settings.data, say, outage) as url:
            yield url
        return
    yield _address(settings.database_url)


def _address(text: str) -> str:
    """The address in the form that the driver knows, whatever library it was written for."""
    scheme, _, rest = text.partition("://")
    try:
        is_address = scheme.partition("+")[0] in {"postgres", "postgresql"}
        urlsplit(f"//{rest}").port  # noqa: B018  # raises where there is none to be read
    except ValueError:
        is_address = False
    if not is_address:
        raise SettingsError(
            "DATABASE_URL is no address of a PostgreSQL server; "
            "write it as postgresql://user:password@host:5432/database"
        )
    return f"postgresql://{rest}"


# What a statement ends with when it is the server that fails, and not the statement.
_GONE = (
    OSError,
    asyncpg.InterfaceError,
    # What a connection says that was cut while it was idle.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # Behind a pooler, another process may answer, where no statement of this one is prepared.
    asyncpg.InvalidSQLStatementNameError,
)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise `DatabaseError` where the server goes away while something is done with it.

    Raises `OutdatedError` where the tables have changed since a statement was prepared.
    """
    try:
        yield
    except (*_GONE, asyncpg.InvalidCachedStatementError, *_SQLALCHEMYS) as error:
        cause = _drivers(error)
        if isinstance(cause, asyncpg.InvalidCachedStatementError):
            raise OutdatedError(f"the tables have changed: {cause}") from error
        if not isinstance(cause, _GONE):
            raise
        raise DatabaseError(f"the database went away: {cause}") from error


_SQLALCHEMYS = (DBAPIError, EmulatedDBAPIException)
"""SQLAlchemy's own errors, or its cursors', around asyncpg's."""


def _drivers(error: BaseException) -> BaseException | None:
    """The driver's error, in one that is around it."""
    cause: BaseException | None = error
    while isinstance(cause, _SQLALCHEMYS):
        cause = cause.__cause__
    return cause


class Reader:
    """Connections that answer plans. Who has nothing but one of these cannot write.

    Raises `DatabaseError` where the server does not answer.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", session: Session) -> None:
        self._pool = pool
        self._session = session

    async def verify(self) -> None:
        """Raise `SessionError` where a connection is no longer what was asked for."""
        await self._run(self._session.verify)

    async def json(self, sql: str, values: Sequence[Any]) -> bytes:
        """The one value that a statement of the planner's answers."""
        answer: bytes = await self._run(lambda connection: connection.fetchval(sql, *values))
        return answer

    async def locales(self) -> Locales:
        """The locales as the database has them now."""
        try:
            rows = await self._run(lambda connection: connection.fetch(LOCALES))
        except asyncpg.UndefinedTableError as error:
            raise DatabaseError(
                "the database has no table of locales; run `guidepost migrate`"
            ) from error
        return locales_of(map(tuple, rows))

    async def revision(self) -> str | None:
        """The revision that the database is at; None before the first."""
        try:
            found: str | None = await self._run(lambda connection: connection.fetchval(REVISION))
        except asyncpg.UndefinedTableError:
            return None
        except asyncpg.PostgresError as error:
            raise DatabaseError(f"the database is not fit: {error}") from error
        return found

    async def lacking(self, columns: Iterable[tuple[str, str, str]]) -> list[str]:
        """The columns, of (schema, table, name), that the database does not have."""
        known = [list(each) for each in zip(*columns, strict=True)]
        rows = await self._run(lambda connection: connection.fetch(LACKING, *known))
        return [row[0] for row in rows]

    async def _run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        connection: Any = await _reached(self._pool.acquire())
        try:
            while True:
                # Beside a migration, each may wait for a table that the other has locked. Then
                # one of them is stopped; whichever it is tries again.
                with suppress(asyncpg.DeadlockDetectedError):
                    return await work(connection)
        except asyncpg.QueryCanceledError as error:
            raise StatementTimeoutError(f"a statement was stopped: {error}") from error
        except asyncpg.InvalidSQLStatementNameError as error:
            connection.terminate()
            raise of_a_pooler(str(error)) from error
        except _GONE as error:
            raise DatabaseError(f"the database went away: {error}") from error
        finally:
            # Of a request that ran out of time, the statement is stopped here. A server that does
            # not even do that in time loses the connection.
            await self._pool.release(connection, timeout=_RELEASE)


@asynccontextmanager
async def reading(
    url: str, connections: int, statement_timeout: float = 10, *, role: str | None = None
) -> AsyncIterator[Reader]:
    """A pool of connections for reading; raises `DatabaseError` where the server is not fit.

    No statement runs for longer than `statement_timeout`, in seconds. Without a role they may do
    what the address's user may.
    """
    timeout = str(max(1, round(statement_timeout * 1000)))
    session = Session(url, role, {**_SESSION, **READING, "statement_timeout": timeout})

    async def prepare(connection: Any) -> None:
        _check_version(connection)
        await session.verify(connection)
        # glibc gives memory back to the system after each statement, and takes it again page by
        # page in the next, until a larger piece was given back once. Twenty whole guides take a
        # third less.
        await connection.execute(f"select length(repeat(' ', {_LARGE}))")

    pool = asyncpg.create_pool(
        # Previews are seldom asked for.
        min_size=0 if role == PREVIEWER else 1,
        max_size=connections,
        init=prepare,
        reset=_keep,
        **session.options,
    )
    await _reached(pool)
    try:
        yield Reader(pool, session)
    finally:
        await pool.close()


async def _keep(_: Any) -> None:
    """Do not reset a connection between two statements: none leaves anything behind."""


async def try_roles(url: str) -> None:
    """Raise `SessionError` where a connection of one of the roles is not what it is to be."""
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

    Without a role it may do what the address's user may: change tables, too. Who finds all of the
    connections taken waits.
    """
    session = Session(url, role, {**_SESSION, **WRITING})

    async def connect() -> Any:
        # Statements are prepared once, however long they are.
        connection = await _reached(
            asyncpg.connect(max_cacheable_statement_size=0, **session.options)
        )
        try:
            _check_version(connection)
            await session.verify(connection)
            await connection.execute(COMPRESSION)
        except BaseException:
            # Nobody else knows of it yet.
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
    """Have a connection replaced that was cut while it was idle; no request fails for it.

    Its socket knows that already: asking the server takes as long as three statements do.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _check_version(connection: Any) -> None:
    major = connection.get_server_version().major
    if major < OLDEST_VERSION:
        raise DatabaseError(
            f"the database is PostgreSQL {major}; {OLDEST_VERSION} is the oldest that will do"
        )


async def _reached(connecting: Awaitable[T]) -> T:
    try:
        return await connecting
    except asyncpg.InvalidParameterValueError as error:
        raise DatabaseError(
            f"the database is not as the code needs it ({error}); run `guidepost migrate`"
        ) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        if _REFUSED in str(error):
            raise of_a_pooler(str(error)) from error
        raise DatabaseError(
            f"the database cannot be reached: {str(error) or type(error).__name__}. "
            "Is the server up, and DATABASE_URL right?"
        ) from error


def locales_of(rows: Iterable[Sequence[Any]]) -> Locales:
    """Locales from rows of `LOCALES`."""
    found = list(rows)
    default = next((code for code, is_default, _ in found if is_default), None)
    if default is None:
        raise DatabaseError("the table service.locale has no default locale; mark one")
    chains = {code: tuple(fallbacks) for code, _, fallbacks in found}
    return Locales(frozenset(chains), default, chains)
