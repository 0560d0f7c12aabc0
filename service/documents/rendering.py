"""Markdown rendered by processes of their own: `python -m service.documents.rendering`.

Rendering takes longer than all else that is done to a document. Each process reads a JSON array of
texts from a line, and writes the array of their forms as a line. It imports nothing but what it
needs, and ends with the process that it works for.
"""

import asyncio
import itertools
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import orjson

from service.documents.markdown import Forms, render

_CHUNK = 100
"""How many texts are a line."""

_LONGEST_LINE = 1 << 30


class Renderers:
    """Processes that render."""

    def __init__(self, processes: Sequence[asyncio.subprocess.Process]) -> None:
        self._turns = itertools.cycle([(each, asyncio.Lock()) for each in processes])

    async def render(self, texts: Sequence[str]) -> Mapping[str, Forms]:
        """The forms of texts."""
        chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
        done = await asyncio.gather(*(self._chunk(*next(self._turns), each) for each in chunks))
        return {text: forms for each in done for text, forms in each.items()}

    async def _chunk(
        self, process: asyncio.subprocess.Process, turn: asyncio.Lock, texts: Sequence[str]
    ) -> Mapping[str, Forms]:
        if process.stdin is None or process.stdout is None:
            raise TypeError("a process that renders needs pipes")
        async with turn:
            process.stdin.write(orjson.dumps(texts) + b"\n")
            await process.stdin.drain()
            answer = await process.stdout.readline()
        return dict(zip(texts, orjson.loads(answer), strict=True))


@asynccontextmanager
async def rendering() -> AsyncIterator[Renderers]:
    """As many processes as there are processors, for as long as the context lasts."""
    command = (sys.executable, "-m", __name__)
    pipe = asyncio.subprocess.PIPE
    async with AsyncExitStack() as stack:
        processes = []
        for _ in range(os.cpu_count() or 1):
            process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, limit=_LONGEST_LINE
            )
            stack.push_async_callback(_end, process)
            processes.append(process)
        yield Renderers(processes)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


def main() -> None:
    """Render line by line, until there are no more."""
    for line in sys.stdin.buffer:
        forms = [render(text) for text in orjson.loads(line)]
        sys.stdout.buffer.write(orjson.dumps(forms) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
