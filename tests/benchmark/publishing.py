"""What reading costs while others publish, and what a long history costs."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar

from service.database.pools import writing
from service.roles import WRITER
from tests.benchmark import servers
from tests.benchmark.content import guide_slug
from tests.benchmark.load import load
from tests.benchmark.publisher import change
from tests.benchmark.queries import ONE
from tests.databases import PROJECT, rows

RATE = 50
CONNECTIONS = 16
REVISIONS = 500_000
SAVES = 40

Say = Callable[[str], None]
T = TypeVar("T")


def under_publishing(url: str, folder: Path, rounds: int, seconds: int, say: Say) -> None:
    """Whole guides, read with and without fifty publishes a second, in turn."""
    requests = [servers.to_ours(ONE.text, each) for each in ONE.requests]
    with servers.ours(url, requests[0]) as ours:

        def rate() -> float:
            return load(
                ours.address, requests, folder, connections=CONNECTIONS, seconds=seconds
            ).rate

        pairs = [(rate(), *published(url, rate, seconds, RATE)) for _ in range(rounds + 1)][1:]
    alone, beside, published = (median(each) for each in zip(*pairs, strict=True))
    ratio = median(each[1] / each[0] for each in pairs)
    say(
        f"\none whole guide: {alone:.0f}/s, and {beside:.0f}/s beside {published:.0f} publishes/s: "
        f"{ratio:.2f} times"
    )


def published(url: str, measure: Callable[[], T], seconds: int, rate: float) -> tuple[T, float]:
    """What is measured while guides are published, and how many of those in a second."""
    command = [sys.executable, "-m", "tests.benchmark.publisher", url, str(rate), str(seconds)]
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("\n")
        process.stdin.flush()
        found = measure()
        return found, int(process.stdout.readline()) / seconds


async def with_history(url: str, folder: Path, seconds: int, say: Say) -> None:
    """Reads and saves, with few revisions and with very many."""
    before = await _taken(url, folder, seconds)
    await rows(url, _MULTIPLY, REVISIONS)
    await rows(url, "vacuum analyze service.revision")
    [(count,)] = await rows(url, "select count(*) from service.revision")
    after = await _taken(url, folder, seconds)
    for name, few, many in zip(("a read", "a save"), before, after, strict=True):
        say(
            f"{name} with {count} revisions: {few:.2f} ms, then {many:.2f} ms: "
            f"{many / few:.2f} times"
        )


async def _taken(url: str, folder: Path, seconds: int) -> tuple[float, float]:
    """The milliseconds of a read and of a save."""
    requests = [servers.to_ours(ONE.text, each) for each in ONE.requests]
    with servers.ours(url, requests[0]) as ours:
        read = load(ours.address, requests, folder, connections=1, seconds=seconds).p50
    taken = []
    async with writing(url, role=WRITER) as engine:
        for number in range(SAVES):
            start = perf_counter()
            await change(engine, [guide_slug(number % 40, 3)])
            taken.append(perf_counter() - start)
    return read, median(taken) * 1e3


_MULTIPLY = """
insert into service.revision
  (type, item_id, slug, version, action, document, changes, author, at)
select r.type, r.item_id, r.slug, r.version, r.action, r.document, r.changes, r.author, r.at
from generate_series(1, $1::bigint / 1000) n,
  lateral (select * from service.revision where type = 'Guide' order by id limit 1000) r
"""
