"""How much work it is to plan what is allowed, as the functions that Python calls for it.

Their number is the same on every machine, whatever else it does; some 500,000 are a second of one.
"""

# ruff: noqa: UP031  # GraphQL is full of braces, which other ways to format would double.

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from cProfile import Profile
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from graphql import GraphQLSchema

from schema.locales import Locales
from schema.model import content_model
from schema.planner.arguments import PlanInput
from schema.planner.plan import Plan, plan
from schema.planner.selection import Selected
from schema.planner.weights import weigh
from service.access import Access, Scope
from service.api import compiler
from service.api.compiler import Caller, Compiler
from service.api.limits import Limits
from service.api.requests import from_body
from service.api.worker import Worker
from service.schema_cache import executable_schema
from tests.asking import Asker
from tests.naming import UNNAMED
from tests.test_hostile import many

CALLS = 130
"""The calls that one of the pieces may take that are estimated, at most."""
AT_LEAST = 6_000
"""Calls that are not counted: those of the smallest plans."""
EDITOR = Caller(Access("editor", frozenset(Scope)))

LISTS = "companies { name } hubs { name } universities { name } skills { name } tools { name }"
GUIDES = "query ($w: GuideWhere, $o: [GuideOrderBy!]) { guides(where: $w, orderBy: $o%s) { %s } }"
PAGE = "cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { slug }"


def query(text: str) -> dict[str, Any]:
    return {"query": text}


def places(condition: dict[str, Any], count: int, stage: str = "LIVE") -> dict[str, Any]:
    """Places of which one of many conditions holds."""
    text = "query ($w: LocationWhere) { locations(where: $w, stage: %s) { totalCount } }"
    return {"query": text % stage, "variables": {"w": {"or": [condition] * count}}}


def guides(condition: dict[str, Any], count: int, asked: str, stage: str = "") -> dict[str, Any]:
    """Guides of which one of many conditions holds."""
    return {"query": GUIDES % (stage, asked), "variables": {"w": {"or": [condition] * count}}}


def ordered(count: int) -> dict[str, Any]:
    """Guides in an order of so many keys, with all there is of cursors."""
    keys = ("slug", "name", "kind", "version", "createdAt", "updatedAt", "publishedAt", "status")
    orders: list[dict[str, Any]] = [{"location": {each: "ASC"}} for each in keys]
    orders += [{"location": {"parent": each["location"]}} for each in orders]
    orders += [{"location": {"parent": each["location"]}} for each in orders]
    asked = "edges { %s" % PAGE
    return {"query": GUIDES % ("", asked), "variables": {"o": orders[:count]}}


CHILD = {"children": {"some": {"parent": {"name": {"eq": "x"}}}}}
DEEP = {"children": {"some": {"parent": CHILD}}}
COMPANY = {"companies": {"some": {"name": {"eq": "x"}}}}
STATUS = {"status": {"eq": "DRAFT"}}

EXAMPLES: dict[str, tuple[dict[str, Any], int]] = {
    "33 alternatives of a `some`": (places(CHILD, 33), 45_000),
    "33 alternatives of a draft's `some`": (places(CHILD, 33, "DRAFT"), 45_000),
    "15 conditions five deep": (places(DEEP, 15), 45_000),
    "39 conditions on inherited lists": (guides(COMPANY, 39, "totalCount"), 80_000),
    "14 guides with five inherited lists": (
        query("{ %s }" % many(14, 'a#: guide(slug: "a") { %s }' % LISTS)),
        25_000,
    ),
    "14 drafts with five inherited lists": (
        query("{ %s }" % many(14, 'a#: guide(slug: "a", stage: DRAFT) { %s }' % LISTS)),
        25_000,
    ),
    "14 guides that are not alike": (
        query("{ %s }" % many(14, 'a#: guide(slug: "a") { b#: id %s }' % LISTS)),
        130_000,
    ),
    "20 searches of drafts": (
        query("{ %s }" % many(20, 'a#: search(text: "x", stage: DRAFT) { totalCount }')),
        20_000,
    ),
    "the count of a condition under 190 names": (
        guides(STATUS, 30, many(190, "a#: totalCount"), ", stage: DRAFT"),
        80_000,
    ),
    "190 snippets of a hit": (
        query('{ search(text: "x") { edges { %s } } }' % many(190, "a#: snippet")),
        50_000,
    ),
    "24 keys": (ordered(24), 130_000),
}
"""What used to take long, and the calls that planning it may take now."""

