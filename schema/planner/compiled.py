"""SQL that is compiled once: statements for all plans, expressions for one statement.

Compiling a statement to text takes as long as building it.
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
"""The placeholder of an expression of the enclosing statement; no other SQL looks like it."""


class _Text(NamedTuple):
    """The text of a statement, and its columns."""

    parts: list[str]
    """SQL and the numbers of placeholders, alternating, with SQL at both ends."""
    columns: Any


class _CompiledRows(FromClause):
    """A subquery whose text is already compiled."""

    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012  # SQLAlchemy's
        ("text", InternalTraversal.dp_string),
        ("around", InternalTraversal.dp_clauseelement_tuple),
    ]

    def __init__(self, text: _Text, around: tuple[ColumnElement[Any], ...]) -> None:
        self.parts = text.parts
        self.text = "".join(text.parts)
        self.around = around
        # Replaces the memoized property that derives the columns.
        self.c = text.columns  # type: ignore[misc]  # a property there


@compiles(_CompiledRows)
def _compile(rows: _CompiledRows, compiler: Any, **_: Any) -> str:
    parts = [compiler.escape_literal_column(each) for each in rows.parts]
    parts[1::2] = (compiler.process(rows.around[int(each)]) for each in parts[1::2])
    return f"({''.join(parts)})"


_kept: WeakKeyDictionary[Any, WeakKeyDictionary[Any, _Text]] = WeakKeyDictionary()


def compiled_once(
    owner: object,
    make: Callable[..., SelectBase],
    *around: ColumnElement[Any],
    other: object = None,
) -> FromClause:
    """A subquery with the statement of `owner`, which `make` makes on the first call.

    With `other`, it is the statement of the two: a model of older tables shares only some of its
    tables with the declared model.

    `make` gets a placeholder for each expression in `around`, which are those of the enclosing
    statement. Raises `TypeError` if the statement has bind parameters.
    """
    kept = _kept.setdefault(owner, WeakKeyDictionary())
    key = owner if other is None else other
    if (text := kept.get(key)) is None:
        places = (literal_column(f"<{each}>", value.type) for each, value in enumerate(around))
        text = kept[key] = _text(make(*places))
    return aliased(_CompiledRows(text, around))


def _text(statement: SelectBase) -> _Text:
    compiled: Any = statement.compile(dialect=DIALECT)
    if compiled.binds:
        raise TypeError(f"the statement has parameters: {', '.join(compiled.binds)}")
    return _Text(_PLACE.split(str(compiled)), statement.selected_columns)


class CompiledOnce(ColumnElement[Any]):
    """An expression that is compiled once in a statement, however often it is used there."""

    inherit_cache = False

    def __init__(self, element: ColumnElement[Any], among: Any = operators.and_) -> None:
        """`among` is the operator that it may be an operand of, which decides on parentheses."""
        self.element = element.self_group(against=among)
        self.type = element.type

    def self_group(self, against: Any = None) -> ColumnElement[Any]:  # noqa: ARG002  # SQLAlchemy's
        """The expression itself, which already has the parentheses that it needs."""
        return self


@compiles(CompiledOnce)
def _compile_once(once: CompiledOnce, compiler: Any, **options: Any) -> str:
    # Each statement has its own compiler and keeps its expressions alive, so ids are unique.
    texts: dict[int, str] = compiler.__dict__.setdefault("texts_of_once", {})
    if id(once) not in texts:
        texts[id(once)] = compiler.process(once.element, **options)
    return texts[id(once)]
