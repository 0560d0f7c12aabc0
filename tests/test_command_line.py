"""The command line: what commands say and how they end, mostly as processes of their own."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from service import __version__
from service.embedded import embedded_postgres
from service.migrations.revisions import upgrade
from service.settings import Settings
from tests.databases import PROJECT, Server, rows
from tests.embedded.server import listens, pid_of
from tests.processes import DIRECT, GUIDEPOST, environment, run, serving

TITLE = '{ guide(slug: "recruiting-backend-developers-in-belgium") { title } }'


FINALIZING = """
import signal, sys, time
from service import cli

class Finalized:
    def __del__(self):
        signal.raise_signal({})

@cli.app.command
def wait():
    Finalized()
    time.sleep(30)

sys.argv[1:] = ["wait"]
cli.main()
"""


@pytest.fixture
async def empty(server: Server) -> AsyncIterator[str]:
    """A database with nothing in it."""
    async with server.new() as url:
        yield url


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder for an embedded PostgreSQL, with a short path."""
    folder = Path(tempfile.mkdtemp())
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def _migrated() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    with embedded_postgres(folder) as url:
        upgrade(Settings(project=PROJECT), url, lambda _: None)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def migrated_data(_migrated: Path, data: Path) -> Path:
    """One with a migrated database, whose server does not run."""
    subprocess.run(["/bin/cp", "-a", f"{_migrated}/.", data], check=True)
    return data


def ask(address: str) -> str:
    response = httpx2.post(f"{address}/graphql", json={"query": TITLE}, **DIRECT)
    found: str = response.json()["data"]["guide"]["title"]
    return found


async def test_serve_migrates_and_serves_an_empty_database(empty: str) -> None:
    with serving("--migrate", DATABASE_URL=empty) as process:
        address = await asyncio.to_thread(process.address)
        assert await asyncio.to_thread(ask, address) == "Recruiting Backend Developers in Belgium"
        assert await asyncio.to_thread(process.stop) == 128 + signal.SIGTERM
    said = process.output()
    assert "migrating the database to the newest revision" in said
    assert f"{address}/livez {address}/readyz" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_the_embedded_server_stops_with_the_service(
    migrated_data: Path, number: signal.Signals, code: int
) -> None:
    data = migrated_data
    with serving("--migrate", GUIDEPOST_DATA=str(data)) as process:
        process.address()
        assert listens(data)
        assert process.stop(number) == code
        assert not listens(data)
    assert "Traceback" not in process.output()


several = pytest.mark.parametrize("workers", ["1", "2"], ids=["one process", "workers"])


@several
def test_a_second_start_changes_nothing_and_one_after_a_kill_works(
    migrated_data: Path, workers: str
) -> None:
    data = migrated_data
    options = ("--migrate",)
    with serving(*options, GUIDEPOST_DATA=str(data), GUIDEPOST_WORKERS=workers) as process:
        process.address()
        process.stop(signal.SIGKILL)
    assert listens(data), "there was no time to stop it"
    with serving(*options, GUIDEPOST_DATA=str(data)) as process:
        assert ask(process.address())
        with serving(GUIDEPOST_DATA=str(data)) as other:
            assert ask(other.address())
            process.stop()
            assert ask(other.address()), "the server is there for as long as somebody uses it"
            other.stop()
        said = process.output()
        assert "the database is at the newest revision" in said
    assert not listens(data)


@several
def test_the_embedded_server_is_started_again_and_livez_says_where_it_cannot_be(
    migrated_data: Path, workers: str
) -> None:
    data = migrated_data
    with serving("--migrate", GUIDEPOST_DATA=str(data), GUIDEPOST_WORKERS=workers) as process:
        address = process.address()
        os.kill(pid_of(data), signal.SIGKILL)
        process.until("PostgreSQL runs again")
        assert ask(address)
        with (data / "cluster/postgresql.conf").open("a") as settings:
            settings.write("nonsense = on\n")
        os.kill(pid_of(data), signal.SIGKILL)
        process.until("PostgreSQL does not start")
        for _ in range(10):
            response = httpx2.get(f"{address}/livez", **DIRECT)
            assert response.status_code == 503
            assert response.text.startswith("PostgreSQL does not start. The last lines of")
        assert process.stop() == 128 + signal.SIGTERM
    assert process.output().count("PostgreSQL has ended; starting it again") == 1


def test_a_signal_while_it_starts_stops_what_was_started(data: Path) -> None:
    with serving("--migrate", GUIDEPOST_DATA=str(data)) as process:
        deadline = time.monotonic() + 30
        while not any("migrating" in line for line in process.lines):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        assert process.stop() == 128 + signal.SIGTERM
    assert not listens(data)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_comes_while_a_finalizer_runs_is_not_lost(number: signal.Signals) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", FINALIZING.format(int(number))],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (130 if number is signal.SIGINT else 143), done.stderr
    assert time.monotonic() - began < 20
    assert done.stderr == ""


