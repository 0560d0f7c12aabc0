"""The error codes, and the GraphQL errors of a request.

The error of a request has its code in `extensions.code`. A problem with content is not an error of
the request: it is data in the payload of a mutation or in a release, with a `ProblemCode`.
docs/errors.md documents both for clients; a test compares it with this module.
"""

import enum
from collections.abc import Sequence
from typing import Any, Literal, get_args

from graphql import GraphQLError, Node


@enum.unique
class ErrorCode(enum.Enum):
    """The kind of an error; the value is its description."""

    BAD_REQUEST = "The body or the parameters are not a GraphQL request."
    PERSISTED_QUERY_NOT_FOUND = "The hash is not known; send the document with it."
    UNKNOWN_DOCUMENT = "No document is registered under this id."
    DOCUMENT_NOT_REGISTERED = "Without a token, only registered documents are answered."
    SYNTAX_ERROR = "The document does not parse."
    VALIDATION_FAILED = "The document is not valid against the schema."
    BAD_VARIABLES = "A variable is missing or has a value of the wrong type."
    UNKNOWN_OPERATION = (
        "`operationName` names no operation of the document, or is missing where there are several."
    )
    UNAUTHENTICATED = "The token is not valid, or there is none where one is needed."
    FORBIDDEN = "The token does not have the required scope."
    IDEMPOTENCY_KEY_REUSED = "The idempotency key was used before, with another request."
    UNKNOWN_VERSION = (
        "The header `GraphQL-Min-Version` names a version of the content that is not here."
    )
    BAD_STAGE = "The query asks published content for something that only the working copy has."
    BAD_PAGE = "`first`, `last` or `offset` is negative or too large, or two of them contradict."
    BAD_CURSOR = "`after` or `before` is not a cursor of this connection in this order."
    BAD_FILTER = "A condition in `where` cannot be used."
    BAD_SEARCH = "The text to search for is too long."
    BAD_ID = "An id does not belong to anything that this field can return."
    TOO_LARGE = (
        "The request is too large in some respect; `extensions` has the `limit`, what was `asked` "
        "and what is `allowed`."
    )
    TOO_DEEP = "The document, its conditions or the variables are nested too deeply."
    TOO_COSTLY = "The operation costs too much; `extensions` has the same as for `TOO_LARGE`."
    TIMEOUT = "The request takes longer than it may."
    UNAVAILABLE = "The database does not answer."

    BAD_VALUE = "The field does not accept this value."
    MISSING = "A required value is missing."
    UNKNOWN_FIELD = "There is no field with this name."
    UNKNOWN_TYPE = "There is no content type with this name."
    UNKNOWN_LOCALE = "There is no locale with this code."
    UNKNOWN_ITEM = "There is no item with this slug or id."
    UNKNOWN_REVISION = "There is no revision with this id."
    UNKNOWN_RELEASE = "There is no release with this id."
    DUPLICATE = "A value that has to be unique is already used."
    CYCLE = "Items refer to each other in a circle."
    CONFLICT = "The change conflicts with another change to the item."
    IN_USE = "Another item refers to this item."
    NOT_PUBLISHED = "The item refers to an item that is not published."
    BAD_TIME = (
        "The time is in the past, too far in the future, without a time zone, or not after `at`."
    )
    INTERNAL = "An internal error. The log of the service has the details."


ProblemCode = Literal[
    ErrorCode.BAD_VALUE,
    ErrorCode.MISSING,
    ErrorCode.UNKNOWN_FIELD,
    ErrorCode.UNKNOWN_TYPE,
    ErrorCode.UNKNOWN_LOCALE,
    ErrorCode.UNKNOWN_ITEM,
    ErrorCode.UNKNOWN_REVISION,
    ErrorCode.UNKNOWN_RELEASE,
    ErrorCode.DUPLICATE,
    ErrorCode.CYCLE,
    ErrorCode.CONFLICT,
    ErrorCode.IN_USE,
    ErrorCode.NOT_PUBLISHED,
    ErrorCode.BAD_TIME,
    ErrorCode.INTERNAL,
]
"""The codes that a problem with content can have."""

PROBLEM_CODES: tuple[ErrorCode, ...] = get_args(ProblemCode)
"""The members of `ProblemCode`, in the order of the GraphQL schema."""


def request_error(
    code: ErrorCode,
    message: str,
    nodes: Sequence[Node] = (),
    path: Sequence[str | int] | None = None,
    **extensions: Any,
) -> GraphQLError:
    """A GraphQL error with a code; `extensions` are other data for clients."""
    extensions = {"code": code.name, **extensions}
    return GraphQLError(message, list(nodes), path=path, extensions=extensions)


def with_code(code: ErrorCode, error: GraphQLError) -> GraphQLError:
    """Add a code to an error of graphql-core that has none."""
    error.extensions = {"code": code.name, **(error.extensions or {})}
    return error
