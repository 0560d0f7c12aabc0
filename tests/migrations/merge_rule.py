"""The rule for what others changed, told once more for documents that are all there at once.

It is the table in docs/content-migrations.md, for a downgrade.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.migrations.targets import Document, Field, Type, Types

Path = tuple[str, ...]
GONE = "the item"


class Wanted(NamedTuple):
    """What a downgrade makes of an item."""

    document: Document | None
    conflicts: dict[str, Any]
    """The three values by field; None for the whole item."""


def as_before(types: Types, after: Types, key: str, document: Document) -> tuple[str, Document]:
    """A document under the names that its type and its values had before."""
    [now] = [each for each in after if each.name == key]
    name = now.renamed_from or now.name
    then = next((each for each in types if each.name == name), None)
    return name, {} if then is None else dict(_values(then, now, document))


def _values(then: Type, now: Type, document: Document) -> Iterator[tuple[str, Any]]:
    yield "name", document["name"]
    for field in now.fields:
        former = field.renamed_from or field.name
        old = next((each for each in then.fields if each.name == former), None)
        if old is not None and field.graphql_name in document:
            value = document[field.graphql_name]
            yield old.graphql_name, _name(field, value) if field.names else value
    both = then.part, now.part
    if both[0] and both[1] and both[0].name == (both[1].renamed_from or both[1].name):
        parts = document.get(now.parts, [])
        if parts and then.parts == (now.parts_from or now.parts):
            yield then.parts, [dict(_values(both[0], both[1], each)) for each in parts]


def _name(field: Field, value: str) -> str:
    return field.renamed_names.get(value, value)


def merge(
    base: Document | None, theirs: Document | None, ours: Document | None, side: str
) -> Wanted:
    """What a downgrade makes of an item; `side` wins conflicts."""
    if ours is None and theirs is None:
        return Wanted(None, {})
    if ours is None or theirs is None:
        return _whole(base, theirs, ours, side)
    old, there, wanted = map(_paths, (base or {}, theirs, ours))
    made: dict[Path, Any] = {}
    conflicts = {}
    for path in {**there, **wanted, **old}:
        a, b, c = (each.get(path) for each in (old, there, wanted))
        is_conflict = a != b and c not in (a, b)
        made[path] = c if a == b or (is_conflict and side == "ours") else b
        if is_conflict:
            conflicts[".".join(path)] = (a, b, c)
    return Wanted(_document(made), conflicts)


def _whole(
    base: Document | None, theirs: Document | None, ours: Document | None, side: str
) -> Wanted:
    """Of an item that one side does not have."""
    there = ours if theirs is None else theirs
    if base is None or base == there:
        # Only one side has changed it: the one that has it no more, or the migration.
        winner = theirs if base is not None and theirs is None else ours
        return Wanted(theirs if base is None and ours is None else winner, {})
    return Wanted(ours if side == "ours" else theirs, {GONE: None})


def _paths(document: Document) -> dict[Path, Any]:
    found: dict[Path, Any] = {}
    for name, value in document.items():
        if isinstance(value, Mapping):
            found |= {(name, code): text for code, text in value.items()}
        else:
            found[name,] = value
    return found


def _document(values: Mapping[Path, Any]) -> Document:
    made: dict[str, Any] = {}
    for (name, *code), value in values.items():
        if value is not None and code:
            made.setdefault(name, {})[code[0]] = value
        elif value is not None:
            made[name] = value
    return made
