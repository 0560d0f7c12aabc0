"""Editors, publishers and readers in processes of their own: nothing that was acknowledged is lost.

`make soak ONLY=races` goes on for longer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from service.access import Scope
from tests.databases import Server, rows
from tests.editing import token
from tests.processes import serving
from tests.racing import (
    SHARED,
    State,
    begin,
    client,
    edit,
    publish,
    publish_pairs,
    read_pairs,
    text,
)
from tests.soaking import rounds

TIMES = 40
"""How often each editor counts up, and pairs are published, in a round."""
OWN = ("subtitle", "seoTitle")
"""The field that each of two editors has for itself."""
PATIENCE = 60 + 2 * TIMES

STATES = """
    select version, document->'title'->>'en' as title, document->'subtitle'->>'en' as subtitle,
        document->'seoTitle'->>'en' as "seoTitle"
    from service.revision where type = 'Guide' and slug = 'left' and action = 'SAVE' order by id
"""


class Services(NamedTuple):
    """Two services on one database, with what is needed to write there."""

    database: str
    urls: tuple[str, str]
    token: str


@pytest.fixture(scope="module")
async def services(server: Server, migrated: str) -> AsyncIterator[Services]:
    async with server.new(migrated) as database:
        made = await token(database, Scope.ADMIN)
        with ExitStack() as stack:
            both = [stack.enter_context(serving(DATABASE_URL=database)) for _ in range(2)]
            one, other = [await asyncio.to_thread(each.address) for each in both]
            with client(one, made) as someone:
                await asyncio.to_thread(begin, someone)
            yield Services(database, (one, other), made)


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as found:
        # They import what they need while the services start.
        for _ in range(3):
            found.submit(text, {})
        yield found


async def _result(future: Future[Any]) -> Any:
    return await asyncio.wait_for(asyncio.wrap_future(future), PATIENCE)


async def _draft(services: Services) -> State:
    with client(services.urls[0], services.token) as someone:
        return await asyncio.to_thread(someone.guide, "DRAFT")


async def test_two_editors_and_a_publisher(
    processes: ProcessPoolExecutor, services: Services, tmp_path: Path
) -> None:
    for number in rounds(share=0.5):
        await _edit_and_publish(services, processes, tmp_path / f"done-{number}", number)


async def _edit_and_publish(
    services: Services, processes: ProcessPoolExecutor, done: Path, seed: int
) -> None:
    start = await _draft(services)
    publishing = processes.submit(publish, services.urls[1], services.token, done)
    editing = [
        processes.submit(edit, url, services.token, own, TIMES, seed)
        for url, own in zip(services.urls, OWN, strict=True)
    ]
    try:
        first, second = [await _result(each) for each in editing]
    finally:
        await asyncio.to_thread(done.touch)
    end = await _draft(services)
    grown = {field: int(end[field]) - int(start[field]) for field in (SHARED, *OWN)}
    shared = first.counted[SHARED] + second.counted[SHARED]
    assert grown == {**first.counted, **second.counted, SHARED: shared}
    assert first.conflicts + second.conflicts > 0, "they never met"
    existed = [
        dict(zip(("version", SHARED, *OWN), row, strict=True))
        for row in await rows(services.database, STATES)
    ]
    assert [each["version"] for each in existed] == [*range(1, len(existed) + 1)]
    live = [text(each) for each in await _result(publishing)]
    assert {*live} <= {text(each) for each in existed}
    assert len({*live}) > 1, "nothing was published in between"


async def test_what_is_published_together_is_read_together(
    processes: ProcessPoolExecutor, services: Services, tmp_path: Path
) -> None:
    one, other = services.urls
    with client(one, services.token) as someone:
        assert await asyncio.to_thread(someone.save_pair, 0) == set()
        assert await asyncio.to_thread(someone.publish) == set()
    for number in rounds(share=0.5):
        done = tmp_path / f"done-{number}"
        reading = [processes.submit(read_pairs, it, services.token, done) for it in services.urls]
        publishing = processes.submit(
            publish_pairs, one, other, services.token, done, TIMES, number
        )
        await _result(publishing)
        assert min([await _result(each) for each in reading]) > 0
