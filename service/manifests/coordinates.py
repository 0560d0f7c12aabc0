"""The schema coordinate of each place in a document, such as `Guide.subtitle`.

https://spec.graphql.org/September2025/#sec-Schema-Coordinates. Also of what the schema does not
have: that is what breaks a document.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    NamedTypeNode,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    visit,
)

from service.api.complexity import Definition


class Use(NamedTuple):
    """What a node of a document uses of the schema."""

    definition: Definition
    coordinate: str | None
    """Its own coordinate, or that of the nearest node around it which has one."""
    deprecated: str | None = None
    """Why what it names is deprecated; None if it is not."""


class Uses(NamedTuple):
    """What a document uses of the schema, and where."""

    of: Mapping[int, Use]
    """By the identity of a node."""
    deprecated: list[tuple[Node, Use]]
    operations: Mapping[int, list[str]]
    """The operations that a definition is a part of, by its identity."""

    def operations_of(self, use: Use) -> list[str]:
        """The operations that a use is a part of, such as `query Guide`."""
        return self.operations[id(use.definition)]


def uses(schema: GraphQLSchema, document: DocumentNode) -> Uses:
    """What a document, valid or not, uses of the schema."""
    info = TypeInfo(schema)
    visitor = _UseVisitor(info)
    visit(document, TypeInfoVisitor(info, visitor))
    return Uses(visitor.found, visitor.deprecated, _operations(document, visitor.spreads))


def label(operation: OperationDefinitionNode) -> str:
    """The type and the name of an operation: `query Guide`."""
    name = f" {operation.name.value}" if operation.name else ""
    return operation.operation.value + name


class _UseVisitor(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.found: dict[int, Use] = {}
        self.deprecated: list[tuple[Node, Use]] = []
        self.spreads: dict[int, set[str]] = {}
        """The names of the fragments that are spread in a definition, by its identity."""
        self._info = info
        self._around: list[Use] = []

    def enter(self, node: Node, *_: Any) -> None:
        """Note what a node uses."""
        if isinstance(node, Definition):
            self._around.append(Use(node, None))
            self.spreads[id(node)] = set()
        elif self._around:
            around = self._around[-1]
            own, definition = self._named(node, around.coordinate)
            use = Use(around.definition, own or around.coordinate, _deprecation(definition))
            if use.deprecated is not None:
                self.deprecated.append((node, use))
            if isinstance(node, FragmentSpreadNode):
                self.spreads[id(around.definition)].add(node.name.value)
            self._around.append(use)
        else:
            return
        self.found[id(node)] = self._around[-1]

    def leave(self, *_: Any) -> None:
        """Go back to what is around a node."""
        if self._around:
            self._around.pop()

    def _named(self, node: Node, around: str | None) -> tuple[str | None, Any]:
        """The coordinate and the definition of what a node names; None if it names nothing."""
        info = self._info
        found: tuple[str | None, Any] = (None, None)
        match node:
            case FieldNode():
                parent = info.get_parent_type()
                own = f"{parent.name}.{node.name.value}" if parent else None
                found = own, info.get_field_def()
            case DirectiveNode():
                found = f"@{node.name.value}", None
            case ArgumentNode():
                found = around and f"{around}({node.name.value}:)", info.get_argument()
            case ObjectFieldNode():
                found = self._input_field(node)
            case EnumValueNode():
                found = self._enum_value(node)
            case NamedTypeNode():
                found = node.name.value, None
        return found

    def _enum_value(self, node: EnumValueNode) -> tuple[str | None, Any]:
        type_ = get_named_type(self._info.get_input_type())
        coordinate = f"{type_}.{node.value}" if is_enum_type(type_) else None
        return coordinate, self._info.get_enum_value()

    def _input_field(self, node: ObjectFieldNode) -> tuple[str | None, Any]:
        name, parent = node.name.value, get_named_type(self._info.get_parent_input_type())
        if not is_input_object_type(parent):
            return None, None
        return f"{parent.name}.{name}", parent.fields.get(name)


def _deprecation(definition: Any) -> str | None:
    return getattr(definition, "deprecation_reason", None)


def _operations(document: DocumentNode, spreads: Mapping[int, set[str]]) -> dict[int, list[str]]:
    definitions = [each for each in document.definitions if isinstance(each, Definition)]
    found: dict[int, list[str]] = {id(each): [] for each in definitions}
    for operation in definitions:
        if isinstance(operation, OperationDefinitionNode):
            for each in _reached(operation, definitions, spreads):
                found[id(each)].append(label(operation))
    return found


def _reached(
    operation: Definition, definitions: Iterable[Definition], spreads: Mapping[int, set[str]]
) -> list[Definition]:
    """An operation with all fragments that it spreads, those in other fragments too."""
    reached, names = [operation], {*spreads[id(operation)]}
    fragments = {each.name.value: each for each in definitions if each.name}
    waiting = [*names]
    while waiting:
        each = fragments.get(waiting.pop())
        if isinstance(each, FragmentDefinitionNode):
            reached.append(each)
            new = spreads[id(each)] - names
            names |= new
            waiting += new
    return reached
