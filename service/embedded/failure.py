"""Explains errors of the operating system to the person at the terminal."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import EmbeddedError

_ELSEWHERE = "set GUIDEPOST_DATA to a folder of yours, or DATABASE_URL to a server of yours"
_ADVICE = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some space: the disk quota is used up",
    errno.EROFS: _ELSEWHERE,
    errno.EACCES: f"make it accessible to this user, or {_ELSEWHERE}",
    errno.EPERM: f"make it accessible to this user, or {_ELSEWHERE}",
    errno.ENOTDIR: f"a file stands where a folder is needed: move it away, or {_ELSEWHERE}",
    errno.EEXIST: f"a file stands where a folder is needed: move it away, or {_ELSEWHERE}",
    errno.ELOOP: f"a symbolic link stands where a file is needed: move it away, or {_ELSEWHERE}",
}


@contextmanager
def explained(data: Path) -> Iterator[None]:
    """Turn every `OSError` into an `EmbeddedError` that names the path and says what to do."""
    try:
        yield
    except OSError as error:
        path = os.fsdecode(error.filename or data)
        advice = _ADVICE.get(error.errno or 0, _ELSEWHERE)
        reason = error.strerror or str(error)
        message = f"The embedded PostgreSQL cannot use {path} ({reason}): {advice}."
        raise EmbeddedError(message) from error


def quoted(output: str, lines: int = 12) -> str:
    """The last lines of a program's output, indented, with advice if the disk is full."""
    tail = output.strip().splitlines()[-lines:]
    advice = ["The disk is full: free some space."] if os.strerror(errno.ENOSPC) in output else []
    return "\n".join([*(f"    {line}" for line in tail or ["(nothing)"]), *advice])
