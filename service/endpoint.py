"""The GraphQL endpoint on Starlette."""

import logging
from asyncio import timeout
from collections.abc import Sequence
from uuid import uuid4

import orjson
from graphql import GraphQLError
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from schema.errors import request_error
from service.engine import Answer, Engine, RefusedError
from service.errors import DatabaseError, StatementTimeoutError
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
from service.settings import Settings

log = logging.getLogger(__name__)

METHODS = ("GET", "HEAD", "POST")
COST = "GraphQL-Cost"
"""A request's header: `1` asks for `extensions.cost` in the response."""

_TIMEOUT = "The request takes too long. Ask for smaller pages or less in them, or try again later."


class GraphQLEndpoint:
    """Answers GraphQL requests, and browsers with the explorer."""

    def __init__(self, settings: Settings) -> None:
        self._body_limit = settings.body_limit
        self._deadline = settings.deadline
        self._cost_limit = settings.cost_limit
        self._explorer = settings.explorer

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
            async with timeout(self._deadline):
                answer = await self._answer(http)
            return _response(200, answer_type, self._body(http, answer))
        except Exception as error:  # noqa: BLE001  # the edge: every error is answered
            return _failure(error, answer_type)

    def _body(self, http: HTTPRequest, answer: Answer) -> bytes:
        """The body of a response; with what it cost, where the client wants to know."""
        if http.headers.get(COST) in {None, "", "0"}:
            return b'{"data":%b}' % answer.data
        cost = {"requestedQueryCost": answer.cost, "maximumAvailable": self._cost_limit}
        return b'{"data":%b,"extensions":%b}' % (answer.data, orjson.dumps({"cost": cost}))

    async def _answer(self, http: HTTPRequest) -> Answer:
        engine: Engine = http.state.engine
        if http.method == "POST":
            return await engine.answer(await self._posted(http))
        if http.method in {"GET", "HEAD"}:
            return await engine.answer(from_parameters(http.query_params))
        raise ProtocolError(405, "Use GET or POST.", {"Allow": ", ".join(METHODS)})

    async def _posted(self, http: HTTPRequest) -> Request:
        if http.headers.get("content-encoding", "identity").lower() != "identity":
            raise ProtocolError(415, "Send the body as it is, without a content encoding.")
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


def _failure(error: Exception, answer_type: str) -> Response:
    """The response to a request that was not answered."""
    match error:
        case ProtocolError():
            wrong = request_error("BAD_REQUEST", error.message)
            return _refusal(error.status, answer_type, [wrong], error.headers)
        case RefusedError():
            return _refusal(status_of_refusal(answer_type), answer_type, error.errors)
        case StatementTimeoutError() | TimeoutError():
            return _refusal(504, answer_type, [request_error("TIMEOUT", _TIMEOUT)])
        case DatabaseError():
            log.error("%s", error)  # what happened is known: no traceback
            wrong = request_error("UNAVAILABLE", "The database does not answer; try again soon.")
            return _refusal(503, answer_type, [wrong], {"Retry-After": "1"})
    id_ = str(uuid4())
    log.error("internal error %s", id_, exc_info=error)
    message = "Something went wrong here. It is in the log under this id."
    return _refusal(500, answer_type, [request_error("INTERNAL", message, id=id_)])


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
