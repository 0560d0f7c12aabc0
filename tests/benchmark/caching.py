"""Responses that are kept: beside those that are made, and beside static bytes of the same size.

And what the log of changes costs a publish.
"""

import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from sqlalchemy.ext.asyncio import AsyncEngine

from schema.model import content_model
from service.database.pools import writing
from service.editing.edits import editing
from service.editing.publishing import publish
from service.roles import WRITER
from tests.benchmark import servers
from tests.benchmark.load import Measured, Sent, load
from tests.benchmark.publisher import AUTHOR, change
from tests.benchmark.publishing import published
from tests.benchmark.queries import ONE, TWENTY, Query
from tests.databases import PROJECT, rows
from tests.processes import Command, environment, memory

CONNECTIONS = 16
SHARED_CONNECTIONS = 64
"""To two workers: of a few that are opened at once, one worker may take all."""
GUIDES = 10_000
RATE = 20
"""Publishes in a second, in the mixed case."""
ASKED = 20_000
"""Requests of the mixed case, before they repeat."""
PUBLISHES = 40
SHOWN_BY = (0, 1, 100, 5_000)

Say = Callable[[str], None]


@contextmanager
def _static(*sizes: int, workers: int = 1) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.benchmark.static", *map(str, (workers, *sizes))]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Command(process).address()
        finally:
            # Not killed: its workers end with it.
            process.terminate()


class Load(NamedTuple):
    """How the servers are asked."""

    folder: Path
    rounds: int
    seconds: int
    connections: int = CONNECTIONS

    def rate(self, address: str, requests: list[Sent]) -> float:
        """The responses in a second; what can be kept is kept before that."""
        for each in requests[:400]:
            for _ in range(2):
                _asked(address, each)
        how = {"connections": self.connections, "seconds": self.seconds}
        return load(address, requests, self.folder, **how).rate

    def gain(self, one: str, other: str, requests: list[Sent]) -> float:
        """How many times as many responses the other server sends; the median of the rounds."""
        rates = (self.rate(other, requests) / self.rate(one, requests) for _ in range(self.rounds))
        return median(rates)


class Rates(NamedTuple):
    """A row of the report: what is asked of each server."""

    title: str
    size: int
    """The bytes of a response, as it is sent."""
    made: list[Sent]
    kept: list[Sent]
    static: list[Sent]


def beside_static_bytes(url: str, folder: Path, rounds: int, seconds: int, say: Say) -> None:
    """The rates of what is made, of what is kept, and of static bytes, in turn."""
    asked = Load(folder, rounds, seconds)
    first = servers.to_ours(ONE.text, ONE.requests[0])
    with (
        servers.ours(url, first) as made,
        servers.ours(url, first, GUIDEPOST_RESPONSE_CACHE="64000000") as kept,
    ):
        rows_ = [*_rows(kept.address)]
        with _static(*{each.size for each in rows_}) as static:
            say(
                f"\nresponses in a second, {CONNECTIONS} connections, medians of {rounds} rounds\n"
                f"{'':28}{'made':>8}{'kept':>8}{'static':>8}{'kept/made':>11}{'kept/static':>13}"
            )
            for each in rows_:
                servers_ = (
                    (made.address, each.made),
                    (kept.address, each.kept),
                    (static, each.static),
                )
                found = [tuple(asked.rate(*it) for it in servers_) for _ in range(rounds)]
                _say_rates(say, each, found)


def with_two_workers(url: str, folder: Path, rounds: int, seconds: int, say: Say) -> None:
    """How many times as fast two workers are as one, in turn."""
    asked = Load(folder, rounds, seconds, SHARED_CONNECTIONS)
    requests = [servers.to_ours(ONE.text, each) for each in ONE.requests]

    def gain(cache: int) -> float:
        settings = {"GUIDEPOST_RESPONSE_CACHE": str(cache)}
        with (
            servers.ours(url, requests[0], **settings) as one,
            servers.ours(url, requests[0], **settings, GUIDEPOST_WORKERS="2") as two,
        ):
            return asked.gain(one.address, two.address, requests)

    with servers.ours(url, requests[0]) as one:
        size = _size(one.address, requests)
    with _static(size) as one_worker, _static(size, workers=2) as two_workers:
        sent = [Sent("POST", f"/{size}", requests[0].body)]
        static = asked.gain(one_worker, two_workers, sent)
    made, kept = map(gain, (0, 64_000_000))
    say(
        f"\ntwo workers against one, {SHARED_CONNECTIONS} connections, {ONE.title}: "
        f"made {made:.2f}, kept {kept:.2f}, static {static:.2f} times"
    )


def _rows(kept: str) -> Iterator[Rates]:
    """What is measured; `kept` is the address of the service that keeps responses."""
    for query, coding in ((ONE, None), (TWENTY, None), (TWENTY, "br")):
        made = [servers.to_ours(query.text, each) for each in query.requests]
        headers = {"Accept-Encoding": coding} if coding else {}
        theirs = [each._replace(headers=headers) for each in made]
        size = _size(kept, theirs)
        title = f"{query.title}, {coding}" if coding else query.title
        yield Rates(title, size, made, theirs, [Sent("POST", f"/{size}", made[0].body)])
    made = [servers.to_ours(ONE.text, each) for each in ONE.requests]
    size = _size(kept, made)
    matching = [*_matching(kept, ONE)]
    yield Rates(f"304 for {ONE.title}", size, made, matching, [Sent("GET", f"/{size}")])


