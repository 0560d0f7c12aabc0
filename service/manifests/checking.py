"""Whether documents are valid against the schema, and what they use that is deprecated."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    get_location,
)

from service.api.limits import Limits, too_deep
from service.api.operations import read
from service.api.validation import problems
from service.manifests.coordinates import Uses, label, uses
from service.manifests.problems import ManifestProblem, Position
from service.manifests.reading import ManifestDocument
from service.persisted_documents import NewDocument


class Checked(NamedTuple):
    """What was found about documents."""

    documents: list[NewDocument]
    """The valid ones."""
    problems: list[ManifestProblem]
    """Why the others are refused."""
    warnings: list[ManifestProblem]
    """What the valid ones use that is deprecated."""


def check(documents: Iterable[ManifestDocument], schema: GraphQLSchema, limits: Limits) -> Checked:
    """Check documents against a schema, and against the limits on documents."""
    found = Checked([], [], [])
    for each in documents:
        try:
            document = read(each.text, limits)
            errors = [*_invalid(schema, document)]
        except GraphQLError as error:
            found.problems.append(_problem(each, error))
            continue
        except RecursionError:
            found.problems.append(_problem(each, too_deep()))
            continue
        used = uses(schema, document)
        if errors:
            found.problems.extend(_problem(each, error, used) for error in errors)
            continue
        operations = [label(node) for node in _operations(document)]
        found.documents.append(NewDocument(each.id, each.text, operations))
        found.warnings.extend(_warnings(each, used))
    return found


def _invalid(schema: GraphQLSchema, document: DocumentNode) -> Iterator[GraphQLError]:
    if not _operations(document):
        yield GraphQLError("There is no operation; each document has at least one.")
    yield from problems(schema, document)


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


def _problem(
    document: ManifestDocument, error: GraphQLError, used: Uses | None = None
) -> ManifestProblem:
    place = next((Position(*each) for each in error.locations or ()), None)
    found = ManifestProblem(document.source, error.message, document.id, position=place)
    return _located(found, error.nodes or (), used) if used else found


def _located(problem: ManifestProblem, nodes: Sequence[Node], used: Uses) -> ManifestProblem:
    """A problem with the operations and the schema coordinate that some nodes are about."""
    known = [used.of[id(each)] for each in nodes if id(each) in used.of]
    operations = dict.fromkeys(name for each in known for name in used.operations_of(each))
    coordinate = next((each.coordinate for each in known if each.coordinate), None)
    return problem._replace(operations=tuple(operations), coordinate=coordinate)


def _warnings(document: ManifestDocument, used: Uses) -> Iterator[ManifestProblem]:
    for node, use in used.deprecated:
        message = f"is deprecated: {use.deprecated}"
        place = Position(*get_location(node.loc.source, node.loc.start)) if node.loc else None
        found = ManifestProblem(document.source, message, document.id, position=place)
        yield _located(found, [node], used)
