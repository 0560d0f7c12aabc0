"""An answer that is said to be still right is the one that is made anew, whatever was done since.

`make soak ONLY=dependencies` does more, and other things each time.
"""

import json
import logging
from collections import Counter
from itertools import count
from pathlib import Path
from random import Random

import pytest
from graphql import GraphQLSchema, build_schema

from schema.delivery import Stage
from schema.graphql.sdl import schema_language
from schema.graphql.types import graphql_schema
from schema.model import Model, content_model
from service import freshness
from tests.databases import Server, load
from tests.dependencies.questions import Question, chosen, drawn
from tests.dependencies.steps import ITEMS, Steps
from tests.dependencies.subject import Subject, body_of, running
from tests.differential.content import Document, documents, formerly, renaming, write
from tests.differential.literals import literal
from tests.differential.operations import Operation, Place
from tests.differential.world import World
from tests.soaking import SOAK, rounds

log = logging.getLogger(__name__)

STEPS = 60 if SOAK else 25
SHARE = 0.5
"""How much is asked after each step; the rest is kept for later."""
DRAWN = 60 if SOAK else 30
"""How many operations are made by chance in a round, besides the chosen ones."""
MOST_CHANGES, MOST_TAGS = 12, 200
"""So few are remembered that forgetting them is tested, too."""


class Counted:
    """What happened in a round."""

    def __init__(self) -> None:
        self.asked = 0
        self.kept = 0
        self.changed = 0
        self.steps = 0
        """How many raised the version."""

    def __str__(self) -> str:
        return f"{self.asked} asked, {self.kept} kept, {self.changed} changed, {self.steps} steps"


class Round:
    """One database, and what is asked and done."""

    def __init__(self, subject: Subject, random: Random, world: World) -> None:
        self._subject = subject
        self._random = random
        self._world = world
        self._steps = Steps(random, world.model, subject)
        self._bodies: list[bytes] = []
        """The bodies of the requests."""
        self._made: dict[bytes, bytes] = {}
        """What was answered last."""
        self._history: list[str] = []
        self.counted = Counted()

    async def run(self, schema: GraphQLSchema) -> None:
        """Ask, do something, and ask again."""
        questions = [*chosen(self._random, self._world)]
        for number in range(DRAWN):
            operation = drawn(self._random, schema, self._world, 2 + number % 3)
            questions.append(await self._placed(operation))
        self._bodies = [body_of(each.query, **each.variables) for each in questions]
        for _ in range(2):
            await self._ask(share=1)
        for _ in range(STEPS):
            version = await self._subject.version()
            self._history.append(await self._steps())
            self.counted.steps += await self._subject.version() > version
            await self._ask()
            # Instances know of other locales a little later.
            if await self._subject.follow():
                await self._ask()

    async def _placed(self, operation: Operation) -> Question:
        cursors = {each.variable: await self._cursor(each) for each in operation.places}
        return Question(operation.query, {**operation.variables, **cursors})

    async def _cursor(self, place: Place) -> str:
        orders = "" if place.order is None else f"orderBy: {literal(place.order)}, "
        slug = place.view.item.content["slug"]
        answer = await self._subject.plain(
            f'{{ page: {place.type.graphql_plural}({orders}locale: "{place.locale}", '
            f'where: {{ slug: {{ eq: "{slug}" }} }}) {{ edges {{ cursor }} }} }}',
            {},
        )
        cursor: str = answer["data"]["page"]["edges"][0]["cursor"]
        return cursor

    async def _ask(self, share: float = SHARE) -> None:
        """Ask some of the questions, and expect the same of both."""
        asked = self._random.sample(self._bodies, int(len(self._bodies) * share))
        found = await self._subject.ask(asked)
        for body, (kept, made) in zip(asked, found, strict=True):
            assert kept == made, self._explained(body, kept, made)
            self.counted.changed += self._made.get(body, made) != made
            self._made[body] = made
        self.counted.asked += len(asked)
        self.counted.kept += len(asked) - self._subject.read

    def _explained(self, body: bytes, kept: bytes, made: bytes) -> str:
        done = "\n".join(f"  {each}" for each in self._history)
        question = json.loads(body)
        return (
            f"{question['query']}\n{question['variables']}\nafter\n{done}\n"
            f"was answered: {kept.decode()}\nmade anew:    {made.decode()}"
        )


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(schema_language(graphql_schema(content_model())))


async def test_what_is_said_to_be_right_is_what_is_made_anew(
    server: Server,
    migrated: str,
    schema: GraphQLSchema,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(freshness, "MOST_CHANGES", MOST_CHANGES)
    monkeypatch.setattr(freshness, "MOST_TAGS", MOST_TAGS)
    for number in rounds(STEPS):
        async with server.new(migrated) as url:
            counted = await asked_and_done(url, number, schema, tmp_path / str(number))
        log.info("round %s: %s", number, counted)
        # Otherwise it proves nothing.
        assert counted.kept > counted.asked * 0.3, counted
        assert counted.changed > counted.asked * 0.02, counted
        assert counted.steps > STEPS * 0.4, counted


async def asked_and_done(url: str, number: int, schema: GraphQLSchema, folder: Path) -> Counted:
    """Ask an empty database, once it is filled, and do things to it."""
    world = await filled(url, number, folder)
    async with running(url) as subject:
        one = Round(subject, Random(number), world)
        await one.run(schema)
    return one.counted


async def filled(url: str, seed: int, folder: Path) -> World:
    """Publish documents, some of which had other slugs before."""
    model = content_model()
    made = _some_of_each(model, seed)
    await load(url, write(formerly(model, made), folder / "first"))
    await load(url, write(renaming(made), folder / "now"))
    world = World(model, made, Stage.LIVE)
    await world.learn(url, made)
    return world


def _some_of_each(model: Model, seed: int) -> list[Document]:
    """Documents of which two of each type at least are published."""
    for again in count():
        made = documents(model, seed + again * 10**6, most=ITEMS)
        live = Counter(each["type"] for each in made if not each.get("draft"))
        if all(live[each.name] >= 2 for each in model.content()):
            return made
    raise AssertionError
