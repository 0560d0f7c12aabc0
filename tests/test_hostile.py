"""What is sent by those who mean harm: answered, without an error of ours and without much work.

The time is that of this process, not of the database, whose is bounded by a timeout.
"""

# ruff: noqa: UP031  # GraphQL is full of braces, which other ways to format would double.

import asyncio
import gc
import json
import logging
import time
from collections.abc import Sequence
from random import Random
from typing import Any

import httpx2
import pytest
from graphql import get_introspection_query

from tests.asking import Asker
from tests.processes import DIRECT, memory, serving
from tests.soaking import rounds
from tests.stalls import HELD_UP, stalls

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds of CPU. A tenth of that is what most take; the machines of tests are noisy."""
HEADERS = {
    "accept": "application/graphql-response+json",
    "content-type": "application/json",
}
TIMES = 8
"""How often all of it is sent until the process no longer grows."""
SETTLED = 1.0
"""Megabytes by which a process may grow from one time to the next if it does not grow for good.

A service grows less at the third or fourth time. With a copy of every body left behind, it grows
by more than two every time.
"""
EXACT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "60000",
    "MALLOC_TRIM_THRESHOLD_": "100000",
}
"""Lets glibc give back at once what is free, without which sizes vary by 3 megabytes."""


def many(count: int, text: str, between: str = " ") -> str:
    """The text so many times, numbered where it says #."""
    return between.join(text.replace("#", str(number)) for number in range(count))


def chain(count: int, text: str, last: str) -> str:
    """Fragments on Location, each with @ for a spread of the next."""
    links = (
        f"fragment F{number} on Location {{ {text} }}".replace("@", f"...F{number + 1}")
        for number in range(count)
    )
    return f"{' '.join(links)} fragment F{count} on Location {{ {last} }}"


PLACE = '{ location(slug: "belgium") { ...F0 } } '
TOOL = '{ tool(slug: "java") { %s } }'
TYPES = "{ __schema { types { %s } } }"

