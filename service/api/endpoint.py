"""The GraphQL endpoint on Starlette."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from schema.delivery import Stage
from schema.planner.answers import Version
from service.access import Scope as AccessScope
from service.api.codings import decoder
from service.api.compiler import Caller
from service.api.deadline import Deadline
from service.api.executor import Executor
from service.api.requests import JSON, ProtocolError, Sent
from service.api.response import Response as Answer
from service.api.responses import LABELS, error_response, is_expected, media_type
from service.api.sending import CachingHeaders, ResponseSender
from service.cache_tags import TagsPreset
from service.explorer.page import explorer_page
from service.settings import Settings
from service.tokens import Tokens

RequestHeaders = Mapping[bytes, bytes]
"""The values of headers by their names in lower case."""

METHODS = "GET, HEAD, OPTIONS, POST"
STAGE = b"graphql-stage"
"""A request header: the stage that root fields without an argument `stage` read."""
_STAGES = {each.name.encode(): each for each in Stage}
LOCALE = b"graphql-locale"
"""A request header: the locale of root fields without an argument `locale`."""
KEY = b"idempotency-key"
"""A request header: mutations that are sent again with the same key are carried out once."""
LONGEST_KEY = 200
MOST_IGNORED = 32_000_000
"""The most bytes of a body that are read, and thrown away, beyond the limit."""
COST = b"graphql-cost"
"""A request header: `1` asks for `extensions.cost` in the response."""
MIN_VERSION = b"graphql-min-version"
"""A request header: the response has to show this version of the content, or a later one."""


class GraphQLEndpoint:
    """Answers GraphQL requests, and browsers with the explorer."""

    def __init__(self, settings: Settings) -> None:
        self._body_limit = settings.body_limit
        self._explorer = settings.explorer
        self._is_tagged = settings.cache_tags is not TagsPreset.NONE
        self._sender = ResponseSender(CachingHeaders(settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the executor comes from the state of the application's lifespan.

        Responses to reads are sent as plain ASGI messages: Starlette's `Request` and `Response`
        would take a tenth of the time of a short read.
        """
        headers = _headers(scope)
        if self._explorer and _document(scope) is None and _is_browser(scope["method"], headers):
            await explorer_page()(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers={"Allow": METHODS})(scope, receive, send)
            return
        answer_type = JSON
        try:
            answer_type = media_type(headers.get(b"accept", b"").decode("latin-1"))
            answer = await self._answer(scope, headers, receive)
        except Exception as error:  # the edge: every error is answered
            if _is_for_handler(error, scope["app"].exception_handlers):
                raise
            await error_response(error, answer_type)(scope, receive, send)
        else:
            is_safe = scope["method"] != "POST"
            await self._sender.send(send, answer, headers, LABELS[answer_type], is_safe=is_safe)

    async def _answer(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> Answer:
        executor: Executor = scope["state"]["executor"]
        deadline: Deadline = scope["state"]["deadline"]
        arrival = _Arrival()
        try:
            with deadline:
                caller = await self._caller(scope, headers)
                sent = await self._sent(scope, headers, receive, arrival)
                return await executor.answer(sent, caller)
        except TimeoutError as error:
            if arrival.is_too_large:
                raise self._too_large() from error
            if arrival.is_under_way:
                said = (
                    f"The body was not complete after {deadline.seconds:g} s; "
                    "send the request again."
                )
                raise ProtocolError(408, said, {"Connection": "close"}) from error
            raise

    async def _sent(
        self, scope: Scope, headers: RequestHeaders, receive: Receive, arrival: "_Arrival"
    ) -> Sent:
        """What the client has sent."""
        if scope["method"] == "POST":
            content_type = headers.get(b"content-type", b"").decode("latin-1")
            return Sent(await self._posted(headers, receive, arrival), content_type)
        if scope["method"] in {"GET", "HEAD"}:
            return Sent(scope["query_string"])
        said = f"The method {scope['method']} is not supported; use GET or POST."
        raise ProtocolError(405, said, {"Allow": METHODS})

    async def _caller(self, scope: Scope, headers: RequestHeaders) -> Caller:
        """The client; raises `AccessError` before the body is read if it may not read content."""
        tokens: Tokens = scope["state"]["tokens"]
        access = await tokens.access(headers.get(b"authorization"))
        access.require(AccessScope.READ)
        stage = _STAGES.get(headers.get(STAGE, b"LIVE"))
        if stage is None:
            asked = headers[STAGE].decode("latin-1")
            said = f"The header `GraphQL-Stage` is {asked!r}; it has to be DRAFT or LIVE."
            raise ProtocolError(400, said)
        key = _text(headers, KEY)
        if key and not (key.isprintable() and len(key) <= LONGEST_KEY):
            said = (
                "The header `Idempotency-Key` is too long or has characters that are not "
                f"printable; it may have up to {LONGEST_KEY} printable ones."
            )
            raise ProtocolError(400, said)
        # A token is one client, whatever addresses use it; without tokens, an address is one.
        host, _ = scope.get("client") or (None, None)
        is_anybody = b"authorization" not in headers and stage is Stage.LIVE
        return Caller(
            access,
            stage,
            key,
            access.name or host,
            _text(headers, LOCALE),
            _document(scope),
            shows_cost=headers.get(COST, b"") not in {b"", b"0"},
            least=_version(headers[MIN_VERSION]) if MIN_VERSION in headers else None,
            is_marked=is_anybody and self._is_tagged and scope["method"] != "POST",
            is_anybody=is_anybody,
        )

    async def _posted(
        self, headers: RequestHeaders, receive: Receive, arrival: "_Arrival"
    ) -> bytes:
        """The body, decoded.

        The limit counts what is sent, and what is decoded from it. What exceeds it is not decoded.
        A body that is too large is still read for a while, because a client that is cut off while
        it sends does not see the response. A client that sends `Expect` is refused at once.
        """
        body, size = bytearray(), 0
        coded = decoder(headers.get(b"content-encoding", b""))
        if b"expect" in headers and _length(headers) > self._body_limit:
            raise self._too_large()
        arrival.is_under_way = True
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ProtocolError(400, "The client disconnected before the body was complete.")
            part, more = message.get("body", b""), message.get("more_body", False)
            size += len(part)
            if max(size, len(body)) <= self._body_limit:
                body += coded.decode(part, self._body_limit - len(body) + 1)
            elif size > self._body_limit + MOST_IGNORED:
                break
            arrival.is_too_large = max(size, len(body)) > self._body_limit
        arrival.is_under_way = False
        if arrival.is_too_large:
            raise self._too_large()
        coded.end()
        return bytes(body)

    def _too_large(self) -> ProtocolError:
        said = f"The body exceeds the limit of {self._body_limit} bytes; send a smaller one."
        return ProtocolError(413, said, {"Connection": "close"})


@dataclass
class _Arrival:
    """How far a body has come."""

    is_under_way: bool = False
    is_too_large: bool = False


def _length(headers: RequestHeaders) -> int:
    """The length of the body as the client declares it; the server enforces it."""
    return int(headers.get(b"content-length", b"0"))


def _version(value: bytes) -> Version:
    try:
        return Version.read(value.decode("latin-1"))
    except ValueError as error:
        raise ProtocolError(400, f"The header `GraphQL-Min-Version`: {error}.") from error


def _text(headers: RequestHeaders, name: bytes) -> str | None:
    """The value of a header; None if it is missing or empty."""
    return headers[name].decode("latin-1") or None if name in headers else None


def _headers(scope: Scope) -> RequestHeaders:
    """The headers of a request; of repeated ones, the first."""
    return dict(reversed(scope["headers"]))


def _document(scope: Scope) -> str | None:
    """The id of a document in the address of a request, if it has one."""
    found: str | None = scope.get("path_params", {}).get("document")
    return found


def _is_browser(method: str, headers: RequestHeaders) -> bool:
    return method in {"GET", "HEAD"} and b"text/html" in headers.get(b"accept", b"")


def _is_for_handler(error: Exception, handlers: Mapping[Any, Any]) -> bool:
    """Whether the application has an exception handler for an error, by Starlette's rules.

    A handler for `Exception` or for 500 handles unexpected errors only.
    """
    if not is_expected(error) and not handlers.keys().isdisjoint({Exception, 500}):
        return True
    return any(each in handlers for each in type(error).__mro__ if each is not Exception)
