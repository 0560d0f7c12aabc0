"""Whatever can be asked is answered as an evaluator in plain Python answers it.

`make soak ONLY=differential` asks more, and other things each time.
"""

import asyncio
import json
import logging
import math
import re
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.delivery import Stage
from schema.graphql.sdl import schema_language
from schema.graphql.types import graphql_schema
from schema.model import content_model
from service.access import Scope
from tests.asking import Asker, asking
from tests.databases import Server, load
from tests.differential.answers import CURSOR, Evaluator
from tests.differential.content import (
    LOCALES,
    Document,
    documents,
    earlier,
    formerly,
    renaming,
    write,
)
from tests.differential.literals import literal
from tests.differential.operations import LIMITS, Operation, Place, operations
from tests.differential.world import World
from tests.editing import token
from tests.soaking import SOAK, rounds, seeded
from tests.stalls import HELD_UP, Stalls, stalls

log = logging.getLogger(__name__)

FEW = ((1, Stage.LIVE), (3, Stage.DRAFT))
WORLDS = (*FEW, (2, Stage.LIVE), (4, Stage.DRAFT)) if SOAK else FEW
"""Seeds of the databases that are asked, and what of them is."""

MOST = 50_000
"""Examples after which a soak has done enough, of all worlds together."""
SETTINGS = settings(max_examples=125 if SOAK else 100)

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")


