"""Sends responses to reads and mutations, with the headers that caches go by.

https://www.rfc-editor.org/rfc/rfc9110 and https://www.rfc-editor.org/rfc/rfc9111
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from starlette.types import Send

from schema.planner.answers import Version
from service.api.codings import chosen
from service.api.headers import CONTENT_VERSION, NOT_FOR_CDNS, PUBLIC, VARIES, Raw
from service.api.response import Response
from service.cache_tags import HEADERS
from service.settings import Settings

SMALLEST_ENCODED = 1_000
"""The smallest body, in bytes, that is encoded: others hardly become shorter."""


class CachingHeaders:
    """The headers by which caches keep responses, and forget them."""

    def __init__(self, settings: Settings) -> None:
        self._tags = HEADERS.get(settings.cache_tags)
        self._for_cdns = _for_cdns(settings)

    def of(self, response: Response) -> Iterator[Raw]:
        """The headers of a response that everybody gets."""
        yield PUBLIC
        if self._tags is None:
            yield from self._for_cdns
        elif value := self._tags.value(response.tags or ()):
            yield from self._for_cdns
            yield self._tags.name.encode(), value
        else:
            yield NOT_FOR_CDNS


def _for_cdns(settings: Settings) -> Sequence[Raw]:
    """https://www.rfc-editor.org/rfc/rfc9213"""
    if not settings.cdn_max_age:
        return ()
    said = {
        "s-maxage": settings.cdn_max_age,
        "stale-while-revalidate": settings.cdn_stale_while_revalidate,
        "stale-if-error": settings.cdn_stale_if_error,
    }
    value = ", ".join(["public", *(f"{name}={number}" for name, number in said.items() if number)])
    return ((b"cdn-cache-control", value.encode()),)


class ResponseSender:
    """Sends responses."""

    def __init__(self, caching: CachingHeaders) -> None:
        self._caching = caching

    async def send(
        self,
        send: Send,
        response: Response,
        headers: Mapping[bytes, bytes],
        label: bytes,
        *,
        is_safe: bool,
    ) -> None:
        """Send a response, or 304 to a client that has it already; `label` is its content type.

        `is_safe` says whether its method is a safe one, such as GET: only then caches keep it.
        """
        coding = None
        if len(response.body) >= SMALLEST_ENCODED:
            coding = chosen(headers.get(b"accept-encoding", b""))
        head: list[Raw] = [VARIES, (CONTENT_VERSION, _written(response.shown))]
        if is_safe and response.is_public:
            tag = response.entity_tag(coding)
            head += ((b"etag", tag), *self._caching.of(response))
            if b"if-none-match" in headers and is_matched(headers[b"if-none-match"], tag):
                await _send(send, 304, head, b"")
                return
        body = response.encoded(coding)
        if coding:
            head.append((b"content-encoding", coding.encode()))
        head += ((b"content-length", b"%d" % len(body)), (b"content-type", label))
        await _send(send, 200, head, body)


async def _send(send: Send, status: int, head: list[Raw], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


@lru_cache(maxsize=16)
def _written(version: Version) -> bytes:
    return str(version).encode()


def is_matched(if_none_match: bytes, tag: bytes) -> bool:
    """Whether `If-None-Match` names an entity tag, by the weak comparison.

    https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
    """
    if if_none_match == tag:
        return True
    named = (each.strip().removeprefix(b"W/") for each in if_none_match.split(b","))
    return any(each in {tag, b"*"} for each in named)
