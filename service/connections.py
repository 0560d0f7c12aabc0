"""Connections that reads share.

asyncpg's own pool makes a task, a future and two timers whenever a connection is taken and given
back, which takes as long as everything else that a short read does here. What reads need of a pool
is less: nothing that they do has to be undone before the next one.
"""

from asyncio import CancelledError, Semaphore
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

IDLE = 300.0
"""The seconds after which nobody knows whether what lies between has not dropped a connection."""
STOPPING = 5.0
"""The seconds that a statement may take to be stopped."""


class _Place(NamedTuple):
    """Room for a connection."""

    connection: Any = None
    used: float = 0
    """When it was given back."""

    def is_fit(self) -> bool:
        connection = self.connection
        return (
            connection is not None and not connection.is_closed() and monotonic() - self.used < IDLE
        )


class Connections:
    """So many at most, each made when there is none to be had, and the last used taken first."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], size: int) -> None:
        self._connect = connect
        self._size = size
        self._room = Semaphore(size)
        self._free = [_Place()] * size
        """As many as the semaphore lets in, which does so in the order in which they came."""

    async def run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Do some work on a connection, once one is free."""
        async with self._room:
            connection = await self._taken()
            try:
                return await work(connection)
            except CancelledError:
                # The work ran out of time: its statement is stopped, or else the connection is.
                with suppress(Exception):
                    await connection.close(timeout=STOPPING)
                raise
            finally:
                self._free.append(_Place(connection, monotonic()))

    async def close(self) -> None:
        """Close all of them, each when it is free."""
        for _ in range(self._size):
            await self._room.acquire()
            connection = self._free.pop().connection
            if connection is not None:
                await connection.close(timeout=STOPPING)

    async def _taken(self) -> Any:
        place = self._free.pop()
        if place.is_fit():
            return place.connection
        try:
            if place.connection is not None:
                place.connection.terminate()
            return await self._connect()
        except BaseException:
            self._free.append(_Place())
            raise
