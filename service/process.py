"""The process that serves the application: its memory, the signals that end it, and its parent.

This is part of the application's lifespan, so it holds for every process in which uvicorn serves
it: that of `guidepost serve`, its workers, and those of other programs.
"""

import asyncio
import gc
import multiprocessing
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import uvicorn


class Drain:
    """Whether the process is about to end: it still answers, but wants no more requests."""

    is_on = False


@contextmanager
def serving(seconds: float) -> Iterator[Drain]:
    """What the process does while it serves; `seconds` is how long SIGTERM drains it.

    Does nothing where no uvicorn server handles the signals of this process.
    """
    drain = Drain()
    server = _server()
    if server is None:
        yield drain
        return
    # The schema and the model stay for good. Looking through them for garbage would hold up a
    # request for a tenth of a second now and then.
    gc.collect()
    gc.freeze()
    end = _End(server, drain, seconds)
    with handling({signal.SIGTERM: end, signal.SIGINT: end}), _following_parent(end):
        yield drain


class _End:
    """Ends a server when a signal says so, and at once when another one does.

    SIGTERM comes from whatever runs the service, which may go on sending requests for a while.
    SIGINT comes from a person, who does not want to wait.
    """

    def __init__(self, server: uvicorn.Server, drain: Drain, seconds: float) -> None:
        self.loop = asyncio.get_running_loop()
        self.has_supervisor = False
        """Whether another process passes signals on, and kills this one if it has to end at once.

        Ctrl-C then comes twice: from the terminal too.
        """
        self._server = server
        self._drain = drain
        self._seconds = seconds

    def __call__(self, number: int, _: FrameType | None) -> None:
        if self._drain.is_on:
            if not self.has_supervisor:
                self.loop.call_soon_threadsafe(self._abort, number)
            return
        self._drain.is_on = True
        if number == signal.SIGTERM and self._seconds:
            self.loop.call_soon_threadsafe(self._wait)
        else:
            self._server.handle_exit(number, None)

    def follow(self) -> None:
        """End as the supervisor has: there is nobody to drain for, and the port may be wanted."""
        self._drain.is_on = self._server.should_exit = True

    def _wait(self) -> None:
        self.loop.call_later(self._seconds, self._server.handle_exit, signal.SIGTERM, None)

    def _abort(self, number: int) -> None:
        self._server.handle_exit(number, None)
        self._server.force_exit = True
        for each in [*self._server.server_state.connections]:
            each.transport.abort()


@contextmanager
def _following_parent(end: _End) -> Iterator[None]:
    """In a process that a supervisor has started: end when the supervisor has ended.

    A terminal that is closed sends SIGHUP to every process in it. The supervisor passes on one
    SIGTERM.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        yield
        return
    end.has_supervisor = True
    # A pipe, whose other end the parent holds: the kernel closes it however the parent ends.
    pipe = parent.sentinel

    def follow() -> None:
        end.loop.remove_reader(pipe)
        end.follow()

    end.loop.add_reader(pipe, follow)
    with handling({signal.SIGHUP: signal.SIG_IGN}):
        yield
    end.loop.remove_reader(pipe)


@contextmanager
def handling(handlers: "Mapping[signal.Signals, signal._HANDLER]") -> Iterator[None]:
    """Handle signals while the context lasts."""
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _server() -> uvicorn.Server | None:
    """The server that this process runs: SIGTERM is handled by a method of it."""
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return owner if isinstance(owner, uvicorn.Server) else None
