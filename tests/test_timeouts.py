"""Requests that take too long, and what comes after them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx2

from tests.asking import Asker, asking
from tests.databases import blocked

QUERY = "{ tools { totalCount } }"
ANSWER = {"data": {"tools": {"totalCount": 0}}}
LIMIT = 0.3


@asynccontextmanager
async def locked(url: str, table: str = "live.tool") -> AsyncIterator[None]:
    """A table is locked, so that whoever reads it waits."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(f"lock table {table} in access exclusive mode")
            yield
    finally:
        await connection.close()


def assert_timed_out(response: httpx2.Response) -> None:
    [error] = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (504, "TIMEOUT")
    assert "took too long" in error["message"]


async def test_a_statement_that_takes_too_long_is_stopped(database: str) -> None:
    async with asking(database, read_connections=1, statement_timeout=LIMIT) as ask:
        async with locked(database):
            began = time.monotonic()
            assert_timed_out(await ask.post({"query": QUERY}))
            assert time.monotonic() - began >= LIMIT
            await blocked(database, is_so=False)
        assert (await ask.post({"query": QUERY})).json() == ANSWER


async def test_a_request_has_a_deadline_which_the_wait_for_a_connection_counts_to(
    database: str,
) -> None:
    async with asking(database, read_connections=1, deadline=LIMIT) as ask:
        async with locked(database):
            began = time.monotonic()
            for response in await asyncio.gather(*(posted(ask) for _ in range(5))):
                assert_timed_out(response)
            assert time.monotonic() - began >= LIMIT
            await blocked(database, is_so=False)
        for _ in range(3):
            assert (await posted(ask)).json() == ANSWER


async def test_what_fits_the_deadline_is_answered(database: str) -> None:
    async with asking(database, read_connections=1, deadline=30) as ask:
        async with locked(database):
            waiting = asyncio.ensure_future(posted(ask))
            await asyncio.sleep(LIMIT)
            assert not waiting.done()
        assert (await waiting).json() == ANSWER


async def posted(ask: Asker) -> httpx2.Response:
    return await ask.http.post("/graphql", json={"query": QUERY})