DOCUMENTS: dict[str, str] = {
    # Fragments that double.
    "60 fragments that double": PLACE + chain(60, "a: parent { @ } b: parent { @ }", "name"),
    "300 flat fragments that double": PLACE + chain(300, "@ @", "name"),
    "9 fragments that triple": PLACE
    + chain(9, "parent { @ } hubs { location { @ } } children { nodes { @ } }", "name"),
    "fragments in inline fragments": PLACE + chain(100, "... { @ } ... on Location { @ }", "name"),
    "a long chain": PLACE + chain(400, "@", "name"),
    "a long chain of inline fragments": PLACE + chain(150, "... { @ name }", "name"),
    "a cycle": PLACE + "fragment F0 on Location { parent { ...F0 } }",
    "a long cycle": PLACE + chain(300, "@", "...F0"),
    "a cycle outside of any operation": "{ __typename } fragment A on Query { ...A }",
    "a thousand spreads": TOOL % many(1000, "...F") + " fragment F on Tool { name }",
    "300 fragments of the same": TOOL % many(300, "...F#")
    + many(300, " fragment F# on Tool { name slug kind }"),
    "fragments by one name": PLACE + many(300, "fragment F0 on Location { name }"),
    "unused fragments": "{ __typename } " + many(500, "fragment F# on Tool { name }"),
    # Fields that overlap.
    "900 fields by one name": TOOL % many(900, "name"),
    "1,500 fields by one name": TOOL % many(1500, "name"),
    "1,500 aliases": TOOL % many(1500, "a#: name"),
    "199 aliases of an object": "{ location(slug: 1) { %s } }" % many(199, "a#: parent { name }"),
    "90 objects by one name": '{ location(slug: "a") { %s } }' % many(90, "parent { name slug }"),
    "objects that overlap in fragments": '{ location(slug: "a") { %s } } ' % many(90, "...F#")
    + many(90, "fragment F# on Location { parent { name slug kind } }"),
    "names that conflict": TOOL % many(400, "a: name a: slug"),
    "arguments that conflict": "{ %s }" % many(19, "tools(first: #) { totalCount }"),
    # Breadth and depth.
    "4,000 root fields": "{ %s }" % many(4000, "__typename"),
    "20 root connections": "{ %s }" % many(20, "a#: guides(first: 100) { nodes { title } }"),
    "100 objects": "{ %s }"
    % many(20, 'a#: location(slug: "a") { b: parent { name } c: parent { name } hubs { name } }'),
    "100 connections": "{ %s }"
    % many(12, "a#: locations { nodes { children { nodes { guides { nodes { title } } } } } }"),
    "20 items of any type": "{ %s }" % many(20, 'a#: node(id: "guide_#") { id }'),
    "20 lists of items of any type": "{ %s }"
    % many(
        20,
        'a#: nodes(ids: ["guide_01920000-0000-7000-8000-000000000000"]) {'
        " id ... on Guide { role { name } location { name } } }",
    ),
    "pages in pages": "{ locations(first: 100) { nodes { children(first: 100) { nodes {"
    " children(first: 100) { nodes { name } } } } } } }",
    "deep": '{ location(slug: "a") ' + "{ parent " * 150 + "{ id }" + "}" * 151,
    "deeper than the parser goes": "{ a" * 3000,
    "deep inline fragments": TOOL % ("... {" * 190 + "name" + "}" * 190),
    "lists in lists": "{ tool(slug: " + "[" * 190 + "]" * 190 + ") { name } }",
    "objects in objects": "{ tools(where: "
    + "{not: " * 190
    + "{}"
    + "}" * 190
    + ") { totalCount } }",
    # Search and groups.
    "20 searches": "{ %s }"
    % many(
        20,
        'a#: search(text: "a b or c -d") { nodes { ...I } edges { rank snippet node { ...I } } }',
    )
    + " fragment I on Node { id ... on Guide { role { name } location { name } } }",
    "20 statistics": "{ %s }"
    % many(
        20,
        "a#: salaryStatistics(groupBy: [ROLE, LOCATION, LEVEL], orderBy: [{ maximum: { avg: ASC }},"
        " { minimum: { median: DESC } }]) { nodes { role { name } location { name } aggregate {"
        " minimum { min max avg median } maximum { min max avg median } } } }",
    ),
    "the same group 1,500 times": "{ guides { groups(groupBy: [%s]) { totalCount } } }"
    % ("ROLE " * 1500),
    "groups in groups": "{ locations { groups(groupBy: [PARENT]) { nodes { parent { children {"
    " groups(groupBy: [PARENT]) { nodes { parent { guides { groups(groupBy: [ROLE, LOCATION]) {"
    " nodes { role { name } } } } } } } } } } } } }",
    "100 aggregates": "{ tools { %s } }" % many(90, "a#: aggregate { version { avg median } }"),
    "4,000 computed fields": "{ guides(first: 100) { nodes { salaryRanges { %s } } } }"
    % many(4, "a#: display(locale: nl)").replace(": nl", ': "nl"'),
    # Text.
    "a long comment": "#" * 90_000 + "\n{ __typename }",
    "many comments": "#\n" * 49_000 + "{ __typename }",
    "a text of comments": "#\n" * 400_000 + "{ __typename }",
    "commas": "{ __typename " + "," * 99_000 + "}",
    "a long name": TOOL % ("x" * 90_000),
    "long unknown names": TOOL % many(800, "a" * 100 + "#"),
    "a long string": '{ tool(slug: "%s") { name } }' % ("\\n" * 45_000),
    "a long block string": '{ tool(slug: """%s""") { name } }' % ("\n " * 45_000),
    "a long number": "{ tools(first: " + "9" * 90_000 + ") { totalCount } }",
    "a long fraction": "{ tools(first: 1." + "9" * 90_000 + "e99999) { totalCount } }",
    "5,000 tokens": "{" + "a " * 4998 + "}",
    # Definitions.
    "900 operations": many(900, "query A# { __typename }"),
    "operations with a fragment": many(300, "query A#($a: Int) { ...F }")
    + " fragment F on Query { %s }" % many(20, "tools(first: $a) { totalCount }"),
    "900 variables": "query (%s) { __typename }" % many(900, "$a#: Int"),
    "variables of unknown types": "query (%s) { __typename }" % many(900, "$a#: Nope#"),
    "undefined variables": "{ tool(%s) { name } }" % many(900, "slug#: $a#"),
    "900 arguments": "{ tool(%s) { name } }" % many(900, 'slug: "a"'),
    "type definitions": many(700, "type T# { a: Int }"),
    "directives": "{ __typename %s }" % many(1000, "@skip(if: true)"),
    "unknown directives": "{ __typename %s }" % many(50, "@a#"),
    "directives on variables": "query ($a: Int %s) { __typename }" % many(1000, "@a"),
    # Introspection.
    "types of types": TYPES % ("fields { type { " * 40 + "name" + " } }" * 40),
    "of types": TYPES % ("ofType { " * 190 + "name" + " }" * 190),
    "aliased introspection": "{ %s }" % many(20, "a#: __schema { types { fields { name } } }"),
    "much of everything": TYPES % ("fields { type { fields { %s } } }" % many(190, "a#: name")),
    "200 times the types": "{ __schema { %s } }" % many(199, "a#: types { fields { name } }"),
    "introspection that doubles": "{ __schema { types { ...F0 } } } "
    + chain(40, "a: ofType { @ } b: ofType { @ }", "name").replace("Location", "__Type"),
    "all introspection twice": get_introspection_query().replace(
        "directives {", "again: types { ...FullType } directives {", 1
    ),
    # Conditions.
    "conditions": "{ tools(where: { or: [%s] }) { totalCount } }" % many(800, '{name: {eq: "#"}}'),
    "conditions on relations": "{ locations(where: %s) { totalCount } }"
    % ("{ children: { some: " * 60 + "{}" + " } }" * 60),
}


