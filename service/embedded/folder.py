"""Makes folders that several processes may make at once."""

import os
import tempfile
from pathlib import Path


def make_folder(folder: Path, mode: int, uid: int, gid: int) -> None:
    """Make a folder; one that exists stays as it is.

    It gets its owner and mode under another name first, so nobody ever sees it without them.
    """
    if folder.is_dir():
        return
    try:
        _make(folder, mode, uid, gid)
    except OSError as error:
        # This is no error if another process was faster, and has put something into the folder.
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
