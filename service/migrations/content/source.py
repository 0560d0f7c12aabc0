"""Operations on content as the Python source of a migration."""

from collections.abc import Mapping
from typing import Any

from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation

from service.migrations.content.operation import LeftOp, UndoneOp
from service.migrations.content.operations import (
    DeleteOp,
    PublishOp,
    RenameOp,
    SaveOp,
    UnpublishOp,
)

_WIDTH = 72
"""The most characters in a piece of text, so that a line stays below a hundred."""


@renderers.dispatch_for(SaveOp)
def _save(_: AutogenContext, operation: SaveOp) -> str:
    [document] = operation.documents
    return f"op.save({literal(operation.type)}, {literal(document)})"


@renderers.dispatch_for(DeleteOp)
def _delete(_: AutogenContext, operation: DeleteOp) -> str:
    return f"op.delete({literal(operation.type)}, {literal(operation.slug)})"


@renderers.dispatch_for(RenameOp)
def _rename(_: AutogenContext, operation: RenameOp) -> str:
    names = (operation.type, operation.old, operation.new)
    return f"op.rename({', '.join(map(literal, names))})"


@renderers.dispatch_for(PublishOp)
def _publish(_: AutogenContext, operation: PublishOp) -> str:
    slugs = literal([*operation.slugs])
    references = (
        "" if operation.references == "FAIL" else f", references={literal(operation.references)}"
    )
    return f"op.publish({literal(operation.type)}, {slugs}{references})"


@renderers.dispatch_for(UnpublishOp)
def _unpublish(_: AutogenContext, operation: UnpublishOp) -> str:
    return f"op.unpublish({literal(operation.type)}, {literal([*operation.slugs])})"


@renderers.dispatch_for(LeftOp)
@renderers.dispatch_for(UndoneOp)
def _nothing(_: AutogenContext, __: MigrateOperation) -> list[str]:
    return []


def literal(value: Any) -> str:
    """A value as Python source on one line. Long text is split into pieces at the ends of lines."""
    match value:
        case Mapping():
            items = (f"{literal(key)}: {literal(each)}" for key, each in value.items())
            return f"{{{', '.join(items)}}}"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case str():
            pieces = [_quoted(piece) for piece in _pieces(value)]
            return pieces[0] if len(pieces) == 1 else f"({' '.join(pieces)})"
    return repr(value)


def _pieces(text: str) -> list[str]:
    """A text split at the ends of its lines, and long lines between words."""
    found = []
    for line in text.splitlines(keepends=True):
        rest = line
        while len(rest) > _WIDTH and (end := _end_of_word(rest)):
            found.append(rest[:end])
            rest = rest[end:]
        found.append(rest)
    return [piece for piece in found if piece] or [""]


def _end_of_word(line: str) -> int:
    """Where the last word that fits ends, or else the first word; 0 if there is only one."""
    return line.rfind(" ", 1, _WIDTH) + 1 or line.find(" ", 1) + 1


def _quoted(text: str) -> str:
    quoted = repr(text)
    if quoted.startswith("'"):
        # In double quotes, as the formatter writes it. No line may have three quotes in a row or
        # end in what looks like a comment, because alembic goes by these when it indents the
        # source.
        inner = quoted[1:-1].replace("\\'", "'").replace('"', '\\"')
        quoted = f'"{inner}"'
    return quoted.replace("'''", "\\'\\'\\'").replace(": #", ": \\x23")
