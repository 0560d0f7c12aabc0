"""A run of the tests, which leaves nothing behind.

All that it makes lies in one folder, which is the temporary directory of every process that it
starts, and whose lock it holds. At the end it ends the processes that are still there and removes
the folder. A run that was killed cannot; the next one finds its folder without a holder of the
lock, and does it in its stead. So it is with databases on a server that others have, too: a worker
holds a lock for those that it makes.
"""

import asyncio
import fcntl
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from secrets import randbits

import asyncpg

from service.embedded.layout import SYSTEM, origin_file

RUN = "GP_TEST_RUN"
"""The environment variable that names the folder, in every process of the run.

It is not called as settings are: `guidepost` is started without those of the environment.
"""
SHARED_MEMORY = Path("/dev/shm")
NEEDED = 4_000_000_000
"""The bytes that a folder in shared memory has to have left."""
DATABASES = 7136003
"""The first half of the advisory lock of who makes databases; the second is in their names."""

_PREFIX = "gp-tests-"
_LOCK = "lock"
_PATIENCE = 20.0


def begin() -> None:
    """Make a folder for this run, and remove what runs that were killed have left."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_places()[0]))
    # The user that root runs PostgreSQL as has to pass.
    folder.chmod(0o755)
    # Not inheritable: only this process holds it. It is held before it has its name, so that nobody
    # takes the run for a dead one.
    lock = os.open(folder / "taken", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    (folder / "taken").rename(folder / _LOCK)
    os.environ.update({RUN: str(folder), "TMPDIR": str(folder)})
    tempfile.tempdir = None


def keep_signals(*, is_called: bool) -> None:
    """Let the processes that tests start have the signals that a shell had ignored here.

    It has SIGINT ignored for what it runs in the background, and `nohup` has SIGHUP: a process
    inherits that, but no handler. The process that was called ends on SIGHUP otherwise, and those
    that work for it then end by themselves.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not is_called or signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


def sweep() -> None:
    """Remove what runs that were killed have left."""
    for place in _places():
        for folder in place.glob(f"{_PREFIX}*"):
            _end_dead(folder)
    _sweep_databases()


def end() -> None:
    """Remove all that this run has made."""
    _remove(Path(os.environ[RUN]))
    _sweep_databases()


def folder() -> Path:
    """The folder of this run."""
    return Path(os.environ[RUN])


def _places() -> list[Path]:
    """Where a run's folder may be, the best first: in memory files cost a tenth."""
    disk = Path(tempfile.gettempdir())
    with suppress(OSError):
        found = os.statvfs(SHARED_MEMORY)
        roomy = found.f_bavail * found.f_frsize > NEEDED
        if roomy and not found.f_flag & os.ST_NOEXEC and os.access(SHARED_MEMORY, os.W_OK):
            return [SHARED_MEMORY, disk]
    return [disk, SHARED_MEMORY]


def _end_dead(folder: Path) -> None:
    """Remove a folder, unless its run goes on."""
    with suppress(OSError), (folder / _LOCK).open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(folder)


def _remove(folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while (left := [*_processes(folder)]) and time.monotonic() < deadline:
        for each in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        time.sleep(0.02)
    _remove_segments((folder / _LOCK).stat().st_mtime)
    for origin in SYSTEM.glob(f"*/{origin_file(Path()).name}"):
        with suppress(OSError):
            if Path(origin.read_text("utf-8").strip()).is_relative_to(folder):
                shutil.rmtree(origin.parent)
    for path in folder.rglob("*"):
        # Tests close folders, and may not have come to open them again.
        if path.is_dir() and not path.is_symlink():
            with suppress(OSError):
                path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _remove_segments(since: float) -> None:
    """Remove the shared memory of servers that were killed since a time: it outlives them."""
    # What is made meanwhile is used by who makes it.
    until = time.time()
    used = {each for process in Path("/proc").glob("[0-9]*") for each in segments_of(process)}
    for segment in SHARED_MEMORY.glob("PostgreSQL.*"):
        with suppress(OSError):
            if segment not in used and since <= segment.stat().st_mtime < until:
                segment.unlink()


def segments_of(process: Path) -> set[Path]:
    """PostgreSQL's segments of shared memory that a process, by its folder in /proc, has."""
    with suppress(OSError):
        maps = (process / "maps").read_text("utf-8", "replace")
        return {Path(each) for each in re.findall(rf"{SHARED_MEMORY}/PostgreSQL\.[0-9]+", maps)}
    return set()


def _processes(folder: Path) -> Iterator[int]:
    """The processes of a run but this one: they work in its folder, or have its environment."""
    said = f"{RUN}={folder}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_there = Path(process / "cwd").readlink().is_relative_to(folder)
            if is_there or said in (process / "environ").read_bytes().split(b"\0"):
                yield from {int(process.name)} - {os.getpid()}


@asynccontextmanager
async def making_databases(url: str) -> AsyncIterator[int]:
    """A number for the names of databases on a server, which nobody else has while it lasts."""
    number = randbits(31)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"select pg_advisory_lock({DATABASES}, {number})")
        yield number
    finally:
        await connection.close()


def database_name(number: int) -> str:
    """The name of one more database of who makes them under this number."""
    return f"test_{number}_{randbits(64):x}"


def _sweep_databases() -> None:
    """Drop what runs have left behind on the server that tests are told to use."""
    if given := os.environ.get("DATABASE_URL"):
        asyncio.run(drop_databases(given))


async def drop_databases(url: str) -> None:
    """Drop the databases on a server whose makers are gone."""
    connection = await asyncpg.connect(url)
    try:
        for row in await connection.fetch("select datname from pg_database"):
            if found := re.fullmatch("test_([0-9]+)_[0-9a-f]+", row[0]):
                lock = f"{DATABASES}, {found[1]}"
                if await connection.fetchval(f"select pg_try_advisory_lock({lock})"):
                    await connection.execute(f'drop database if exists "{row[0]}" with (force)')
                    await connection.execute(f"select pg_advisory_unlock({lock})")
    finally:
        await connection.close()
