"""The application twice on one database: one keeps its responses, and one makes each anew."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.locales import Locales
from service import jobs
from service.database.pools import writing
from service.editing.edits import known_locales
from service.roles import WRITER
from tests.asking import Asker, asking
from tests.differential.operations import LIMITS
from tests.editing import Editor, editing_app

KEPT = 10**9
PATIENT: dict[str, Any] = {"deadline": 120.0, "statement_timeout": 60.0, **LIMITS}


class Answered(NamedTuple):
    """What both answered."""

    kept: bytes
    """What the one said that may have kept it."""
    made: bytes
    """What was made anew."""


class Subject:
    """Both instances, and what is beside them."""

    def __init__(
        self,
        url: str,
        keeping: Asker,
        editor: Editor,
        engine: AsyncEngine,
        connection: Any,
        served: list[Callable[[Locales], bool]],
    ) -> None:
        self.url = url
        self._keeping = keeping
        self._plain = editor.ask
        self.editor = editor
        self.engine = engine
        self.connection = connection
        """Of a superuser."""
        self._served = served
        self.read = 0
        """How much of what was asked last was not kept."""

    async def ask(self, bodies: Sequence[bytes]) -> list[Answered]:
        """Ask both the same, all at once."""
        self._keeping.statements.clear()
        kept = await asyncio.gather(*(_sent(self._keeping, each) for each in bodies))
        self.read = sum("convert_to" in each for each in self._keeping.statements)
        made = await asyncio.gather(*(_sent(self._plain, each) for each in bodies))
        return [*map(Answered, kept, made)]

    async def plain(self, query: str, variables: dict[str, Any]) -> Any:
        """The answer that is made anew."""
        return await self._plain.answer(query, **variables)

    async def follow(self) -> bool:
        """Let both serve the locales that there are now; whether they are others than before."""
        async with self.engine.connect() as connection:
            found = await known_locales(connection)
        are_new = [serve(found) for serve in self._served]
        return any(are_new)

    async def version(self) -> int:
        """The version of the content."""
        number: int = await self.connection.fetchval("select version from service.content_version")
        return number


def body_of(query: str, **variables: Any) -> bytes:
    """The body of a request."""
    return json.dumps({"query": query, "variables": variables}).encode()


async def _sent(ask: Asker, body: bytes) -> bytes:
    """The body of the response to one."""
    headers = {"content-type": "application/json"}
    return (await ask.http.post("/graphql", content=body, headers=headers)).content


@asynccontextmanager
async def running(url: str) -> AsyncIterator[Subject]:
    """A subject on a database."""
    served: list[Callable[[Locales], bool]] = []

    @asynccontextmanager
    async def waiting(*arguments: Any) -> AsyncIterator[None]:
        served.append(arguments[3])
        yield

    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        # What is due, and which locales there are, both learn when the test says so.
        patch.setattr(jobs, "running", waiting)
        keeping = await stack.enter_async_context(asking(url, response_cache=KEPT, **PATIENT))
        editor = await stack.enter_async_context(editing_app(url, **PATIENT))
        engine = await stack.enter_async_context(writing(url, role=WRITER))
        connection = await asyncpg.connect(url)
        stack.push_async_callback(connection.close)
        yield Subject(url, keeping, editor, engine, connection, served)
