"""Work that is shared by all who ask for it before it begins."""

import asyncio
from asyncio import Future, Task
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Coalesced(Generic[T]):
    """Does work again and again, as long as somebody asks for it.

    It is under way once at a time. Whoever asks meanwhile shares the next one, which begins when
    this one has ended: so what it finds is not older than the question.
    """

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work
        self._waiting: list[Future[T]] = []
        self._working: Task[None] | None = None

    def ask(self) -> "Future[T]":
        """The result of work that begins after this call; raises what the work raises."""
        asked: Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(asked)
        if self._working is None:
            self._working = asyncio.create_task(self._run())
        return asked

    async def close(self) -> None:
        """End the work that is under way."""
        if self._working is not None:
            self._working.cancel()
            with suppress(asyncio.CancelledError):
                await self._working

    async def _run(self) -> None:
        try:
            while self._waiting:
                # Those whose requests have arrived already may ask, too.
                await asyncio.sleep(0)
                asked, self._waiting = self._waiting, []
                try:
                    found = await self._work()
                except Exception as error:  # noqa: BLE001  # those who wait raise it
                    for each in _open(asked):
                        each.set_exception(error)
                else:
                    for each in _open(asked):
                        each.set_result(found)
        finally:
            self._working = None


def _open(asked: "list[Future[T]]") -> "list[Future[T]]":
    """Those for which somebody still waits."""
    return [each for each in asked if not each.done()]
