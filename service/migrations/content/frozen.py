"""Documents that are frozen in a file beside the revision that saves them.

A reviewer reads them as they are in the folder of documents. In the source of the revision they
would be many thousand lines.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from service.documents.document import Document

MOST = 20_000
"""How many bytes of documents an operation may have in the source of a revision."""


def frozen(documents: Sequence[Document]) -> bytes:
    """Documents as the content of a file."""
    return orjson.dumps([*documents], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def thawed(file: Path) -> list[dict[str, Any]]:
    """The documents in a file; raises `CommandError`."""
    try:
        found = orjson.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(
            f"{file} cannot be read: {error}; it belongs to its revision, as JSON"
        ) from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise CommandError(f"{file} has to have a list of documents")
    return found


def folder_of(script: MigrationScript, scripts: ScriptDirectory) -> Path:
    """The folder that alembic writes a new revision to."""
    if script.version_path:
        return Path(script.version_path)
    for head in scripts.get_heads():
        return Path(scripts.get_revision(head).path).parent
    return Path(scripts.versions)
