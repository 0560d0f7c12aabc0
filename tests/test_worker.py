"""The thread beside the event loop."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from service.api.worker import Worker


@asynccontextmanager
async def busy(worker: Worker) -> AsyncIterator[None]:
    """The worker, while it works on something else."""
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        end.wait(60)

    other = asyncio.create_task(worker.run(None, work))
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
    names = await asyncio.gather(*(worker.run(None, threading.get_ident) for _ in range(3)))
    assert len({*names}) == 1
    assert names[0] != threading.get_ident()


async def test_those_who_want_the_same_share_it(worker: Worker) -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number

    async with busy(worker):
        tasks = [asyncio.create_task(worker.once(None, key, make, key)) for key in (1, 2, 1, 1)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        await asyncio.sleep(0)
    assert [await tasks[index] for index in (0, 1, 3)] == [1, 2, 1]
    assert made == [1, 2]
    assert await worker.once(None, 1, make, 1) == 1
    assert made == [1, 2, 1]


async def test_an_error_is_everybodys(worker: Worker) -> None:
    def fail() -> None:
        raise ValueError("no")

    async with busy(worker):
        tasks = [asyncio.create_task(worker.once(None, "key", fail)) for _ in range(2)]
        await asyncio.sleep(0)
    for each in tasks:
        with pytest.raises(ValueError, match="no"):
            await each


async def test_what_nobody_waits_for_is_not_begun(worker: Worker) -> None:
    made: list[int] = []
    async with busy(worker):
        task = asyncio.create_task(worker.once(None, "key", made.append, 1))
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        again = asyncio.create_task(worker.once(None, "key", made.append, 2))
        await asyncio.sleep(0)
    await again
    assert made == [2]


async def test_clients_take_turns(worker: Worker) -> None:
    done: list[str] = []

    def work(name: str) -> None:
        end = time.thread_time() + 0.002
        while time.thread_time() < end:
            pass
        done.append(name)

    async with busy(worker):
        tasks = [
            asyncio.create_task(worker.run(client, work, f"{client}{number}"))
            for client, count in (("a", 5), ("b", 2), ("c", 1))
            for number in range(count)
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert {*done[:3]} == {"a0", "b0", "c0"}
    assert {*done[3:5]} == {"a1", "b1"}
    assert done[5:] == ["a2", "a3", "a4"]


async def test_who_used_much_waits_for_who_comes(worker: Worker) -> None:
    done: list[str] = []

    def work(name: str, seconds: float) -> None:
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass
        done.append(name)

    async def one_after_another() -> None:
        for number in range(4):
            await worker.run("light", work, f"light{number}", 0.0)

    async with busy(worker):
        heavy = [
            asyncio.create_task(worker.run("heavy", work, f"heavy{number}", 0.05))
            for number in range(3)
        ]
        await asyncio.sleep(0)
        light = asyncio.create_task(one_after_another())
        await asyncio.sleep(0)
    await asyncio.gather(*heavy, light)
    # What comes while another works on is not begun before that ends; only then it is its turn.
    assert done.index("light3") < done.index("heavy2")


async def test_who_wants_what_another_waits_for_has_it_in_his_own_turn(worker: Worker) -> None:
    done: list[str] = []
    async with busy(worker):
        tasks = [asyncio.create_task(worker.run("a", done.append, f"a{each}")) for each in range(9)]
        tasks.append(asyncio.create_task(worker.once("a", "key", done.append, "shared")))
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(worker.once("b", "key", done.append, "shared")))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert done.index("shared") <= 1
    assert done.count("shared") == 1


async def test_nothing_is_remembered_of_who_no_longer_waits(worker: Worker) -> None:
    for client in range(100):
        await worker.run(client, str)
    await asyncio.sleep(0)
    assert not worker._lines
