"""The size of arguments: how many conditions `where` and `orderBy` have, and how deep they nest.

Each member of an input object becomes a part of the statement. A condition on a relation becomes a
semi-join. Each further level of nested semi-joins multiplies PostgreSQL's planning time by about
seven: 0.4 s for six levels, more than a minute for ten.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from graphql import ListValueNode, ObjectValueNode, ValueNode, VariableNode


class ArgumentSize(NamedTuple):
    """The size of a value."""

    said: int = 0
    """How many members its objects have, and how many objects its lists."""
    depth: int = 0
    """The longest path of relations, with the field at its end; `and`, `some` … do not count."""


_SAME_PLACE = frozenset({"and", "or", "not", "some", "none", "every"})


def argument_size(node: ValueNode, variables: Mapping[str, Any]) -> ArgumentSize:
    """The size of a value in a GraphQL document, with the coerced values of its variables."""
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
    """The members of an object; None for any other value."""
    if isinstance(value, ObjectValueNode):
        return [(each.name.value, each.value) for each in value.fields]
    return value.items() if isinstance(value, dict) else None


def _items(value: Any) -> Collection[Any]:
    if isinstance(value, ListValueNode):
        return value.values
    return value if isinstance(value, list) else ()
