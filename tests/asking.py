"""The shipped application, asked over HTTP in this process, with every statement counted."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from service import application
from service.application import create_app
from service.schema_cache import executable_schema
from service.settings import Settings
from tests.databases import PROJECT, Server, load
from tests.writing import write

# httpx2 imports it for each request, and nothing else does. Python would look for it in all folders
# each time.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # as the import system has it


class Asker:
    """Asks an application, and holds every read to one statement."""

    def __init__(self, http: httpx2.AsyncClient, statements: list[str]) -> None:
        self.http = http
        self.statements = statements
        """Every statement that was run for the last request."""

    async def __call__(self, query: str, **variables: Any) -> Any:
        """The `data` of a read that has to succeed."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer
        assert len(self.statements) == 1, self.statements
        return answer["data"]

    async def errors(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """The errors of a read that has to fail before any statement is run."""
        answer = await self.answer(query, **variables)
        assert "data" not in answer, answer
        assert self.statements == []
        errors: list[dict[str, Any]] = answer["errors"]
        return errors

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        response = await self.post({"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def post(self, body: object, **options: Any) -> httpx2.Response:
        """Post a JSON body."""
        self.statements.clear()
        return await self.http.post("/graphql", json=body, **options)


@asynccontextmanager
async def asking(
    url: str, extend: Callable[[Starlette], object] | None = None, /, **settings: Any
) -> AsyncIterator[Asker]:
    """The application on the database at `url`; `extend` adds to it what an operator would."""
    statements: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncpg, "create_pool", _counting(statements))
        # It is the same for every application.
        patch.setattr(application, "executable_schema", _schema)
        # Statements are counted, so no response may be kept unless the test is about that.
        settings = {"response_cache": 0, **settings}
        app = create_app(Settings(database_url=url, project=PROJECT, **settings))
        if extend:
            extend(app)
        async with app.router.lifespan_context(app) as state:
            transport = httpx2.ASGITransport(_with_state(app, dict(state or {})))
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://guidepost.test"
            ) as http:
                yield Asker(http, statements)


@asynccontextmanager
async def published(
    server: Server, template: str, documents: Mapping[str, str]
) -> AsyncIterator[Asker]:
    """The application on a database of its own with these documents, published."""
    async with server.new(template) as url:
        with TemporaryDirectory() as folder:
            await load(url, write(Path(folder), **documents))
        async with asking(url) as asker:
            yield asker


async def pages(
    ask: Callable[..., Awaitable[Any]],
    query: str,
    field: str,
    *,
    first: int = 0,
    last: int = 0,
    **variables: Any,
) -> list[Any]:
    """All pages of a root field in their order, one after the other: from the last if `last`."""
    found: list[Any] = []
    size, cursor, end, ahead, behind = (
        ("last", "before", "startCursor", "hasPreviousPage", "hasNextPage")
        if last
        else ("first", "after", "endCursor", "hasNextPage", "hasPreviousPage")
    )
    place, more = None, True
    while more:
        page = (await ask(query, **variables, **{size: first or last, cursor: place}))[field]
        assert page["pageInfo"][behind] is bool(found), variables
        found.append(page)
        place, more = page["pageInfo"][end], page["pageInfo"][ahead]
    return found[::-1] if last else found


_schema = cache(executable_schema)


def _counting(statements: list[str]) -> Any:
    """asyncpg's `create_pool`, with a logger of queries on each connection."""
    create_pool = asyncpg.create_pool

    def create(*arguments: Any, init: Any, **options: Any) -> Any:
        async def init_and_count(connection: Any) -> None:
            await init(connection)
            connection.add_query_logger(lambda record: statements.append(record.query))

        return create_pool(*arguments, init=init_and_count, **options)

    return create


def _with_state(app: Starlette, state: dict[str, Any]) -> Any:
    """What a server does with the lifespan's state and this transport does not."""

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": state.copy()}, receive, send)

    return with_state
