"""The selection of an operation.

This is CollectFields of the GraphQL specification (section 6.3.2), done before execution. Only the
variables of `@skip` and `@include` can change a selection, and their values are part of the key
under which a plan is cached. A field of an abstract type has a selection for each possible type.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    visit,
)

TYPENAME = "__typename"
INTROSPECTION = frozenset({"__schema", "__type"})

DirectiveValues = Mapping[str, bool]
"""The values of the variables that `@skip` and `@include` depend on."""


class Selected(NamedTuple):
    """A field of the response, merged from all nodes that select it."""

    key: str
    """The name in the response: the alias, or else the name in the schema."""
    name: str
    """The name in the schema."""
    parent: str
    """The name of the object type that it is a field of."""
    nodes: tuple[FieldNode, ...]
    """The nodes that select it, all with the same arguments."""
    definition: GraphQLField | None
    """None for `__typename`."""
    path: tuple[str, ...]
    """The keys from the root to this field, including its own."""
    selections: tuple["Selected", ...]
    """The selection on its value, if its type is concrete."""
    possible: Mapping[str, tuple["Selected", ...]]
    """The selection on its value for each possible type, if its type is abstract."""


def select(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    conditions: DirectiveValues,
) -> tuple[Selected, ...]:
    """The root selection of a valid operation, with all that is below it, in response order."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return ()
    collector = _Collector(schema, fragments_of(document), conditions)
    return tuple(collector.selected(root, [operation.selection_set], ()))


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments that a document defines, by name."""
    fragments = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
    return {each.name.value: each for each in fragments}


def directive_variables(document: DocumentNode) -> frozenset[str]:
    """The names of the variables in directives, which decide what is selected."""
    found: set[str] = set()

    class VariableVisitor(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    found.add(argument.value.name.value)

    visit(document, VariableVisitor())
    return frozenset(found)


@dataclass(frozen=True)
class _Collector:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: DirectiveValues

    def selected(
        self,
        parent: GraphQLObjectType,
        sets: Iterable[SelectionSetNode],
        path: tuple[str, ...],
    ) -> Iterator[Selected]:
        """The fields that these selection sets select on `parent`, merged by key."""
        groups: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for each in sets:
            for node in self._nodes(parent, each, seen):
                key = node.alias.value if node.alias else node.name.value
                groups.setdefault(key, []).append(node)
        for key, nodes in groups.items():
            yield self._merged(parent, nodes, (*path, key))

    def _merged(
        self, parent: GraphQLObjectType, nodes: list[FieldNode], path: tuple[str, ...]
    ) -> Selected:
        name = nodes[0].name.value
        definition = parent.fields.get(name)
        sets = [node.selection_set for node in nodes if node.selection_set]
        below: tuple[Selected, ...] = ()
        possible: dict[str, tuple[Selected, ...]] = {}
        type_ = get_named_type(definition.type) if definition else None
        if isinstance(type_, GraphQLObjectType):
            below = tuple(self.selected(type_, sets, path))
        elif is_abstract_type(type_):
            for each in self.schema.get_possible_types(type_):
                possible[each.name] = tuple(self.selected(each, sets, path))
        return Selected(
            path[-1], name, parent.name, tuple(nodes), definition, path, below, possible
        )

    def _nodes(
        self, parent: GraphQLObjectType, selections: SelectionSetNode, seen: set[str]
    ) -> Iterator[FieldNode]:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                if self._applies(node, parent):
                    yield from self._nodes(parent, node.selection_set, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if self._applies(fragment, parent):
                    yield from self._nodes(parent, fragment.selection_set, seen)

    def _applies(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, parent: GraphQLObjectType
    ) -> bool:
        if fragment.type_condition is None or fragment.type_condition.name.value == parent.name:
            return True
        type_ = self.schema.get_type(fragment.type_condition.name.value)
        return is_abstract_type(type_) and self.schema.is_sub_type(type_, parent)

    def _included(self, node: SelectionNode) -> bool:
        return all(
            self._condition(directive) == (directive.name.value == "include")
            for directive in node.directives or ()
            if directive.name.value in {"include", "skip"}
        )

    def _condition(self, directive: DirectiveNode) -> bool:
        value = (directive.arguments or ())[0].value
        if isinstance(value, VariableNode):
            return self.conditions[value.name.value]
        return isinstance(value, BooleanValueNode) and value.value
