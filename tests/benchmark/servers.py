"""Both servers as processes, asked the same."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.benchmark.floor import CONNECTIONS, Statement
from tests.benchmark.load import Sent
from tests.benchmark.queries import Query
from tests.databases import PROJECT
from tests.processes import Command, environment, serving


class Running(NamedTuple):
    """A server that runs."""

    address: str
    pid: int
    start: float
    """The seconds from the start of its process to its first answer."""


class Client:
    """One connection that is kept."""

    def __init__(self, address: str) -> None:
        split = urlsplit(address)
        self._connection = HTTPConnection(str(split.hostname), split.port, timeout=60)

    def ask(self, request: Sent) -> bytes:
        """The body of an answer that has to be one."""
        kind = {"Content-Type": "application/json"}
        self._connection.request(request.method, request.target, request.body, kind)
        response = self._connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        assert not body.startswith(b'{"errors"'), body
        return body


def to_ours(text: str, variables: dict[str, Any]) -> Sent:
    """A request to Guidepost."""
    return Sent("POST", "/graphql", json.dumps({"query": text, "variables": variables}))


def to_floor(query: Query, variables: dict[str, str]) -> Sent:
    """The same request to the floor."""
    return Sent("GET", f"/{query.name}?{urlencode(variables)}")


@contextmanager
def ours(url: str, first: Sent, **settings: str) -> Iterator[Running]:
    """`guidepost serve`, as it is shipped, but for responses: none are kept by default."""
    start = perf_counter()
    ours = {"GUIDEPOST_READ_CONNECTIONS": str(CONNECTIONS), "GUIDEPOST_RESPONSE_CACHE": "0"}
    with serving(DATABASE_URL=url, **{**ours, **settings}) as process:
        yield _answering(process, first, start)


@contextmanager
def floor(
    url: str, statements: dict[str, Statement], folder: Path, first: Sent
) -> Iterator[Running]:
    """The floor's server."""
    file = folder / "statements.json"
    file.write_text(json.dumps(statements), "utf-8")
    start = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmark.floor", file],
        cwd=PROJECT,
        env=environment(DATABASE_URL=url),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _answering(Command(process), first, start)
    finally:
        process.terminate()
        process.wait()


def _answering(process: Command, first: Sent, start: float) -> Running:
    address = process.address()
    Client(address).ask(first)
    return Running(address, process.process.pid, perf_counter() - start)
