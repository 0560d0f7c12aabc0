"""Makes a new cluster.

The cluster is made under another name and renamed when it is complete, so the rest of an
interrupted attempt is never taken for a cluster. That name is new each time: the initdb of a
process that was killed goes on for a moment, and must not write into the folder of the next.
"""

import os
import secrets
import shutil
from pathlib import Path

from service.embedded.account import Account
from service.embedded.binaries import Binaries
from service.embedded.failure import quoted
from service.embedded.layout import Layout
from service.errors import EmbeddedError

NAME = "guidepost"
"""The name of the superuser and of the database."""

_UNFINISHED = ".initdb-"
# PostgreSQL's own rules for UTF-8 need neither ICU nor a locale of the system. Versions before 17
# do not have them, and take the system's, if it has them.
_LOCALES = ("--locale-provider=builtin --builtin-locale=C.UTF-8",)
_LOCALES_BEFORE_17 = ("--locale=C.UTF-8", "--locale=C")


def make_cluster(layout: Layout, account: Account, binaries: Binaries) -> None:
    """Make the cluster, with its superuser, a random password and an empty database."""
    for remains in layout.home.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(remains, ignore_errors=True)
    account.write(layout.password, f"{secrets.token_hex(24)}\n")
    folder = layout.home / f"{_UNFINISHED}{secrets.token_hex(4)}"
    try:
        account.make_folder(folder)
        _initdb(folder, layout.password, account, binaries)
        _make_database(folder, account, binaries)
        folder.rename(layout.cluster)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initdb(folder: Path, password: Path, account: Account, binaries: Binaries) -> None:
    output = ""
    for locale in _LOCALES if binaries.major >= 17 else _LOCALES_BEFORE_17:
        result = account.run(
            binaries / "initdb",
            f"--pgdata={folder}",
            f"--username={NAME}",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--data-checksums",
            "--encoding=UTF8",
            *locale.split(),
        )
        if result.returncode == 0:
            return
        output = result.stdout + result.stderr
    raise _failed(folder, output)


def _make_database(folder: Path, account: Account, binaries: Binaries) -> None:
    """Make the database in single-user mode, so that there is never a cluster without it."""
    result = account.run(
        binaries / "postgres",
        "--single",
        "-c",
        "exit_on_error=on",
        "template1",
        stdin=f"CREATE DATABASE {NAME};\n",
        PGDATA=os.fspath(folder),
    )
    if result.returncode:
        raise _failed(folder, result.stderr)


def _failed(folder: Path, output: str) -> EmbeddedError:
    return EmbeddedError(
        f"PostgreSQL could not create a new database in {folder.parent}. "
        f"Its output:\n{quoted(output)}"
    )