def _say_rates(say: Say, row: Rates, found: list[tuple[float, ...]]) -> None:
    made, kept, static = (median(each) for each in zip(*found, strict=True))
    faster = median(each[1] / each[0] for each in found)
    share = median(each[1] / each[2] for each in found)
    say(
        f"{row.title:28}{made:8.0f}{kept:8.0f}{static:8.0f}{faster:11.1f}{share:13.2f}"
        f"   ({row.size / 1e3:.1f} kB)"
    )


def _size(address: str, requests: list[Sent]) -> int:
    """The mean size of the bodies of responses, as they are sent."""
    sizes = [len(_asked(address, each)[0]) for each in requests[:30]]
    return sum(sizes) // len(sizes)


def _asked(address: str, sent: Sent) -> tuple[bytes, str]:
    """The body of a response as it is sent, and its entity tag."""
    split = urlsplit(address)
    connection = HTTPConnection(str(split.hostname), split.port, timeout=60)
    headers = {"Content-Type": "application/json", **sent.headers}
    connection.request(sent.method, sent.target, sent.body, headers)
    response = connection.getresponse()
    return response.read(), response.headers["ETag"] or ""


def _matching(address: str, query: Query) -> Iterator[Sent]:
    """GETs of a query that get 304."""
    for each in query.requests:
        parameters = {"query": query.text, "variables": str(each).replace("'", '"')}
        sent = Sent("GET", f"/graphql?{urlencode(parameters)}")
        for _ in range(2):
            _, tag = _asked(address, sent)
        yield sent._replace(headers={"If-None-Match": tag})


async def cost_of_a_publish(url: str, say: Say) -> None:
    """How long a publish takes with the log of changes, and with its triggers switched off."""
    say("\na publish, with the log of changes and without it, by how many guides show the item")
    async with writing(url, role=WRITER) as engine:
        for shown_by in SHOWN_BY:
            await _publish_one(engine, shown_by)
            await rows(url, _SHOW, f"shown-by-{shown_by}", shown_by)
            taken: dict[str, list[float]] = {"enable": [], "disable": []}
            for _ in range(max(2, PUBLISHES // (1 + shown_by // 50))):
                for how, times in taken.items():
                    await _switch(url, how)
                    # The first one reads again what it knows of the tables.
                    await _publish_one(engine, shown_by)
                    times.append(await _publish_one(engine, shown_by))
            await _switch(url, "enable")
            with_log, without = (median(times) * 1e3 for times in taken.values())
            ratio = median(a / b for a, b in zip(*taken.values(), strict=True))
            say(f"{shown_by:6} guides: {with_log:.2f} ms, and {without:.2f} ms: {ratio:.2f} times")


_SHOW = """
    insert into live.guide_skills (owner_id, position, target_id)
    select guide.id, 1000 + $2::int, skill.id
    from live.skill, (select distinct id from live.guide limit $2::int) as guide
    where skill.slug = $1 and skill.locale = 'en'
"""


async def _switch(url: str, how: str) -> None:
    tables = await rows(
        url, "select distinct tgrelid::regclass::text from pg_trigger where tgname = 'note_update'"
    )
    for (table,) in tables:
        await rows(url, f"alter table {table} {how} trigger user")


async def _publish_one(engine: AsyncEngine, shown_by: int) -> float:
    """The seconds of publishing a change of a skill that so many guides show."""
    items = await change(engine, [f"shown-by-{shown_by}"], "Skill", "name")
    start = perf_counter()
    async with editing(engine, content_model(), AUTHOR) as edit:
        await publish(edit, items)
    return perf_counter() - start


def mixed(url: str, slugs: list[str], folder: Path, seconds: int, say: Say) -> None:
    """Very many guides, some far more often than others, while others publish."""
    chance = random.Random(1)  # no secret
    weights = [1 / rank for rank in range(1, len(slugs) + 1)]
    asked = chance.choices(slugs, weights, k=ASKED)
    requests = [servers.to_ours(ONE.text, {"locale": "en", "slug": each}) for each in asked]
    settings = {"GUIDEPOST_RESPONSE_CACHE": "64000000", "GUIDEPOST_METRICS": "true"}
    with servers.ours(url, requests[0], **settings) as ours:

        def measure() -> Measured:
            return load(ours.address, requests, folder, connections=CONNECTIONS, seconds=seconds)

        measure()
        before = _figures(ours.address)
        measured, rate = published(url, measure, seconds, RATE)
        after = _figures(ours.address)
        hits, misses = (after[each] - before[each] for each in ("hits_total", "misses_total"))
        say(
            f"\n{len(slugs)} guides by Zipf, {rate:.0f} publishes/s: {measured.rate:.0f}/s, "
            f"{hits / (hits + misses):.0%} from those that are kept, p99 {measured.p99:.1f} ms, "
            f"{after['bytes'] / 1e6:.0f} MB kept, {memory(ours.pid):.0f} MB in all"
        )


def _figures(address: str) -> dict[str, int]:
    split = urlsplit(address)
    with urlopen(f"http://{split.netloc}/metrics") as response:  # ours
        text = response.read().decode()
    found = re.findall(r"^guidepost_response_cache_(\w+)\S* (\d+)$", text, re.MULTILINE)
    return {name: int(value) for name, value in found}
