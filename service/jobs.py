"""The jobs of a running service: it carries out releases, follows the locales, and cleans up.

It looks for releases that are due, and reads the locales of the database, twice a second. It
removes what has expired once an hour. Any number of instances may do this at once. None of it
is done at the start, so that what is asked first waits for nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schema.locales import Locales
from schema.model import Model
from service.database.failures import translated_errors
from service.database.pools import CLEANING
from service.editing.change_log import forget_changes
from service.editing.edits import known_locales
from service.editing.history import forget
from service.editing.idempotency import forget_answers
from service.editing.releasing import carry_out

log = logging.getLogger(__name__)

DUE = 0.5
"""The seconds between two looks for releases that are due."""
FRESH = 0.5
"""The seconds between two readings of the locales, also after an error."""
OLD = 3600.0
"""The seconds between two removals of what has expired."""
SOON = 0.5
"""The seconds from the start of the service to the first removal."""
PAUSE = 5.0
"""The seconds to wait after an error, for example while the database is away."""
PATIENCE = 10.0
"""The seconds that reading the locales may take, on a connection that may be dead."""


class Retention(NamedTuple):
    """How long things are kept."""

    changes: timedelta
    """What each version of the content changed."""
    revisions: timedelta | None
    """None for ever."""


@asynccontextmanager
async def running(
    editor: AsyncEngine,
    other: AsyncEngine,
    model: Model,
    serve: Callable[[Locales], bool],
    retention: Retention,
) -> AsyncIterator[None]:
    """Run the jobs while the context lasts.

    `serve` takes the locales to serve, and says whether they are
    others than before. Releases are edits like any other, with `editor`. The other jobs use
    `other`: cleaning up can take long and no edit waits for it, and locales wait for no edit.
    """
    reader = other.execution_options(isolation_level="AUTOCOMMIT")

    async def due() -> None:
        while await carry_out(editor, model, log.warning):
            pass

    async def locales() -> None:
        async with asyncio.timeout(PATIENCE), reader.connect() as connection:
            with translated_errors():
                found = await known_locales(connection)
        if serve(found):
            log.warning("locales are now %s", ", ".join(found.in_order(found.codes)))

    async def old() -> None:
        async with other.begin() as connection:
            await clean(connection, retention)

    async with AsyncExitStack() as stack:
        for said, work, first, pause, again in (
            ("releases cannot be carried out", due, DUE, DUE, PAUSE),
            ("locales cannot be read", locales, FRESH, FRESH, FRESH),
            ("what has expired cannot be removed", old, SOON, OLD, OLD),
        ):
            task = asyncio.create_task(_repeat(said, work, first, pause, again))
            stack.push_async_callback(_stop, task)
        yield


async def clean(connection: AsyncConnection, retention: Retention) -> bool:
    """Remove what has expired, unless another process does; returns whether this one did.

    All workers begin at the same time, and two that delete the same rows in different orders would
    wait for each other.
    """
    if not await connection.scalar(select(func.pg_try_advisory_xact_lock(CLEANING))):
        return False
    await forget_answers(connection)
    await forget_changes(connection, retention.changes)
    if retention.revisions is not None:
        await forget(connection, retention.revisions)
    return True


async def _repeat(
    failed: str, work: Callable[[], Awaitable[None]], first: float, pause: float, again: float
) -> None:
    """Wait `first` seconds; work, and wait `pause` seconds, or `again` after an error; for ever."""
    await asyncio.sleep(first)
    is_well = True
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001  # any error: the next run may succeed
            if is_well:
                log.warning("%s: %r", failed, error)
            is_well = False
        else:
            is_well = True
        await asyncio.sleep(pause if is_well else again)


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
