"""The user that the server runs as.

PostgreSQL refuses to run as root. If this process is root, the owner of the data folder runs the
server, or `nobody` if root owns that too. Any other user runs it themselves. Files for another user
are opened without following links, and only new files get another owner, because their folder may
belong to that user.
"""

import os
import pwd
import secrets
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from service.embedded.folder import make_folder
from service.embedded.layout import layout_of
from service.errors import EmbeddedError

_ROOT = 0


@dataclass(frozen=True)
class Account:
    """A user, possibly that of this process, and what is done on their behalf."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether acting as this user takes the powers of root."""
        return self.uid != os.geteuid()

    def run(
        self, *command: Path | str, cwd: Path = Path("/"), stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in a session that the terminal's Ctrl-C does not reach.

        Its environment has nothing but `variables` and fixed values: PGPORT, LANG and TZ would
        change what the server does, and our secrets are none of its business.
        """
        return subprocess.run(
            [os.fspath(part) for part in command],
            cwd=cwd,
            input=stdin,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **variables},
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            umask=0o077,
            start_new_session=True,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def reaches(self, folder: Path) -> bool:
        """Whether this user may pass through `folder` and all its parents."""
        try:
            return self.run("/bin/sh", "-c", 'test -x "$1"', "sh", folder).returncode == 0
        except OSError as error:
            raise EmbeddedError(
                f"PostgreSQL refuses to run as root, and this root may not become the user "
                f"{self.name} ({error.strerror}), as in a container without CAP_SETUID and "
                f"CAP_SETGID: run Guidepost as an ordinary user, or set DATABASE_URL."
            ) from error

    def make_folder(self, folder: Path) -> None:
        """Make a folder that nobody else can look into; one that exists stays as it is."""
        make_folder(folder, 0o700, self.uid, self.gid)

    def open(self, path: Path) -> int:
        """Open a file for reading and writing; returns its descriptor.

        A new file is private to this user.
        """
        existing = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(path, existing | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return os.open(path, existing)
        if self.is_other:
            os.fchown(descriptor, self.uid, self.gid)
        return descriptor

    def write(self, path: Path, text: str) -> None:
        """Replace the text of a file atomically: a reader finds the old text or the new one."""
        fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        with os.fdopen(self.open(fresh), "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)


def account_for(data: Path) -> Account:
    """The user of this process; for root, the owner of the cluster, or of the folder to make it in.

    It is `nobody` if root owns both.
    """
    if os.geteuid() != _ROOT:
        return ourselves()
    parent = next(folder for folder in (data, *data.parents) if folder.exists())
    for folder in (layout_of(data).cluster, parent):
        owner = _account(folder.stat().st_uid) if folder.exists() else None
        if owner is not None and owner.uid != _ROOT:
            return owner
    return _nobody()


def ourselves() -> Account:
    """The user of this process; raises `EmbeddedError` if it has no name."""
    account = _account(os.geteuid())
    if account is None:
        raise EmbeddedError(
            f"The user number {os.geteuid()} has no name in /etc/passwd, and PostgreSQL's initdb "
            f"needs one: run Guidepost as a user with a name, or set DATABASE_URL."
        )
    return replace(account, gid=os.getegid())


def _account(uid: int) -> Account | None:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _nobody() -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedError(
            "PostgreSQL refuses to run as root, and there is no user `nobody` to run it as: "
            "create that user, run Guidepost as an ordinary user, or set DATABASE_URL."
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