def test_a_port_that_is_taken_is_said_before_anything_is_started(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", PORT=str(port), GUIDEPOST_DATA=str(data))
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr
    assert "PORT" in done.stderr
    assert list(data.iterdir()) == []


def test_a_port_is_taken_while_the_service_starts(empty: str, data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with serving("--migrate", DATABASE_URL=empty, PORT=port) as process:
        process.until("migrating the database")
        done = run("serve", PORT=port, GUIDEPOST_DATA=str(data))
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert list(data.iterdir()) == []


async def test_a_hangup_that_is_ignored_stays_ignored(empty: str) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with serving("--migrate", DATABASE_URL=empty) as process:
            await asyncio.to_thread(process.until, "migrating the database")
            process.process.send_signal(signal.SIGHUP)
            address = await asyncio.to_thread(process.address)
            process.process.send_signal(signal.SIGHUP)
            assert await asyncio.to_thread(ask, address)
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_a_database_of_newer_code_is_said_in_a_line(database: str) -> None:
    await rows(database, "update alembic_version set version_num = 'ffffffffffff'")
    for command in (["migrate"], ["serve", "--migrate"]):
        done = await asyncio.to_thread(run, *command, DATABASE_URL=database, PORT="0")
        assert done.returncode == 1
        assert "the database is at revision ffffffffffff, which this code does not" in done.stderr
        assert "newer code" in done.stderr
        assert "Traceback" not in done.stderr


async def test_serve_refuses_a_database_at_another_revision(empty: str) -> None:
    done = await asyncio.to_thread(run, "serve", DATABASE_URL=empty, PORT="0")
    assert done.returncode == 1
    assert "the database is at revision none, the code at " in done.stderr
    assert "guidepost migrate" in done.stderr


def test_migrate_and_serve_say_in_a_line_that_there_is_no_server() -> None:
    for command in (["migrate"], ["serve", "--migrate"]):
        done = run(*command, DATABASE_URL="postgresql://u:p@127.0.0.1:1/x", PORT="0")
        assert done.returncode == 1
        assert "the database cannot be reached" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PORT": "eight"}, "PORT='eight'"),
        ({"PORT": "70000"}, "PORT='70000'"),
        ({"GUIDEPOST_READ_CONNECTIONS": "0"}, "GUIDEPOST_READ_CONNECTIONS='0'"),
        ({"DATABASE_URL": "mysql://x", "PORT": "0"}, "DATABASE_URL is not the address of a Post"),
        ({"DATABASE_URL": "postgresql://[::1/x", "PORT": "0"}, "DATABASE_URL is not the addr"),
        ({"DATABASE_URL": "postgresql://h:port/x", "PORT": "0"}, "DATABASE_URL is not the addr"),
        ({"GUIDEPOST_BODY_LIMIT": "0"}, "GUIDEPOST_BODY_LIMIT='0'"),
        ({"GUIDEPOST_DOCUMENTS": "none"}, "Input should be 'any' or 'registered'"),
        (
            {"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x", "PORT": "0"},
            "the database cannot be reached",
        ),
        ({"GUIDEPOST_HOST": "203.0.113.1", "PORT": "0"}, "cannot listen on 203.0.113.1:0"),
        ({"GUIDEPOST_HOST": "no.such.host.invalid", "PORT": "0"}, "cannot listen on no.such"),
    ],
)
def test_a_bad_setting_is_said_in_a_line(settings: dict[str, str], said: str) -> None:
    done = run("serve", **settings)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


async def test_outside_of_the_project_it_says_what_is_missing(
    database: str, tmp_path: Path
) -> None:
    done = await asyncio.to_thread(
        run, "migrate", DATABASE_URL=database, GUIDEPOST_PROJECT=str(tmp_path)
    )
    assert done.returncode == 1
    assert f"there is no {tmp_path}/alembic.ini" in done.stderr


def test_the_version_is_known_anywhere() -> None:
    done = subprocess.run(
        [GUIDEPOST, "--version"], cwd="/", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == __version__


def test_the_printed_schema_is_the_committed_one() -> None:
    committed = (PROJECT / "schema/schema.graphql").read_text("utf-8")
    assert run("schema", "print").stdout == committed, "run `make schema` and review the change"


def test_nothing_happens_at_import() -> None:
    modules = [
        str(path.relative_to(PROJECT).with_suffix("")).replace(os.sep, ".")
        for package in ("schema", "service")
        for path in (PROJECT / package).rglob("*.py")
        if "node_modules" not in path.parts and path.name != "__init__.py"
    ]
    code = "import sys, socket, subprocess\n"
    code += "def no(*a, **k): raise SystemExit('something happened')\n"
    code += "socket.socket.connect = subprocess.Popen.__init__ = no\n"
    code += "\n".join(f"import {module}" for module in modules)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT)
