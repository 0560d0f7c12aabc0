"""Operations: a document is parsed, measured and validated, and one of its operations is chosen.

All of this depends on the text alone, so that its result can be cached.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    visit,
)

from schema.errors import ErrorCode, request_error, with_code
from schema.planner.pages import LENGTHS
from schema.planner.selection import directive_variables
from service.api.complexity import Definition, complexities
from service.api.cost import Cost
from service.api.limits import Limits, too_large
from service.api.requests import Request, refuse_change
from service.api.validation import problems
from service.errors import RefusedError


@dataclass(frozen=True, eq=False)
class Operation:
    """A valid operation, with what has to be known about it before it is planned."""

    document: DocumentNode
    node: OperationDefinitionNode
    directive_variables: frozenset[str]
    """The variables in `@skip` and `@include`, which decide what is selected."""
    priced: frozenset[str]
    """The variables that its cost depends on."""
    size: int
    """About how many bytes of memory it takes: the nodes of each token, and the text."""
    costs: dict[Hashable, Cost] = field(default_factory=dict)
    """Its costs, by the values of the `priced` variables."""


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
    return Operation(document, node, deciding, deciding | _page_variables(document), size)


def read(text: str, limits: Limits) -> DocumentNode:
    """The document, if it is within the limits; raises `GraphQLError` otherwise.

    It may still be invalid, but has no cycles of fragments.
    """
    if len(text) > limits.characters:
        raise too_large("characters", len(text), limits.characters)
    document = _parsed(text, limits.tokens)
    for node, complexity in complexities(document):
        for name, found in complexity._asdict().items():
            allowed: int = getattr(limits, name)
            if found > allowed:
                raise too_large(name, found, allowed, _subject(node))
    return document


def require_queries(document: DocumentNode, name: str | None) -> None:
    """Raise `ProtocolError` if the chosen operation, valid or not, is not a query."""
    for each in _operations(document):
        is_meant = name is None or (each.name is not None and each.name.value == name)
        if is_meant and each.operation is not OperationType.QUERY:
            refuse_change(each.operation.value)


def _parsed(text: str, tokens: int) -> DocumentNode:
    try:
        return parse(text, max_lexical_tokens=tokens)
    except GraphQLSyntaxError as error:
        if error.message.endswith(f"contains more than {tokens} tokens. Parsing aborted."):
            raise too_large("tokens", f"more than {tokens}", tokens) from error
        raise with_code(ErrorCode.SYNTAX_ERROR, error) from error
    except GraphQLError as error:
        raise with_code(ErrorCode.SYNTAX_ERROR, error) from error


def _subject(node: Definition) -> str:
    kind = "fragment" if isinstance(node, FragmentDefinitionNode) else "operation"
    return f"The {kind} {node.name.value}" if node.name else f"The {kind}"


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = _operations(document)
    named = [each for each in found if name is None or (each.name and each.name.value == name)]
    if len(named) == 1:
        return named[0]
    names = ", ".join(each.name.value for each in found if each.name) or "only one without a name"
    message = (
        f"The document has no operation {name!r}; it has {names}."
        if name is not None
        else f"The document has several operations; name one in `operationName`: {names}."
    )
    raise request_error(ErrorCode.UNKNOWN_OPERATION, message)


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


def _page_variables(document: DocumentNode) -> frozenset[str]:
    """The names of the variables that set the lengths of lists."""
    found: set[str] = set()

    class PageVariableVisitor(Visitor):
        def enter_argument(self, node: ArgumentNode, *_: object) -> None:
            if node.name.value in LENGTHS and isinstance(node.value, VariableNode):
                found.add(node.value.name.value)

    visit(document, PageVariableVisitor())
    return frozenset(found)