def told(where: Any) -> dict[str, Any]:
    """A request with conditions in its variables."""
    query = "query ($w: LocationWhere) { locations(where: $w) { totalCount } }"
    return {"query": query, "variables": {"w": where}}


def nested(count: int, around: str, inside: Any) -> Any:
    """The value in so many objects."""
    for _ in range(count):
        inside = {around: inside}
    return inside


BODIES: dict[str, dict[str, Any]] = {
    "deep conditions": told(nested(90, "not", {})),
    "deeper conditions": told(nested(400, "not", {})),
    "many conditions": told({"or": [{"name": {"eq": str(each)}} for each in range(5000)]}),
    "empty conditions": told({"and": [{}] * 9000}),
    "conditions of the wrong type": told({"and": list(range(9000))}),
    "too many values": told({"and": [{}] * 50_000}),
    "values that are not asked for": {
        "query": "{ __typename }",
        "variables": {"a": [[]] * 100_000},
    },
    "many relations": told(
        {"and": [{"children": {"some": {"parent": {"name": {"eq": "x"}}}}} for _ in range(39)]}
    ),
    "a long set": told({"name": {"in": [str(each) for each in range(9000)]}}),
    "surrogates and nulls": {"query": '{ tool(slug: "\\u0000\\ud83d\\ude00") { name } }'},
    "an unknown operation": {"query": many(900, "query A# {a}"), "operationName": "x" * 50_000},
}

REQUESTS = {name: {"query": query} for name, query in DOCUMENTS.items()} | BODIES


def test_there_are_enough() -> None:
    assert len(REQUESTS) > 40


@pytest.fixture(scope="module")
def _without_what_others_left() -> None:
    """Take what is in memory out of garbage collection, as the service does when it starts."""
    gc.collect()
    gc.freeze()


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.usefixtures("_without_what_others_left")
async def test_it_is_answered_in_time(seeds: Asker, name: str) -> None:
    body = json.dumps(REQUESTS[name])
    before = time.process_time()
    with stalls() as held_up:
        asked = seeds.http.post("/graphql", content=body, headers=HEADERS)
        response = await asyncio.create_task(asked)
    taken = time.process_time() - before
    codes = [each["extensions"]["code"] for each in response.json().get("errors", ())]
    log.info("%4.0f ms, %4.0f in one piece: %s", taken * 1000, held_up.longest * 1000, name)
    assert response.status_code in {200, 400, 413}, response.text[:1000]
    assert bool(codes) is (response.status_code != 200)
    assert len(response.content) < 2_000_000
    assert taken < PATIENCE
    assert held_up.longest < HELD_UP


async def test_whatever_was_sent_the_server_answers(seeds: Asker) -> None:
    assert await seeds('{ tool(slug: "java") { name } }') == {"tool": {"name": "Java"}}


async def test_however_often_it_is_sent_the_process_does_not_grow(seeded: str) -> None:
    for number in rounds():
        requests = [*REQUESTS.values()]
        Random(number).shuffle(requests)
        sizes = await _sizes(seeded, requests)
        log.info("megabytes: %s", sizes)
        assert sizes[-1] - sizes[-2] < SETTLED, sizes


async def _sizes(database: str, requests: Sequence[dict[str, Any]]) -> list[float]:
    """The megabytes of a service whenever it was sent the same again, until they settle."""
    sizes: list[float] = []
    with serving(DATABASE_URL=database, **EXACT) as server:
        address = await asyncio.to_thread(server.address)
        async with httpx2.AsyncClient(base_url=address, **DIRECT) as http:
            for _ in range(TIMES):
                for request in requests:
                    await http.post("/graphql", json=request)
                sizes.append(memory(server.process.pid))
                if len(sizes) > 1 and sizes[-1] - sizes[-2] < SETTLED:
                    break
    return sizes
