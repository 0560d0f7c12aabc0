"""The end of a service: what is under way is answered first, by one process and by several."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
import pytest

from tests.databases import rows
from tests.embedded.server import lives
from tests.processes import DIRECT, PATIENCE, Command, serving, workers_of
from tests.test_timeouts import locked

TOOL = '{ tool(slug: "java") { name } }'
"""Waits while `locked`."""
GUIDE = '{ guide(slug: "recruiting-backend-developers-in-belgium") { slug } }'
DRAIN = 3.0
UNDER_WAY = 3
CLIENTS = 8
WAITING = "select count(*) from pg_locks where not granted"

several = pytest.mark.parametrize("workers", [1, 2], ids=["one process", "workers"])


def fresh(address: str) -> httpx2.AsyncClient:
    """A client that opens a connection for each request."""
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.AsyncClient(base_url=address, limits=limits, **DIRECT)


async def until(it_is_so: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not await it_is_so():
            await asyncio.sleep(0.01)


class Service:
    """A service with requests under way, which wait until it is told to `answer` them."""

    def __init__(self, process: Command, address: str, lock: AsyncExitStack) -> None:
        self.process = process
        self.address = address
        self.http = fresh(address)
        self.pids = [process.process.pid, *workers_of(process)]
        self._lock = lock
        # Identical requests would share a statement.
        queries = [f"query Q{number} {TOOL}" for number in range(UNDER_WAY)]
        self._under_way = [asyncio.create_task(self.ask(each)) for each in queries]

    async def ask(self, query: str) -> httpx2.Response:
        return await self.http.post("/graphql", json={"query": query})

    async def is_stopping(self) -> bool:
        """Whether it says that it is not ready."""
        return (await self.http.get("/readyz")).status_code == 503

    async def answers(self) -> list[object]:
        """What was under way, as it is answered once it can be; None where it is not."""
        await self._lock.aclose()
        done = await asyncio.gather(*self._under_way, return_exceptions=True)
        return [each.json() if isinstance(each, httpx2.Response) else None for each in done]

    async def code(self) -> int:
        """Wait for the end; the exit code."""
        code = await asyncio.to_thread(self.process.wait)
        await self.http.aclose()
        assert not any(map(lives, self.pids))
        return code


@asynccontextmanager
async def busy(url: str, workers: int, **settings: str) -> AsyncIterator[Service]:
    """A service with requests under way."""

    async def all_wait() -> bool:
        [(count,)] = await rows(url, WAITING)
        return int(count) == UNDER_WAY

    with serving(DATABASE_URL=url, GUIDEPOST_WORKERS=str(workers), **settings) as process:
        address = await asyncio.to_thread(process.address)
        async with AsyncExitStack() as lock:
            await lock.enter_async_context(locked(url))
            service = Service(process, address, lock)
            await until(all_wait)
            yield service


ANSWER = {"data": {"tool": {"name": "Java"}}}


@several
async def test_the_service_drains_before_it_ends(seeded: str, workers: int) -> None:
    async with busy(seeded, workers, GUIDEPOST_DRAIN=str(DRAIN)) as service:
        kept = httpx2.AsyncClient(base_url=service.address, **DIRECT)
        assert (await kept.get("/readyz")).status_code == 200
        began = time.monotonic()
        service.process.process.send_signal(signal.SIGTERM)

        await until(service.is_stopping, 1)
        for _ in range(5):
            told = await service.http.get("/readyz")
            assert (told.status_code, told.text) == (503, "the service is stopping\n")
            answer = await service.ask(GUIDE)
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
            assert (await service.http.get("/livez")).status_code == 200
        # A connection from before is answered too, and then closed.
        last = await kept.get("/livez")
        assert (last.status_code, last.headers["connection"]) == (200, "close")
        await kept.aclose()
        assert time.monotonic() - began < DRAIN
        assert await service.answers() == [ANSWER] * UNDER_WAY
        assert await service.code() == 128 + signal.SIGTERM
        assert DRAIN <= time.monotonic() - began < DRAIN + 5
        assert "Traceback" not in service.process.output()


@several
async def test_what_comes_while_it_drains_is_answered(seeded: str, workers: int) -> None:
    """All of it, from many clients at once."""
    settings = {"GUIDEPOST_WORKERS": str(workers), "GUIDEPOST_DRAIN": str(DRAIN)}
    with serving(DATABASE_URL=seeded, **settings) as process:
        address = await asyncio.to_thread(process.address)
        counts, is_over = [0] * CLIENTS, asyncio.Event()

        async def client(http: httpx2.AsyncClient, index: int) -> None:
            while not is_over.is_set():
                response = await http.post("/graphql", json={"query": GUIDE})
                assert response.status_code == 200
                counts[index] += 1

        async def three_more_each() -> None:
            before = [*counts]

            async def are_there() -> bool:
                return all(now - then >= 3 for now, then in zip(counts, before, strict=True))

            await until(are_there)

        async with httpx2.AsyncClient(base_url=address, **DIRECT) as http:
            clients = [asyncio.create_task(client(http, index)) for index in range(CLIENTS)]
            await three_more_each()
            process.process.send_signal(signal.SIGTERM)
            await three_more_each()
            is_over.set()
            await asyncio.gather(*clients)
            assert (await http.get("/readyz")).status_code == 503
        assert await asyncio.to_thread(process.wait) == 128 + signal.SIGTERM


@several
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_what_is_under_way_is_answered_without_a_drain(
    seeded: str, workers: int, number: signal.Signals
) -> None:
    async with busy(seeded, workers) as service:
        service.process.process.send_signal(number)
        await until(lambda: refuses(service.address))
        assert await service.answers() == [ANSWER] * UNDER_WAY
        assert await service.code() == 128 + signal.SIGTERM


async def refuses(address: str) -> bool:
    """Whether no new connection is accepted."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as client:
        return client.connect_ex((host, int(port))) != 0


