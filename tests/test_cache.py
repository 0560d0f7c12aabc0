"""What is kept, and what is given up for it."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from service.api import compiler, operations, requests, validation
from service.cache import Cache
from tests.asking import Asker, asking


@pytest.fixture
async def ask(seeded: str) -> AsyncIterator[Asker]:
    """An application that keeps nothing yet, on content in which nothing is found here."""
    async with asking(seeded) as asker:
        yield asker


def kept(budget: int) -> Cache[str, str]:
    return Cache(budget)


def test_what_is_put_is_there() -> None:
    cache = kept(100)
    assert cache.get("a") is None
    cache.put("a", "A", 5)
    assert cache.get("a") == "A"
    cache.put("a", "B", 5)
    assert cache.get("a") == "B"
    assert len(cache) == 1


def test_new_ones_do_not_push_out_what_is_used() -> None:
    cache = kept(100)
    busy = [str(number) for number in range(8)]
    for key in busy:
        cache.put(key, key, 10)
        assert cache.get(key) == key
    for number in range(10_000):
        cache.put(f"new {number}", "", 10)
    assert [cache.get(key) for key in busy] == busy


def test_what_is_used_gives_way_to_what_is_used_more_lately() -> None:
    cache = kept(100)
    for number in range(20):
        cache.put(str(number), "", 10)
        assert cache.get(str(number)) is not None
    found = [number for number in range(20) if cache.get(str(number)) is not None]
    assert found[-8:] == [*range(12, 20)]
    assert len(found) <= 10


def test_the_budget_is_held() -> None:
    cache = kept(1000)
    for number in range(1000):
        weight = number % 37 + 1
        cache.put(str(number), "x" * weight, weight)
        for again in (number, number - 3, number - 50):
            cache.get(str(again))
        keys = [str(each) for each in range(number + 1)]
        entries = {**cache._new.entries, **cache._used.entries}
        assert sum(weight for _, weight in entries.values()) <= 1000
        assert set(entries) <= set(keys)


def test_what_is_too_heavy_is_not_kept_and_costs_nothing() -> None:
    cache = kept(100)
    cache.put("a", "A", 5)
    assert cache.get("a") == "A"
    cache.put("heavy", "", 21)
    assert cache.get("heavy") is None
    assert cache.get("a") == "A"


@pytest.mark.parametrize(
    ("query", "times"),
    [
        ('{ tool(slug: "kept") { name } }', 1),
        ('{ tool(slug: "kept") { nope } }', 3),
        ('{ tool(slug: "kept") { name } }'.ljust(compiler.LONGEST_CACHED), 1),
        ('{ tool(slug: "kept") { name } }'.ljust(compiler.LONGEST_CACHED + 1), 3),
    ],
    ids=["valid", "invalid", "just short enough", "too long"],
)
async def test_valid_documents_of_usual_length_are_validated_once(
    ask: Asker, monkeypatch: pytest.MonkeyPatch, query: str, times: int
) -> None:
    validated = []

    def counted(*arguments: Any) -> Any:
        validated.append(arguments)
        return validation.problems(*arguments)

    monkeypatch.setattr(operations, "problems", counted)
    for _ in range(3):
        await ask.answer(query)
    assert len(validated) == times


async def test_a_flood_of_documents_pushes_out_none_that_is_in_use(
    seeded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiler, "CACHED_DOCUMENTS", 100_000)
    async with asking(seeded) as ask:
        await flood(ask, monkeypatch)


async def flood(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = '{ tool(slug: "busy") { name } }'
    for _ in range(2):
        await ask.answer(busy)
    for number in range(200):
        await ask.answer(f"{{ a{number}: __typename }}")
    monkeypatch.setattr(operations, "problems", None)
    assert await ask.answer(busy) == {"data": {"tool": None}}


BODY = b'{"query": "{ tool(slug: \\"kept\\") { name } }"}'
NOTHING = {"data": {"tool": None}}


async def sent(ask: Asker, body: bytes, **headers: str) -> Any:
    content_type = headers.pop("content_type", "application/json")
    ask.statements.clear()
    response = await ask.http.post(
        "/graphql", content=body, headers={"Content-Type": content_type, **headers}
    )
    return response.json()


@pytest.fixture
def bodies_read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies that were read, and not known already."""
    found = []

    def counted(body: bytes, content_type: str) -> Any:
        found.append(body)
        return requests.from_body(body, content_type)

    monkeypatch.setattr(compiler, "from_body", counted)
    return found


