"""How many processes use the server: a reference count that the kernel keeps.

Two files are locked with flock(2):

    share   locked shared by every process that uses the server. The kernel releases the lock when
            the process ends, however it ends, so a killed process is not counted any more. A
            process that can lock the file exclusively is the only one.
    gate    locked exclusively while a process enters or leaves, so that no process enters while
            the last one out is stopping the server.

Python opens files as not inheritable, so the server, a grandchild that outlives the process that
started it, holds neither lock.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from service.embedded.account import Account
from service.embedded.layout import Layout
from service.embedded.lock import locked
from service.embedded.notice import notice
from service.errors import EmbeddedError


class Lease:
    """One process's share of the server."""

    def __init__(self, layout: Layout, account: Account, say: Callable[[str], None]) -> None:
        self._layout = layout
        self._account = account
        self._say = say
        self._share: int | None = None

    def take(self, start: Callable[[], None]) -> None:
        """Enter.

        `start` runs while no other process enters or leaves; the server may run already.
        """
        with self._gate():
            self._share = self._account.open(self._layout.share)
            fcntl.flock(self._share, fcntl.LOCK_SH)
            start()

    def hold(self, work: Callable[[], None]) -> None:
        """Call `work` while no other process enters or leaves.

        Raises `EmbeddedError` if the folder is gone: another one at its path is not ours.
        """
        if self._share is None or not self._is_at_its_path(self._share):
            raise EmbeddedError(
                f"{self._layout.home}, the folder of the embedded PostgreSQL, was moved away or "
                f"deleted while it was in use: start Guidepost again."
            )
        with self._gate():
            work()

    def release(self, stop: Callable[[], None]) -> None:
        """Leave. `stop` runs if no other process uses the server. Does nothing before `take`."""
        if self._share is None:
            return
        share, self._share = self._share, None
        try:
            # If the data folder was deleted, a new server may run at its path by now. The old one
            # notices that by itself, and stops.
            if self._is_at_its_path(share):
                self._leave(share, stop)
        finally:
            os.close(share)

    def _leave(self, share: int, stop: Callable[[], None]) -> None:
        with self._gate():
            try:
                if _is_alone(share):
                    stop()
            finally:
                # This comes before the gate opens, so that the next process to leave does not count
                # us.
                fcntl.flock(share, fcntl.LOCK_UN)

    def _is_at_its_path(self, share: int) -> bool:
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(share), self._layout.share.stat())
        return False

    @contextmanager
    def _gate(self) -> Iterator[None]:
        sentence = "Waiting for another process that starts or stops PostgreSQL."
        with ExitStack() as stack:
            with notice(self._say, sentence):
                stack.enter_context(locked(self._account.open(self._layout.gate)))
            yield


def _is_alone(share: int) -> bool:
    try:
        fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
