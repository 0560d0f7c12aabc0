"""The headers that every response has, in one table, and the response to a CORS preflight.

Pages of other origins may read responses, but browsers send no cookies or other credentials of
their own with such requests: a client with a token sends it in a header. If any origin is allowed,
the headers are always the same, so a cache needs no copy for each origin.
https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Collection, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANY = "*"

Raw = tuple[bytes, bytes]

ALWAYS: Sequence[Raw] = (
    (b"cache-control", b"private, no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""Defaults: a response that has one of these headers keeps its own value."""

VARY = b"vary"
"""A response may have this header several times; its values add up."""

VARIES: Raw = (
    VARY,
    b", ".join(
        (
            b"Accept",
            b"Accept-Encoding",
            b"Authorization",
            b"GraphQL-Cost",
            b"GraphQL-Locale",
            b"GraphQL-Min-Version",
            b"GraphQL-Stage",
        )
    ),
)
"""What the responses of the endpoint depend on besides its address."""

PUBLIC: Raw = (b"cache-control", b"public, max-age=0, must-revalidate")
"""For a response that everybody gets: whoever keeps it asks each time whether it is still right."""
NOT_FOR_CDNS: Raw = (b"cdn-cache-control", b"no-store")

CONTENT_VERSION = b"graphql-content-version"
"""The version of the content that a response shows, such as `17-8f3a09c26b1d4e57`."""

CROSS_ORIGIN: Sequence[Raw] = (
    # For requests without credentials, the asterisk stands for all headers of the response.
    (b"access-control-expose-headers", b"*"),
)
REQUEST_HEADERS = (
    b"Authorization",
    b"Content-Encoding",
    b"Content-Type",
    b"GraphQL-Cost",
    b"GraphQL-Locale",
    b"GraphQL-Min-Version",
    b"GraphQL-Stage",
    b"Idempotency-Key",
)
PREFLIGHT: Sequence[Raw] = (
    # The asterisk does not stand for `Authorization`.
    (
        b"access-control-allow-headers",
        b", ".join((*REQUEST_HEADERS, b"*")),
    ),
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    # Two hours, the longest that Chromium accepts.
    (b"access-control-max-age", b"7200"),
)


class ResponseHeaders:
    """Middleware that adds these headers to every response."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._same = self._all(b"*") if ANY in origins else None if origins else ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it if it is a preflight."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = self._same or self._for(scope)

        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = message.get("headers", ())
                names = dict(there)
                more = [each for each in added if each[0] not in names or each[0] == VARY]
                message["headers"] = [*there, *more]
            await send(message)

        if self._origins and scope["method"] == "OPTIONS" and _is_preflight(scope):
            start = {"type": "http.response.start", "status": 204, "headers": [*PREFLIGHT]}
            await send_more(start)
            await send({"type": "http.response.body"})
            return
        await self._app(scope, receive, send_more)

    def _for(self, scope: Scope) -> Sequence[Raw]:
        """The headers for a request's origin, if only some origins are allowed."""
        origin = next((value for name, value in scope["headers"] if name == b"origin"), b"")
        vary = (VARY, b"Origin")
        if origin.decode("latin-1") in self._origins:
            return (*self._all(origin), vary)
        return (*ALWAYS, vary)

    def _all(self, origin: bytes) -> Sequence[Raw]:
        return (*ALWAYS, (b"access-control-allow-origin", origin), *CROSS_ORIGIN)


def _is_preflight(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]}
    return {b"origin", b"access-control-request-method"} <= names