MORE: dict[str, dict[str, Any]] = {
    "12 keys": ordered(12),
    "conditions on a status, for aggregates": guides(
        STATUS, 10, many(20, "a#: aggregate { count }"), ", stage: DRAFT"
    ),
    "conditions, for everything of a page": guides(
        {"formerSlugs": {"has": "x"}},
        20,
        "totalCount edges { %s aggregate { count } groups(groupBy: [ROLE]) { totalCount }" % PAGE,
        ", stage: DRAFT",
    ),
    "ids of whatever is found": query(
        '{ search(text: "a") { nodes { ...N } edges { node { ...N } } } }'
        " fragment N on Node { %s }" % many(10, "a#: id")
    ),
    "statuses of drafts, twice": query(
        '{ search(text: "a", stage: DRAFT) { nodes { ...N } edges { node { ...N } } } }'
        " fragment N on Guide { %s }" % many(20, "a#: status")
    ),
    "inherited lists, cut": query(
        '{ guide(slug: "a") { %s } }' % many(20, "a#: companies(first: 1) { name }")
    ),
    "places of a guide": query('{ guide(slug: "a") { %s } }' % many(30, "a#: location { name }")),
    "lists of statuses": query(
        '{ guide(slug: "a", stage: DRAFT) { %s } }' % many(20, "a#: statuses { locale status }")
    ),
    "pages in a page": query(
        '{ location(slug: "a") { %s } }' % many(20, "a#: guides { nodes { b#: slug } }")
    ),
    "computed values": query(
        '{ guide(slug: "a") { salaryRanges { %s } } }' % many(40, 'a#: display(locale: "nl")')
    ),
    "aggregates of groups": query(
        "{ salaryStatistics(groupBy: [ROLE, LOCATION, LEVEL]) { nodes { %s } } }"
        % many(15, "a#: aggregate { minimum { min max avg median } maximum { min median } }")
    ),
    "groups of much the same": query(
        "{ guides { groups(groupBy: [%s]) { totalCount } } }" % ("ROLE " * 400)
    ),
    "redirects that are not alike": query(
        "{ %s }" % many(7, "a#: redirects { b#: totalCount nodes { from to item { id } } }")
    ),
    "redirects of drafts that are not alike": query(
        "{ %s }"
        % many(8, "a#: redirects(stage: DRAFT) { edges { b#: cursor } pageInfo { hasNextPage } }")
    ),
    "places of places": query(
        "{ guides { nodes { location %s{ name }%s } } }" % ("{ parent " * 14, "}" * 14)
    ),
    "all texts": query(
        "{ guides { nodes { %s } } }"
        % many(9, "a#: techScene { html text markdown } b#: whyHire { html } c#: title")
    ),
}
"""Much of one kind each."""


@dataclass
class Counted:
    """A planner, and how much work its last plan was."""

    planner: Compiler
    calls: int = 0
    pieces: int = 0

    async def plan(self, body: dict[str, Any]) -> Plan | None:
        """The plan for a request."""
        request = from_body(json.dumps(body).encode(), "application/json")
        planned, _ = await self.planner.bound(request, EDITOR)
        return planned.plan

    @property
    def is_as_estimated(self) -> bool:
        """Whether the last plan was no more work than was estimated, and not far less."""
        most = AT_LEAST + CALLS * self.pieces
        return most / 8 < self.calls < most

    def count(self, *arguments: Any) -> Plan:
        """Plan, and count the calls."""

        profile = Profile(builtins=False)
        planned = profile.runcall(plan, *arguments)
        self.calls = sum(each.callcount for each in profile.getstats())
        return planned

    def weigh(self, selections: Sequence[Selected], input_: PlanInput) -> int:
        """Weigh, and note what comes of it."""
        self.pieces = weigh(selections, input_)
        return self.pieces


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return executable_schema(content_model())


@pytest.fixture
async def counted(schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counted]:
    worker = Worker()
    locales = Locales(frozenset({"en", "nl"}), "en")
    found = Counted(Compiler(schema, content_model(), locales, Limits(), worker, UNNAMED))
    # What is made once for all plans.
    await found.plan(query('{ search(text: "x", stage: DRAFT) { totalCount } }'))
    for type_ in content_model().content():
        await found.plan(query("{ %s(stage: DRAFT) { totalCount } }" % type_.graphql_plural))
    monkeypatch.setattr(compiler, "plan", found.count)
    monkeypatch.setattr(compiler, "weigh", found.weigh)
    yield found
    worker.close()


@pytest.mark.parametrize("name", EXAMPLES)
async def test_what_took_long_takes_less(counted: Counted, name: str) -> None:
    body, most = EXAMPLES[name]
    assert await counted.plan(body)
    assert 0 < counted.calls < most
    assert counted.is_as_estimated


@pytest.mark.parametrize("name", MORE)
async def test_it_is_no_more_work_than_was_estimated(counted: Counted, name: str) -> None:
    assert await counted.plan(MORE[name])
    assert counted.is_as_estimated, counted


async def test_root_fields_that_differ_in_values_only_are_planned_once(counted: Counted) -> None:
    text = 'a#: guide(slug: "#") { title companies(where: { name: { eq: "#" } }) { name } }'
    one = await counted.plan(query("{ %s }" % many(1, text)))
    least = counted.calls
    all_ = await counted.plan(query("{ %s }" % many(10, text)))
    assert one
    assert all_
    assert counted.calls < 2 * least
    assert len(all_.rules) == 10 * len(one.rules)


