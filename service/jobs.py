"""What every instance does by itself while it serves.

What is due is looked for twice a second, and what is too old is removed once an hour. Any number of
instances may do so at once.
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
"""The seconds from one look at what is due to the next."""
OLD = 3600.0
"""The seconds from one removal of what is too old to the next."""
PAUSE = 5.0
"""The seconds to wait after something went wrong, as when the database is away."""


@asynccontextmanager
async def running(
    editor: AsyncEngine, remover: AsyncEngine, model: Model, kept_for: timedelta | None
) -> AsyncIterator[None]:
    """Do them for as long as the context lasts; revisions are kept for so long, or for ever.

    What is due is an edit like others. What is removed may take long, and no edit waits for it.
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
        except Exception as error:  # noqa: BLE001  # whatever it is, the next time may be better
            if is_well:
                log.warning("what is to be done regularly could not be: %r", error)
            is_well = False
        else:
            is_well = True
        await asyncio.sleep(pause if is_well else max(pause, PAUSE))


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
