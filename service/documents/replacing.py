"""Replaces files as a whole or not at all, even if the process ends or the disk is full."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def replace(file: Path, content: bytes) -> None:
    """Write a file with this content, in place of an existing one. Raises `OSError`.

    An existing file keeps its permissions and its owner. A link stays a link: its target is
    replaced.
    """
    target = file.resolve()
    before = target.stat() if target.exists() else None
    if before:
        # Fails if the file is not writable. It could be replaced even so.
        target.open("r+b").close()
    # If it is left behind, its name is not that of a document.
    beside = target.with_name(f".{uuid4().hex}.tmp")
    try:
        with beside.open("xb") as written:
            if before:
                _let_in(written.fileno(), before)
            written.write(content)
            if before:
                # Otherwise the old content could be gone before the new one is on the disk.
                written.flush()
                os.fsync(written.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _let_in(descriptor: int, before: os.stat_result) -> None:
    """Give a new file the owner and the permissions of the old one, as far as allowed."""
    with suppress(PermissionError):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
