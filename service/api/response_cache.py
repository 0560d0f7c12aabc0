"""Keeps responses for as long as they are right.

A response that is kept is checked before it is sent; see `service.freshness`. Identical requests
that arrive while a response is being made share the statement that makes it. Only public responses
are kept or shared.
"""

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable, Hashable, Iterator

from schema.errors import ErrorCode, request_error
from schema.planner.answers import Version
from service.api.response import Response
from service.cache import Cache
from service.errors import RequestError
from service.freshness import Freshness

MOST_ASKED = 20_000
"""Of how many requests it is remembered, at least, that they were sent."""


Figure = tuple[str, str, str, int]
"""A figure for operators: its name, its kind, what it is, and the value."""


class ResponseCache:
    """The responses to the requests that are asked most."""

    def __init__(self, freshness: Freshness, budget: int) -> None:
        """Keep responses of `budget` bytes together."""
        self._freshness = freshness
        self._budget = budget
        self._asked: set[int] = set()
        self._asked_before: set[int] = set()
        self._kept = Cache[Hashable, Response](budget)
        self._made: dict[Hashable, Future[Response | None]] = {}
        self._hits = 0
        self._misses = 0

    @property
    def known(self) -> Version:
        """The version of the content at the last check."""
        return self._freshness.known

    def figures(self) -> Iterator[Figure]:
        """What the cache has done, and what it holds."""
        counted, kept = "counter", self._kept
        yield "response_cache_hits_total", counted, "Requests that shared a response.", self._hits
        yield "response_cache_misses_total", counted, "Responses that were made.", self._misses
        evictions = "Responses that were given up for others."
        yield "response_cache_evictions_total", counted, evictions, kept.evictions
        yield "response_cache_bytes", "gauge", "The memory for responses.", kept.weight
        yield "response_cache_responses", "gauge", "Responses that are kept.", len(kept)
        checks = "Times that the version of the content was asked for."
        yield "freshness_checks_total", counted, checks, self._freshness.checks

    def is_asked_again(self, key: Hashable) -> bool:
        """Whether a request was sent before, lately: only then its response is worth keeping.

        What is asked once pays nothing for those that are asked again.
        """
        asked = hash(key)
        if asked in self._asked or asked in self._asked_before:
            return self._budget > 0
        self._asked.add(asked)
        if len(self._asked) > MOST_ASKED:
            self._asked_before, self._asked = self._asked, set()
        return False

    async def find(self, key: Hashable) -> Response | None:
        """The response that is kept for a request, if it is right; raises `DatabaseError`."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        await self._freshness.ask()
        return self._right(kept)

    async def make(
        self, key: Hashable, size: int, work: Callable[[], Awaitable[Response]]
    ) -> Response:
        """The response that `work` makes, or that the same work for another request makes now.

        `size` is about how many bytes the key takes.
        """
        if not self._budget:
            return await work()
        while (making := self._made.get(key)) is not None:
            made, _ = await asyncio.gather(asyncio.shield(making), self._freshness.ask())
            if made and (right := self._right(made)):
                return right
        making = self._made[key] = asyncio.get_running_loop().create_future()
        response, era = None, self._freshness.era
        try:
            response = await work()
            response.era = era
        finally:
            del self._made[key]
            making.set_result(response)
        self._misses += 1
        if response.tags is not None:
            self._kept.put(key, response, response.weight + size)
        return response

    async def require(self, response: Response, least: Version) -> None:
        """Raise `RequestError` unless a response shows this version of the content, or a later one.

        A version has to be of the same past: after a dump was restored, its number says nothing.
        """
        shown = response.shown
        if shown != least and not (
            least.number < shown.number and await self._freshness.has_had(least)
        ):
            message = (
                f"`GraphQL-Min-Version` is {least}, and the content is at {shown}. If that version "
                "was here once, the database was put back to an earlier state: read without it."
            )
            error = request_error(ErrorCode.UNKNOWN_VERSION, message, version=str(shown))
            raise RequestError([error], 412)

    def _right(self, response: Response) -> Response | None:
        if not self._freshness.is_right(response):
            return None
        self._hits += 1
        return response