class Subject:
    """The application on one world, and what it has to answer."""

    def __init__(
        self, schema: GraphQLSchema, world: World, ask: Asker, loop: Any, held_up: Stalls
    ) -> None:
        self.schema = schema
        self.world = world
        self.held_up = held_up
        self._evaluator = Evaluator(schema, world)
        self._ask = ask
        self._loop = loop

    def check(self, operation: Operation) -> None:
        """Ask both; fails where they differ."""
        cursors = {place.variable: self._cursor(place) for place in operation.places}
        variables = {**operation.variables, **cursors}
        views = {cursors[place.variable]: place.view for place in operation.places}
        expected = self._evaluator.data(operation.query, variables, views)
        answer = self._run(operation.query, variables)
        found = _difference(expected, answer.get("data"))
        if "errors" in answer or found:
            raise AssertionError(
                f"{operation.query}\n{json.dumps(variables)}\n{found or answer['errors']}\n"
                f"expected {json.dumps(expected, default=str)}\nanswered {json.dumps(answer)}"
            )

    def _cursor(self, place: Place) -> str:
        """The cursor of an item."""
        orders = "" if place.order is None else f"orderBy: {literal(place.order)}, "
        slug = place.view.item.content["slug"]
        answer = self._run(
            f'{{ page: {place.type.graphql_plural}({orders}locale: "{place.locale}", '
            f'where: {{ slug: {{ eq: "{slug}" }} }}) {{ edges {{ cursor }} }} }}',
            {},
        )
        cursor: str = answer["data"]["page"]["edges"][0]["cursor"]
        return cursor

    def _run(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        asked = self._ask.answer(query, **variables)
        found: dict[str, Any] = asyncio.run_coroutine_threadsafe(asked, self._loop).result(60)
        return found


@pytest.fixture(scope="module", params=WORLDS, ids=lambda it: f"world-{it[0]}-{it[1].value}")
def subject(
    request: pytest.FixtureRequest, server: Server, migrated: str, tmp_path_factory: Any
) -> Iterator[Subject]:
    model = content_model()
    seed, stage = request.param
    made = documents(model, seed)
    world = World(model, earlier(made) if stage is Stage.DRAFT else made, stage)
    schema = build_schema(schema_language(graphql_schema(model)))
    ready: Subject | None = None
    loop = asyncio.new_event_loop()
    started, done = threading.Event(), asyncio.Event()

    async def serve() -> None:
        nonlocal ready
        try:
            async with server.new(migrated) as url:
                await fill(url, world, made, tmp_path_factory.mktemp("world"))
                async with asking(url, **LIMITS) as ask:
                    ask.http.headers.update(await headers(url, world.stage))
                    with stalls() as held_up:
                        ready = Subject(schema, world, ask, loop, held_up)
                        started.set()
                        await done.wait()
        finally:
            started.set()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait()
    assert ready is not None
    yield ready
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


async def fill(url: str, world: World, made: list[Document], folder: Path) -> None:
    """Publish what there was before under other slugs, then what there is.

    In the working copy, go back to what was before.
    """
    before = earlier(made)
    await load(url, write(formerly(world.model, before), folder / "first"))
    await load(url, write(renaming(made), folder / "now"))
    if world.stage is Stage.DRAFT:
        await load(url, write(before, folder / "before"), publishing=False)
    await world.learn(url, made)


async def headers(url: str, stage: Stage) -> dict[str, str]:
    """What a request says, so that all of it is about a stage."""
    shown = await token(url, Scope.PREVIEW)
    return {"authorization": f"Bearer {shown}", "graphql-stage": stage.value}


def test_the_answers_are_those_of_the_evaluator(subject: Subject) -> None:
    def check(data: st.DataObject) -> None:
        subject.check(data.draw(operations(subject.schema, subject.world)))

    share = 1 / len(WORLDS)
    for number in rounds(SETTINGS.max_examples, most=int(MOST * share), share=share):
        seeded(SETTINGS(given(data=st.data())(check)), number)()
    log.info("%.0f ms in one piece", subject.held_up.longest * 1000)
    assert subject.held_up.longest < HELD_UP


BELOW = """query ($slug: String!) {
    locations(first: 50, where: { within: { slug: { eq: $slug } } }) { nodes { slug } totalCount }
    guides(first: 50, where: { location: { within: { slug: { eq: $slug } } } }) { nodes { slug } }
    companies(first: 50, where: { not: { headquarters: { within: { slug: { eq: $slug } } } } }) {
        nodes { slug headquarters { children(where: { within: { slug: { eq: $slug } } }) {
            totalCount } } }
    }
    salaryStatistics(where: { guide: { location: { within: { slug: { eq: $slug } } } } }) {
        nodes { currency aggregate { count } }
    }
}"""


def test_what_is_below_a_place_is_that_of_the_evaluator(subject: Subject) -> None:
    """Chance seldom asks for it."""
    for each in subject.world.all(subject.world.model["Location"]):
        subject.check(Operation(BELOW, {"slug": each.content["slug"]}, []))


REDIRECTS = """query ($locale: Locale) {
    redirects(locale: $locale, first: 100) {
        totalCount nodes { type from to item { id ... on Guide { slug formerSlugs } } }
    }
    some: redirects(locale: $locale, types: [SKILL, GUIDE], last: 2) { nodes { type from } }
}"""


def test_redirects_are_those_of_the_evaluator(subject: Subject) -> None:
    """Chance seldom asks for all of them."""
    for each in LOCALES:
        subject.check(Operation(REDIRECTS, {"locale": each}, []))


def _difference(expected: Any, found: Any, path: str = "data") -> str | None:
    """Where two answers differ first."""
    if isinstance(expected, dict) and isinstance(found, dict) and [*expected] == [*found]:
        return _first(_difference(expected[key], found[key], f"{path}.{key}") for key in expected)
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return _first(_difference(one, other, f"{path}[{n}]") for n, (one, other) in pairs)
    if expected == CURSOR:
        return None if isinstance(found, str) and found else f"{path}: {found!r} is no cursor"
    return None if _same(expected, found) else f"{path}: {expected!r} was expected, not {found!r}"


def _first(differences: Iterator[str | None]) -> str | None:
    return next(filter(None, differences), None)


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, float | int) and isinstance(found, float | int):
        return isinstance(expected, bool) is isinstance(found, bool) and math.isclose(
            expected, found, rel_tol=1e-12
        )
    if isinstance(expected, str) and isinstance(found, str) and INSTANT.fullmatch(expected):
        return datetime.fromisoformat(expected) == datetime.fromisoformat(found)
    return bool(expected == found)
