"""The shipped application, twice on one database, for a machine that is not asynchronous."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.delivery import Stage
from schema.entities.content import Base
from schema.model import content_model
from schema.planner.words import entries
from service import jobs
from service.database.pools import writing
from service.editing import releasing
from service.editing.releasing import carry_out
from service.roles import WRITER
from tests.asking import asking
from tests.databases import Server
from tests.editing import Editor, editing_app
from tests.machine.content import DRAFT, LIVE, Row
from tests.machine.operations import Operation, Outcome, outcome

T = TypeVar("T")

UNLIMITED: dict[str, Any] = {
    "cost_limit": 10**9,
    "object_limit": 10**6,
    "root_field_limit": 10**6,
    "alias_limit": 10**6,
    "field_limit": 10**6,
    "deadline": 120.0,
    "statement_timeout": 60.0,
}
_KEPT = {"content_version", "locale", "token"}
# Names of ours.
_EMPTIED = "; ".join(
    f'delete from {table.schema}."{table.name}"'  # noqa: S608
    for table in reversed(Base.metadata.sorted_tables)
    if table.name not in _KEPT
)
_RELEASES = """
    select id, item_id, action, due_at, "references", attempts, is_given_up, version, locales,
        is_reference
    from service.release join service.release_item on release_id = id
"""


class Subject:
    """Two instances of the application and what is beside them."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, editors: Sequence[Editor], engine: AsyncEngine
    ) -> None:
        self._loop = loop
        self._editors = editors
        self._engine = engine
        self._model = content_model()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of something asynchronous."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    async def empty(self) -> None:
        """Forget all content."""
        async with self._engine.begin() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            await driver.execute(_EMPTIED)

    async def read(self) -> tuple[Any, Any, list[Row]]:
        """Draft and live, and what is set to happen."""
        first, second = self._editors
        of_draft, of_live = await asyncio.gather(first(DRAFT), second(LIVE))
        async with self._engine.connect() as connection:
            rows = await connection.execute(text(_RELEASES))
            return of_draft, of_live, [Row(id_, str(item), *rest) for id_, item, *rest in rows]

    async def do(self, operation: Operation, number: int = 0, *, twice: bool = False) -> Outcome:
        """Carry an operation out; `twice` sends it again while it is under way."""
        query, variables = operation.request()
        body = {"query": query, "variables": variables}
        headers = {"idempotency-key": str(uuid4())}
        editors = [self._editors[(number + each) % 2] for each in range(1 + twice)]
        answers = [
            each.json()
            for each in await asyncio.gather(*(one.post(body, **headers) for one in editors))
        ]
        assert all(each == answers[0] for each in answers)
        assert "errors" not in answers[0], answers[0]
        [payload] = answers[0]["data"].values()
        return outcome(operation, payload)

    async def all_at_once(self, operations: Sequence[Operation], due: int) -> list[Any]:
        """Carry operations out at once, and `due` times what is due."""
        return await asyncio.gather(
            *(self.do(each, number) for number, each in enumerate(operations)),
            *(self.carry_out() for _ in range(due)),
        )

    async def carry_out(self) -> int:
        """Carry out the release that is due first; how many that were."""
        return await carry_out(self._engine, self._model, lambda _: None)

    async def advance(self, seconds: int) -> None:
        """Let time pass: what is due later is due sooner."""
        moved = text(
            "update service.release set due_at = due_at - make_interval(secs => :passed), "
            "next_at = next_at - make_interval(secs => :passed)"
        )
        async with self._engine.begin() as connection:
            await connection.execute(moved, {"passed": seconds})

    async def lost_words(self) -> list[Any]:
        """What search looks at and should not, and the other way round."""
        found: list[Any] = []
        async with self._engine.connect() as connection:
            for type_ in self._model.content():
                made = entries(self._model, type_, Stage.LIVE).statement
                kept = text(
                    "select id, locale, type, vector::text, text from live.search_entry "
                    "where type = :name"
                )
                wanted = made.subquery()
                columns = [each.label(each.name) for each in wanted.c]
                rows = await connection.execute(select(*columns))
                there = await connection.execute(kept, {"name": type_.table_name})
                found += {tuple(row) for row in rows} ^ {tuple(row) for row in there}
        return found


@contextmanager
def running(server: Server, template: str) -> Iterator[Subject]:
    """A subject on a database of its own, whose loop runs in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(120)

    stack = AsyncExitStack()
    try:
        yield run(_subject(stack, loop, server, template))
    finally:
        run(stack.aclose())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _subject(
    stack: AsyncExitStack, loop: asyncio.AbstractEventLoop, server: Server, template: str
) -> Subject:
    # What is due is carried out when the machine says so.
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    patch.setattr(jobs, "DUE", 10**6)
    # No pause ends by itself, however slow the machine is.
    patch.setattr(releasing, "FIRST_PAUSE", releasing.LONGEST_PAUSE)
    url = await stack.enter_async_context(server.new(template))
    first = await stack.enter_async_context(editing_app(url, **UNLIMITED))
    other = await stack.enter_async_context(asking(url, **UNLIMITED))
    engine = await stack.enter_async_context(writing(url, role=WRITER))
    return Subject(loop, (first, Editor(other, first.token)), engine)
