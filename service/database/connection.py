"""The driver's connection, adapted to Guidepost."""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import asyncpg


class DatabaseConnection(asyncpg.Connection):
    """A connection whose prepared statements have names that no other connection uses.

    Behind a pooler, one server process may hold the statements of several clients. Every process
    that uses asyncpg numbers its statements alike, so without this a client could get another's
    answer.
    """

    _process: int | None = None

    def is_answered_by(self, process: int) -> bool:
        """Whether this server process is the one that answered first, or is the first to answer."""
        self._process = self._process or process
        return self._process == process

    @cached_property
    def _suffix(self) -> str:
        return secrets.token_hex(8)

    def _get_unique_id(self, prefix: str) -> str:
        # asyncpg has no other way to name statements, and its stubs leave this one out.
        name: str = super()._get_unique_id(prefix)  # type: ignore[misc]
        return f"{name}{self._suffix}"

    async def executemany(
        self,
        command: str,
        args: Iterable[Sequence[Any]],
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # asyncpg's
    ) -> None:
        """Run a statement for many rows; cancelling it ends the connection.

        When asyncpg is cancelled between two batches of rows it does not notice. It then waits
        forever for the server, which waits for the other rows, and holds all its locks.
        """
        sending = asyncio.ensure_future(super().executemany(command, args, timeout=timeout))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            self.terminate()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            raise
