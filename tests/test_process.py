"""What the application does with the process that serves it, whatever starts the server."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn

from service.process import serving
from tests.asking import Asker
from tests.databases import PROJECT
from tests.embedded.server import lives, wait_until
from tests.processes import DIRECT, PATIENCE, started, workers_of

PROGRAM = """
import gc

import uvicorn
from starlette.responses import PlainTextResponse

from service.api.connections import limited
from service.application import create_app
from service.settings import Settings

settings = Settings.read()


def make():
    app = create_app(settings)
    app.add_route("/frozen", lambda _: PlainTextResponse(str(gc.get_freeze_count())))
    return app


if __name__ == "__main__":
    uvicorn.run(
        "program:make",
        factory=True,
        workers=2,
        port=settings.port,
        http=limited(settings),
        lifespan="on",
        timeout_worker_healthcheck=60,
    )
"""
MANY = 100_000
"""Fewer objects than the schema and the model have."""


async def nothing(*_: object) -> None:
    """An application."""


@pytest.fixture
def signalled() -> Iterator[uvicorn.Server]:
    """A server that handles the signals of this process."""
    server = uvicorn.Server(uvicorn.Config(nothing))
    with server.capture_signals():
        yield server
    gc.unfreeze()


async def test_what_stays_is_not_looked_through(signalled: uvicorn.Server) -> None:
    before, stays = gc.get_freeze_count(), [[each] for each in range(10_000)]
    with serving(0):
        assert gc.get_freeze_count() >= before + len(stays)
    assert not signalled.should_exit


async def test_the_signals_are_the_servers_again_afterwards(signalled: uvicorn.Server) -> None:
    with serving(60):
        assert signal.getsignal(signal.SIGTERM) != signalled.handle_exit
    assert signal.getsignal(signal.SIGTERM) == signalled.handle_exit
    assert signal.getsignal(signal.SIGINT) == signalled.handle_exit


async def test_nothing_is_done_without_a_server(seeds: Asker) -> None:
    before, handler = gc.get_freeze_count(), signal.getsignal(signal.SIGTERM)
    with serving(60) as drain:
        assert (gc.get_freeze_count(), signal.getsignal(signal.SIGTERM)) == (before, handler)
        assert not drain.is_on
    assert (await seeds.http.get("/readyz")).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_it_is_so_for_the_workers_of_uvicorn_itself(
    seeded: str, tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"DATABASE_URL": seeded, "GUIDEPOST_DRAIN": "2", "PORT": str(port)}
    path = os.pathsep.join([str(PROJECT), *sys.path])
    program = str(tmp_path / "program.py")
    with started(sys.executable, program, PYTHONPATH=path, **settings) as command:
        await asyncio.to_thread(command.until, r"(startup complete[^$]*){2}")
        workers = workers_of(command)
        limits = httpx2.Limits(max_keepalive_connections=0)
        address = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient(base_url=address, limits=limits, **DIRECT) as http:
            assert int((await http.get("/frozen")).text) > MANY
            command.process.send_signal(number)
            if number == signal.SIGTERM:
                async with asyncio.timeout(PATIENCE):
                    while (await http.get("/readyz")).status_code != 503:
                        await asyncio.sleep(0.01)
                assert (await http.get("/frozen")).status_code == 200
        await asyncio.to_thread(command.wait)
        await asyncio.to_thread(wait_until, lambda: not any(map(lives, workers)))
