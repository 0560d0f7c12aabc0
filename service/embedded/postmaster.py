"""Whether the server runs.

The pid file, postmaster.pid, outlives a crash, and its number may belong to another process later.
A socket outlives a crash too, but then nobody answers. Both together are reliable: the process that
listens on the socket is the one in the file, and the last line of the file is its status.
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
# In place of a listener's pid: the system does not tell the pid, or the listener runs in another
# container.
_UNTOLD = -1
_ELSEWHERE = 0


class _Record(NamedTuple):
    pid: int
    status: str


class Postmaster:
    """The server of one layout, seen from outside."""

    def __init__(self, layout: Layout, account: Account) -> None:
        self._layout = layout
        self._account = account
        self._file = layout.cluster / "postmaster.pid"

    def is_ready(self) -> bool:
        """Whether the server takes connections."""
        record = self._record()
        return record is not None and record.status == "ready" and self.answers()

    def answers(self) -> bool:
        """Whether the server in the pid file listens: it is starting, ready or stopping."""
        record = self._record()
        return record is not None and self._listener() in (record.pid, _UNTOLD, _ELSEWHERE)

    def lives(self) -> bool:
        """Whether there is a process to stop, even if nobody can connect to it."""
        record = self._record()
        if record is None:
            return False
        return self._is_in_cluster(record.pid) or self._listener() in (record.pid, _UNTOLD)

    def disown(self) -> None:
        """Remove what a crash left in the way of a start. Call it only when no server `lives`.

        PostgreSQL refuses to start if the number in its pid file belongs to *any* process of the
        same user. The rest of the file stays: it names the shared memory that children of a killed
        postmaster may still use, and PostgreSQL checks that before it starts.
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
        """The pid of the process that listens on the socket; None if no process does.

        It is `_UNTOLD` if the system does not tell pids, and `_ELSEWHERE` for another container.
        """
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
