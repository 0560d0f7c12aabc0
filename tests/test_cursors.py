"""Cursors that nobody was given: each is refused, or is a place like any other."""

import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from schema.attributes import ScalarField
from schema.entities.fields import Format
from schema.model import ContentType, content_model
from schema.planner.formats import FORMATS
from tests.asking import Asker
from tests.databases import rows
from tests.editing import Editor, skill

FORGED: list[Any] = [
    *(2**31, -(2**31) - 1, 2**63, -(2**63) - 1, 10**400, 0, True, None, 1.5, "1", [1], {"a": 1}),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00"),
    *("2026-01-01", "2026-02-30", "a\0", "\ud800", "0192f0c8-0000-7000-8000-000000000000"),
]
NUMBERS = ["1e400", "1e131072", "1e999999999", "-1e-999999", "NaN", "Infinity", "1" * 5_000]
"""As JSON has them, or as Python's would."""


def orders() -> Iterator[tuple[ContentType, str]]:
    """An order by a field of every format, and by one of another item's."""
    model = content_model()
    known: set[Format] = set()
    for type_ in model.content():
        for each in type_.attributes.values():
            if isinstance(each, ScalarField) and _is_new(each.format, known):
                known.add(each.format)
                yield type_, f"{{{each.graphql_name}: ASC}}"
    yield model["Guide"], "{location: {countryCode: DESC}}"


def _is_new(format_: Format, known: set[Format]) -> bool:
    return format_ not in known and FORMATS[format_].cursor_value is not None


CONNECTIONS = [
    *(f"{type_.graphql_plural}(orderBy: [{order}]" for type_, order in orders()),
    "salaryStatistics(groupBy: [LEVEL], orderBy: [{count: DESC}, {minimum: {avg: ASC}}]",
    'search(text: "backend"',
]
REVISIONS = 'revisions(type: SKILL, slug: "python"'

PAGE = "nodes { id } pageInfo { endCursor }"


def forged(cursor: str) -> Iterator[str]:
    """Cursors that differ from a real one in one of the values."""
    real = [json.dumps(each) for each in json.loads(base64.b64decode(cursor))]
    for index in range(1, len(real)):
        for text in (*map(json.dumps, FORGED), *NUMBERS):
            values = [*real[:index], text, *real[index + 1 :]]
            yield base64.b64encode(f"[{', '.join(values)}]".encode()).decode()


async def refused(
    answer: Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]],
    connection: str,
    argument: str,
) -> list[str]:
    """The values for which a cursor of a connection was refused; all others were a place."""
    real = await answer(f"{{ page: {connection}, first: 1) {{ pageInfo {{ endCursor }} }} }}", {})
    found = []
    for cursor in forged(real["data"]["page"]["pageInfo"]["endCursor"]):
        page = f"query($at: String) {{ page: {connection}, {argument}: $at) {{ totalCount }} }}"
        if errors := (await answer(page, {"at": cursor})).get("errors"):
            assert [each["extensions"]["code"] for each in errors] == ["BAD_CURSOR"]
            found.append(base64.b64decode(cursor).decode())
    return found


@pytest.mark.parametrize("connection", CONNECTIONS)
async def test_none_is_an_error_of_ours(seeds: Asker, connection: str) -> None:
    async def answer(query: str, variables: dict[str, Any]) -> dict[str, Any]:
        return await seeds.answer(query, **variables)

    assert await refused(answer, connection, "after")


@pytest.mark.parametrize("argument", ["after", "before"])
async def test_nor_is_one_of_revisions(editor: Editor, argument: str) -> None:
    await editor.save("Skill", skill())
    found = await refused(editor.answer, REVISIONS, argument)
    assert len(found) == len(FORGED) + len(NUMBERS) - 3, "whole numbers of 64 bits are places"


async def test_there_are_more_revisions_than_32_bits_can_count(
    editor: Editor, database: str
) -> None:
    await rows(database, "select setval('service.revision_id_seq', 2147483647)")
    for name in ("One", "Two", "Three"):
        await editor.save("Skill", skill(name=name))
    newest = await editor.answer(f"{{ page: {REVISIONS}, first: 1) {{ {PAGE} }} }}")
    end = newest["data"]["page"]["pageInfo"]["endCursor"]
    later = await editor.answer(f'{{ page: {REVISIONS}, after: "{end}") {{ {PAGE} }} }}')
    assert len(later["data"]["page"]["nodes"]) == 2
