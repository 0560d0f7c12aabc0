"""The jobs of a running service: it carries out releases and cleans up.

It looks for releases that are due twice a second, and removes what has expired once an hour. Any
number of instances may do this at once.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from schema.model import Model
from service.editing.history import forget
from service.editing.idempotency import forget_answers
from service.editing.releasing import carry_out

log = logging.getLogger(__name__)

DUE = 0.5
"""The seconds between two looks for releases that are due."""
OLD = 3600.0
"""The seconds between two removals of what has expired."""
PAUSE = 5.0
"""The seconds to wait after an error, for example while the database is away."""


@asynccontextmanager
async def running(
    editor: AsyncEngine, remover: AsyncEngine, model: Model, kept_for: timedelta | None
) -> AsyncIterator[None]:
    """Run the jobs while the context lasts. `kept_for` is the age up to which revisions are kept.

    None keeps revisions for ever. Releases are edits like any other, with `editor`. Cleaning up can
    take long; it uses `remover`, so no edit waits for it.
    """

    async def due() -> None:
        while await carry_out(editor, model, log.warning):
            pass

    async def old() -> None:
        async with remover.begin() as connection:
            await forget_answers(connection)
            if kept_for is not None:
                await forget(connection, kept_for)

    async with AsyncExitStack() as stack:
        for work, pause in ((due, DUE), (old, OLD)):
            task = asyncio.create_task(_repeat(work, pause))
            stack.push_async_callback(_stop, task)
        yield


async def _repeat(work: Callable[[], Awaitable[None]], pause: float) -> None:
    is_well = True
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001  # any error: the next run may succeed
            if is_well:
                log.warning("a regular job failed: %r", error)
            is_well = False
        else:
            is_well = True
        await asyncio.sleep(pause if is_well else max(pause, PAUSE))


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
