"""What can be seen of a server without the code under test."""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path


def pid_of(data: Path) -> int:
    return int((data / "cluster/postmaster.pid").read_text().splitlines()[0])


def listens(data: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(os.fspath(data / "run/.s.PGSQL.5432")) == 0


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended may stay as a zombie where nobody reaps."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def checkpointer_of(pid: int) -> int:
    """A child of the server, which writes to the data."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    titles = {int(child): Path(f"/proc/{child}/cmdline").read_text() for child in children}
    return next(child for child, title in titles.items() if "checkpointer" in title)


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)
