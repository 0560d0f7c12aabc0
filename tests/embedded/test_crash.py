"""What a crash leaves behind does not keep the next start from working."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from service.embedded import embedded_postgres
from tests.embedded.client import Client, fetch
from tests.embedded.server import checkpointer_of, listens, lives, pid_of, wait_until


@pytest.fixture
def stranger(data: Path) -> Iterator[int]:
    """A process of the server's user that is no server."""
    owner = (data / "cluster").stat().st_uid
    user = owner if os.geteuid() == 0 else None
    with subprocess.Popen(["/bin/sleep", "60"], user=user) as process:
        yield process.pid
        assert process.poll() is None
        process.kill()


async def test_killed_server(copy: Path) -> None:
    with embedded_postgres(copy) as url:
        await fetch(url, "create table kept as select 7 as number")
        connection = await asyncpg.connect(url)
        os.kill(pid_of(copy), signal.SIGKILL)
        with embedded_postgres(copy) as again:
            assert await fetch(again, "select number from kept") == 7
        connection.terminate()
    assert not listens(copy)


async def test_killed_server_and_its_process(data: Path, orphan: int) -> None:
    os.kill(orphan, signal.SIGKILL)
    with embedded_postgres(data) as url:
        assert await fetch(url) == 1


async def test_server_that_died_while_in_use(data: Path) -> None:
    with embedded_postgres(data):
        os.kill(pid_of(data), signal.SIGKILL)


async def test_pid_file_that_names_a_stranger(data: Path, orphan: int, stranger: int) -> None:
    files = (data / "cluster/postmaster.pid", data / "run/.s.PGSQL.5432.lock")
    left = [file.read_text().replace(str(orphan), str(stranger), 1) for file in files]
    os.kill(orphan, signal.SIGKILL)
    for file, text in zip(files, left, strict=True):
        file.write_text(text)
    with embedded_postgres(data) as url:
        assert pid_of(data) != stranger
        assert await fetch(url) == 1
    assert lives(stranger)


async def test_pid_file_of_a_stranger_beside_a_dead_socket(data: Path, stranger: int) -> None:
    (data / "cluster/postmaster.pid").write_text(
        f"{stranger}\n{data}/cluster\n1\n5432\n\n\n\nready\n"
    )
    with embedded_postgres(data) as url:
        assert pid_of(data) != stranger
        assert await fetch(url) == 1


@pytest.mark.parametrize("text", ["", "\n", "nonsense\nnonsense\n"])
async def test_broken_pid_file(data: Path, text: str) -> None:
    (data / "cluster/postmaster.pid").write_text(text)
    with embedded_postgres(data) as url:
        assert await fetch(url) == 1


async def test_deleted_socket(data: Path, orphan: int) -> None:
    (data / "run/.s.PGSQL.5432").unlink()
    with embedded_postgres(data) as url:
        assert await fetch(url) == 1
        assert pid_of(data) != orphan
        assert not lives(orphan)


async def test_child_that_outlives_its_server(data: Path, orphan: int, stranger: int) -> None:
    """It may still write to the data: nobody serves them before it is gone."""
    child = checkpointer_of(orphan)
    os.kill(child, signal.SIGSTOP)
    pid_file = data / "cluster/postmaster.pid"
    left = pid_file.read_text().replace(str(orphan), str(stranger), 1)
    os.kill(orphan, signal.SIGKILL)
    pid_file.write_text(left)
    client = Client(data)
    wait_until(lambda: "pre-existing shared memory" in (data / "server.log").read_text())
    assert not listens(data)
    os.kill(child, signal.SIGKILL)
    with client:
        assert await fetch(client.url) == 1


async def test_server_that_is_stopping(data: Path, orphan: int) -> None:
    os.kill(orphan, signal.SIGTERM)
    with embedded_postgres(data) as url:
        assert await fetch(url) == 1
