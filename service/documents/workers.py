"""Calls functions in other processes: `python -m service.documents.workers`.

Reading very many documents takes longer than comparing them with what is there. A worker process
receives a function and its argument, pickled, and answers with the result. It imports only what the
functions need, and ends with the process that it works for, however that ends.
"""

import asyncio
import itertools
import os
import pickle
import sys
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, TypeVar

from service.errors import GuidepostError

A = TypeVar("A")
B = TypeVar("B")

_LENGTH = 8
"""The number of bytes that give the length of a message."""


class Workers:
    """Worker processes that take turns; without any, functions are called in this process."""

    def __init__(self, processes: Sequence[asyncio.subprocess.Process] = ()) -> None:
        self._turns = itertools.cycle([(each, asyncio.Lock()) for each in processes])
        self.count = len(processes)

    async def call(self, function: Callable[[A], B], argument: A) -> B:
        """Call a module's function with an argument.

        Raises `GuidepostError` if the process has ended.
        """
        if not self.count:
            return function(argument)
        process, turn = next(self._turns)
        async with turn:
            try:
                return await _asked(process, function, argument)
            except BaseException as error:
                # If its answer still came, the next call would take it for its own.
                await _end(process)
                if isinstance(error, OSError | EOFError):
                    message = (
                        "a worker process for documents has ended; check that there is enough "
                        "memory, and try again"
                    )
                    raise GuidepostError(message) from error
                raise

    async def ahead(self, work: Iterable[Coroutine[Any, Any, B]]) -> AsyncGenerator[B]:
        """The results of coroutines, in order.

        As many are started ahead as keep all processes busy.
        """
        begun: deque[asyncio.Task[B]] = deque()
        try:
            for each in work:
                begun.append(asyncio.create_task(each))
                if len(begun) > self.count:
                    yield await begun.popleft()
            while begun:
                yield await begun.popleft()
        finally:
            for task in begun:
                task.cancel()


@asynccontextmanager
async def workers(*, many: bool) -> AsyncIterator[Workers]:
    """A worker process for each processor, while the context lasts.

    There are none unless there are `many` documents: starting a process takes as long as reading
    about a hundred documents.
    """
    command = (sys.executable, "-m", __name__)
    pipe = asyncio.subprocess.PIPE
    async with AsyncExitStack() as stack:
        processes = []
        for _ in range((os.cpu_count() or 1) if many else 0):
            # A worker has a session of its own: a signal from the terminal ends this process first.
            process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, start_new_session=True
            )
            stack.push_async_callback(_end, process)
            processes.append(process)
        yield Workers(processes)


async def _asked(process: asyncio.subprocess.Process, function: Callable[[A], B], argument: A) -> B:
    if process.stdin is None or process.stdout is None:
        raise TypeError("a process that helps needs pipes")
    process.stdin.write(_framed((function, argument)))
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(_LENGTH))
    found: B = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301  # ours
    return found


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        # The process may end by itself at this moment.
        with suppress(ProcessLookupError):
            process.kill()
    await process.wait()


def _framed(message: object) -> bytes:
    content = pickle.dumps(message)
    return len(content).to_bytes(_LENGTH) + content


def main() -> None:
    """Call functions until no more come, or nobody reads the answers."""
    # Work ahead is less urgent than what the database and the reading process do.
    os.nice(10)
    given, answers = sys.stdin.buffer, sys.stdout.buffer
    while length := given.read(_LENGTH):
        function, argument = pickle.loads(given.read(int.from_bytes(length)))  # noqa: S301  # ours
        try:
            answers.write(_framed(function(argument)))
            answers.flush()
        except BrokenPipeError:
            # A normal exit would fail to flush what is left to write.
            os._exit(0)


if __name__ == "__main__":
    main()
