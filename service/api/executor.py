"""Answers requests with the JSON that the database makes.

A read binds the parameters of its plan, runs one statement, and passes on the bytes of its result.
"""

from collections.abc import Mapping
from typing import NamedTuple

from schema.delivery import Stage
from schema.planner.arguments import PlanRequest
from service.api.compiler import BoundOperation, Caller, CompiledOperation, Compiler
from service.api.introspection import Introspector
from service.api.limits import too_deep
from service.api.mutations.mutations import MutationExecutor, MutationRequest, fingerprint
from service.api.requests import Request
from service.database.pools import Reader


class Result(NamedTuple):
    """The result of a request."""

    data: bytes
    """The JSON of `data`."""
    cost: int


class Executor:
    """Answers operations from one database."""

    def __init__(
        self,
        compiler: Compiler,
        introspector: Introspector,
        readers: Mapping[Stage, Reader],
        mutations: MutationExecutor,
    ) -> None:
        self._compiler = compiler
        self._introspector = introspector
        self._readers = readers
        self._mutations = mutations

    async def answer(self, request: Request, caller: Caller) -> Result:
        """The result of a request; raises `GraphQLError` or `RequestError` if it is refused."""
        return await self._run(*await self._compiler.bound(request, caller), caller)

    async def answer_body(self, body: bytes, content_type: str, caller: Caller) -> Result:
        """The result of the body of a POST; raises the same errors as `answer`."""
        return await self._run(*await self._compiler.bound_body(body, content_type, caller), caller)

    async def _run(
        self, planned: CompiledOperation, bound: BoundOperation, caller: Caller
    ) -> Result:
        caller.access.require_stages(planned.stages)
        if bound.mutation is not None:
            request = _mutation_request(planned, bound, *bound.mutation, caller)
            return Result(await self._change(request), bound.cost)
        data = b"{}"
        if planned.plan is not None:
            stage = Stage.DRAFT if Stage.DRAFT in planned.stages else Stage.LIVE
            answered = await self._readers[stage].json(planned.plan.sql, bound.values)
            data = planned.plan.complete(answered)
        data = await self._introspector.complete(planned, bound, data, caller.client)
        return Result(data, bound.cost)

    async def _change(self, request: MutationRequest) -> bytes:
        try:
            return await self._mutations.answer(request)
        except RecursionError as error:
            raise too_deep() from error


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
