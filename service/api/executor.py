"""Answers requests with the JSON that the database makes.

A read binds the parameters of its plan, runs one statement, and passes on the bytes of its result.
"""

from collections.abc import Mapping
from functools import partial

import orjson
from starlette.datastructures import QueryParams

from schema.delivery import Stage
from schema.planner.arguments import PlanRequest
from schema.planner.tags import Tag
from service.api.compiler import LONGEST_CACHED, BoundOperation, Caller, CompiledOperation, Compiler
from service.api.introspection import Introspector
from service.api.limits import too_deep
from service.api.mutations.mutations import MutationExecutor, MutationRequest, fingerprint
from service.api.requests import Request, Sent, from_parameters
from service.api.response import Response
from service.api.response_cache import ResponseCache
from service.database.pools import Reader


class Executor:
    """Answers operations from one database."""

    def __init__(
        self,
        compiler: Compiler,
        introspector: Introspector,
        readers: Mapping[Stage, Reader],
        mutations: MutationExecutor,
        responses: ResponseCache,
        cost_limit: int,
    ) -> None:
        self._compiler = compiler
        self._introspector = introspector
        self._readers = readers
        self._mutations = mutations
        self._responses = responses
        self._cost_limit = cost_limit

    async def answer(self, sent: Sent, caller: Caller) -> Response:
        """The response to a request; raises `GraphQLError` or `RequestError` if it is refused."""
        response = await self._answer(sent, caller)
        if caller.least is not None:
            await self._responses.require(response, caller.least)
        return response

    async def _answer(self, sent: Sent, caller: Caller) -> Response:
        key = None
        if caller.is_anybody and len(sent.content) <= LONGEST_CACHED:
            # This process may learn of other locales only after the content has changed to them.
            generation = self._compiler.generation
            key = (sent, caller.document, caller.locale, caller.shows_cost, generation)
            if kept := await self._responses.find(key):
                if kept.document is not None:
                    await self._compiler.require(kept.document, caller)
                return kept
            if self._responses.is_asked_again(key):
                caller = caller._replace(is_marked=True)
        planned, bound = await self._bound(sent, caller)
        caller.access.require_stages(planned.stages)
        if bound.mutation is not None:
            request = _mutation_request(planned, bound, *bound.mutation, caller)
            return await self._changed(request, bound, caller)
        work = partial(self._read, planned, bound, caller)
        if key and Stage.DRAFT not in planned.stages and not bound.has_hash:
            return await self._responses.make(key, len(sent.content), work)
        return await work()

    async def _bound(self, sent: Sent, caller: Caller) -> tuple[CompiledOperation, BoundOperation]:
        if sent.content_type is None:
            request = from_parameters(QueryParams(sent.content))
            return await self._compiler.bound(request, caller)
        return await self._compiler.bound_body(sent.content, sent.content_type, caller)

    async def _read(
        self, planned: CompiledOperation, bound: BoundOperation, caller: Caller
    ) -> Response:
        data, version = b"{}", self._responses.known
        tags: frozenset[Tag] | None = bound.tags
        if planned.plan is not None:
            stage = Stage.DRAFT if Stage.DRAFT in planned.stages else Stage.LIVE
            written = await self._readers[stage].json(planned.plan.sql, bound.values)
            data, items, version = planned.plan.answer(written)
            tags = None if items is None else bound.tags | items
        data = await self._introspector.complete(planned, bound, data, caller.client)
        is_public = caller.is_anybody and Stage.DRAFT not in planned.stages
        body = self._body(data, bound.cost, caller)
        return Response(body, version, tags, bound.document, is_public)

    async def _changed(
        self, request: MutationRequest, bound: BoundOperation, caller: Caller
    ) -> Response:
        try:
            data, version = await self._mutations.answer(request)
        except RecursionError as error:
            raise too_deep() from error
        version = version or self._responses.known
        return Response(self._body(data, bound.cost, caller), version)

    def _body(self, data: bytes, cost: int, caller: Caller) -> bytes:
        """The body of a response, with the cost of the operation if the client asks for it."""
        if not caller.shows_cost:
            return b'{"data":%b}' % data
        said = {"requestedQueryCost": cost, "maximumAvailable": self._cost_limit}
        return b'{"data":%b,"extensions":%b}' % (data, orjson.dumps({"cost": said}))


def _mutation_request(
    planned: CompiledOperation,
    bound: BoundOperation,
    request: Request,
    plan_request: PlanRequest,
    caller: Caller,
) -> MutationRequest:
    said = fingerprint(request.query, request.operation_name, request.variables)
    retry = (caller.key, said) if caller.key else None
    return MutationRequest(planned.mutations, plan_request, caller.access, bound.plan, retry)
