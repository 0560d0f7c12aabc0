"""Several processes that serve on one socket, as `guidepost serve` runs them."""

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import SIGNALS, Process

from service.console import say
from service.errors import WorkerError
from service.process import handling

RETRY = 5.0
"""The seconds between two starts of workers that cannot start, as while the database is away."""
MORE = 5.0
"""The seconds that a worker may take to end, beyond those that its requests have."""
_LOOK = 0.05
"""The seconds between two looks at a worker that starts."""


def supervise(
    config: uvicorn.Config, listener: socket.socket, drain: float, ready: Callable[[], None]
) -> None:
    """Serve with `config.workers` processes until a signal comes, which is raised again at the end.

    `ready` is called once all of them serve. Raises `WorkerError` if one cannot start at first;
    later, one that ends is replaced.
    """
    supervisor = WorkerSupervisor(config, listener, drain, ready)
    with handling({signal.SIGTERM: supervisor.end, signal.SIGINT: supervisor.end}):
        supervisor.run()
    if supervisor.signal is None:
        raise WorkerError("a worker could not start; what it said above is the reason")
    signal.raise_signal(supervisor.signal)


class WorkerSupervisor(Multiprocess):
    """uvicorn's, except that it says what happens, and passes on the first signal without delay.

    The second signal kills the workers. A worker is replaced when its process has ended. uvicorn
    would also replace one that does not answer in time, but a thread would answer, whatever the
    event loop does, and on a busy machine it can be late.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        listener: socket.socket,
        drain: float,
        ready: Callable[[], None],
    ) -> None:
        # uvicorn's handles all of these, also SIGHUP where `nohup` has it ignored.
        handlers = {number: signal.getsignal(number) for number in SIGNALS}
        super().__init__(config, [listener])
        for number, handler in handlers.items():
            signal.signal(number, handler)
        self.signal: int | None = None
        """The first one that came."""
        self._patience = drain + (config.timeout_graceful_shutdown or 0) + MORE
        self._ready = ready
        self._told: set[Process] = set()
        self._next_start = 0.0

    def end(self, number: int, _: FrameType | None) -> None:
        """End the workers, and then this process: a handler of signals."""
        if self.signal is not None:
            self._kill_all()
            return
        self.signal = number
        self.terminate_all()
        # `run` looks at it twice a second, and then waits for the workers.
        self.signal_queue.append(signal.SIGTERM)

    def init_processes(self) -> None:
        """Start the workers, and wait until they serve."""
        super().init_processes()
        for each in self.processes:
            while self.signal is None and not each.is_ready(timeout=1):
                if not each.process.is_alive():
                    self.should_exit.set()
                    return
                time.sleep(_LOOK)
        if self.signal is None:
            self._ready()

    def keep_subprocess_alive(self) -> None:
        """Replace the workers that have ended."""
        for index, each in enumerate(self.processes):
            if self.signal is not None or time.monotonic() < self._next_start:
                return
            if not each.process.is_alive():
                self.processes[index] = self._replacement(each)

    def terminate_all(self) -> None:
        """Pass the signal on to the workers that do not have it yet."""
        for each in self.processes:
            if each not in self._told:
                self._told.add(each)
                _send(each, self.signal or signal.SIGTERM)

    def join_all(self) -> None:
        """Wait for the workers to end, and kill those that take too long."""
        # Theirs are enough while they drain. After that, nobody would answer.
        for listener in self.sockets:
            listener.close()
        end = time.monotonic() + self._patience
        for each in self.processes:
            each.process.join(max(0, end - time.monotonic()))
        self._kill_all()
        super().join_all()

    def _replacement(self, ended: Process) -> Process:
        ended.kill()  # closes its pipes
        ended.join()
        if ended.exitcode == STARTUP_FAILURE:
            self._next_start = time.monotonic() + RETRY
        process = Process(self.config, self.sockets)
        process.start()
        say(f"worker {ended.pid} has ended ({_how(ended)}); worker {process.pid} takes its place")
        return process

    def _kill_all(self) -> None:
        for each in self.processes:
            _send(each, signal.SIGKILL)


def _send(process: Process, number: int) -> None:
    if process.pid is not None and process.exitcode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _how(process: Process) -> str:
    """How a process has ended."""
    code = process.exitcode or 0
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
