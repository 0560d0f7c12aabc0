"""A thread for work that would hold up the event loop.

It is one thread: two would not be faster, since Python runs one at a time, and the loop would wait
for both whenever it has something to do.
"""

from asyncio import Future, get_running_loop, shield
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class _Task:
    """Work that several may wait for."""

    future: "Future[Any]"
    waiting: int = 0


class Worker:
    """Runs one function after the other, beside the event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "guidepost-worker")
        self._tasks: dict[Hashable, _Task] = {}

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """What the function answers."""
        work = partial(function, *arguments)
        return await get_running_loop().run_in_executor(self._thread, work)

    async def once(self, key: Hashable, function: Callable[..., T], *arguments: Any) -> T:
        """What the function answers; those who ask under the same key meanwhile share that.

        Work that has not begun is given up when nobody waits for it any more.
        """
        if key not in self._tasks:
            work = partial(function, *arguments)
            future = get_running_loop().run_in_executor(self._thread, work)
            self._tasks[key] = _Task(future)
        task = self._tasks[key]
        task.waiting += 1
        try:
            answer: T = await shield(task.future)
        finally:
            task.waiting -= 1
            if not task.waiting:
                task.future.cancel()
                del self._tasks[key]
        return answer

    def close(self) -> None:
        """Give up what has not begun, and wait for the rest."""
        self._thread.shutdown(cancel_futures=True)
