"""Files that are written whole or not at all."""

import os
import resource
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.documents.replacing import replace

NOBODY = 65534


@contextmanager
def a_full_disk() -> Iterator[None]:
    """While no file may get longer than a hundred bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def no_root() -> Iterator[None]:
    """While this process is somebody whom permissions are for."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("before", [b"before", None])
def test_what_does_not_fit_leaves_what_was_there(tmp_path: Path, before: bytes | None) -> None:
    file = tmp_path / "a.yaml"
    if before:
        file.write_bytes(before)
    with a_full_disk(), pytest.raises(OSError, match="File too large"):
        replace(file, b"x" * 1000)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([before] if before else [])


@pytest.mark.parametrize(("folder", "file"), [(0o555, 0o666), (0o777, 0o444)])
def test_what_may_not_be_written_is_an_error(folder: int, file: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        there = Path(directory) / "a.yaml"
        there.write_bytes(b"before")
        there.chmod(file)
        Path(directory).chmod(folder)
        with no_root():
            assert there.read_bytes() == b"before"
            with pytest.raises(PermissionError, match="Permission denied"):
                replace(there, b"after")
        assert [each.read_bytes() for each in Path(directory).iterdir()] == [b"before"]
        Path(directory).chmod(0o755)


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"before")
    file.chmod(0o640)
    (link := tmp_path / "link.yaml").symlink_to("a.yaml")
    replace(link, b"after")
    assert link.is_symlink()
    assert file.read_bytes() == b"after"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    replace(tmp_path / "new.yaml", b"new")
    (ordinary := tmp_path / "ordinary").touch()
    assert (tmp_path / "new.yaml").stat().st_mode == ordinary.stat().st_mode
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "a.yaml",
        "link.yaml",
        "new.yaml",
        "ordinary",
    ]
