"""The time that all requests have, by one timer."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from service.api.deadline import Deadline

SECONDS = 0.05


@pytest.fixture
async def deadline() -> AsyncIterator[Deadline]:
    found = Deadline(SECONDS)
    yield found
    found.close()


async def waiting(deadline: Deadline, begun: float = 0) -> float:
    """Wait for what never comes; how long that was allowed to take."""
    await asyncio.sleep(begun)
    start = asyncio.get_running_loop().time()
    with pytest.raises(TimeoutError), deadline:
        await asyncio.Event().wait()
    return asyncio.get_running_loop().time() - start


async def test_each_has_the_whole_time(deadline: Deadline) -> None:
    begun = (0, SECONDS / 2, SECONDS / 2, 3 * SECONDS)
    taken = await asyncio.gather(*(waiting(deadline, each) for each in begun))
    assert min(taken) >= SECONDS


async def test_a_task_can_go_on_after_it_was_late(deadline: Deadline) -> None:
    await waiting(deadline)
    await waiting(deadline)
    with deadline:
        await asyncio.sleep(0)
    await asyncio.sleep(2 * SECONDS)


async def test_what_is_done_in_time_is_left_alone(deadline: Deadline) -> None:
    with deadline:
        pass
    await asyncio.sleep(2 * SECONDS)
    with pytest.raises(KeyError), deadline:
        raise KeyError


async def test_who_is_cancelled_by_somebody_else_is_not_late(deadline: Deadline) -> None:
    async def wait() -> None:
        with deadline:
            await asyncio.Event().wait()

    for seconds in (0, 2 * SECONDS):
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(seconds)


async def test_who_is_late_and_cancelled_ends_as_cancelled(deadline: Deadline) -> None:
    inside = asyncio.Event()

    async def wait() -> None:
        with deadline:
            try:
                await asyncio.Event().wait()
            finally:
                inside.set()
                await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_who_is_late_is_the_error(deadline: Deadline) -> None:
    async def fail() -> None:
        with deadline:
            try:
                await asyncio.Event().wait()
            finally:
                raise KeyError

    with pytest.raises(KeyError):
        await fail()
    with deadline:
        await asyncio.sleep(0)
