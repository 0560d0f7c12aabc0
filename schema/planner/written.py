"""What is written down once: statements for all plans, expressions for all of one statement.

To turn a statement into text takes as long as to put it together.
"""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, FromClause, SelectBase
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.visitors import InternalTraversal

from schema.aliases import aliased

DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


class _Written(FromClause):
    """The rows of a statement whose text is known."""

    inherit_cache = True
    _traverse_internals = [("text", InternalTraversal.dp_string)]  # noqa: RUF012  # SQLAlchemy's

    def __init__(self, statement: SelectBase) -> None:
        compiled: Any = statement.compile(dialect=DIALECT)
        if compiled.binds:
            raise TypeError(f"the statement has parameters: {', '.join(compiled.binds)}")
        self.text = str(compiled)
        columns: Any = statement.selected_columns
        # SQLAlchemy would find out its own, and keep them there.
        self.c = columns  # type: ignore[misc]


@compiles(_Written)
def _compile(element: _Written, compiler: Any, **_: Any) -> str:
    return f"({compiler.escape_literal_column(element.text)})"


_kept: WeakKeyDictionary[Any, _Written] = WeakKeyDictionary()


def written(owner: object, make: Callable[[], SelectBase]) -> FromClause:
    """The rows of the statement that belongs to `owner`, which is made for the first that asks."""
    found = _kept.get(owner)
    if found is None:
        found = _kept[owner] = _Written(make())
    return aliased(found)


class Once(ColumnElement[Any]):
    """An expression that is the same text wherever it stands in a statement."""

    inherit_cache = False

    def __init__(self, element: ColumnElement[Any], among: Any = operators.and_) -> None:
        """`among` is the operator that it may be an operand of."""
        self.element = element.self_group(against=among)
        self.type = element.type

    def self_group(self, against: Any = None) -> ColumnElement[Any]:  # noqa: ARG002  # SQLAlchemy's
        """Itself: it has its parentheses, if it needs any."""
        return self


@compiles(Once)
def _compile_once(once: Once, compiler: Any, **options: Any) -> str:
    # A statement is compiled by a compiler of its own, and holds what it is made of.
    texts: dict[int, str] = compiler.__dict__.setdefault("texts_of_once", {})
    if id(once) not in texts:
        texts[id(once)] = compiler.process(once.element, **options)
    return texts[id(once)]
