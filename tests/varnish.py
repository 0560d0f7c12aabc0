"""Varnish, as Debian has it, in front of an instance; configured as docs/varnish.vcl says."""

import asyncio
import os
import socket
import subprocess
import tempfile
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import httpx2
import pytest

from tests.documentation import DOCS
from tests.processes import DIRECT

VARNISH = Path("/usr/sbin/varnishd")
MODULE = "vmods/libvmod_xkey.so"
PATIENCE = 30.0


class Way:
    """The way from Varnish to the service, on which responses can be held up."""

    def __init__(self, address: str) -> None:
        self._to = urlsplit(address)
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.is_waiting = asyncio.Event()
        """A response has come, and waits."""

    @asynccontextmanager
    async def between(self) -> AsyncIterator[str]:
        """The address that leads to the service."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        try:
            yield f"http://{host}:{port}"
        finally:
            self.is_open.set()
            server.close()

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        its_reader, its_writer = await asyncio.open_connection(self._to.hostname, self._to.port)
        async with asyncio.TaskGroup() as both:
            both.create_task(_passed(reader, its_writer))
            both.create_task(_passed(its_reader, writer, self._wait))

    async def _wait(self) -> None:
        if not self.is_open.is_set():
            self.is_waiting.set()
            await self.is_open.wait()


async def _passed(
    reader: StreamReader, writer: StreamWriter, before: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Pass on what comes; `before` may wait each time."""
    with suppress(ConnectionError):
        while part := await reader.read(65_536):
            if before:
                await before()
            writer.write(part)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def caching(address: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of Varnish in front of the service at an address."""
    if not _is_there() and "CI" not in os.environ:
        pytest.skip("this takes Debian's varnish and varnish-modules; the gate installs them")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _configure(folder, urlsplit(address))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            host, port = free.getsockname()
        command: list[str | Path] = [VARNISH, "-F", "-n", folder / "state", "-f", folder / "vcl"]
        command += ["-a", f"{host}:{port}", "-s", "malloc,50m", "-T", "none"]
        with subprocess.Popen(  # noqa: ASYNC220  # it takes a moment
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            try:
                async with httpx2.AsyncClient(base_url=f"http://{host}:{port}", **DIRECT) as client:
                    await _until_it_answers(client, process)
                    yield client
            finally:
                process.terminate()


def _is_there() -> bool:
    return VARNISH.exists() and any(Path("/usr/lib").glob(f"*/varnish/{MODULE}"))


def _configure(folder: Path, service: SplitResult) -> None:
    # Varnish works as a user of its own.
    folder.chmod(0o755)
    text = (DOCS / "varnish.vcl").read_text("utf-8").replace('"8000"', f'"{service.port}"')
    (folder / "vcl").write_text(text, "utf-8")


async def _until_it_answers(client: httpx2.AsyncClient, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(httpx2.ConnectError):
                await client.get("/livez")
                return
            assert process.poll() is None, process.stdout and process.stdout.read()
            await asyncio.sleep(0.01)


async def purge(client: httpx2.AsyncClient, tags: Iterable[str], version: str) -> int:
    """Purge what has one of these tags; how many objects that were."""
    headers = {"xkey": " ".join(tags), "GraphQL-Content-Version": version}
    response = await client.request("PURGE", "/", headers=headers)
    assert response.status_code == 200, response.text
    return int(response.reason_phrase.removeprefix("Purged "))
