"""Connections that are shared: which is taken, and what becomes of it."""

import asyncio
from typing import Any

import pytest

from service import connections as connections_module
from service.connections import Connections


class Fake:
    """A connection that knows only whether it is open."""

    def __init__(self) -> None:
        self.closed = False

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        self.closed = True

    async def close(self, timeout: float) -> None:  # noqa: ASYNC109  # as asyncpg has it
        assert timeout > 0
        self.closed = True


class Shared:
    """Some connections, and all that were ever made for them."""

    def __init__(self, size: int) -> None:
        self.made: list[Fake] = []
        self.fails = False
        self.all = Connections(self._connect, size)

    async def _connect(self) -> Fake:
        if self.fails:
            raise OSError("no server")
        self.made.append(Fake())
        return self.made[-1]

    async def use(self) -> Fake:
        """The connection that is taken next."""

        async def work(connection: Any) -> Any:
            await asyncio.sleep(0)
            return connection

        found: Fake = await self.all.run(work)
        return found


async def test_the_connection_that_was_used_last_is_taken_first() -> None:
    shared = Shared(3)
    await asyncio.gather(*(shared.use() for _ in range(3)))
    last = await shared.use()
    assert [await shared.use() for _ in range(5)] == [last] * 5
    assert len(shared.made) == 3


async def test_there_are_so_many_and_who_comes_later_waits() -> None:
    shared = Shared(2)
    assert len(await asyncio.gather(*(shared.use() for _ in range(20)))) == 20
    assert len(shared.made) == 2


async def test_who_comes_first_is_served_first() -> None:
    shared = Shared(1)
    served: list[str] = []

    async def busy() -> None:
        while len(served) < 100:
            await shared.use()
            served.append("busy")

    async def once() -> None:
        await shared.use()
        served.append("once")

    await asyncio.gather(busy(), busy(), once())
    assert served.index("once") <= 3


async def test_a_closed_connection_is_replaced() -> None:
    shared = Shared(1)
    first = await shared.use()
    first.closed = True
    second = await shared.use()
    assert second is not first
    assert await shared.use() is second


async def test_a_connection_that_was_idle_for_long_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = Shared(1)
    first = await shared.use()
    monkeypatch.setattr(connections_module, "IDLE", 0)
    assert await shared.use() is not first
    assert first.closed


async def test_where_there_is_no_server_there_is_room_for_when_there_is() -> None:
    shared = Shared(1)
    shared.fails = True
    for _ in range(3):
        with pytest.raises(OSError, match="no server"):
            await shared.use()
    shared.fails = False
    assert await shared.use() is shared.made[0]


async def test_work_that_fails_leaves_its_connection() -> None:
    shared = Shared(1)

    async def fail(_: Any) -> None:
        raise ValueError("of the statement")

    with pytest.raises(ValueError, match="of the statement"):
        await shared.all.run(fail)
    assert await shared.use() is shared.made[0]


async def test_work_that_is_cancelled_takes_its_connection_along() -> None:
    shared = Shared(1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await shared.all.run(lambda _: asyncio.sleep(60))
    assert shared.made[0].closed
    assert await shared.use() is shared.made[1]


async def test_closing_waits_for_work() -> None:
    shared = Shared(2)
    working = asyncio.ensure_future(shared.all.run(lambda _: asyncio.sleep(0.05)))
    await asyncio.sleep(0)
    await shared.all.close()
    assert working.done()
    assert [each.closed for each in shared.made] == [True]
