"""Several processes that serve: those that end are replaced, and all end together."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2
import pytest

from tests.databases import PROJECT, Server
from tests.embedded.server import lives, wait_until
from tests.processes import (
    DIRECT,
    Command,
    environment,
    run_process,
    serving,
    started,
    workers_of,
)
from tests.test_draining import busy

GUIDE = '{ guide(slug: "recruiting-backend-developers-in-belgium") { slug } }'
WORKERS = "2"

FLAWED = """
import socket, sys, uvicorn
from service.commands import supervisor

supervisor.RETRY = 0.1
with socket.create_server(("127.0.0.1", 0)) as listener:
    config = uvicorn.Config("tests.flawed:app", workers=2, lifespan="on", log_level="warning")
    supervisor.supervise(config, listener, 0, lambda: print("ready", file=sys.stderr))
"""


def ask(address: str, query: str = GUIDE) -> None:
    """Ask over a connection of its own; raises unless it is answered."""
    response = httpx2.post(f"{address}/graphql", json={"query": query}, **DIRECT)
    assert response.json()["data"]["guide"], response.text


def is_free(address: str) -> bool:
    """Whether the port of a service can be taken."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, int(port)))
        except OSError:
            return False
        listener.listen()
    return True


@pytest.fixture(scope="module")
def service(seeded: str) -> Iterator[Command]:
    with serving(DATABASE_URL=seeded, GUIDEPOST_WORKERS=WORKERS) as process:
        process.address()
        yield process


def test_a_worker_that_is_killed_is_replaced_and_the_others_go_on(service: Command) -> None:
    address = service.address()
    for _ in range(2):
        before = workers_of(service)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        for _ in range(30):
            ask(address)
        said = service.until(rf"worker {before[0]} has ended \(SIGKILL\); worker (\d+) takes")
        wait_until(lambda: len(workers_of(service)) == 2)
        assert sorted(workers_of(service)) == sorted([before[1], int(said[1])])


def test_a_second_service_on_the_port_is_refused(service: Command, seeded: str) -> None:
    port = service.address().rpartition(":")[2]
    done = run_process("serve", DATABASE_URL=seeded, PORT=port, GUIDEPOST_WORKERS=WORKERS)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr


@pytest.mark.parametrize("drain", ["0", "60"])
async def test_workers_end_with_the_process_that_started_them(seeded: str, drain: str) -> None:
    async with busy(seeded, 2, GUIDEPOST_DRAIN=drain) as service:
        parent, *workers = service.pids
        os.kill(parent, signal.SIGKILL)
        assert await service.answers() == [{"data": {"tool": {"name": "Java"}}}] * 3
        await asyncio.to_thread(wait_until, lambda: not any(map(lives, workers)))
        assert is_free(service.address)


async def test_an_empty_database_is_migrated_once(server: Server) -> None:
    async with server.new() as url:
        with serving("--migrate", DATABASE_URL=url, GUIDEPOST_WORKERS=WORKERS) as process:
            address = await asyncio.to_thread(process.address)
            await asyncio.to_thread(ask, address)
            assert await asyncio.to_thread(process.stop) == 128 + signal.SIGTERM
    said = process.output()
    assert said.count("migrating the database") == 1
    assert said.count("GraphQL and its explorer") == 1
    assert "Traceback" not in said


def test_who_only_supervises_does_without_the_application() -> None:
    code = "import sys, service.commands.serve; sys.exit('service.application' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], env=environment(), cwd=PROJECT, check=True)


def flawed(folder: Path) -> AbstractContextManager[Command]:
    """A supervisor of applications that cannot start while the folder has a file `flaw`."""
    path = os.pathsep.join([str(PROJECT), *sys.path])
    return started(sys.executable, "-c", FLAWED, FLAW=str(folder / "flaw"), PYTHONPATH=path)


def test_workers_that_cannot_start_end_the_command(tmp_path: Path) -> None:
    (tmp_path / "flaw").touch()
    with flawed(tmp_path) as command:
        assert command.wait() == 1
        said = command.output()
    assert "the flaw" in said
    assert "WorkerError: a worker could not start; what it said above is the reason" in said


def test_a_worker_that_cannot_take_the_place_of_another_is_tried_again(tmp_path: Path) -> None:
    with flawed(tmp_path) as command:
        command.until("ready")
        (tmp_path / "flaw").touch()
        first, second = workers_of(command)
        os.kill(first, signal.SIGKILL)
        command.until(r"\(exit code 3\); worker \d+ takes its place\n(.*\n)*.*\(exit code 3\)")
        (tmp_path / "flaw").unlink()
        command.until(r"up\n(.*\n)*up\n(.*\n)*up\n")
        assert len(workers_of(command)) == 2
        assert second in workers_of(command)
        assert command.stop() == -signal.SIGTERM
