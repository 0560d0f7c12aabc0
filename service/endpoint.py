"""The GraphQL endpoint on Starlette."""

import logging
from collections.abc import Sequence
from uuid import uuid4

import orjson
from graphql import GraphQLError
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from schema.errors import request_error
from service.engine import Engine, RefusedError
from service.errors import DatabaseError
from service.explorer.page import explorer_page
from service.requests import (
    JSON,
    ProtocolError,
    Request,
    from_body,
    from_parameters,
    media_type,
    status_of_refusal,
)

log = logging.getLogger(__name__)

METHODS = ("GET", "HEAD", "POST")


class GraphQLEndpoint:
    """Answers GraphQL requests, and browsers with the explorer."""

    def __init__(self, body_limit: int, *, explorer: bool) -> None:
        self._body_limit = body_limit
        self._explorer = explorer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the engine is in the state that the application's lifespan made."""
        response = await self.response(HTTPRequest(scope, receive))
        await response(scope, receive, send)

    async def response(self, http: HTTPRequest) -> Response:
        """The response to a request: to every one, whatever is wrong with it."""
        if self._explorer and _is_browser(http):
            return explorer_page()
        answer_type = JSON
        try:
            answer_type = media_type(http.headers.get("accept"))
            return _response(200, answer_type, b'{"data":%b}' % await self._data(http))
        except ProtocolError as fault:
            error = request_error("BAD_REQUEST", fault.message)
            return _refusal(fault.status, answer_type, [error], fault.headers)
        except RefusedError as refused:
            return _refusal(status_of_refusal(answer_type), answer_type, refused.errors)
        except DatabaseError as gone:
            log.error("%s", gone)  # what happened is known: no traceback
            error = request_error("UNAVAILABLE", "The database does not answer; try again soon.")
            return _refusal(503, answer_type, [error], {"Retry-After": "1"})
        except Exception:  # the edge: whatever it is, it is logged, and hidden
            id_ = str(uuid4())
            log.exception("internal error %s", id_)
            message = "Something went wrong here. It is in the log under this id."
            return _refusal(500, answer_type, [request_error("INTERNAL", message, id=id_)])

    async def _data(self, http: HTTPRequest) -> bytes:
        engine: Engine = http.state.engine
        if http.method == "POST":
            return await engine.answer(await self._posted(http))
        if http.method in {"GET", "HEAD"}:
            return await engine.answer(from_parameters(http.query_params))
        raise ProtocolError(405, "Use GET or POST.", {"Allow": ", ".join(METHODS)})

    async def _posted(self, http: HTTPRequest) -> Request:
        body = bytearray()
        try:
            async for chunk in http.stream():
                body += chunk
                if len(body) > self._body_limit:
                    message = f"The body is over the limit of {self._body_limit} bytes; send less."
                    raise ProtocolError(413, message)
        except ClientDisconnect as error:
            raise ProtocolError(400, "The request ended before its body did.") from error
        return from_body(bytes(body), http.headers.get("content-type", ""))


def _is_browser(http: HTTPRequest) -> bool:
    return http.method in {"GET", "HEAD"} and "text/html" in http.headers.get("accept", "")


def _response(
    status: int, answer_type: str, body: bytes, headers: dict[str, str] | None = None
) -> Response:
    return Response(body, status, headers, media_type=f"{answer_type}; charset=utf-8")


def _refusal(
    status: int,
    answer_type: str,
    errors: Sequence[GraphQLError],
    headers: dict[str, str] | None = None,
) -> Response:
    body = orjson.dumps({"errors": [error.formatted for error in errors]})
    return _response(status, answer_type, body, headers)
