"""The thread beside the event loop."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from service.worker import Worker


@asynccontextmanager
async def busy(worker: Worker) -> AsyncIterator[None]:
    """The worker, while it works on something else."""
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        end.wait(60)

    other = asyncio.create_task(worker.run(work))
    await asyncio.to_thread(begun.wait, 60)
    try:
        yield
    finally:
        end.set()
        await other


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker()
    yield made
    made.close()


async def test_it_works_beside_the_loop_one_by_one(worker: Worker) -> None:
    names = await asyncio.gather(*(worker.run(threading.get_ident) for _ in range(3)))
    assert len({*names}) == 1
    assert names[0] != threading.get_ident()


async def test_those_who_want_the_same_share_it(worker: Worker) -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number

    async with busy(worker):
        tasks = [asyncio.create_task(worker.once(key, make, key)) for key in (1, 2, 1, 1)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        await asyncio.sleep(0)
    assert [await tasks[index] for index in (0, 1, 3)] == [1, 2, 1]
    assert made == [1, 2]
    assert await worker.once(1, make, 1) == 1
    assert made == [1, 2, 1]


async def test_an_error_is_everybodys(worker: Worker) -> None:
    def fail() -> None:
        raise ValueError("no")

    async with busy(worker):
        tasks = [asyncio.create_task(worker.once("key", fail)) for _ in range(2)]
        await asyncio.sleep(0)
    for each in tasks:
        with pytest.raises(ValueError, match="no"):
            await each


async def test_what_nobody_waits_for_is_not_begun(worker: Worker) -> None:
    made: list[int] = []
    async with busy(worker):
        task = asyncio.create_task(worker.once("key", made.append, 1))
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        again = asyncio.create_task(worker.once("key", made.append, 2))
        await asyncio.sleep(0)
    await again
    assert made == [2]
