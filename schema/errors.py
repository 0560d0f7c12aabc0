"""What a request can do wrong, as GraphQL errors with a stable `extensions.code`.

BAD_REQUEST          the body or the parameters are no GraphQL request
SYNTAX_ERROR         the document does not parse
VALIDATION_FAILED    the document does not fit the schema
BAD_VARIABLES        a variable is missing or has a value of the wrong type
UNKNOWN_OPERATION    `operationName` names no operation of the document, or has to and does not
UNAUTHENTICATED      the token is not valid, or there is none where one is needed
FORBIDDEN            the token does not have the scope that this takes
BAD_STAGE            something that only the working copy has is asked of what is published
IDEMPOTENCY_KEY_REUSED  the key came with another request before
UNKNOWN_LOCALE       content is not served in this locale; `extensions.known` lists the others.
                     Or no language has the tag
BAD_PAGE             `first` is negative or too large
BAD_CURSOR           `after` is no cursor of this connection
BAD_FILTER           a condition in `where` cannot be used
BAD_SEARCH           the text to search for is too long
BAD_STAGE            what is asked for is not of this stage
BAD_ID               an id is not one of an item that can be asked for there
TOO_LARGE            there is too much of something; `extensions` has the `limit`, what was `asked`
                     and what is `allowed`
TOO_DEEP             the document or the variables are nested too deeply
TOO_COSTLY           the operation costs too much; see `service.api.cost`
UNAUTHENTICATED      the token is not valid
FORBIDDEN            the token, or the lack of one, does not allow it
IDEMPOTENCY_KEY_REUSED  the key came with another request before
TIMEOUT              the request takes longer than it may
UNAVAILABLE          the database does not answer
INTERNAL             a fault of ours; the log has more under `extensions.id`
"""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError, Node


def request_error(
    code: str,
    message: str,
    nodes: Sequence[Node] = (),
    path: Sequence[str | int] | None = None,
    **extensions: Any,
) -> GraphQLError:
    """An error with a code of the table above; what else clients may need goes into extensions."""
    return GraphQLError(message, list(nodes), path=path, extensions={"code": code, **extensions})


def with_code(code: str, error: GraphQLError) -> GraphQLError:
    """Give an error of graphql-core a code of ours."""
    error.extensions = {"code": code, **(error.extensions or {})}
    return error
