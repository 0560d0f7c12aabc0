"""Operations: what has to be known of a document before anything of it is planned."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from graphql.execution.values import VariableValues

from schema.errors import ErrorCode, request_error
from schema.planner.selection import directive_variables, fragments_of
from service.api.cost import Cost, page_variables
from service.api.limits import Limits, read
from service.api.requests import Request, refuse_change
from service.api.validation import problems
from service.errors import RefusedError

DirectiveValuesKey = frozenset[tuple[str, bool]]


@dataclass(frozen=True, eq=False)
class Operation:
    """A valid operation, with what has to be known of it before it is planned."""

    document: DocumentNode
    node: OperationDefinitionNode
    directive_variables: frozenset[str]
    """The variables that decide what is selected."""
    priced: frozenset[str]
    """The variables that decide what it costs."""
    size: int
    """The bytes that it takes, about: the nodes of each token, and comments."""
    costs: dict[Hashable, Cost] = field(default_factory=dict)
    """What it cost already, by the values of `priced`."""


def read_operation(request: Request, schema: GraphQLSchema, limits: Limits) -> Operation:
    """The operation that a request names; raises `GraphQLError` or `RefusedError` if not valid."""
    document = read(request.query, limits)
    if request.safe:
        require_queries(document, request.operation_name)
    if errors := problems(schema, document):
        raise RefusedError(errors)
    node = _chosen(document, request.operation_name)
    deciding = directive_variables(document)
    size = 600 * document.token_count + 60 * len(request.query)
    return Operation(document, node, deciding, deciding | page_variables(document), size)


def require_queries(document: DocumentNode, name: str | None) -> None:
    """Raise `ProtocolError` where what is asked for, valid or not, is another operation."""
    for each in _operations(document):
        is_meant = name is None or (each.name is not None and each.name.value == name)
        if is_meant and each.operation is not OperationType.QUERY:
            refuse_change(each.operation.value)


def directive_values(operation: Operation, variables: VariableValues) -> DirectiveValuesKey:
    """The values of the variables that decide what is selected."""
    found = {name: variables.coerced.get(name) for name in operation.directive_variables}
    for name, value in found.items():
        if not isinstance(value, bool):
            message = f"The variable ${name} decides what is included; it has to be true or false."
            raise request_error(ErrorCode.BAD_VARIABLES, message)
    return frozenset((name, value is True) for name, value in found.items())


def introspection_of(operation: Operation, nodes: list[FieldNode]) -> DocumentNode:
    """The operation with nothing but these fields of its root."""
    root = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=operation.node.variable_definitions,
        selection_set=SelectionSetNode(selections=tuple(nodes)),
    )
    return DocumentNode(definitions=(root, *fragments_of(operation.document).values()))


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = _operations(document)
    named = [each for each in found if name is None or (each.name and each.name.value == name)]
    if len(named) == 1:
        return named[0]
    names = ", ".join(each.name.value for each in found if each.name) or "none with a name"
    message = (
        f"There is no operation called {name!r}; there are: {names}."
        if name is not None
        else f"The document holds several operations; name one of them: {names}."
    )
    raise request_error(ErrorCode.UNKNOWN_OPERATION, message)


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
