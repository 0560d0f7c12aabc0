"""A run of the tests leaves nothing behind, even where it was killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.databases import PROJECT, Server, rows
from tests.embedded.server import lives, pid_of, wait_until
from tests.processes import started
from tests.runs import database_name, drop_databases, segments_of

RUNNING = """
import os, subprocess, sys, tempfile, time
from pathlib import Path
from service.embedded import embedded_postgres
from tests import runs
from tests.processes import environment
runs.begin()
data = Path(tempfile.mkdtemp())
with embedded_postgres(data):
    command = [sys.executable, "-c", "import time; time.sleep(100)"]
    started = subprocess.Popen(command, cwd="/", env=environment())
    print(runs.folder(), data, started.pid, flush=True)
    time.sleep(100)
"""
ANOTHER = "from tests import runs; runs.begin(); print(runs.folder()); runs.end()"


STARTING = """
import subprocess, sys
started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
print(f"has started {started.pid}", file=sys.stderr, flush=True)
started.wait()
"""


def python(code: str) -> subprocess.Popen[str]:
    """A process that runs code in the project's folder."""
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )


def test_the_next_run_removes_what_a_killed_one_has_left() -> None:
    with python(RUNNING) as killed:
        assert killed.stdout is not None
        folder, data, started = killed.stdout.readline().split()
        server = pid_of(Path(data))
        [segment] = segments_of(Path(f"/proc/{server}"))
        with python(ANOTHER) as other:
            own, _ = other.communicate()
        assert lives(server), "its run goes on"
        assert not Path(own.strip()).exists()
        killed.kill()
    assert lives(server)
    assert lives(int(started))
    with python(ANOTHER) as other:
        other.communicate()
    wait_until(lambda: not lives(server) and not lives(int(started)))
    assert not Path(folder).exists()
    assert not segment.exists()


def test_a_run_that_is_interrupted_removes_all_that_it_made(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(
        "import asyncio, os\n"
        "async def test_it(server):\n"
        "    print(os.environ['GP_TEST_RUN'], flush=True)\n"
        "    await asyncio.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-sq", f"--confcutdir={PROJECT}", "-p", "tests.conftest",
         f"--rootdir={PROJECT}", f"-c{PROJECT}/pyproject.toml", str(file)],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as run:  # fmt: skip
        assert run.stdout is not None
        folder = next(Path(line.strip()) for line in run.stdout if line.startswith("/"))
        assert folder.exists()
        os.killpg(run.pid, signal.SIGINT)
        run.communicate()
    assert not folder.exists()
    processes = subprocess.check_output(["/bin/ps", "-eo", "args"], text=True)
    assert str(folder) not in processes


def test_a_command_ends_with_all_that_it_has_started() -> None:
    with started(sys.executable, "-c", STARTING) as command:
        child = int(command.until(r"has started (\d+)\n")[1])
        assert lives(child)
    wait_until(lambda: not lives(child))


async def test_databases_of_those_who_are_gone_are_dropped_and_no_others(server: Server) -> None:
    left = database_name(1)
    await rows(server.url, f'create database "{left}"')
    async with server.new() as kept:
        await drop_databases(server.url)
        assert await rows(kept, "select 1") == [(1,)]
    assert await rows(server.url, "select 1 from pg_database where datname = $1", left) == []
