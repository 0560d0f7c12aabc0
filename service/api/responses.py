"""The media type of a response, and the responses to errors; no other module decides them.

A client sees the errors, each with a code of `schema.errors.ErrorCode`, and an HTTP status. An
unexpected error shows only an id, under which the log has the details.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import uuid4

import orjson
from graphql import GraphQLError
from starlette.responses import Response

from schema.errors import ErrorCode, request_error
from service.api.headers import VARIES
from service.api.requests import JSON, ProtocolError
from service.errors import DatabaseError, RequestError, StatementTimeoutError
from service.negotiation import qualities

log = logging.getLogger(__name__)

GRAPHQL_RESPONSE = "application/graphql-response+json"
LABELS = {each: f"{each}; charset=utf-8".encode() for each in (JSON, GRAPHQL_RESPONSE)}
"""The content types of responses, with their charset."""

_EXPECTED = (RequestError, GraphQLError, DatabaseError, TimeoutError)
_TIMEOUT = "The request took too long. Ask for smaller pages or fewer fields, or try again later."


@lru_cache(maxsize=64)
def media_type(accept: str) -> str:
    """The media type of the response to an `Accept` header; 406 if it accepts neither.

    A media type that is named goes before one that a wildcard covers. A wildcard means JSON.
    https://graphql.github.io/graphql-over-http/draft/#sec-Accept
    """
    wanted = qualities(accept or JSON)
    named = [each for each in (GRAPHQL_RESPONSE, JSON) if wanted.get(each)]
    if named:
        return max(named, key=lambda each: wanted[each])
    covered = [each for each in (JSON, GRAPHQL_RESPONSE) if each not in wanted]
    if covered and wanted.get("application/*", wanted.get("*/*")):
        return covered[0]
    said = f"The header `Accept` allows neither {GRAPHQL_RESPONSE} nor {JSON}; accept one of them."
    raise ProtocolError(406, said)


def is_expected(error: Exception) -> bool:
    """Whether an error can happen in a service that works as it should."""
    return isinstance(error, _EXPECTED)


def error_response(error: Exception, answer_type: str) -> Response:
    """The response to a request that failed."""
    match error:
        case RequestError():
            status = error.status or _status_of_refusal(answer_type)
            return _response(status, answer_type, error.errors, error.headers)
        case GraphQLError():
            return _response(_status_of_refusal(answer_type), answer_type, [error])
        case StatementTimeoutError() | TimeoutError():
            return _response(504, answer_type, [request_error(ErrorCode.TIMEOUT, _TIMEOUT)])
        case DatabaseError():
            log.error("%s", error)  # its cause is known: no traceback
            message = "The database does not answer; try again soon."
            wrong = request_error(ErrorCode.UNAVAILABLE, message)
            return _response(503, answer_type, [wrong], {"Retry-After": "1"})
    id_ = str(uuid4())
    log.error("internal error %s", id_, exc_info=error)
    message = "An internal error occurred. The log of the service has the details under this id."
    return _response(500, answer_type, [request_error(ErrorCode.INTERNAL, message, id=id_)])


def _response(
    status: int,
    answer_type: str,
    errors: Sequence[GraphQLError],
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = orjson.dumps({"errors": [error.formatted for error in errors]})
    response = Response(body, status, headers, media_type=LABELS[answer_type].decode())
    response.raw_headers.append(VARIES)
    return response


def _status_of_refusal(answer_type: str) -> int:
    """The HTTP status for a well-formed request that is not executed, such as an invalid one."""
    return 400 if answer_type == GRAPHQL_RESPONSE else 200
