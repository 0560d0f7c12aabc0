"""The command line: in this process, and as processes of their own."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest

from service import cli
from tests.databases import PROJECT

GUIDEPOST = str(Path(sys.executable).parent / "guidepost")
PATIENCE = 180.0
"""Seconds after which something that should happen will not."""
DIRECT: Mapping[str, Any] = {"trust_env": False, "verify": False, "timeout": PATIENCE}
"""Options of httpx2 for who asks a service straight and over plain HTTP.

A client that may meet TLS reads all certificates first, which takes 17 ms each time.
"""


def environment(**settings: str) -> dict[str, str]:
    """The environment without settings of Guidepost's, and with these."""
    ours = re.compile("GUIDEPOST_.*|DATABASE_URL|PORT")
    kept = {name: value for name, value in os.environ.items() if not ours.fullmatch(name)}
    return {**kept, "GUIDEPOST_PROJECT": str(PROJECT), **settings}


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `guidepost` to its end, in this process: starting one takes most of the time.

    Not for a command that answers until it is stopped, nor for two at once: these need processes.
    """
    said, printed = io.StringIO(), io.StringIO()
    assert _RUNNING.acquire(blocking=False), "two commands at once need processes of their own"
    try:
        with pytest.MonkeyPatch.context() as patch, redirect_stderr(said), redirect_stdout(printed):
            patch.setattr(os, "environ", environment(**settings))
            # It would keep all garbage of this process.
            patch.setattr(cli, "collecting_later", nullcontext)
            code = cli.run(arguments)
    finally:
        _RUNNING.release()
    return subprocess.CompletedProcess(arguments, code, printed.getvalue(), said.getvalue())


_RUNNING = Lock()


def run_process(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `guidepost` to its end, in a process of its own."""
    return subprocess.run(
        [GUIDEPOST, *arguments],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def memory(pid: int) -> float:
    """The megabytes that a process has in memory."""
    found = subprocess.run(
        ["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True
    )
    return int(found.stdout) / 1024


class Command:
    """A command that is under way."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reading = Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines += iter(self.process.stderr.readline, "")

    def address(self) -> str:
        """Where it serves, once it says so."""
        return self.until(r"(http://\S+)/graphql")[1]

    def until(self, pattern: str) -> re.Match[str]:
        """What it says that matches, once it says so."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, "".join(self.lines)):
                return found
            assert self.process.poll() is None, self.output()
            time.sleep(0.01)
        raise AssertionError(f"it did not say {pattern!r}: {self.lines}")

    def output(self) -> str:
        """What it said until it ended."""
        self._reading.join(PATIENCE)
        return "".join(self.lines)

    def wait(self) -> int:
        """Wait for the end; the exit code."""
        return self.process.wait(PATIENCE)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reading.join(PATIENCE)
        return code


@contextmanager
def running(*arguments: str, **settings: str) -> Iterator[Command]:
    """A `guidepost` command, ended with the context at the latest."""
    with started(GUIDEPOST, *arguments, **settings) as found:
        yield found


@contextmanager
def started(*command: str, **settings: str) -> Iterator[Command]:
    """Any command, ended with the context at the latest, and with it all that it has started."""
    process = subprocess.Popen(
        command,
        env=environment(**settings),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    found = Command(process)
    try:
        yield found
    finally:
        # Its children too: one that lives on holds the pipe, whose end would never come.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        found.wait()
        found.output()
        assert process.stderr is not None
        process.stderr.close()


@contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[Command]:
    """`guidepost serve` on any free port."""
    with running("serve", *arguments, **{"PORT": "0", **settings}) as found:
        yield found


def workers_of(command: Command) -> list[int]:
    """The processes that `guidepost serve` serves with, if it is not one."""
    parent = command.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    lines = {int(each): Path(f"/proc/{each}/cmdline").read_bytes() for each in children}
    return [pid for pid, line in lines.items() if b"spawn_main" in line]
