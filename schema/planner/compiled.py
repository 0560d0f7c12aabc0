"""What is compiled once: statements for all plans, expressions for all of one statement.

To turn a statement into text takes as long as to put it together.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, FromClause, SelectBase, literal_column
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.visitors import InternalTraversal

from schema.aliases import aliased

DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped

_PLACE = re.compile(r"<(\d+)>")
"""What stands for a value of the statement around; no other SQL looks like it."""


class _Text(NamedTuple):
    """The text of a statement, and its columns."""

    parts: list[str]
    """By turns, SQL and the number of the value that follows it."""
    columns: Any


class _CompiledRows(FromClause):
    """The rows of a statement whose text is known."""

    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012  # SQLAlchemy's
        ("text", InternalTraversal.dp_string),
        ("around", InternalTraversal.dp_clauseelement_tuple),
    ]

    def __init__(self, text: _Text, around: tuple[ColumnElement[Any], ...]) -> None:
        self.parts = text.parts
        self.text = "".join(text.parts)
        self.around = around
        # SQLAlchemy would find out its own, and keep them there.
        self.c = text.columns  # type: ignore[misc]  # a property there


@compiles(_CompiledRows)
def _compile(rows: _CompiledRows, compiler: Any, **_: Any) -> str:
    parts = [compiler.escape_literal_column(each) for each in rows.parts]
    parts[1::2] = (compiler.process(rows.around[int(each)]) for each in parts[1::2])
    return f"({''.join(parts)})"


_kept: WeakKeyDictionary[Any, _Text] = WeakKeyDictionary()


def compiled_once(
    owner: object, make: Callable[..., SelectBase], *around: ColumnElement[Any]
) -> FromClause:
    """The rows of the statement that belongs to `owner`, which is made for the first that asks.

    It is made with what stands for values of the statement `around`.
    """
    text = _kept.get(owner)
    if text is None:
        places = (literal_column(f"<{each}>", value.type) for each, value in enumerate(around))
        text = _kept[owner] = _text(make(*places))
    return aliased(_CompiledRows(text, around))


def _text(statement: SelectBase) -> _Text:
    compiled: Any = statement.compile(dialect=DIALECT)
    if compiled.binds:
        raise TypeError(f"the statement has parameters: {', '.join(compiled.binds)}")
    return _Text(_PLACE.split(str(compiled)), statement.selected_columns)


class CompiledOnce(ColumnElement[Any]):
    """An expression that is the same text wherever it stands in a statement."""

    inherit_cache = False

    def __init__(self, element: ColumnElement[Any], among: Any = operators.and_) -> None:
        """`among` is the operator that it may be an operand of."""
        self.element = element.self_group(against=among)
        self.type = element.type

    def self_group(self, against: Any = None) -> ColumnElement[Any]:  # noqa: ARG002  # SQLAlchemy's
        """Itself: it has its parentheses, if it needs any."""
        return self


@compiles(CompiledOnce)
def _compile_once(once: CompiledOnce, compiler: Any, **options: Any) -> str:
    # A statement is compiled by a compiler of its own, and holds what it is made of.
    texts: dict[int, str] = compiler.__dict__.setdefault("texts_of_once", {})
    if id(once) not in texts:
        texts[id(once)] = compiler.process(once.element, **options)
    return texts[id(once)]
