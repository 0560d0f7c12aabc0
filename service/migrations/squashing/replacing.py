"""Files of a folder replaced, all or none."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from service.migrations.squashing.choosing import SquashError


def refuse_unwritable(folders: Iterable[Path]) -> None:
    """Raise `SquashError` if files of a folder cannot be replaced."""
    for each in {*folders}:
        if not os.access(each, os.W_OK | os.X_OK):
            raise SquashError(
                f"{each} cannot be written to; run this as a user that may, or on a copy"
            )


def replace(removed: Iterable[Path], written: Mapping[Path, bytes]) -> None:
    """Remove files, and write others; raises `SquashError`, and has changed nothing then.

    A file may be both.
    """
    asides: dict[Path, Path] = {}
    try:
        with ExitStack() as undo:
            for path in sorted({*removed, *filter(Path.exists, written)}):
                if path.parent not in asides:
                    aside = Path(tempfile.mkdtemp(prefix=".squash-", dir=path.parent))
                    asides[path.parent] = aside
                    undo.callback(aside.rmdir)
                kept = asides[path.parent] / path.name
                path.rename(kept)
                undo.callback(kept.rename, path)
            for path, content in written.items():
                undo.callback(path.unlink, missing_ok=True)
                path.write_bytes(content)
            undo.pop_all()
    except OSError as error:
        raise SquashError(f"the files cannot be replaced: {error}; nothing was changed") from error
    for aside in asides.values():
        shutil.rmtree(aside)
