"""The statements that revisions run, and which of them a squashed revision runs as they are.

Tables, privileges and rows are found in the database that the revisions leave. Functions, roles and
triggers are made by the statements that made them: what they are may depend on the server.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine, event

_COMMENTS = re.compile(r"\A(?:\s|--[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
_FOUND_OTHERWISE = re.compile(
    r"(?:select|insert|update|delete|merge|with|values|truncate|copy|set|reset|show|lock|begin|"
    r"commit|rollback|savepoint|release|analyze|vacuum|"
    r"create\s+(?:(?:temp|temporary|unlogged)\s+)?table|create\s+(?:unique\s+)?index|create\s+schema|"
    r"alter\s+(?:table|index|schema|default)|drop\s+(?:table|index|schema)|"
    r"alter\s+sequence\s+(?:if\s+exists\s+)?\S+\s+(?:rename|owned)|"
    r"comment\s+on\s+(?:table|column|constraint|index)|(?:grant|revoke)\b[^;]*\son)\b",
    re.IGNORECASE,
)
"""What is found in the database: rows, tables, privileges."""
_OF_MORE = re.compile(
    r"alter\s+table\s+(?:if\s+exists\s+|only\s+)*\S+\s+"
    r"(?:enable|disable|force|no\s+force|set\s*\(|set\s+\w+|reset|replica|owner)\b",
    re.IGNORECASE,
)
"""What is altered of a table that reflection does not see."""
_MAKES = (
    r"(?:create|alter|drop)\s+(?:or\s+replace\s+)?"
    r"(?:function|procedure|aggregate|role|user|group|type|domain|trigger|policy|view|extension)"
)
_IN_BLOCK = re.compile(rf"\b{_MAKES}\b", re.IGNORECASE)
_FIRST = re.compile(
    r"create\s+(?:extension|type|domain|collation|sequence|text\s+search)\b", re.IGNORECASE
)
_LAST = re.compile(
    r"(?:create\s+(?:or\s+replace\s+|recursive\s+|materialized\s+|constraint\s+|event\s+)*"
    r"|alter\s+(?:materialized\s+|event\s+)?|comment\s+on\s+(?:materialized\s+|event\s+)?)"
    r"(?:trigger|rule|policy|view)\b",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"(create|drop)\s+(?:or\s+replace\s+)?(function|procedure|view|type|domain|extension|sequence)"
    r"\s+(?:if\s+(?:not\s+)?exists\s+)?([\w.\"]+)",
    re.IGNORECASE,
)


class Kept(NamedTuple):
    """The statements that a squashed revision runs, in order."""

    first: Sequence[str]
    """What columns may have as a type."""
    middle: Sequence[str]
    """What may need tables: functions, roles."""
    last: Sequence[str]
    """What needs all tables, or must not act on rows that are restored: views, triggers, rules."""


@contextmanager
def recorded() -> Iterator[list[str]]:
    """The statements that SQLAlchemy runs in this process."""
    found: list[str] = []

    def record(_: Any, __: Any, statement: str, *___: Any) -> None:
        found.append(_COMMENTS.sub("", statement).strip())

    event.listen(Engine, "before_cursor_execute", record)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", record)


def kept(statements: Iterable[str]) -> Kept:
    """Those of the statements that a squashed revision runs."""
    found = _without_dropped([each for each in statements if _is_kept(each)])
    first = [each for each in found if _FIRST.match(each)]
    last = [each for each in found if _LAST.match(each) or _OF_MORE.match(each)]
    return Kept(first, [each for each in found if each not in first and each not in last], last)


def is_block(statement: str) -> bool:
    """Whether a statement is a block of PL/pgSQL."""
    return statement[:3].lower().startswith("do") and not statement[2:3].isalnum()


def _is_kept(statement: str) -> bool:
    if "pg_temp" in statement:
        return False
    if is_block(statement):
        return bool(_IN_BLOCK.search(statement))
    return bool(_OF_MORE.match(statement)) or not _FOUND_OTHERWISE.match(statement)


def _without_dropped(statements: Sequence[str]) -> list[str]:
    """Statements without those that make what a later one drops, and without that one.

    Of overloaded functions, nothing is left out.
    """
    found: list[str | None] = [*statements]
    made: dict[tuple[str, str], list[int]] = {}
    for number, each in enumerate(statements):
        if not (match := _OBJECT.match(each)):
            continue
        key = match[2].lower(), match[3].lower()
        if match[1].lower() == "create":
            made.setdefault(key, []).append(number)
        elif len(made.get(key, [])) == 1:
            found[made.pop(key)[0]] = found[number] = None
    return [each for each in found if each is not None]
