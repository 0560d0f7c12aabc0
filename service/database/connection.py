"""The driver's connection, as it is here."""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import asyncpg


class DatabaseConnection(asyncpg.Connection):
    """A connection whose prepared statements have names that no other gives.

    Behind a pooler, a server process may have those of others too. All processes of asyncpg number
    theirs alike, and one would be answered what the other asked.
    """

    _process: int | None = None

    def is_answered_by(self, process: int) -> bool:
        """Whether this server process is the one that answered before, if any did."""
        self._process = self._process or process
        return self._process == process

    @cached_property
    def _suffix(self) -> str:
        return secrets.token_hex(8)

    def _get_unique_id(self, prefix: str) -> str:
        # The stubs leave it out: asyncpg has no other way to name statements.
        name: str = super()._get_unique_id(prefix)  # type: ignore[misc]
        return f"{name}{self._suffix}"

    async def executemany(
        self,
        command: str,
        args: Iterable[Sequence[Any]],
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # asyncpg's
    ) -> None:
        """Run a statement for many rows, and stop it when it is cancelled.

        asyncpg takes no notice of being cancelled between two pieces of them, and then waits
        forever for the server, which waits for the rest, with all of its locks.
        """
        sending = asyncio.ensure_future(super().executemany(command, args, timeout=timeout))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            self.terminate()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            raise
