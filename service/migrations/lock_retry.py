"""Runs migrations beside a service: one command at a time, and blocking nobody for long.

A table that a statement locks stays locked until the transaction ends, and whoever waits for a lock
blocks everybody who comes later. So a statement waits only briefly for its lock: if others hold it,
the transaction is rolled back and all of it is tried again a little later. A statement that locks a
table may not run for long either. A statement that changes content may, because readers do not wait
for it.
"""

import asyncio
import random
import re
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import asyncpg
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.database.pools import EDITING, MIGRATING, writing
from service.errors import DatabaseError
from service.migrations.failures import RevisionError
from service.settings import Settings

POLL = 0.2
"""The seconds between two looks at whether another command is done."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""The seconds before it is tried again; each pause is about twice the one before."""

_DEFINES = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
    r"(?:alter|cluster|create|do|drop|lock|refresh|reindex|truncate)\b",
    re.IGNORECASE | re.DOTALL,
)
"""Statements that lock tables against their readers, except those of the next pattern."""

_TAKES_ITS_TIME = re.compile(r"\b(?:concurrently|validate\s+constraint)\b", re.IGNORECASE)
"""Statements that PostgreSQL runs without blocking others; they may wait and run for long."""

_LOST = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InternalClientError,
)


async def with_lock_retry(
    url: str,
    settings: Settings,
    say: Callable[[str], None],
    run: Callable[[AsyncConnection], Awaitable[None]],
) -> None:
    """Let `run` migrate the database, and call it again if others were in its way.

    `run` gets a connection, on which it begins and commits a transaction. Raises `DatabaseError`
    when GUIDEPOST_MIGRATION_PATIENCE has passed, or if a statement takes too long.
    """
    until = time.monotonic() + settings.migration_patience
    pauses = _pauses()
    was_there = False
    while True:
        try:
            async with writing(url) as engine, engine.connect() as connection:
                was_there = True
                await _take_turn(connection, until, say)
                await _prepare(connection, settings)
                await run(connection)
                return
        except Exception as error:
            obstacle = _obstacle(error) if was_there else None
            if obstacle is None:
                raise
            pause = next(pauses)
            if time.monotonic() + pause > until:
                raise DatabaseError(f"{obstacle}; {_gave_up(settings)}") from error
        say(f"{obstacle}; nothing was changed, trying again in {pause:.1f} s")
        await asyncio.sleep(pause)


async def until_signalled(migrating: Awaitable[None]) -> None:
    """Await a migration until it is done or a signal ends it; exits with 128 + the signal then.

    A signal ends it between two statements. An exception that a handler raises in the middle of a
    statement would not get through.
    """
    if threading.current_thread() is not threading.main_thread():
        await migrating
        return
    task = asyncio.ensure_future(migrating)
    told: list[int] = []
    both = (signal.SIGTERM, signal.SIGHUP)
    handlers = {number: signal.getsignal(number) for number in both}
    # `nohup` lets SIGHUP be ignored.
    before = {number: each for number, each in handlers.items() if each is not signal.SIG_IGN}

    def tell(number: int) -> None:
        told.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in before:
        loop.add_signal_handler(number, tell, number)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
    if told:
        sys.exit(128 + told[0])


async def _take_turn(connection: AsyncConnection, until: float, say: Callable[[str], None]) -> None:
    """Wait until no other command migrates; the turn lasts as long as the connection.

    It asks again and again instead of waiting in PostgreSQL: a statement that waits has a snapshot,
    and if the other command makes something concurrently, it would in turn wait for the end of
    that.
    """
    waits = False
    while not await _value(connection, f"select pg_try_advisory_lock({MIGRATING})"):
        if time.monotonic() > until:
            raise DatabaseError(
                "another command has been migrating the database for longer than "
                "GUIDEPOST_MIGRATION_PATIENCE; nothing was changed"
            )
        if not waits:
            say("another command is migrating the database; waiting for it to end")
        waits = True
        await asyncio.sleep(POLL)


