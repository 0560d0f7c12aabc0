"""The time that each request has, held by one timer for all of them.

`asyncio.timeout` makes a timer for each, which takes a tenth of the time of a response that is
kept.
"""

import asyncio
from asyncio import CancelledError, Task, TimerHandle
from types import TracebackType
from typing import Any


class Deadline:
    """Ends what a task does within `with`, if it takes too long: it raises `TimeoutError`.

    A task can be within it once at a time.
    """

    def __init__(self, seconds: float) -> None:
        """All have the same time, in the loop that runs now."""
        self.seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._due: dict[Task[Any], float] = {}
        """When each task has to be done, in this order: who comes first is due first."""
        self._late: set[Task[Any]] = set()
        """The tasks that are told to end."""
        self._timer: TimerHandle | None = None

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def __enter__(self) -> None:
        """Begin; the task is the one that runs now."""
        self._due[self._task()] = due = self._loop.time() + self.seconds
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._end)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """End; raises `TimeoutError` if the task was late, and nobody else wants it to end."""
        task = self._task()
        if self._due.pop(task, None) is not None:
            return
        self._late.remove(task)
        if task.uncancel() == 0 and kind is CancelledError:
            raise TimeoutError from error

    def _task(self) -> Task[Any]:
        task = asyncio.current_task(self._loop)
        if task is None:
            raise RuntimeError("only a task can have a deadline")
        return task

    def _end(self) -> None:
        """Tell those who are late to end, and wait for the next one."""
        self._timer = None
        now = self._loop.time()
        for task, due in [*self._due.items()]:
            if due > now:
                self._timer = self._loop.call_at(due, self._end)
                return
            del self._due[task]
            self._late.add(task)
            task.cancel()
