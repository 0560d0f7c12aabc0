"""Making a folder that several processes may want at once."""

import os
import tempfile
from pathlib import Path


def make_folder(folder: Path, mode: int, uid: int, gid: int) -> None:
    """Make it unless it is there, which leaves it as it is.

    Whoever sees a new one sees it with its owner and mode: it gets them under another name.
    """
    if folder.is_dir():
        return
    try:
        _make(folder, mode, uid, gid)
    except OSError as error:
        # Not an error when another process was faster, and has put something into it.
        if not folder.is_dir():
            raise OSError(error.errno, error.strerror, os.fspath(folder)) from error


def _make(folder: Path, mode: int, uid: int, gid: int) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        if (uid, gid) != (os.geteuid(), os.getegid()):
            os.chown(fresh, uid, gid)
        fresh.chmod(mode)
        fresh.rename(folder)
    except OSError:
        fresh.rmdir()
        raise
