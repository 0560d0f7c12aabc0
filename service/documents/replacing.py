"""Files that are written whole or not at all, whatever ends the process or fills the disk."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def replace(file: Path, content: bytes) -> None:
    """Put content in place of what is in a file, if there is one. Raises `OSError`.

    A file keeps its permissions and its owner, and a link stays one: what it leads to is replaced.
    """
    target = file.resolve()
    before = target.stat() if target.exists() else None
    if before:
        # A file that may not be written could be replaced all the same.
        target.open("r+b").close()
    # No document has such a name, should it be left behind.
    beside = target.with_name(f".{uuid4().hex}.tmp")
    try:
        with beside.open("xb") as written:
            if before:
                _let_in(written.fileno(), before)
            written.write(content)
            if before:
                # Or else what was there could be gone before this is on the disk.
                written.flush()
                os.fsync(written.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _let_in(descriptor: int, before: os.stat_result) -> None:
    """Let in those who had access to a file before."""
    with suppress(PermissionError):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
