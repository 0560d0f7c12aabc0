"""Who publishes, and has been told so, and then reads, reads what was published.

`make soak ONLY=freshness` goes on for longer.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx2
import pytest

from schema.planner.answers import Version
from service.access import Scope
from service.freshness import Freshness
from tests.asking import asking
from tests.databases import Server, rows
from tests.editing import PUBLISH, Editor, editing_app, token
from tests.processes import DIRECT, serving
from tests.soaking import rounds

WRITERS, READERS = 4, 16
PUBLISHES = 60
"""Of each writer, in a round."""
VERSION = "graphql-content-version"

SAVE = """mutation ($document: SkillInput!, $slugs: [ItemKey!]) {
    saveSkill(document: $document) { errors { message } }
    publish(slugs: $slugs) { contentVersion errors { message } }
}"""
READS = (
    "query ($slug: String!) { skill(slug: $slug) { name } }",
    "query ($slug: String!) { skills(where: { slug: { eq: $slug } }) { nodes { name } } }",
)


@dataclass
class Race:
    """Writers that publish, and readers that read in between."""

    instances: Sequence[httpx2.AsyncClient]
    token: str
    publishes: int
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By slug: the number that was published last, and the version that this made."""
    reads: int = 0
    stale: list[str] = field(default_factory=list)
    is_over: bool = False

    async def run(self) -> None:
        """Let all of them begin, until the writers have ended or somebody read too little."""
        slugs = [f"skill-{number}" for number in range(WRITERS)]
        for each in slugs:
            await self._publish(each, 0)
        async with asyncio.TaskGroup() as readers:
            for number in range(READERS):
                readers.create_task(self._read(random.Random(number), slugs))
            async with asyncio.TaskGroup() as writers:
                for each in slugs:
                    writers.create_task(self._write(each))
            self.is_over = True

    async def _write(self, slug: str) -> None:
        for number in range(1, self.publishes + 1):
            if not self.stale:
                await self._publish(slug, number)

    async def _publish(self, slug: str, number: int) -> None:
        variables = {
            "document": {"slug": slug, "name": {"en": str(number)}},
            "slugs": [{"type": "SKILL", "slug": slug}],
        }
        instance = self.instances[number % len(self.instances)]
        headers = {"authorization": f"Bearer {self.token}"}
        body = {"query": SAVE, "variables": variables}
        response = await instance.post("/graphql", json=body, headers=headers)
        made = response.json()["data"]["publish"]
        assert made == {"contentVersion": response.headers[VERSION], "errors": []}
        self.acknowledged[slug] = number, Version.read(response.headers[VERSION]).number

    async def _read(self, chance: random.Random, slugs: Sequence[str]) -> None:
        while not self.is_over:
            slug, query = chance.choice(slugs), chance.choice(READS)
            number, version = self.acknowledged[slug]
            body = {"query": query, "variables": {"slug": slug}}
            response = await chance.choice(self.instances).post("/graphql", json=body)
            [found] = response.json()["data"].values()
            name = found["name"] if "name" in found else found["nodes"][0]["name"]
            shown = Version.read(response.headers[VERSION]).number
            self.reads += 1
            if int(name) < number or shown < version:
                self.stale.append(f"{slug} was at {number} ({version}): {name} ({shown})")


@pytest.fixture
async def served(server: Server, migrated: str) -> AsyncIterator[tuple[str, Sequence[str]]]:
    """A database, and the addresses of two instances on it with two workers each."""
    async with server.new(migrated) as database:
        with ExitStack() as stack:
            settings = {"DATABASE_URL": database, "GUIDEPOST_WORKERS": "2"}
            both = [stack.enter_context(serving(**settings)) for _ in range(2)]
            yield database, [await asyncio.to_thread(each.address) for each in both]


async def test_no_reader_gets_less_than_was_acknowledged(
    served: tuple[str, Sequence[str]],
) -> None:
    database, addresses = served
    made = await token(database, Scope.ADMIN)
    for _ in rounds(1):
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(httpx2.AsyncClient(base_url=each, **DIRECT))
                for each in addresses
            ]
            race = Race(clients, made, PUBLISHES)
            await race.run()
        assert race.stale == []
        assert race.reads > READERS


