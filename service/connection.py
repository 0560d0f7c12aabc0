"""The driver's connection, as it is where content is written."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg


class Connection(asyncpg.Connection):
    """A connection that can be stopped while it runs a statement for many rows.

    asyncpg takes no notice of being cancelled between two pieces of them, and then waits forever
    for the server, which waits for the rest, with all of its locks.
    """

    async def executemany(
        self,
        command: str,
        args: Iterable[Sequence[Any]],
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # asyncpg's
    ) -> None:
        """Run a statement for many rows."""
        sending = asyncio.ensure_future(super().executemany(command, args, timeout=timeout))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            self.terminate()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            raise