@pytest.mark.parametrize(
    ("body", "times"),
    [
        (BODY, 1),
        (BODY.replace(b"name", b"nope"), 3),
        (BODY.ljust(compiler.LONGEST_CACHED), 1),
        (BODY.ljust(compiler.LONGEST_CACHED + 1), 3),
    ],
    ids=["valid", "invalid", "just short enough", "too long"],
)
async def test_bodies_that_are_answered_are_read_once_and_run_each_time(
    ask: Asker, bodies_read: list[bytes], body: bytes, times: int
) -> None:
    for _ in range(3):
        answer = await sent(ask, body)
        assert len(ask.statements) == ("data" in answer)
    assert len(bodies_read) == times


async def test_a_kept_body_is_no_other_body(ask: Asker) -> None:
    assert await sent(ask, BODY) == NOTHING
    assert await sent(ask, BODY.replace(b"tool", b"role")) == {"data": {"role": None}}
    assert "errors" in await sent(ask, BODY, content_type="text/plain")
    assert await sent(ask, BODY) == NOTHING


async def test_what_a_kept_body_costs_is_told_to_whom_it_concerns(ask: Asker) -> None:
    assert await sent(ask, BODY) == NOTHING
    costed = await sent(ask, BODY, **{"GraphQL-Cost": "1"})
    assert costed["extensions"]["cost"]["requestedQueryCost"] == 1
    assert await sent(ask, BODY) == NOTHING


async def test_a_kept_body_that_introspects_is_answered_as_before(ask: Asker) -> None:
    query = 'query($type: String!) { __type(name: $type) { name } tool(slug: \\"kept\\") { name } }'
    for type_ in ("Tool", "Role", "Tool", "Role"):
        body = f'{{"query": "{query}", "variables": {{"type": "{type_}"}}}}'
        answer = await sent(ask, body.encode())
        assert answer == {"data": {"__type": {"name": type_}, "tool": None}}


async def test_a_body_whose_plan_was_given_up_is_read_again(
    seeded: str, monkeypatch: pytest.MonkeyPatch, bodies_read: list[bytes]
) -> None:
    monkeypatch.setattr(compiler, "CACHED_PLANS", 0)
    async with asking(seeded) as ask:
        for _ in range(3):
            assert await sent(ask, BODY) == NOTHING
    assert len(bodies_read) == 3


async def test_a_flood_of_bodies_pushes_out_none_that_is_in_use(
    seeded: str, monkeypatch: pytest.MonkeyPatch, bodies_read: list[bytes]
) -> None:
    monkeypatch.setattr(compiler, "CACHED_BODIES", 20_000)
    async with asking(seeded) as ask:
        for _ in range(2):
            await sent(ask, BODY)
        for number in range(200):
            await sent(ask, BODY.replace(b"kept", b"%d" % number))
        bodies_read.clear()
        assert await sent(ask, BODY) == NOTHING
        assert bodies_read == []


async def test_bodies_weigh_what_their_values_do(
    seeded: str, monkeypatch: pytest.MonkeyPatch, bodies_read: list[bytes]
) -> None:
    monkeypatch.setattr(compiler, "CACHED_BODIES", 400_000)
    async with asking(seeded) as ask:
        for fields, times in ((1, 1), (10, 3)):
            tools = "t%d: tools(where: {slug: {in: $slugs}}) { totalCount }"
            query = "query($slugs: [String!]!) {" + "".join(tools % i for i in range(fields)) + "}"
            body = orjson.dumps({"query": query, "variables": {"slugs": ["slug"] * 200}})
            for _ in range(3):
                assert "data" in await sent(ask, body)
            assert len(bodies_read) == times
            bodies_read.clear()
