"""The complexity of a GraphQL document: how deep and how large it is, with its fragments expanded.

Fragments can expand a small text exponentially. So each fragment is measured once, and each spread
adds what its fragment measures, which takes time linear in the length of the text.
"""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from schema.errors import ErrorCode, request_error

SATURATED = 1_000_000_000
"""The largest count. Counts stop there, since every dozen tokens can double them."""

INTROSPECTION = frozenset({"__schema", "__type"})

Definition = OperationDefinitionNode | FragmentDefinitionNode


class Complexity(NamedTuple):
    """The complexity of a selection set."""

    depth: int = 0
    introspection_depth: int = 0
    fields: int = 0
    introspection_fields: int = 0
    objects: int = 0
    aliases: int = 0
    root_fields: int = 0
    directives: int = 0

    def beside(self, other: "Complexity") -> "Complexity":
        """The complexity of both in the same selection set."""
        sums = (min(mine + its, SATURATED) for mine, its in zip(self[2:], other[2:], strict=True))
        return Complexity(max(self[0], other[0]), max(self[1], other[1]), *sums)

    def introspecting(self) -> "Complexity":
        """The same complexity, counted as introspection."""
        return Complexity(
            introspection_depth=self.depth,
            introspection_fields=self.fields,
            aliases=self.aliases,
            directives=self.directives,
        )


def complexities(
    document: DocumentNode,
) -> list[tuple[Definition, Complexity]]:
    """The complexity of each operation and each fragment; raises `GraphQLError` for cycles."""
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    known: dict[str, Complexity] = {}
    for name in _innermost_first(fragments):
        known[name] = _definition(fragments[name], known)
    return [
        (each, _counted(each, _definition(each, known)))
        for each in document.definitions
        if isinstance(each, Definition)
    ]


def _innermost_first(fragments: Mapping[str, FragmentDefinitionNode]) -> list[str]:
    """The names of the fragments, each after those that it spreads."""
    spreads = {name: _spreads(each.selection_set) for name, each in fragments.items()}
    try:
        order = list(TopologicalSorter(spreads).static_order())
    except CycleError as error:
        names: list[str] = error.args[1]
        path = " → ".join(names[:10]) + (" → …" if len(names) > 10 else "")
        message = f"The fragments {path} spread one another in a cycle; remove one of the spreads."
        raise request_error(ErrorCode.VALIDATION_FAILED, message, [fragments[names[0]]]) from error
    return [name for name in order if name in fragments]


def _spreads(selections: SelectionSetNode) -> set[str]:
    found: set[str] = set()
    waiting = [selections]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                found.add(node.name.value)
            elif below := _selections(node):
                waiting.append(below)
    return found


def _counted(node: Definition, complexity: Complexity) -> Complexity:
    """What the limits apply to: fragments have no root fields, and some are introspection."""
    if isinstance(node, OperationDefinitionNode):
        return complexity
    introspects = node.type_condition.name.value.startswith("__")
    return complexity.introspecting() if introspects else complexity._replace(root_fields=0)


def _definition(node: Definition, known: Mapping[str, Complexity]) -> Complexity:
    variables = getattr(node, "variable_definitions", None) or ()
    own = _directives(node.directives) + sum(_directives(each.directives) for each in variables)
    return _set(node.selection_set, known).beside(Complexity(directives=own))


def _set(selections: SelectionSetNode | None, known: Mapping[str, Complexity]) -> Complexity:
    found = Complexity()
    for node in selections.selections if selections else ():
        found = found.beside(_selection(node, known)).beside(
            Complexity(directives=_directives(node.directives))
        )
    return found


def _selection(node: SelectionNode, known: Mapping[str, Complexity]) -> Complexity:
    if isinstance(node, FieldNode):
        return _field(node, known)
    if isinstance(node, FragmentSpreadNode):
        return known.get(node.name.value, Complexity())
    return _set(_selections(node), known)


def _field(node: FieldNode, known: Mapping[str, Complexity]) -> Complexity:
    below = _set(node.selection_set, known)
    if node.name.value in INTROSPECTION:
        below = below.introspecting()
    return below._replace(
        depth=below.depth + 1,
        fields=min(below.fields + 1, SATURATED),
        objects=min(below.objects + (node.selection_set is not None), SATURATED),
        aliases=min(below.aliases + (node.alias is not None), SATURATED),
        root_fields=1,
    )


def _selections(node: SelectionNode) -> SelectionSetNode | None:
    found: SelectionSetNode | None = getattr(node, "selection_set", None)
    return found


def _directives(directives: Iterable[DirectiveNode] | None) -> int:
    return len(tuple(directives or ()))
