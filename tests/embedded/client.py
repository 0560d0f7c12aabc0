"""A process that uses the embedded PostgreSQL; a program, and the handle that tests have on it.

python -m tests.embedded.client <data> hold          say the URL, stay until stdin ends
python -m tests.embedded.client <data> visit <n>     enter, select 1 and leave, n times
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from service.embedded import embedded_postgres

_ROOT = Path(__file__).parents[2]


class Client:
    """A process of its own that holds a share of the server in `data`."""

    def __init__(self, data: Path) -> None:
        self.process = start(data, "hold")
        self.url = ""

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url, "the client has not started"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def leave(self) -> None:
        self.process.communicate(timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.leave()


def start(data: Path, *mode: str) -> subprocess.Popen[str]:
    """A client in a session of its own, as from another terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.embedded.client", data, *mode],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


async def fetch(url: str, query: str = "select 1") -> object:
    """The one value that a query yields."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def _hold(data: Path) -> None:
    with embedded_postgres(data) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        sys.stdin.read()


def _visit(data: Path, times: int) -> None:
    for _ in range(times):
        with embedded_postgres(data) as url:
            assert asyncio.run(fetch(url)) == 1


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder, "hold"]:
            _hold(Path(folder))
        case [folder, "visit", number]:
            _visit(Path(folder), int(number))
