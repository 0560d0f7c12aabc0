"""Starts the server again if it ends while it is in use.

Every process that uses the server watches it. The first that finds it gone starts it again; the
others wait, and then find it running.
"""

import math
import time
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from service.embedded.cluster import Cluster
from service.embedded.failure import explained
from service.embedded.lease import Lease
from service.embedded.outage import Outage
from service.errors import EmbeddedError

_LOOK = 0.5
"""The seconds between two looks at the server; each reads two files of the system."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""The seconds before the server is started again; each pause is twice the one before."""

_STEADY = 60.0
"""The seconds that the server has to run to be started again without a pause."""


class Supervisor:
    """A thread that watches the server while the context lasts."""

    def __init__(
        self, cluster: Cluster, lease: Lease, say: Callable[[str], None], outage: Outage
    ) -> None:
        self._cluster = cluster
        self._lease = lease
        self._say = say
        self._outage = outage
        self._is_over = Event()
        self._thread = Thread(target=self._watch, name="embedded-postgresql", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        pause, started = 0.0, -math.inf
        while not self._is_over.wait(_LOOK):
            if self._cluster.lives():
                continue
            is_steady = time.monotonic() - started > _STEADY and self._outage.problem is None
            pause = 0.0 if is_steady else min(max(_FIRST_PAUSE, 2 * pause), _LONGEST_PAUSE)
            self._wait(pause)
            if not self._is_over.is_set():
                self._start()
                started = time.monotonic()

    def _wait(self, pause: float) -> None:
        if not pause:
            self._say("PostgreSQL has ended; starting it again")
            return
        again = f"starting it again in {pause:g} s"
        self._outage.problem = self._outage.problem or f"PostgreSQL has ended again; {again}"
        self._say(f"PostgreSQL does not run; {again}")
        self._is_over.wait(pause)

    def _start(self) -> None:
        try:
            with explained(self._cluster.folder):
                self._lease.hold(self._cluster.restart)
        except EmbeddedError as error:
            self._outage.problem = str(error)
            self._say(str(error))
        else:
            self._outage.problem = None
            self._say("PostgreSQL runs again")