async def _prepare(connection: AsyncConnection, settings: Settings) -> None:
    """Limit how long statements wait and run, and take the edit lock for this connection.

    Otherwise an edit and a migration could each wait for what the other has locked.
    """
    # Lets the server notice during a statement that its client was killed, and not only after it.
    try:
        await _value(connection, _set(client_connection_check_interval=1))
    except DBAPIError:
        await connection.rollback()  # Not every system lets the server do this.
    await _value(connection, _set(lock_timeout=settings.migration_lock_timeout))
    await _value(connection, f"select pg_advisory_lock({EDITING})")
    await connection.run_sync(_limit, settings)


def _limit(connection: Connection, settings: Settings) -> None:
    """Give every statement on this connection its limits from now on."""
    usual = _set(lock_timeout=settings.migration_lock_timeout, statement_timeout=0)
    brief = _set(
        lock_timeout=settings.migration_lock_timeout,
        statement_timeout=settings.migration_statement_timeout,
    )
    lengthy = _set(lock_timeout=settings.migration_patience, statement_timeout=0)

    def execute(statement: str) -> None:
        cursor = connection.connection.cursor()
        cursor.execute(statement)
        cursor.close()

    @event.listens_for(connection, "before_cursor_execute")
    def before(_: Connection, __: Any, statement: str, *___: Any) -> None:
        if _DEFINES.match(statement):
            execute(lengthy if _TAKES_ITS_TIME.search(statement) else brief)

    @event.listens_for(connection, "after_cursor_execute")
    def after(_: Connection, __: Any, statement: str, *___: Any) -> None:
        if _DEFINES.match(statement):
            execute(usual)


def _set(**timeouts: float) -> str:
    """A statement that sets timeouts, given in seconds; 0 means none."""
    values = (
        f"set_config('{name}', '{round(seconds * 1000)}ms', false)"
        for name, seconds in timeouts.items()
    )
    return f"select {', '.join(values)}"


async def _value(connection: AsyncConnection, statement: str) -> Any:
    """The value that a statement returns, in a transaction of its own."""
    found = await connection.scalar(text(statement))
    await connection.commit()
    return found


def _pauses() -> Iterator[float]:
    """Growing random pauses, so that two commands in each other's way do not meet again."""
    pause = FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.5, 1)  # noqa: S311  # no secret
        pause = min(2 * pause, LONGEST_PAUSE)


def _obstacle(error: BaseException) -> str | None:
    """What was in the way, if it will pass; None for all other errors.

    Raises `DatabaseError` for a statement that took too long, because it would again.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, asyncpg.LockNotAvailableError | asyncpg.DeadlockDetectedError):
            return f"others are using the tables to be changed ({_line(cause)})"
        if isinstance(cause, _LOST) or _is_cut(cause):
            return f"the connection to the database was lost ({_line(cause)})"
        if isinstance(cause, asyncpg.QueryCanceledError):
            which = f"\n{error}" if isinstance(error, RevisionError) else ""
            raise DatabaseError(
                f"a statement was stopped ({_line(cause)}); nothing was changed. A statement that "
                f"locks a table may take GUIDEPOST_MIGRATION_STATEMENT_TIMEOUT seconds{which}"
            ) from error
        cause = cause.__cause__
    return None


def _is_cut(error: BaseException) -> bool:
    """Whether the server is away, or the driver has noticed that the connection was cut."""
    if isinstance(error, DatabaseError):
        return isinstance(error.__cause__, OSError)
    return isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)


def _line(error: BaseException) -> str:
    """The first line of an error, without the details that the server adds."""
    return str(error).partition("\n")[0]


def _gave_up(settings: Settings) -> str:
    return (
        "nothing was changed. The migration was retried for GUIDEPOST_MIGRATION_PATIENCE, "
        f"{settings.migration_patience:g} seconds"
    )