async def test_the_error_says_where_most_of_the_work_is(seeds: Asker) -> None:
    [error] = await seeds.errors(
        '{ tools { totalCount } guide(slug: "a") { title location { %s } } }'
        % many(90, "a#: guides(first: 1) { totalCount }")
    )
    assert error["extensions"]["code"] == "TOO_COSTLY"
    assert error["extensions"]["limit"] == "planning"
    assert error["extensions"]["allowed"] == Limits().planning
    assert error["extensions"]["asked"] > Limits().planning
    assert "most of them for `guide.location`; the limit is 2500." in error["message"]


async def test_each_of_a_shape_has_its_own_values(seeds: Asker) -> None:
    text = """query ($slug: String!) {
        a: tool(slug: "java") { slug }
        b: tool(slug: $slug) { slug }
        c: tools(first: 1, where: { slug: { eq: $slug } }) { nodes { slug } totalCount }
        d: tools(first: 0, where: { slug: { eq: "java" } }) { nodes { slug } totalCount }
    }"""
    assert await seeds(text, slug="python") == {
        "a": {"slug": "java"},
        "b": {"slug": "python"},
        "c": {"nodes": [{"slug": "python"}], "totalCount": 1},
        "d": {"nodes": [], "totalCount": 1},
    }


async def test_a_variable_without_a_value_is_refused_beside_one_of_the_same_shape(
    seeds: Asker,
) -> None:
    text = """query ($absent: String) {
        a: tools(where: { slug: { eq: "java" } }) { totalCount }
        b: tools(where: { slug: { eq: "java", ne: $absent } }) { totalCount }
    }"""
    [error] = await seeds.errors(text)
    assert (error["extensions"]["code"], error["path"]) == ("BAD_FILTER", ["b"])
    assert "`where.slug.ne` is a variable without a value" in error["message"]


class Blocking:
    """Plans, one after the other, as long as a test lets it."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, ...]] = []
        self.has_begun = threading.Event()
        self.may_end = threading.Event()

    def plan(self, model: Any, selections: Sequence[Selected], input_: PlanInput) -> Plan:
        """Plan, once that is allowed."""
        self.begun.append(tuple(each.key for each in selections))
        self.has_begun.set()
        self.may_end.wait(60)
        return plan(model, selections, input_)


@pytest.fixture
def blocking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Blocking]:
    found = Blocking()
    monkeypatch.setattr(compiler, "plan", found.plan)
    yield found
    found.may_end.set()


Client = Callable[[str, str], "asyncio.Task[httpx2.Response]"]
"""Asks a query from an address."""


@pytest.fixture
async def client(seeds: Asker) -> AsyncIterator[Client]:
    app: Any = seeds.http._transport
    clients: dict[str, httpx2.AsyncClient] = {}

    def ask(address: str, text: str) -> "asyncio.Task[httpx2.Response]":
        if address not in clients:
            transport = httpx2.ASGITransport(app.app, client=(address, 1))
            clients[address] = httpx2.AsyncClient(transport=transport, base_url="http://a.test")
        posted = clients[address].post("/graphql", json={"query": text})
        return asyncio.create_task(posted)

    yield ask
    for each in clients.values():
        await each.aclose()


async def test_what_is_planned_already_is_answered_meanwhile(
    seeds: Asker, client: Client, blocking: Blocking
) -> None:
    text = 'query ($slug: String = "java") { planned: tool(slug: $slug) { name } }'
    blocking.may_end.set()
    await seeds(text)
    blocking.may_end.clear()
    blocking.has_begun.clear()
    other = client("10.0.0.1", '{ tool(slug: "java") { heldUp: name } }')
    await asyncio.to_thread(blocking.has_begun.wait, 60)
    # One body that was sent before, and one that was not.
    assert await seeds(text) == {"planned": {"name": "Java"}}
    assert await seeds(text, slug="python") == {"planned": {"name": "Python"}}
    assert not other.done()
    blocking.may_end.set()
    assert (await other).json() == {"data": {"tool": {"heldUp": "Java"}}}


async def test_clients_take_turns(client: Client, blocking: Blocking) -> None:
    first = client("10.0.0.1", '{ a: tool(slug: "java") { turn: name } }')
    await asyncio.to_thread(blocking.has_begun.wait, 60)
    others = [
        client("10.0.0.1", '{ a%d: tool(slug: "java") { turn: name } }' % each) for each in range(9)
    ]
    await asyncio.sleep(0.05)
    others.append(client("10.0.0.2", '{ b: tool(slug: "java") { turn: name } }'))
    await asyncio.sleep(0.05)
    blocking.may_end.set()
    await asyncio.gather(first, *others)
    assert len(blocking.begun) == 11
    assert blocking.begun.index(("b",)) <= 3


async def test_a_request_keeps_the_locales_that_there_were_when_it_began(
    counted: Counted,
) -> None:
    """And is not kept for requests that come later."""
    body, planner = json.dumps(query("{ guides { totalCount } }")).encode(), counted.planner
    began = asyncio.ensure_future(planner.bound_body(body, "application/json", EDITOR))
    await asyncio.sleep(0)
    assert planner.serve(Locales(frozenset({"en", "nl"}), "nl"))
    assert not began.done()
    for locale, binding in (
        ("en", began),
        ("nl", planner.bound_body(body, "application/json", EDITOR)),
    ):
        _, bound = await binding
        assert locale in bound.values
