"""How long an event loop is held up, by what runs on it in one piece.

Without garbage collection: a service has much less to look through than a process of tests.
"""

import gc
import time
from asyncio import Handle
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

import pytest

HELD_UP = 0.05
"""The seconds of processor time for which one request may hold up all others."""


class Stalls:
    """What holds up the loop of a thread."""

    def __init__(self) -> None:
        self.longest = 0.0
        """The longest piece so far, in seconds of processor time."""
        self._thread = get_ident()
        self._collecting = 0.0
        """What to take off: less the time when a collection began, plus the one when it ended."""

    def run(self, handle: Handle) -> None:
        """Run one piece."""
        if get_ident() != self._thread:
            _run(handle)
            return
        before = time.thread_time() - self._collecting
        _run(handle)
        self.longest = max(self.longest, time.thread_time() - self._collecting - before)

    def collect(self, phase: str, _: object) -> None:
        """Note that a collection begins or ends."""
        if get_ident() == self._thread:
            self._collecting += time.thread_time() * (-1 if phase == "start" else 1)


_run = Handle._run


@contextmanager
def stalls() -> Iterator[Stalls]:
    """What holds up the loop of this thread meanwhile, apart from the task that asks."""
    found = Stalls()

    def run(handle: Handle) -> None:
        found.run(handle)

    gc.callbacks.append(found.collect)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Handle, "_run", run)
        try:
            yield found
        finally:
            gc.callbacks.remove(found.collect)
