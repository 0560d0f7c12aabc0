"""A squashed revision as Python source."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from service.messages import shortened
from service.migrations.content.source import literal
from service.migrations.squashing.choosing import Chosen
from service.migrations.squashing.recording import Kept, is_block
from service.migrations.squashing.tables import Tables

_WIDTH = 100
_REVISION = '''
"""{title}.

{about}

Revision ID: {revision}
Revises:
Create Date: {now}
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
{imports}
revision: str = "{revision}"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = {labels!r}
depends_on: str | Sequence[str] | None = None
squashes = {squashes}
{accepts}
{constants}

def upgrade() -> None:
    """Go forward."""
{upgrade}

def downgrade() -> None:
    """Stop: what would go back is squashed."""
    raise NotImplementedError("alembic does not run this: it refuses to downgrade {revision}")
'''
_ABOUT = """\
It replaces the revisions before it, which `guidepost squash` has squashed into it: it makes the
tables, the privileges and the rows that they left, and runs their statements for all else."""
_CHECKED = """\
# PostgreSQL alters no table with keys that are still to be checked.
op.execute("set constraints all immediate")
op.execute("set constraints all deferred")"""
_HIDING, _WHY = "hiding-statements", "Only new databases run it, in which nobody waits."
_NAMED = re.compile(
    r"\b(?:create|alter|drop|grant|revoke)\s+(?:or\s+replace\s+)?(?:\w+\s+)?\"?(?:\w+\.)?(\w+)",
    re.IGNORECASE,
)
_BOUND = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")
"""What SQLAlchemy takes for the name of a parameter."""


def source(
    chosen: Chosen, tables: Tables, kept: Kept, granted: Sequence[str], files: Sequence[str]
) -> str:
    """The revision as Python source, which the formatter has still to put into its form."""
    constants = _Constants()
    pieces = [
        *(f"op.execute(sa.schema.CreateSchema({name!r}))" for name in tables.schemas),
        *map(constants.executed, kept.first),
        tables.first,
        *map(constants.executed, kept.middle),
        tables.calling,
        *(f'op.restore_rows("{file}")' for file in files),
        _CHECKED if files else "",
        tables.last,
        *map(constants.executed, kept.last),
        *map(constants.executed, granted),
    ]
    upgrade = "\n".join(line for piece in pieces if piece for line in _indented(piece))
    dialect = "from sqlalchemy.dialects import postgresql\n" if "postgresql." in upgrade else ""
    return _REVISION.lstrip().format(
        title=_title(chosen.script.doc),
        about=_ABOUT,
        revision=chosen.script.revision,
        now=datetime.now(UTC).isoformat(sep=" "),
        imports=dialect,
        labels=getattr(chosen.script.module, "branch_labels", None),
        squashes=literal(chosen.replaced),
        accepts=_accepts([*kept.first, *kept.middle, *kept.last]),
        constants="\n".join(constants.lines),
        upgrade=upgrade,
    )


class _Constants:
    """The long statements of a revision, which have names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: set[str] = set()

    def executed(self, statement: str) -> str:
        """An operation that executes a statement."""
        escaped = _BOUND.sub(r"\\:", statement)
        if "\n" not in escaped:
            pieces = literal(escaped)
            return f"op.execute({pieces[1:-1] if pieces.startswith('(') else pieces})"
        name, text = self._name(statement), _block(escaped)
        # Lines without a space are as long as they have to be.
        is_long = any(len(line) > _WIDTH and " " in line.strip() for line in text.splitlines())
        self.lines.append(f"{name} = {text}{'  # noqa: E501' if is_long else ''}\n")
        return f"op.execute({name})"

    def _name(self, statement: str) -> str:
        match = _NAMED.search(statement)
        base = name = match[1].upper() if match else "STATEMENT"
        number = 2
        while name in self._names:
            name, number = f"{base}_{number}", number + 1
        self._names.add(name)
        return name


def _block(text: str) -> str:
    """A text of several lines as source: raw, unless there is something in it that is not seen."""
    if all(map(_is_plain, text)) and '"""' not in text:
        prefix = "r" if "\\" in text else ""
        return f'{prefix}"""\n{text}\n"""'
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    seen = (each if _is_plain(each) else each.encode("unicode_escape").decode() for each in escaped)
    return f'"""\n{"".join(seen)}\n"""'


def _is_plain(character: str) -> bool:
    """Whether a character is seen, and not taken for another one."""
    return character == "\n" or (character.isprintable() and character < "\u0180")


def _title(doc: str) -> str:
    """The first line of the docstring, from that of the last revision."""
    what = " ".join(doc.replace("\\", "/").replace('"', "'").split()).rstrip(".")
    return shortened(f"All up to: {what[:1].lower()}{what[1:]}", _WIDTH - 20)


def _indented(piece: str) -> Iterator[str]:
    for line in piece.splitlines():
        yield f"    {line}"


def _accepts(statements: Iterable[str]) -> str:
    """What the lint of revisions is told of blocks of PL/pgSQL."""
    if not any(map(is_block, statements)):
        return ""
    return f"accepts = {literal({_HIDING: _WHY})}\n"
