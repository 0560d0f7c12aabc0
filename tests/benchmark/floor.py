"""The floor: a bare Starlette route that runs one handwritten statement and sends what it answers.

`python -m tests.benchmark.floor <file>` is that server, on `DATABASE_URL`; the file holds the
formulations that `fastest` found.
"""

import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.database.pools import READING
from tests.benchmark.queries import Query
from tests.benchmark.statements import formulations

CONNECTIONS = 4
"""As many as ours has."""

SETTINGS: dict[str, dict[str, str]] = {
    "as PostgreSQL plans": {},
    "with our settings": READING,
    "planned once, by index": {
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
        "enable_bitmapscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
    },
}
"""What a session may be told before it is given a statement."""

WARM_UP = 10
ROUNDS = 30


class Statement(NamedTuple):
    """A formulation, and the settings of the sessions that run it."""

    name: str
    sql: str
    settings: dict[str, str]


async def fastest(url: str, query: Query) -> Statement:
    """The fastest formulation of a query, each run in turn with all the others."""
    statements = [
        Statement(f"{name}, {told}", sql, settings)
        for name, sql in formulations(query.name).items()
        for told, settings in SETTINGS.items()
    ]
    async with AsyncExitStack() as stack:
        pools = [await stack.enter_async_context(_pool(url, each, 1)) for each in statements]
        taken = await _taken(list(zip(pools, statements, strict=True)), query)
    return min(statements, key=lambda each: median(taken[each.name]))


async def _taken(runners: list[tuple[Any, Statement]], query: Query) -> dict[str, list[float]]:
    requests = cycle(query.requests)
    taken: dict[str, list[float]] = {each.name: [] for _, each in runners}
    for pool, each in runners:
        for request in islice(requests, WARM_UP):
            await pool.fetchval(each.sql, *request.values())
    for _ in range(ROUNDS):
        batch = list(islice(requests, 3))
        for pool, each in runners:
            start = perf_counter()
            for request in batch:
                await pool.fetchval(each.sql, *request.values())
            taken[each.name].append(perf_counter() - start)
    return taken


def create_floor(url: str, statements: dict[str, Statement]) -> Starlette:
    """A route for each statement: `/one?locale=en&slug=…`."""
    pools: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for name, each in statements.items():
                pool = _pool(url, each, CONNECTIONS)
                pools[name] = await stack.enter_async_context(pool)
            yield

    def endpoint(name: str, sql: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            data = await pools[name].fetchval(sql, *request.query_params.values())
            return Response(b'{"data":%b}' % data, media_type="application/json")

        return answer

    routes = [Route(f"/{name}", endpoint(name, each.sql)) for name, each in statements.items()]
    return Starlette(routes=routes, lifespan=lifespan)


def _pool(url: str, statement: Statement, size: int) -> Any:
    return asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        init=_prepare,
        reset=_keep,
        server_settings={"jit": "off", **statement.settings},
    )


async def _prepare(connection: Any) -> None:
    # As ours does; see `service.database.pools`.
    await connection.execute("select octet_length(repeat(repeat(' ', 1000), 4000))")
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )


async def _keep(_: Any) -> None:
    """Do not reset a connection between two statements."""


def main() -> None:
    """Serve on any free port, and say where."""
    written = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    statements = {name: Statement(*each) for name, each in written.items()}
    app = create_floor(os.environ["DATABASE_URL"], statements)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stderr.write(f"http://127.0.0.1:{listener.getsockname()[1]}/graphql\n")
        sys.stderr.flush()
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
