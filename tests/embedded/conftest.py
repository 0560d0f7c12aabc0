"""Folders for the embedded PostgreSQL.

pytest's own are too long for the path of a socket, and closed to the user whom root runs it as.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from service.embedded import embedded_postgres
from service.embedded.layout import elsewhere
from tests.embedded.client import Client
from tests.embedded.server import lives, pid_of, wait_until


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    return folder


def _kill_server(data: Path) -> None:
    """Where a test has failed."""
    with suppress(OSError, ValueError, IndexError):
        os.kill(pid_of(data), signal.SIGKILL)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short-named folder that everyone can reach; what runs in it is killed afterwards."""
    folder = _temporary()
    yield folder
    folder.chmod(0o755)
    for data in (*folder.glob("*"), *folder.glob("closed/data")):
        _kill_server(data)
        shutil.rmtree(elsewhere(data), ignore_errors=True)
    shutil.rmtree(folder)


@pytest.fixture
def fresh(folder: Path) -> Path:
    """A data folder that does not exist yet."""
    return folder / "data"


@pytest.fixture(scope="session")
def _data() -> Iterator[Path]:
    folder = _temporary()
    with embedded_postgres(folder / "data"):
        pass
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def data(_data: Path) -> Iterator[Path]:
    """A data folder with a database, whose server does not run; left as it was found."""
    yield _data
    _kill_server(_data)


@pytest.fixture
def copy(data: Path, fresh: Path) -> Path:
    """One that may be spoiled."""
    subprocess.run(["/bin/cp", "-a", data, fresh], check=True)
    return fresh


@pytest.fixture
def orphan(data: Path) -> Iterator[int]:
    """A server that a killed process has left behind, as its pid."""
    client = Client(data)
    with client:
        client.kill()
    pid = pid_of(data)
    yield pid
    wait_until(lambda: not lives(pid))
