"""Operations on content as the Python source of a migration."""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any

from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation
from alembic.operations.ops import MigrationScript

from service.migrations.content.frozen import MOST, folder_of, frozen
from service.migrations.content.locales import (
    AddLocaleOp,
    ChangeLocaleOp,
    RemoveLocaleOp,
    RenameLocaleOp,
)
from service.migrations.content.operation import CommentOp, LeftOp, UndoneOp
from service.migrations.content.operations import (
    DeleteOp,
    PublishOp,
    RenameOp,
    SaveOp,
    UnpublishOp,
)
from service.migrations.content.patches import ListPatch, Patch, TextPatch
from service.migrations.content.renaming import RenameFieldOp, RenameTypeOp, RenameValueOp

_WIDTH = 72
"""The most characters in a piece of text, so that a line stays below a hundred."""


@renderers.dispatch_for(SaveOp)
def _save(_: AutogenContext, operation: SaveOp) -> str:
    if operation.file is not None:
        operation.file.write_bytes(frozen(operation.documents))
        return f"op.save({literal(operation.type)}, {literal(operation.file.name)})"
    documents = literal(_one_or_all(operation.documents))
    base = f", base={literal(_one_or_all(operation.bases))}" if operation.bases else ""
    return f"op.save({literal(operation.type)}, {documents}{base})"


@renderers.dispatch_for(DeleteOp)
def _delete(_: AutogenContext, operation: DeleteOp) -> str:
    base = f", base={literal(operation.base)}" if operation.base else ""
    return f"op.delete({literal(operation.type)}, {literal(operation.slug)}{base})"


@renderers.dispatch_for(RenameOp)
def _rename(_: AutogenContext, operation: RenameOp) -> str:
    names = (operation.type, operation.old, operation.new)
    return f"op.rename({', '.join(map(literal, names))})"


@renderers.dispatch_for(RenameTypeOp)
def _rename_type(_: AutogenContext, operation: RenameTypeOp) -> str:
    return f"op.rename_type({literal(operation.old)}, {literal(operation.new)})"


@renderers.dispatch_for(RenameFieldOp)
def _rename_field(_: AutogenContext, operation: RenameFieldOp) -> str:
    names = (operation.type, operation.old, operation.new)
    return f"op.rename_field({', '.join(map(literal, names))})"


@renderers.dispatch_for(RenameValueOp)
def _rename_value(_: AutogenContext, operation: RenameValueOp) -> str:
    names = (operation.type, operation.field, operation.old, operation.new)
    return f"op.rename_value({', '.join(map(literal, names))})"


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


@renderers.dispatch_for(AddLocaleOp)
def _add_locale(_: AutogenContext, operation: AddLocaleOp) -> str:
    name = f", name={literal(operation.display)}" if operation.display else ""
    return f"op.add_locale({literal(operation.code)}, {literal(operation.fallback)}{name})"


@renderers.dispatch_for(ChangeLocaleOp)
def _change_locale(_: AutogenContext, operation: ChangeLocaleOp) -> str:
    base = f", base={literal(operation.base)}" if operation.base else ""
    return f"op.change_locale({literal(operation.code)}, {literal(operation.changes)}{base})"


@renderers.dispatch_for(RemoveLocaleOp)
def _remove_locale(_: AutogenContext, operation: RemoveLocaleOp) -> str:
    return f"op.remove_locale({literal(operation.code)})"


@renderers.dispatch_for(RenameLocaleOp)
def _rename_locale(_: AutogenContext, operation: RenameLocaleOp) -> str:
    return f"op.rename_locale({literal(operation.old)}, {literal(operation.new)})"


@renderers.dispatch_for(CommentOp)
def _comment(_: AutogenContext, operation: CommentOp) -> list[str]:
    lines = (
        wrap(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)
        for line in operation.lines
    )
    return [f"# {each}" for line in lines for each in line]


@renderers.dispatch_for(LeftOp)
@renderers.dispatch_for(UndoneOp)
def _nothing(_: AutogenContext, __: MigrateOperation) -> list[str]:
    return []


def freeze(context: Any, scripts: Iterable[MigrationScript]) -> None:
    """Let what saves very many documents be rendered with a file beside the revision."""
    for script in scripts:
        folder = folder_of(script, context.environment_context.script)
        operations = script.upgrade_ops.ops if script.upgrade_ops else []
        saves = [each for each in operations if isinstance(each, SaveOp)]
        many = [each for each in saves if not each.bases and len(frozen(each.documents)) > MOST]
        for number, each in enumerate(many, 1):
            each.file = folder / f"{script.rev_id}_{number}_{each.type.lower()}.json"


def _one_or_all(documents: Sequence[Any]) -> Any:
    return documents[0] if len(documents) == 1 else [*documents]


def literal(value: Any) -> str:
    """A value as Python source on one line. Long text is split into pieces at the ends of lines."""
    match value:
        case Mapping():
            items = (f"{literal(key)}: {literal(each)}" for key, each in value.items())
            return f"{{{', '.join(items)}}}"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case tuple():
            return f"({', '.join(map(literal, value))})"
        case TextPatch() | ListPatch():
            return _patch(value)
        case str():
            pieces = [_quoted(piece) for piece in _pieces(value)]
            return pieces[0] if len(pieces) == 1 else f"({' '.join(pieces)})"
    return repr(value)


def _patch(patch: Patch) -> str:
    if isinstance(patch, TextPatch):
        return f"op.changed_text({', '.join(map(literal, (patch.of, *patch.replacements)))})"
    given = {"added": patch.added, "removed": patch.removed, "moved": patch.moved}
    named = "".join(f", {name}={literal(each)}" for name, each in given.items() if each)
    return f"op.changed_list({literal(patch.of)}{named})"


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
