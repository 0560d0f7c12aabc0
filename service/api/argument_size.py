"""How much `where` and `orderBy` say: what is in the objects of arguments.

Each member of such an object becomes a part of the statement. A condition on a relation becomes a
semi-join, and PostgreSQL takes about seven times longer to plan for each more of them that lie
within one another: 0.4 s for six, more than a minute for ten.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from graphql import ListValueNode, ObjectValueNode, ValueNode, VariableNode


class ArgumentSize(NamedTuple):
    """How much there is in a value."""

    said: int = 0
    """The members of objects, and the objects in lists."""
    depth: int = 0
    """Relations within one another, and the field at the end; `and` and `some` lead nowhere."""


_SAME_PLACE = frozenset({"and", "or", "not", "some", "none", "every"})


def argument_size(node: ValueNode, variables: Mapping[str, Any]) -> ArgumentSize:
    """What is in a value of a document, the coerced values of its variables put in."""
    said, depth = 0, 0
    waiting: list[tuple[Any, int]] = [(node, 0)]
    while waiting:
        value, place = waiting.pop()
        if isinstance(value, VariableNode):
            value = variables.get(value.name.value)
        members = _members(value)
        depth = max(depth, place if members is not None else 0)
        for name, member in members or ():
            there = place + (name not in _SAME_PLACE)
            said += 1
            waiting.append((member, there))
        for item in _items(value):
            said += _members(item) is not None
            waiting.append((item, place))
    return ArgumentSize(said, depth)


def _members(value: Any) -> Collection[tuple[str, Any]] | None:
    """The members of an object; None where it is something else."""
    if isinstance(value, ObjectValueNode):
        return [(each.name.value, each.value) for each in value.fields]
    return value.items() if isinstance(value, dict) else None


def _items(value: Any) -> Collection[Any]:
    if isinstance(value, ListValueNode):
        return value.values
    return value if isinstance(value, list) else ()
