"""Publishes guides at a steady rate: `python -m tests.benchmark.publisher <url> <rate> <seconds>`.

It saves a change of as many guides as it will publish, says `ready`, and waits for a line. Then it
publishes each at its instant and in a transaction of its own, whether or not those before have
ended, and says how many were published in time.
"""

import asyncio
import sys
import time
from itertools import islice
from typing import Any

import uvloop

from schema.editing import Mode
from schema.model import content_model
from service.database.pools import EDITORS, writing
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import editing
from service.editing.publishing import publish
from service.editing.saving import Save, save
from service.roles import WRITER
from tests.benchmark.content import PLACES, guide_slug

MODEL = content_model()
AUTHOR = "benchmark"


async def change(
    engine: Any, slugs: list[str], type_: str = "Guide", field: str = "title"
) -> dict[Any, Any]:
    """Change a text of items in the working copy; their ids."""
    text = {"en": f"Changed at {time.time()}"}
    saves = [
        Save(UncheckedDocument({"type": type_, "slug": slug, field: text}), Mode.MERGE)
        for slug in slugs
    ]
    async with editing(engine, MODEL, AUTHOR) as edit:
        return {each.key: each.id for each in await save(edit, saves)}


async def run(url: str, rate: float, seconds: float) -> int:
    """Publish; how many in time."""
    count = int(rate * seconds) + EDITORS
    slugs = [guide_slug(number // PLACES, number % PLACES) for number in range(count)]
    async with writing(url, role=WRITER, connections=EDITORS) as engine:
        items = await change(engine, slugs)
        waiting = iter(items.items())

        async def publish_one(item: tuple[Any, Any]) -> None:
            async with editing(engine, MODEL, AUTHOR) as edit:
                await publish(edit, dict([item]))

        # What is made once for each connection is made now.
        await asyncio.gather(*map(publish_one, islice(waiting, EDITORS)))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        start = time.perf_counter()

        async def at(moment: float, item: tuple[Any, Any]) -> bool:
            await asyncio.sleep(max(0.0, start + moment - time.perf_counter()))
            await publish_one(item)
            return time.perf_counter() - start <= seconds

        work = (at(number / rate, each) for number, each in enumerate(waiting))
        return sum(await asyncio.gather(*work))


def main() -> None:
    """Run it, and say how many."""
    url, rate, seconds = sys.argv[1:]
    # The loop that the service has.
    done = uvloop.run(run(url, float(rate), float(seconds)))
    sys.stdout.write(f"{done}\n")


if __name__ == "__main__":
    main()
