"""A CDN in front: what is kept at the edge, and what a publish makes it forget."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx2
import pytest

from service.access import Scope
from service.cache_tags import EVERYTHING, hashed
from service.freshness import LoggedChange, touched_by
from tests.databases import Server, rows
from tests.editing import PUBLISH, saving, token
from tests.processes import DIRECT, serving
from tests.varnish import Way, caching, purge

SKILLS = "{ skills { nodes { name } } }"
CHANGES = """
    select version, kind, type, item_id, slugs from service.change where version > $1
"""


def page(slug: str) -> str:
    return f'{{ skill(slug: "{slug}") {{ name }} }}'


class Site(NamedTuple):
    """A service on a database of its own, with Varnish in front of it."""

    edge: httpx2.AsyncClient
    way: Way
    service: httpx2.AsyncClient
    database: str
    token: str

    async def get(self, query: str) -> tuple[bool, Any]:
        """Whether a response comes from the edge, and its data."""
        response = await self.edge.get(f"/graphql?{urlencode({'query': query})}")
        assert response.status_code == 200, response.text
        assert "xkey" not in response.headers
        return response.headers["x-cache"] == "HIT", response.json()["data"]

    async def publish(self, slug: str, name: str) -> str:
        """The version that publishing a skill makes."""
        document = {"slug": slug, "name": {"en": name}}
        slugs = [{"type": "SKILL", "slug": slug}]
        await self._post(saving("Skill"), {"document": document})
        return (await self._post(PUBLISH, {"slugs": slugs})).headers["graphql-content-version"]

    async def _post(self, query: str, variables: dict[str, Any]) -> httpx2.Response:
        response = await self.service.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {self.token}"},
        )
        [payload] = response.json()["data"].values()
        assert payload["errors"] == []
        return response

    async def purge_since(self, version: int) -> int:
        """Purge what the changes since a version touch; how many responses that were."""
        found = [LoggedChange(*row) for row in await rows(self.database, CHANGES, version)]
        touched = {tag for _, tag in touched_by(found)}
        [(newest, mark)] = await rows(
            self.database, "select version, mark from service.content_version"
        )
        tags = [hashed(EVERYTHING if each is None else each) for each in touched]
        return await purge(self.edge, tags, f"{newest}-{mark % 2**64:016x}")


@pytest.fixture
async def site(server: Server, migrated: str) -> AsyncIterator[Site]:
    async with server.new(migrated) as database:
        settings = {
            "GUIDEPOST_WORKERS": "2",
            "GUIDEPOST_CACHE_TAGS": "varnish",
            "GUIDEPOST_CDN_MAX_AGE": "3600",
        }
        with serving(DATABASE_URL=database, **settings) as process:
            address = await asyncio.to_thread(process.address)
            made, way = await token(database, Scope.ADMIN), Way(address)
            async with (
                way.between() as address_of_way,
                caching(address_of_way) as edge,
                httpx2.AsyncClient(base_url=address, **DIRECT) as service,
            ):
                found = Site(edge, way, service, database, made)
                for slug in ("java", "python"):
                    await found.publish(slug, slug.title())
                yield found


async def test_a_publish_empties_the_pages_that_it_touches_and_no_others(site: Site) -> None:
    for query in (page("java"), page("python"), page("rust"), SKILLS):
        assert not (await site.get(query))[0]
        assert (await site.get(query))[0]
    [(before,)] = await rows(site.database, "select version from service.content_version")
    await site.publish("java", "Java 25")
    # Nobody has said so at the edge yet.
    assert await site.get(page("java")) == (True, {"skill": {"name": "Java"}})
    await site.purge_since(before)
    assert await site.get(page("java")) == (False, {"skill": {"name": "Java 25"}})
    assert await site.get(page("python")) == (True, {"skill": {"name": "Python"}})
    assert await site.get(page("rust")) == (True, {"skill": None})
    assert not (await site.get(SKILLS))[0]
    [(before,)] = await rows(site.database, "select version from service.content_version")
    await site.publish("rust", "Rust")
    await site.purge_since(before)
    # It was asked for in vain before.
    assert await site.get(page("rust")) == (False, {"skill": {"name": "Rust"}})
    assert await site.get(page("python")) == (True, {"skill": {"name": "Python"}})


async def test_what_is_not_for_everybody_passes(site: Site) -> None:
    target = f"/graphql?{urlencode({'query': page('java')})}"
    for headers in ({"authorization": f"Bearer {site.token}"}, {"authorization": "Bearer nobody"}):
        for _ in range(2):
            assert (await site.edge.get(target, headers=headers)).headers["x-cache"] == "MISS"
    for _ in range(2):
        wrong = await site.edge.get(f"/graphql?{urlencode({'query': '{ nope }'})}")
        assert wrong.headers["x-cache"] == "MISS"


async def test_a_response_that_is_overtaken_by_a_purge_is_not_kept(site: Site) -> None:
    """It was made before the change, and arrives after the purge."""
    [(before,)] = await rows(site.database, "select version from service.content_version")
    site.way.is_open.clear()
    asking = asyncio.create_task(site.get(page("java")))
    await site.way.is_waiting.wait()
    await site.publish("java", "New")
    await site.purge_since(before)
    site.way.is_open.set()
    # Whoever asked before the change may see what there was.
    assert await asking == (False, {"skill": {"name": "Java"}})
    assert await site.get(page("java")) == (False, {"skill": {"name": "New"}})
    assert await site.get(page("java")) == (True, {"skill": {"name": "New"}})