async def test_a_check_that_is_left_out_once_in_a_hundred_is_found_out(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race can be lost."""
    ask, calls = Freshness.ask, count()

    def seldom(self: Freshness) -> "asyncio.Future[None]":
        if next(calls) % 100:
            return ask(self)
        left_out = asyncio.get_running_loop().create_future()
        left_out.set_result(None)
        return left_out

    monkeypatch.setattr(Freshness, "ask", seldom)
    made = await token(database, Scope.ADMIN)
    async with (
        asking(database, response_cache=10**6) as one,
        asking(database, response_cache=10**6) as other,
    ):
        race = Race([one.http, other.http], made, 10 * PUBLISHES)
        await race.run()
    assert race.stale


@pytest.fixture
async def kept(database: str) -> AsyncIterator[Editor]:
    """An editor of an application that keeps responses."""
    async with editing_app(database, response_cache=10**6) as editor:
        yield editor


GUIDE = '{ guide(slug: "backend-belgium") { title companies { name } } }'


async def read(editor: Editor, query: str = GUIDE, times: int = 3) -> Any:
    """The data of a public response, asked several times: it is kept when it is asked again."""
    found = []
    for _ in range(times):
        response = await editor.ask.post({"query": query})
        found.append(response.json()["data"])
    assert all(each == found[0] for each in found)
    return found[0]


async def statements(editor: Editor, query: str = GUIDE) -> int:
    """How many statements of content a response takes."""
    await editor.ask.post({"query": query})
    return sum("select convert_to" in each.lower() for each in editor.ask.statements)


async def test_what_is_kept_is_sent_without_a_query_of_content(kept: Editor) -> None:
    await kept.save_guide()
    await kept.publish_guide()
    await read(kept)
    assert await statements(kept) == 0
    assert len(kept.ask.statements) == 1


async def test_what_does_not_show_a_change_stays(kept: Editor) -> None:
    await kept.save_guide()
    await kept.publish_guide()
    await read(kept)
    await kept.save("Skill", {"slug": "python", "name": {"en": "Python"}})
    await kept.change(PUBLISH, slugs=[{"type": "SKILL", "slug": "python"}])
    assert await statements(kept) == 0


async def test_sql_on_the_live_copy_is_seen(kept: Editor, database: str) -> None:
    await kept.save_guide()
    await kept.publish_guide()
    await read(kept)
    await rows(database, "update live.guide set title = 'Changed' where locale = 'en'")
    assert (await read(kept))["guide"]["title"] == "Changed"


async def test_a_database_that_was_put_back_is_seen(kept: Editor, database: str) -> None:
    """As if a dump was restored that has a version of this number, but another one."""
    await kept.save_guide()
    await kept.publish_guide()
    await read(kept)
    async with asyncio.timeout(60):
        await rows(database, "alter table live.guide disable trigger user")
        await rows(database, "update live.guide set title = 'Before' where locale = 'en'")
        await rows(database, "alter table live.guide enable trigger user")
    assert (await read(kept))["guide"]["title"] != "Before"
    await rows(database, "update service.content_version set mark = mark + 1")
    assert (await read(kept))["guide"]["title"] == "Before"


async def test_more_changes_than_are_looked_through_make_everything_anew(
    kept: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.freshness.MOST_CHANGES", 0)
    await kept.save_guide()
    await kept.publish_guide()
    await read(kept)
    await kept.save_guide(title={"en": "Changed"})
    await kept.publish_guide()
    assert (await read(kept))["guide"]["title"] == "Changed"


async def test_tags_that_are_forgotten_count_as_touched(
    kept: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.freshness.MOST_TAGS", 1)
    await kept.save_guide()
    await kept.publish_guide()
    await read(kept)
    await kept.save_guide(title={"en": "Changed"})
    await kept.publish_guide()
    for slug in ("a", "b"):
        await kept.save("Skill", {"slug": slug, "name": {"en": slug}})
        await kept.change(PUBLISH, slugs=[{"type": "SKILL", "slug": slug}])
    assert (await read(kept))["guide"]["title"] == "Changed"


async def test_identical_requests_share_a_statement(kept: Editor) -> None:
    await kept.save_guide()
    await kept.publish_guide()
    kept.ask.statements.clear()
    found = await asyncio.gather(
        *(kept.ask.http.post("/graphql", json={"query": GUIDE}) for _ in range(20))
    )
    assert len({each.content for each in found}) == 1
    assert sum("convert_to" in each for each in kept.ask.statements) < 20


async def test_drafts_tokens_and_errors_are_never_kept(kept: Editor) -> None:
    await kept.save_guide()
    await kept.publish_guide()
    for _ in range(3):
        with_token = await kept.post({"query": GUIDE})
        of_draft = await kept.post({"query": GUIDE}, **{"graphql-stage": "DRAFT"})
        wrong = await kept.ask.post({"query": "{ nope }"})
        for each in (with_token, of_draft, wrong):
            assert each.headers["cache-control"] == "private, no-store"
    assert await statements(kept) == 1
