"""The GraphQL endpoint on Starlette."""

from asyncio import get_running_loop, timeout_at
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from schema.delivery import Stage
from service.access import Scope as AccessScope
from service.api.codings import decoder
from service.api.compiler import Caller
from service.api.executor import Executor, Result
from service.api.requests import JSON, ProtocolError, from_parameters
from service.api.responses import LABELS, error_response, is_expected, media_type
from service.explorer.page import explorer_page
from service.settings import Settings
from service.tokens import Tokens

RequestHeaders = Mapping[bytes, bytes]
"""The values of headers by their names in lower case."""

METHODS = "GET, HEAD, OPTIONS, POST"
STAGE = b"graphql-stage"
LOCALE = b"graphql-locale"
"""A request header: the stage that root fields without an argument `stage` read."""
KEY = b"idempotency-key"
"""A request header: mutations that are sent again with the same key are carried out once."""
LONGEST_KEY = 200
MOST_IGNORED = 32_000_000
"""The most bytes of a body that are read, and thrown away, beyond the limit."""
COST = b"graphql-cost"
"""A request header: `1` asks for `extensions.cost` in the response."""


class GraphQLEndpoint:
    """Answers GraphQL requests, and browsers with the explorer."""

    def __init__(self, settings: Settings) -> None:
        self._body_limit = settings.body_limit
        self._deadline = settings.deadline
        self._cost_limit = settings.cost_limit
        self._explorer = settings.explorer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the executor comes from the state of the application's lifespan.

        Responses to reads are sent as plain ASGI messages: Starlette's `Request` and `Response`
        would take a tenth of the time of a short read.
        """
        headers = _headers(scope)
        if self._explorer and _is_browser(scope["method"], headers):
            await explorer_page()(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers={"Allow": METHODS})(scope, receive, send)
            return
        answer_type = JSON
        try:
            answer_type = media_type(headers.get(b"accept", b"").decode("latin-1"))
            answer = await self._answer(scope, headers, receive)
            body = self._body(headers, answer)
        except Exception as error:  # the edge: every error is answered
            if _is_for_handler(error, scope["app"].exception_handlers):
                raise
            await error_response(error, answer_type)(scope, receive, send)
        else:
            await _send(send, body, LABELS[answer_type])

    def _body(self, headers: RequestHeaders, answer: Result) -> bytes:
        """The body of a response, with the cost of the operation if the client asks for it."""
        if headers.get(COST, b"") in {b"", b"0"}:
            return b'{"data":%b}' % answer.data
        cost = {"requestedQueryCost": answer.cost, "maximumAvailable": self._cost_limit}
        return b'{"data":%b,"extensions":%b}' % (answer.data, orjson.dumps({"cost": cost}))

    async def _answer(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> Result:
        executor: Executor = scope["state"]["executor"]
        end = get_running_loop().time() + self._deadline
        async with timeout_at(end):
            caller = await self._caller(scope, headers)
        if scope["method"] == "POST":
            content_type = headers.get(b"content-type", b"").decode("latin-1")
            body = await self._posted(headers, receive, end)
            async with timeout_at(end):
                return await executor.answer_body(body, content_type, caller)
        if scope["method"] in {"GET", "HEAD"}:
            request = from_parameters(QueryParams(scope["query_string"]))
            async with timeout_at(end):
                return await executor.answer(request, caller)
        said = f"The method {scope['method']} is not supported; use GET or POST."
        raise ProtocolError(405, said, {"Allow": METHODS})

    async def _caller(self, scope: Scope, headers: RequestHeaders) -> Caller:
        """The client; raises `AccessError` before the body is read if it may not read content."""
        tokens: Tokens = scope["state"]["tokens"]
        access = await tokens.access(headers.get(b"authorization"))
        access.require(AccessScope.READ)
        asked = headers.get(STAGE, b"LIVE").decode("latin-1")
        if asked not in Stage.__members__:
            said = f"The header `GraphQL-Stage` is {asked!r}; it has to be DRAFT or LIVE."
            raise ProtocolError(400, said)
        key = headers.get(KEY, b"").decode("latin-1") or None
        if key and not (key.isprintable() and len(key) <= LONGEST_KEY):
            said = (
                "The header `Idempotency-Key` is too long or has characters that are not "
                f"printable; it may have up to {LONGEST_KEY} printable ones."
            )
            raise ProtocolError(400, said)
        # A token is one client, whatever addresses use it; without tokens, an address is one.
        host, _ = scope.get("client") or (None, None)
        locale = headers.get(LOCALE, b"").decode("latin-1") or None
        return Caller(access, Stage[asked], key, access.name or host, locale)

    async def _posted(self, headers: RequestHeaders, receive: Receive, end: float) -> bytes:
        """The body, decoded, which has to be complete by the time `end`.

        The limit counts what is sent, and what is decoded from it. What exceeds it is not decoded.
        A body that is too large is still read for a while, because a client that is cut off while
        it sends does not see the response. A client that sends `Expect` is refused at once.
        """
        body, size = bytearray(), 0
        coded = decoder(headers.get(b"content-encoding", b""))
        if b"expect" in headers and _length(headers) > self._body_limit:
            raise self._too_large()
        try:
            async with timeout_at(end):
                async for part in _parts(receive):
                    size += len(part)
                    if max(size, len(body)) <= self._body_limit:
                        body += coded.decode(part, self._body_limit - len(body) + 1)
                    elif size > self._body_limit + MOST_IGNORED:
                        break
        except TimeoutError as error:
            if max(size, len(body)) <= self._body_limit:
                said = (
                    f"The body was not complete after {self._deadline:g} s; send the request again."
                )
                raise ProtocolError(408, said, {"Connection": "close"}) from error
        if max(size, len(body)) > self._body_limit:
            raise self._too_large()
        coded.end()
        return bytes(body)

    def _too_large(self) -> ProtocolError:
        said = f"The body exceeds the limit of {self._body_limit} bytes; send a smaller one."
        return ProtocolError(413, said, {"Connection": "close"})


def _length(headers: RequestHeaders) -> int:
    """The length of the body as the client declares it; the server enforces it."""
    return int(headers.get(b"content-length", b"0"))


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    """The parts of a body."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ProtocolError(400, "The client disconnected before the body was complete.")
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _send(send: Send, body: bytes, label: bytes) -> None:
    headers = [(b"content-length", b"%d" % len(body)), (b"content-type", label)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers(scope: Scope) -> RequestHeaders:
    """The headers of a request; of repeated ones, the first."""
    return dict(reversed(scope["headers"]))


def _is_browser(method: str, headers: RequestHeaders) -> bool:
    return method in {"GET", "HEAD"} and b"text/html" in headers.get(b"accept", b"")


def _is_for_handler(error: Exception, handlers: Mapping[Any, Any]) -> bool:
    """Whether the application has an exception handler for an error, by Starlette's rules.

    A handler for `Exception` or for 500 handles unexpected errors only.
    """
    if not is_expected(error) and not handlers.keys().isdisjoint({Exception, 500}):
        return True
    return any(each in handlers for each in type(error).__mro__ if each is not Exception)
