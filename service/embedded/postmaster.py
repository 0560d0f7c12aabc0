"""Whether the server runs.

Its pid file, postmaster.pid, outlives a crash and may come to name another process; a socket
outlives one too, but then nobody answers. The two together do not lie: who listens on the socket is
who the file names, and the last line of the file says how far it is.
"""

import os
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from service.embedded.account import Account
from service.embedded.layout import Layout

_STATUS_LINE = 7
# No system gives this number to a process.
_NO_PROCESS = 2**31 - 1
# In place of a listener's pid: the system does not tell it; it runs in another container.
_UNTOLD = -1
_ELSEWHERE = 0


class _Record(NamedTuple):
    pid: int
    status: str


class Postmaster:
    """The server of one layout, as seen from outside."""

    def __init__(self, layout: Layout, account: Account) -> None:
        self._layout = layout
        self._account = account
        self._file = layout.cluster / "postmaster.pid"

    def is_ready(self) -> bool:
        """Whether the server takes connections."""
        record = self._record()
        return record is not None and record.status == "ready" and self.answers()

    def answers(self) -> bool:
        """Whether the server of the pid file listens: it is starting, ready or stopping."""
        record = self._record()
        return record is not None and self._listener() in (record.pid, _UNTOLD, _ELSEWHERE)

    def lives(self) -> bool:
        """Whether there is a process to stop, be it that nobody can connect to it."""
        record = self._record()
        if record is None:
            return False
        return self._is_in_cluster(record.pid) or self._listener() in (record.pid, _UNTOLD)

    def disown(self) -> None:
        """Take leftovers of a crash out of the way of a start; call it when none `lives`.

        PostgreSQL refuses to start when the number in its pid file belongs to *any* process of the
        same user. The rest of the file stays: it names the shared memory that children of a killed
        postmaster may still be using, for which PostgreSQL looks before it starts.
        """
        self._layout.socket.unlink(missing_ok=True)
        self._layout.socket.with_name(f"{self._layout.socket.name}.lock").unlink(missing_ok=True)
        if self._file.exists():
            _, _, rest = self._file.read_text(encoding="utf-8", errors="replace").partition("\n")
            self._account.write(self._file, f"{_NO_PROCESS}\n{rest}")

    def _record(self) -> _Record | None:
        with suppress(FileNotFoundError, ValueError, IndexError):
            lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
            return _Record(int(lines[0]), "".join(lines[_STATUS_LINE:]).strip())
        return None

    def _listener(self) -> int | None:
        """The pid of who listens on the socket, or one of the two numbers that are none."""
        with (
            socket.socket(socket.AF_UNIX) as client,
            suppress(FileNotFoundError, ConnectionRefusedError),
        ):
            client.connect(os.fspath(self._layout.socket))
            return _peer(client)
        return None

    def _is_in_cluster(self, pid: int) -> bool:
        """Whether a process works in the cluster's folder, as a postmaster does (Linux only)."""
        with suppress(OSError):
            return Path(f"/proc/{pid}/cwd").samefile(self._layout.cluster)
        return False


def _peer(client: socket.socket) -> int:
    if sys.platform != "linux":
        return _UNTOLD
    credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid: int = struct.unpack("3i", credentials)[0]
    return pid
