"""Whether a document fits the schema, found out in bounded time."""

from graphql import DocumentNode, GraphQLError, GraphQLSchema, validate
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError

from schema.errors import request_error, with_code

OVERLAP_BUDGET = 100_000
"""How much work it may be to compare fields that go by one name.

A fifth of what graphql-core allows; some 20 ms. The queries of GraphiQL take less than 1,000 of it.
"""

_ABORTED = "Validation aborted."


def problems(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """What is wrong with a document; nothing, if it is valid."""
    # graphql-core's way to set the budget; it is read when a validation starts.
    overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = OVERLAP_BUDGET
    return [_problem(error) for error in validate(schema, document)]


def _problem(error: GraphQLError) -> GraphQLError:
    if isinstance(error, ValidationAbortedError) and error.message == _ABORTED:
        message = (
            "The document asks for the same fields too often, or nests its fragments too deeply. "
            "Ask for each field once, and put fewer fragments into one another."
        )
        return request_error("TOO_LARGE", message, limit="overlaps")
    return with_code("VALIDATION_FAILED", error)