@several
async def test_a_person_who_ends_it_does_not_wait_for_the_drain(seeded: str, workers: int) -> None:
    async with busy(seeded, workers, GUIDEPOST_DRAIN="60") as service:
        began = time.monotonic()
        # As a terminal does it: to every process in it.
        for pid in service.pids:
            os.kill(pid, signal.SIGINT)
        await until(lambda: refuses(service.address))
        assert await service.answers() == [ANSWER] * UNDER_WAY
        assert await service.code() == 128 + signal.SIGINT
        assert time.monotonic() - began < 30
        assert "Traceback" not in service.process.output()


@several
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_it_at_once(
    seeded: str, workers: int, second: signal.Signals
) -> None:
    async with busy(seeded, workers, GUIDEPOST_DRAIN="60") as service:
        service.process.process.send_signal(signal.SIGTERM)

        await until(service.is_stopping)
        began = time.monotonic()
        service.process.process.send_signal(second)
        code = await service.code()
        assert time.monotonic() - began < 5
        assert await service.answers() == [None] * UNDER_WAY
        assert code in {128 + signal.SIGTERM, 128 + second}


@several
async def test_a_client_that_does_not_read_does_not_hold_up_the_end(
    seeded: str, workers: int
) -> None:
    request = json.dumps({"query": "{ __schema { types { name fields { name } } } }"})
    settings = {"GUIDEPOST_WORKERS": str(workers), "GUIDEPOST_DEADLINE": "1"}
    with serving(DATABASE_URL=seeded, **settings) as process:
        port = int((await asyncio.to_thread(process.address)).rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_000)
            head = (
                "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                f"content-length: {len(request)}\r\n\r\n"
            )
            await asyncio.to_thread(client.sendall, (head + request).encode() * 100)
            await asyncio.to_thread(client.recv, 100)
            began = time.monotonic()
            assert await asyncio.to_thread(process.stop) == 128 + signal.SIGTERM
            assert time.monotonic() - began < 10
