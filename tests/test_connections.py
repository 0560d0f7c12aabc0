"""Clients that take more than they need, one socket each, with the service as a process."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import repeat
from pathlib import Path

import pytest

from service.explorer.page import DIST
from tests.processes import Command, memory, serving

IDLE, MOST, HEAD = 1, 8, 4_000
"""Seconds, connections, and bytes."""
REQUEST = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(scope="module")
def service(seeded: str) -> Iterator[Command]:
    limits = {"IDLE_TIMEOUT": IDLE, "CONNECTION_LIMIT": MOST, "HEAD_LIMIT": HEAD}
    settings = {f"GUIDEPOST_{name}": str(value) for name, value in limits.items()}
    with serving(DATABASE_URL=seeded, **settings) as process:
        process.address()
        yield process


@pytest.fixture
def client(service: Command) -> Iterator[socket.socket]:
    with connected(service) as made:
        yield made


def connected(service: Command) -> socket.socket:
    """A connection to the service."""
    host, _, port = service.address().removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def wait_until(it_is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 30
    while not it_is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def send_on(client: socket.socket, *parts: bytes) -> None:
    """Send one part after the other, whatever is answered."""
    for each in parts:
        client.sendall(each)


def answer(client: socket.socket) -> bytes:
    """One whole answer."""
    found = b""
    while not found.endswith(b"\r\n\r\nok\n"):
        part = client.recv(65536)
        assert part, found
        found += part
    return found


def rest(client: socket.socket) -> bytes:
    """All that comes until the service closes."""
    found = b""
    while part := client.recv(65536):
        found += part
    return found


def test_what_fits_is_answered_again_and_again(client: socket.socket) -> None:
    for _ in range(3):
        client.sendall(REQUEST)
        assert answer(client).startswith(OK)
    client.sendall(REQUEST.replace(b"x", b"x" * (HEAD - 100), 1))
    assert answer(client).startswith(OK)
    client.sendall(REQUEST * 2 + REQUEST.replace(b"host", b"connection: close\r\nhost"))
    assert rest(client).count(OK) == 3


@pytest.mark.parametrize(
    "head",
    [
        REQUEST.replace(b"x", b"x" * HEAD),
        REQUEST.replace(b"livez", b"livez" * (HEAD // 5)),
        REQUEST.replace(b"x\r\n", b"x\r\na:b\r\n" + b"a:b\r\n" * (HEAD // 2)),
    ],
    ids=["a header", "the address", "lines"],
)
def test_a_head_that_is_too_large_is_refused(client: socket.socket, head: bytes) -> None:
    client.sendall(head)
    refusal = rest(client)
    assert refusal.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert refusal.endswith(b"exceed the limit of 4000 bytes; shorten them.\n")


@pytest.mark.parametrize("part", [b"a:b\r\n" * 20_000, b"x" * 100_000], ids=["lines", "a header"])
def test_a_head_without_an_end_is_not_kept(service: Command, part: bytes) -> None:
    before = memory(service.process.pid)
    with connected(service) as client, pytest.raises((BrokenPipeError, ConnectionResetError)):
        send_on(client, b"GET / HTTP/1.1\r\na: ", *repeat(part, 1_000))
    assert memory(service.process.pid) - before < 10


def test_who_sends_nothing_is_not_waited_for(client: socket.socket) -> None:
    assert rest(client) == b""


def test_who_stops_in_a_head_is_told(client: socket.socket) -> None:
    client.sendall(REQUEST[:-10])
    refusal = rest(client)
    assert refusal.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert refusal.endswith(b"did not arrive in time; send the request again.\n")


def test_who_sends_a_head_byte_by_byte_is_told(client: socket.socket) -> None:
    client.settimeout(IDLE / 10)
    client.sendall(REQUEST[:-2] + b"a: ")
    refusal = b""
    for _ in range(1_000):
        client.sendall(b"x")
        with suppress(TimeoutError):
            refusal = client.recv(1_000)
            break
    assert refusal.startswith(b"HTTP/1.1 408 ")


def test_who_does_not_read_is_left(service: Command) -> None:
    largest = max((DIST / "assets").iterdir(), key=lambda each: each.stat().st_size)
    request = f"GET /graphql/assets/{largest.name} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
    times = 20_000_000 // largest.stat().st_size + 1
    with connected(service) as client:
        client.sendall(request * times)
        wait_until(lambda: not is_served(client))
        assert len(rest(client)) < times * largest.stat().st_size


def is_served(client: socket.socket) -> bool:
    """Whether the service has this client's connection open, as the kernel says.

    Its files cannot be counted instead: it opens those that it answers with, and the connection of
    the test before may be closed meanwhile.
    """
    port, established = f":{client.getsockname()[1]:04X}", "01"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines())
    return any(remote.endswith(port) and state == established for _, _, remote, state, *_ in rows)


def test_there_are_so_many_connections_and_no_more(service: Command) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(service)) for _ in range(MOST + 1)]
        refusal = rest(clients[-1])
        assert refusal.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert refusal.endswith(b"The server has too many connections; try again later.\n")
        clients[0].sendall(REQUEST)
        assert answer(clients[0]).startswith(OK)
    with connected(service) as client:
        client.sendall(REQUEST)
        assert answer(client).startswith(OK)
