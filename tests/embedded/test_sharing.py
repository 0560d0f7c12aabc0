"""Several processes share one server, and the last one out stops it."""

import os
import shutil
import signal
from pathlib import Path

from service.embedded import embedded_postgres
from service.embedded.notice import notice
from tests.embedded.client import Client, fetch, start
from tests.embedded.server import listens, lives, pid_of, wait_until


async def test_last_one_out_stops_it(data: Path) -> None:
    with Client(data) as second:
        with Client(data) as first:
            pid = pid_of(data)
            assert first.url == second.url
        assert pid_of(data) == pid
        assert await fetch(second.url) == 1
    assert not lives(pid)
    assert not listens(data)


async def test_starter_may_leave_first(data: Path) -> None:
    starter = Client(data)
    with starter:
        pid = pid_of(data)
        with Client(data) as other:
            starter.leave()
            assert pid_of(data) == pid
            assert await fetch(other.url) == 1
    assert not lives(pid)


async def test_twice_in_one_process(data: Path) -> None:
    with embedded_postgres(data) as url:
        with embedded_postgres(data):
            pid = pid_of(data)
        assert await fetch(url) == 1
    assert not lives(pid)


async def test_killed_process_leaves_no_share(data: Path, orphan: int) -> None:
    assert lives(orphan)
    with embedded_postgres(data) as url:
        assert pid_of(data) == orphan
        assert await fetch(url) == 1
    assert not lives(orphan)


async def test_killed_process_beside_another(data: Path) -> None:
    with Client(data) as survivor:
        pid = pid_of(data)
        with Client(data) as victim:
            victim.kill()
        assert await fetch(survivor.url) == 1
    assert not lives(pid)


async def test_interrupt_from_the_terminal_reaches_its_process_only(data: Path) -> None:
    starter = Client(data)
    with starter:
        pid = pid_of(data)
        with Client(data) as other:
            os.killpg(starter.process.pid, signal.SIGINT)
            starter.leave()
            assert starter.process.returncode
            assert lives(pid)
            assert await fetch(other.url) == 1
    assert not lives(pid)


async def test_interrupt_stops_the_server_of_the_last_one(data: Path) -> None:
    client = Client(data)
    with client:
        pid = pid_of(data)
        client.process.send_signal(signal.SIGINT)
        # Its input goes on: it is the signal that ends it.
        assert client.process.wait(30)
        assert not lives(pid)


def test_entering_and_leaving_at_once(fresh: Path) -> None:
    clients = [start(fresh, "visit", "4") for _ in range(8)]
    for client in clients:
        client.communicate(timeout=60)
    assert [client.returncode for client in clients] == [0] * 8
    assert not listens(fresh)
    assert not (fresh / "cluster/postmaster.pid").exists()


async def test_killed_while_making_the_database(fresh: Path) -> None:
    client = start(fresh, "hold")
    wait_until(lambda: any(fresh.glob(".initdb-*/base")))
    client.kill()
    client.communicate()
    assert not (fresh / "cluster").exists()
    with embedded_postgres(fresh) as url:
        assert await fetch(url) == 1


async def test_killed_while_starting_the_server(data: Path) -> None:
    client = start(data, "hold")
    wait_until((data / "cluster/postmaster.pid").exists)
    client.kill()
    client.communicate()
    with embedded_postgres(data) as url:
        assert await fetch(url) == 1
        pid = pid_of(data)
    assert not lives(pid)


async def test_deleted_data_folder(copy: Path) -> None:
    """Whoever used the old server does not stop the one that has taken its place."""
    old = Client(copy)
    with old:
        pid = pid_of(copy)
        shutil.rmtree(copy)
        with embedded_postgres(copy) as url:
            old.leave()
            assert old.process.returncode == 0
            assert await fetch(url) == 1
    os.kill(pid, signal.SIGKILL)


def test_says_that_it_waits_only_when_it_does() -> None:
    said: list[str] = []
    with notice(said.append, "slow", 0.01):
        wait_until(lambda: said == ["slow"])
    with notice(said.append, "quick", 5):
        pass
    assert said == ["slow"]
