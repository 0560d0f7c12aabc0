"""The benchmark: `python -m tests.benchmark [--guides 100000]`, or `make benchmark`."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from schema.graphql.types import graphql_schema
from schema.model import content_model
from service.embedded import embedded_postgres
from tests.benchmark import caching, content, growth, large, servers
from tests.benchmark.floor import fastest
from tests.benchmark.load import WRK, Measured, Sent, load
from tests.benchmark.publishing import under_publishing, with_history
from tests.benchmark.queries import HUNDRED, ONE, QUERIES, SEARCHES, TRAVERSAL, Query
from tests.databases import Server, clear, migrate, rows
from tests.processes import memory

CONNECTIONS = 16
PAGE = 100
SEARCHED = 12
"""So many requests of each search, in all languages."""


class Options(NamedTuple):
    """How long it may take."""

    rounds: int
    seconds: int
    guides: int
    folder: Path
    only_caching: bool = False


def say(line: str = "") -> None:
    """A line of the report."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure, and print the report."""
    parser = argparse.ArgumentParser(prog="make benchmark", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="of each query, for each of both")
    parser.add_argument("--seconds", type=int, default=2, help="that a round takes")
    parser.add_argument(
        "--guides",
        type=int,
        default=0,
        help=f"measure growth to so many, a multiple of {content.GUIDES}",
    )
    parser.add_argument(
        "--documents",
        type=int,
        default=0,
        help="load, plan, export and migrate so many guides instead",
    )
    parser.add_argument(
        "--caching", action="store_true", help="measure only what is kept, and its cost"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gp-") as folder, _url(Path(folder)) as url:
        options = Options(given.rounds, given.seconds, given.guides, Path(folder), given.caching)
        asyncio.run(_measure_on(url, options, given.documents))


@contextmanager
def _url(folder: Path) -> Iterator[str]:
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with embedded_postgres(folder / "data") as url:
        yield url


async def _measure_on(url: str, options: Options, documents: int) -> None:
    async with Server.at(url) as server:
        if documents:
            await large.measure(server, options.folder, documents, say)
        else:
            await _measure(server, options)


async def _measure(server: Server, options: Options) -> None:
    async with server.new() as url:
        await migrate(url)
        # What is measured is made here, the same each time: not what the revisions bring.
        await clear(url)
        start = perf_counter()
        await content.fill(url)
        loaded = perf_counter() - start
        # Soon enough PostgreSQL would do this by itself, in the middle of a round.
        await rows(url, "vacuum analyze")
        say(f"{content.GUIDES} guides loaded and published in {loaded:.1f} s")
        [(version,)] = await rows(url, "show server_version")
        say(f"PostgreSQL {version}, {os.cpu_count()} processors, load by {WRK or 'asyncio'}")
        if options.only_caching:
            await _kept(server, url, options)
            return
        await _against_the_floor(url, options)
        await _kept(server, url, options)
        under_publishing(url, options.folder, options.rounds, options.seconds, say)
        await with_history(url, options.folder, options.seconds, say)
        if options.guides:
            async with server.new(url) as large:
                start = perf_counter()
                await growth.multiply(large, options.guides)
                say(f"\n{options.guides} guides, copied with SQL in {perf_counter() - start:.0f} s")
                await _growth(url, large, options)


async def _kept(server: Server, url: str, options: Options) -> None:
    caching.beside_static_bytes(url, options.folder, options.rounds, options.seconds, say)
    caching.with_two_workers(url, options.folder, options.rounds, options.seconds, say)
    async with server.new(url) as many:
        await growth.multiply(many, caching.GUIDES)
        slugs = await growth.slugs(many, caching.GUIDES)
        caching.mixed(many, slugs, options.folder, 5 * options.seconds, say)
        await caching.cost_of_a_publish(many, say)


def _answerable() -> list[Query]:
    """The queries that the schema knows."""
    query = graphql_schema(content_model()).query_type
    assert query is not None
    if "where" in query.fields["guides"].args:
        return QUERIES
    say("skipped: guides by skill and salary, until the schema has the argument `where`")
    return [each for each in QUERIES if "where" not in each.text]


async def _against_the_floor(url: str, options: Options) -> None:
    queries = _answerable()
    statements = {each.name: await fastest(url, each) for each in queries}
    first = queries[0].requests[0]
    with (
        servers.ours(url, servers.to_ours(ONE.text, first)) as ours,
        servers.floor(url, statements, options.folder, servers.to_floor(ONE, first)) as floor,
    ):
        say(f"\n{CONNECTIONS} connections to one worker; medians of {options.rounds} rounds")
        say(
            f"{'':28}{'ours/s':>9}{'floor/s':>9}{'ratio':>7}"
            f"{'p50 ms':>8}{'floor':>7}{'p99 ms':>8}{'floor':>7}{'kB':>7}"
        )
        for query in queries:
            size = _same_answers(query, ours, floor)
            pairs = [_round(query, ours, floor, options) for _ in range(options.rounds + 1)][1:]
            _row(query, pairs, size)
        for query in queries:
            say(f"the floor of {query.title}: {statements[query.name].name}")
        say(f"memory: {memory(ours.pid):.0f} MB, the floor {memory(floor.pid):.0f} MB")
        say(f"start to first answer: {ours.start:.2f} s, the floor {floor.start:.2f} s")


def _same_answers(query: Query, ours: servers.Running, floor: servers.Running) -> int:
    """Hold both to the same answers; the size of ours."""
    one, other = servers.Client(ours.address), servers.Client(floor.address)
    sizes = []
    for variables in query.requests:
        answer = one.ask(servers.to_ours(query.text, variables))
        same = other.ask(servers.to_floor(query, variables))
        assert json.loads(answer) == json.loads(same), f"{query.name}: {answer!r} is not {same!r}"
        sizes.append(len(answer))
    assert max(sizes) > 1_000, f"{query.title}: there is nothing"
    return sum(sizes) // len(sizes)


def _round(
    query: Query, ours: servers.Running, floor: servers.Running, options: Options
) -> tuple[Measured, Measured]:
    def measured(address: str, requests: list[Sent]) -> Measured:
        return load(
            address, requests, options.folder, connections=CONNECTIONS, seconds=options.seconds
        )

    return (
        measured(ours.address, [servers.to_ours(query.text, each) for each in query.requests]),
        measured(floor.address, [servers.to_floor(query, each) for each in query.requests]),
    )


def _row(query: Query, pairs: list[tuple[Measured, Measured]], size: int) -> None:
    ours, floor = (
        Measured(*map(median, zip(*each, strict=True))) for each in zip(*pairs, strict=True)
    )
    ratio = median(one.rate / other.rate for one, other in pairs)
    say(
        f"{query.title:28}{ours.rate:9.0f}{floor.rate:9.0f}{ratio:7.2f}"
        f"{ours.p50:8.1f}{floor.p50:7.1f}{ours.p99:8.1f}{floor.p99:7.1f}{size / 1e3:7.1f}"
    )


async def _growth(small: str, large: str, options: Options) -> None:
    for query in QUERIES:
        scanned = await growth.scanned_whole(large, query)
        assert "guide" not in scanned, f"{query.title} goes through every guide"
    say("no plan goes through every guide")
    everywhere = [{"locale": "en", "slug": slug} for slug in await growth.slugs(large, 500)]
    first = servers.to_ours(ONE.text, ONE.requests[0])
    # What is searched for here is in half of all guides, which are very many.
    patient = {"GUIDEPOST_STATEMENT_TIMEOUT": "60", "GUIDEPOST_DEADLINE": "60"}
    with servers.ours(small, first) as few, servers.ours(large, first, **patient) as many:
        for query, requests in ((ONE, everywhere), (HUNDRED, HUNDRED.requests)):
            taken = [
                tuple(
                    load(
                        each.address,
                        [servers.to_ours(query.text, variables) for variables in asked],
                        options.folder,
                        connections=1,
                        seconds=options.seconds,
                    ).p50
                    for each, asked in ((few, query.requests), (many, requests))
                )
                for _ in range(options.rounds)
            ]
            before, after = (median(each) for each in zip(*taken, strict=True))
            ratio = median(later / earlier for earlier, later in taken)
            say(f"{query.title:28}{before:8.2f} ms, then {after:.2f} ms: {ratio:.2f} times")
        _search(few.address, many.address)
        _traverse(servers.Client(many.address), options)


def _search(few: str, many: str) -> None:
    """Search one time after the other: what is found has to be put in order, and so takes long.

    Each time in a new connection: an idle one is closed by the service.
    """
    for query in SEARCHES:
        asked = [servers.to_ours(query.text, each) for each in query.requests[:SEARCHED]]
        answers = [json.loads(servers.Client(many).ask(each)) for each in asked]
        found = [each["data"]["search"]["totalCount"] for each in answers]
        taken = [
            tuple(_time(servers.Client(address), each) for address in (few, many)) for each in asked
        ]
        before, after = (median(each) * 1e3 for each in zip(*taken, strict=True))
        say(f"{query.title:28}{before:8.1f} ms, then {after:.1f} ms for {median(found):.0f} found")


def _traverse(client: servers.Client, options: Options) -> None:
    """Go through all guides in pages, then compare the first page with the last."""
    cursors: list[str | None] = [None]
    start, size, guides = perf_counter(), 0, 0
    while True:
        answer = client.ask(_page(cursors[-1]))
        page = json.loads(answer)["data"]["guides"]
        size, guides = size + len(answer), guides + len(page["nodes"])
        if not page["pageInfo"]["hasNextPage"]:
            break
        cursors.append(page["pageInfo"]["endCursor"])
    taken = perf_counter() - start
    assert guides == options.guides, f"{guides} of {options.guides} guides"
    say(
        f"all {guides} whole guides in pages of {PAGE}: {taken:.0f} s, "
        f"{guides / taken:.0f} guides/s, {size / taken / 1e6:.1f} MB/s"
    )
    pairs = [[_time(client, _page(each)) for each in (cursors[0], cursors[-1])] for _ in range(20)]
    first, last = (median(each) * 1e3 for each in zip(*pairs, strict=True))
    say(f"last page against the first: {last:.1f} ms, {first:.1f} ms: {last / first:.2f} times")


def _page(after: str | None) -> Sent:
    return servers.to_ours(TRAVERSAL, {"first": PAGE, "after": after})


def _time(client: servers.Client, request: Sent) -> float:
    start = perf_counter()
    client.ask(request)
    return perf_counter() - start


if __name__ == "__main__":
    main()
