"""Requests, as many at a time as there are connections, and how long each took.

By wrk where it is installed; otherwise by this module as a process of its own:
`python -m tests.benchmark.load <address> <file of requests> <connections> <seconds>`.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.databases import PROJECT

WRK = shutil.which("wrk")

_SCRIPT = """
local requests, number = %s, 0
request = function()
  number = number %% #requests + 1
  local each = requests[number]
  return wrk.format(each[1], each[2], each[4], each[3])
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT [%%d, %%d, %%f, %%f, %%d]\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
"""


class Sent(NamedTuple):
    """A request, as it is sent."""

    method: str
    target: str
    body: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012  # never changes
    """Besides the content type, which is JSON."""


class Measured(NamedTuple):
    """What came of a round of load; times in milliseconds."""

    rate: float
    """Answers in a second."""
    p50: float
    p99: float


def load(
    address: str, requests: list[Sent], folder: Path, *, connections: int, seconds: int
) -> Measured:
    """Send the requests over and over for some seconds."""
    file = folder / ("requests.lua" if WRK else "requests.json")
    file.write_text(_SCRIPT % _lua(requests) if WRK else json.dumps(requests), "utf-8")
    sent = [str(each) for each in (connections, seconds)]
    command = (
        [WRK, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", "-s", str(file), address]
        if WRK
        else [sys.executable, "-m", "tests.benchmark.load", address, str(file), *sent]
    )
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    found = re.search("^RESULT (.*)$", run.stdout, re.MULTILINE)
    assert found, run.stdout + run.stderr
    answers, duration, p50, p99, errors = json.loads(found[1])
    assert not errors, f"{errors} errors under load: {run.stdout}"
    assert answers, run.stdout
    return Measured(answers / duration * 1e6, p50 / 1e3, p99 / 1e3)


def _lua(requests: list[Sent]) -> str:
    # A JSON string is a Lua string but for what is not ASCII, and of that there is none.
    rows = (
        ", ".join([*map(json.dumps, request[:3]), _table(request.headers)]) for request in requests
    )
    return "".join(("{", ",".join(f"{{{row}}}\n" for row in rows), "}"))


def _table(headers: dict[str, str]) -> str:
    all_ = {"Content-Type": "application/json", **headers}
    return f"{{{', '.join(f'[{json.dumps(k)}] = {json.dumps(v)}' for k, v in all_.items())}}}"


def main() -> None:
    """Be the load, in the place of wrk."""
    address, file, connections, seconds = sys.argv[1:]
    requests = [Sent(*each) for each in json.loads(Path(file).read_text("utf-8"))]
    taken, duration = asyncio.run(_send(address, requests, int(connections), float(seconds)))
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    numbers = [len(taken), duration * 1e6, p50 * 1e6, p99 * 1e6, 0]
    sys.stdout.write(f"RESULT {json.dumps(numbers)}\n")


async def _send(
    address: str, requests: list[Sent], connections: int, seconds: float
) -> tuple[list[float], float]:
    split = urlsplit(address)
    turns, taken = cycle([_bytes(each, split.netloc) for each in requests]), list[float]()
    start = perf_counter()

    async def client() -> None:
        reader, writer = await asyncio.open_connection(split.hostname, split.port, limit=2**24)
        while perf_counter() < start + seconds:
            before = perf_counter()
            writer.write(next(turns))
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            assert re.match(rb"HTTP/1.1 (200|304)", head), head
            await reader.readexactly(int(length[1]) if length else 0)
            taken.append(perf_counter() - before)
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return taken, perf_counter() - start


def _bytes(request: Sent, host: str) -> bytes:
    head = f"{request.method} {request.target} HTTP/1.1\r\nHost: {host}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    head += f"Content-Type: application/json\r\nContent-Length: {len(request.body)}\r\n\r\n"
    return (head + request.body).encode()


if __name__ == "__main__":
    main()
