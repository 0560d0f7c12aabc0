"""What is kept, and what is given up for it."""

from typing import Any

import pytest

from service import engine, validation
from service.kept import Kept
from tests.asking import Asker, asking


def kept(budget: int) -> Kept[str, str]:
    return Kept(budget)


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
        ('{ tool(slug: "kept") { name } }'.ljust(engine.LONGEST_KEPT), 1),
        ('{ tool(slug: "kept") { name } }'.ljust(engine.LONGEST_KEPT + 1), 3),
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

    monkeypatch.setattr(engine, "problems", counted)
    for _ in range(3):
        await ask.answer(query)
    assert len(validated) == times


async def test_a_flood_of_documents_pushes_out_none_that_is_in_use(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "KEPT_DOCUMENTS", 100_000)
    async with asking(database) as ask:
        await flood(ask, monkeypatch)


async def flood(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = '{ tool(slug: "busy") { name } }'
    for _ in range(2):
        await ask.answer(busy)
    for number in range(200):
        await ask.answer(f"{{ a{number}: __typename }}")
    monkeypatch.setattr(engine, "problems", None)
    assert await ask.answer(busy) == {"data": {"tool": None}}
