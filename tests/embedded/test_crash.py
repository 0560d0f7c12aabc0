"""What a crash leaves behind does not keep the next start from working."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from service.embedded import Outage, embedded_postgres, supervisor
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


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGQUIT])
async def test_server_that_ends_while_in_use_is_started_again(
    copy: Path, number: signal.Signals
) -> None:
    said: list[str] = []
    with embedded_postgres(copy, said.append) as url, embedded_postgres(copy, said.append):
        await fetch(url, "create table kept as select 7 as number")
        pid = pid_of(copy)
        os.kill(pid, number)
        # By whoever finds it gone first.
        wait_until(lambda: "PostgreSQL runs again" in said)
        assert said[0] == "PostgreSQL has ended; starting it again"
        assert pid_of(copy) != pid
        assert await fetch(url, "select number from kept") == 7
    assert not listens(copy)


async def test_server_that_cannot_be_started_again_is_tried_again(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_FIRST_PAUSE", 0.05)
    said: list[str] = []
    outage, settings = Outage(), copy / "cluster/postgresql.conf"
    with embedded_postgres(copy, said.append, outage) as url:
        assert outage.problem is None
        right = settings.read_text()
        settings.write_text(f"{right}nonsense = on\n")
        os.kill(pid_of(copy), signal.SIGKILL)
        wait_until(lambda: "PostgreSQL does not run; starting it again in 0.2 s" in said)
        assert "PostgreSQL does not run; starting it again in 0.1 s" in said
        assert outage.problem is not None
        assert outage.problem.startswith("PostgreSQL does not start.")
        assert 'unrecognized configuration parameter "nonsense"' in outage.problem
        settings.write_text(right)
        wait_until(lambda: said[-1] == "PostgreSQL runs again")
        assert outage.problem is None
        assert await fetch(url) == 1


def test_deleted_data_folder_is_not_made_anew(copy: Path) -> None:
    outage = Outage()
    with embedded_postgres(copy, outage=outage):
        pid = pid_of(copy)
        shutil.rmtree(copy)
        wait_until(lambda: outage.problem is not None)
        assert f"{copy}, the folder of the embedded PostgreSQL, was moved" in str(outage.problem)
    assert not copy.exists()
    os.kill(pid, signal.SIGKILL)


def test_leaving_does_not_wait_for_a_pause(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_FIRST_PAUSE", 1000.0)
    monkeypatch.setattr(supervisor, "_STEADY", 1000.0)
    said: list[str] = []
    with embedded_postgres(copy, said.append):
        os.kill(pid_of(copy), signal.SIGINT)
        wait_until(lambda: "PostgreSQL runs again" in said)
        os.kill(pid_of(copy), signal.SIGINT)
        wait_until(lambda: "PostgreSQL does not run; starting it again in 60 s" in said)
    assert not listens(copy)


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
