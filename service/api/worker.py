"""A thread for work that would block the event loop.

There is one such thread: Python runs one thread at a time, so two would not be faster, and the loop
would have to wait for both. Clients take turns: the client that has used the least time is next, so
that nobody waits for all the work of somebody else.
"""

import time
from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class _Task:
    """Work whose result several callers may wait for."""

    key: Hashable
    work: Callable[[], Any]
    waiting: "list[Future[Any]]" = field(default_factory=list)
    has_begun: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether a caller still waits for it."""
        return not all(each.done() for each in self.waiting)

    @property
    def is_due(self) -> bool:
        """Whether it still has to begin."""
        return self.is_wanted and not self.has_begun

    def end(self, outcome: "_Outcome") -> None:
        """Give the outcome to the callers that wait."""
        for each in self.waiting:
            if each.done():
                continue
            if outcome.error is None:
                each.set_result(outcome.answer)
            else:
                each.set_exception(outcome.error)


@dataclass(eq=False)
class _Line:
    """The tasks that one client waits for."""

    used: float
    """The processor time that it has used, in seconds, counted from `Worker._used` when it came."""
    tasks: deque[_Task] = field(default_factory=deque)

    def first(self) -> _Task | None:
        """The first task that is due; those before it have begun, or nobody waits for them."""
        while self.tasks and not self.tasks[0].is_due:
            self.tasks.popleft()
        return self.tasks[0] if self.tasks else None


class _Outcome(NamedTuple):
    """The result of a task, or its error."""

    seconds: float
    """The processor time that it took."""
    answer: Any = None
    error: BaseException | None = None


class Worker:
    """Runs functions one after another, outside of the event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "guidepost-worker")
        self._tasks: dict[Hashable, _Task] = {}
        self._lines: dict[Hashable, _Line] = {}
        self._used = 0.0
        """The time that the client whose turn it is had used by then."""
        self._is_busy = False

    async def run(self, client: Hashable, function: Callable[..., T], *arguments: Any) -> T:
        """The result of the function."""
        return await self.once(client, object(), function, *arguments)

    async def once(
        self, client: Hashable, key: Hashable, function: Callable[..., T], *arguments: Any
    ) -> T:
        """The result of the function, shared by all callers that wait under the same key.

        The function runs when the first of their clients has its turn. It is dropped if it has not
        begun when nobody waits for it any more.
        """
        task = self._tasks.setdefault(key, _Task(key, partial(function, *arguments)))
        future: Future[T] = get_running_loop().create_future()
        task.waiting.append(future)
        self._queue(client, task)
        try:
            return await future
        finally:
            if not task.has_begun and not task.is_wanted and self._tasks.get(key) is task:
                del self._tasks[key]

    def close(self) -> None:
        """Cancel the tasks that have not begun, and wait for the one that has."""
        for task in self._tasks.values():
            if task.is_due:
                for each in task.waiting:
                    each.cancel()
        self._thread.shutdown()

    def _queue(self, client: Hashable, task: _Task) -> None:
        line = self._lines.setdefault(client, _Line(self._used))
        # A client that was idle for a while gets no credit for it.
        line.used = max(line.used, self._used)
        line.tasks.append(task)
        if not self._is_busy:
            self._next()

    def _next(self) -> None:
        """Begin the first task of the client that has used the least time."""
        self._is_busy = False
        due = [(line, task) for line in self._lines.values() if (task := line.first())]
        if not due:
            # Nobody waits, so there is nobody to be fair to.
            self._lines.clear()
            return
        line, task = min(due, key=lambda each: each[0].used)
        self._used = line.used
        self._begin(line, task)

    def _begin(self, line: _Line, task: _Task) -> None:
        task.has_begun = self._is_busy = True

        def end(done: "Future[_Outcome]") -> None:
            outcome = done.result()
            line.used += outcome.seconds
            del self._tasks[task.key]
            task.end(outcome)
            # The callers that waited go on first: their next task may be due before all others.
            get_running_loop().call_soon(self._next)

        working = get_running_loop().run_in_executor(self._thread, _outcome, task.work)
        working.add_done_callback(end)


def _outcome(work: Callable[[], Any]) -> _Outcome:
    before = time.thread_time()
    try:
        answer, error = work(), None
    except BaseException as raised:  # noqa: BLE001  # raised again where it is awaited
        answer, error = None, raised
    return _Outcome(time.thread_time() - before, answer, error)
