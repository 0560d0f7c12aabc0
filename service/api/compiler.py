"""How requests are answered: text to document, to selection, to plan.

What depends on the text alone is done once and kept, and so is what a whole body comes to.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

import orjson
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    execute_sync,
    get_variable_values,
)
from graphql.execution.values import VariableValues

from schema.delivery import Stage
from schema.errors import ErrorCode, request_error, with_code
from schema.locales import Locales
from schema.model import Model
from schema.planner.arguments import PlanInput, PlanRequest, Shapes
from schema.planner.plan import Plan, plan
from schema.planner.selection import INTROSPECTION, Selected, select
from schema.planner.weights import heaviest, weigh
from service.access import Access, Scope
from service.api.cost import Cost, Weigher
from service.api.limits import Limits, require_small_variables, too_large
from service.api.operations import (
    Operation,
    directive_values,
    introspection_of,
    read_operation,
    require_queries,
)
from service.api.requests import Request, from_body
from service.api.worker import Worker
from service.cache import Cache
from service.errors import RefusedError

T = TypeVar("T")

CACHED_DOCUMENTS = CACHED_PLANS = 64_000_000
CACHED_BODIES = CACHED_INTROSPECTIONS = 16_000_000
"""How much memory each of them may take, in bytes."""
LONGEST_CACHED = 16_000
"""The characters of a document, or the bytes of a body, that is kept; longer ones were hardly
written to be sent again."""
CACHED_COSTS = 50

LIGHT = 4_000
"""The bytes of a request whose variables are looked at at once: it takes less than a millisecond.
All that takes longer is done beside the event loop, which others wait for."""

BodyKey = tuple[bytes, str, Stage]
"""The body of a POST, its content type, and the stage of the fields that name none."""


class Caller(NamedTuple):
    """Who asks, and what was said beside the request."""

    access: Access
    stage: Stage = Stage.LIVE
    """That of root fields that name none."""
    key: str | None = None
    """The idempotency key of a mutation."""
    client: Hashable = None
    """Whose turn it is when work for this request is: see `service.api.worker`."""


class CompiledOperation(NamedTuple):
    """How an operation is answered: by a plan, by introspection, or by both; or by mutations."""

    keys: tuple[str, ...]
    """The keys of the answer, in order."""
    plan: Plan | None = None
    introspection: DocumentNode | None = None
    mutations: tuple[Selected, ...] = ()
    stages: frozenset[Stage] = frozenset()
    """The copies of the content that the plan reads."""

    def values(self, request: PlanRequest) -> list[Any]:
        """What is bound to the plan's statement; raises `GraphQLError`."""
        return self.plan.values(request) if self.plan else []


class BoundOperation(NamedTuple):
    """What one request is answered with, apart from its plan."""

    plan: Hashable
    """What the plan is kept under; who keeps this does not keep the plan alive."""
    values: list[Any]
    """What is bound to the plan's statement."""
    variables: dict[str, Any]
    """As they were sent."""
    cost: int
    mutation: tuple[Request, PlanRequest] | None = None
    """What is carried out, where that is one."""


class Compiler:
    """Plans the operations of one schema."""

    def __init__(
        self,
        schema: GraphQLSchema,
        model: Model,
        locales: Locales,
        limits: Limits,
        worker: Worker,
    ) -> None:
        self._schema = schema
        self._model = model
        self._locales = locales
        self._limits = limits
        self._worker = worker
        self._weigher = Weigher(schema)
        self._operations = Cache[Hashable, Operation](CACHED_DOCUMENTS)
        self._plans = Cache[Hashable, CompiledOperation](CACHED_PLANS)
        self._bodies = Cache[BodyKey, BoundOperation](CACHED_BODIES)
        self._introspections = Cache[Hashable, dict[str, bytes]](CACHED_INTROSPECTIONS)

    async def bound_body(
        self, body: bytes, content_type: str, caller: Caller
    ) -> tuple[CompiledOperation, BoundOperation]:
        """What answers the body of a POST; a query that came before is not read again."""
        source = (body, content_type, caller.stage)
        bound = self._bodies.get(source)
        planned = bound and self._plans.get(bound.plan)
        if bound is None or planned is None:
            planned, bound = await self.bound(from_body(body, content_type), caller)
            if len(body) <= LONGEST_CACHED and bound.mutation is None:
                self._bodies.put(source, bound, _weight(source, bound))
        return planned, bound

    async def bound(
        self, request: Request, caller: Caller
    ) -> tuple[CompiledOperation, BoundOperation]:
        """What answers a request; raises `GraphQLError` or `RequestError` where nothing may."""
        work = _at_once if request.size <= LIGHT else partial(self._worker.run, caller.client)
        try:
            operation = await self._operation(request, caller.client)
            asked, cost = await work(self._asked, operation, request, caller.stage)
            key, planned = await self._planned(request, operation, asked, caller)
            values = await work(planned.values, asked)
        except RecursionError as error:
            raise too_deep() from error
        mutation = (request, asked) if planned.mutations else None
        return planned, BoundOperation(key, values, request.variables, cost.content, mutation)

    async def _operation(self, request: Request, client: Hashable) -> Operation:
        """The operation that a request names; raises what `read_operation` does."""
        key = (request.query, request.operation_name)
        operation = self._operations.get(key)
        if operation is None:
            operation = await self._worker.once(
                client, (key, request.safe), read_operation, request, self._schema, self._limits
            )
            if len(request.query) <= LONGEST_CACHED:
                self._operations.put(key, operation, operation.size)
        elif request.safe:
            require_queries(operation.document, request.operation_name)
        return operation

    def _asked(
        self, operation: Operation, request: Request, stage: Stage
    ) -> tuple[PlanRequest, Cost]:
        """What an operation is asked with, and what that costs."""
        variables = self._variables(operation, request.variables)
        cost = self._cost(operation, variables)
        return PlanRequest(variables, self._locales, stage), cost

    def _cost(self, operation: Operation, variables: VariableValues) -> Cost:
        """What the operation costs with these variables; raises `GraphQLError` if too much."""
        values = variables.coerced
        key = tuple(values.get(name) for name in sorted(operation.priced))
        # Objects are conditions, which count too, as lists of ids do; they hardly ever come twice.
        plain = not any(isinstance(each, dict | list) for each in values.values())
        if plain and key in operation.costs:
            return operation.costs[key]
        cost = self._weigher.cost(operation.document, operation.node, values)
        self._require_affordable(cost)
        if plain and len(operation.costs) < CACHED_COSTS:
            operation.costs[key] = cost
        return cost

    def _require_affordable(self, cost: Cost) -> None:
        for name, found, allowed in (
            ("cost", cost.content, self._limits.cost),
            ("conditions", cost.conditions, self._limits.conditions),
            ("condition_depth", cost.condition_depth, self._limits.condition_depth),
            ("introspection", cost.introspection, self._weigher.allowed_introspection),
        ):
            if found > allowed:
                raise too_large(name, found, allowed)

    def _variables(self, operation: Operation, given: Mapping[str, Any]) -> VariableValues:
        definitions = operation.node.variable_definitions or ()
        require_small_variables(given, self._limits)
        found = get_variable_values(self._schema, definitions, dict(given), max_errors=20)
        if isinstance(found, VariableValues):
            return found
        raise RefusedError([with_code(ErrorCode.BAD_VARIABLES, error) for error in found])

    async def _planned(
        self, request: Request, operation: Operation, asked: PlanRequest, caller: Caller
    ) -> tuple[Hashable, CompiledOperation]:
        """The plan for requests of this shape, made for the first of them, and its key."""
        conditions = directive_values(operation, asked.variables)
        # A plan is made from its key, and of nothing else that a request has.
        input_ = asked.input
        key = (request.query, request.operation_name, conditions, input_)
        planned = self._plans.get(key)
        if planned is None:
            access = caller.access
            make = partial(self._make_plan, operation, input_, dict(conditions), access)
            planned = await self._worker.once(caller.client, (key, access.scopes), make)
            sql = planned.plan.sql if planned.plan else ""
            self._plans.put(key, planned, operation.size + len(sql) + 8 * len(repr(input_)))
        return key, planned

    def _make_plan(
        self,
        operation: Operation,
        input_: PlanInput,
        conditions: dict[str, bool],
        access: Access,
    ) -> CompiledOperation:
        """A plan; raises `AccessError` for what may not be read, before any work is done for it."""
        selections = select(self._schema, operation.document, operation.node, conditions)
        keys = tuple(each.key for each in selections)
        if operation.node.operation is OperationType.MUTATION:
            self._require_plannable([each.selections for each in selections], input_)
            return CompiledOperation(keys, mutations=selections)
        stored = [each for each in selections if each.name not in INTROSPECTION]
        nodes = [node for each in selections if each.name in INTROSPECTION for node in each.nodes]
        shapes = Shapes(input_)
        stages = frozenset(shapes.stage(each) for each in stored)
        require(access, stages)
        self._require_plannable([stored], input_)
        return CompiledOperation(
            keys,
            plan(self._model, stored, input_) if stored else None,
            introspection_of(operation, nodes) if nodes else None,
            stages=stages,
        )

    def _require_plannable(self, planned: Sequence[Sequence[Selected]], input_: PlanInput) -> None:
        """Raise `GraphQLError` where it would take too long to plan these, one after the other."""
        total, allowed = sum(weigh(each, input_) for each in planned), self._limits.planning
        if total > allowed:
            most = heaviest([each for selections in planned for each in selections], input_)
            raise too_large("planning", total, allowed, f"`{'.'.join(most)}`")

    async def introspected(
        self, planned: CompiledOperation, bound: BoundOperation, data: bytes, client: Hashable
    ) -> bytes:
        """The JSON of `data`, with what is asked of the schema; raises `RefusedError`."""
        if planned.introspection is None:
            return data
        key = (bound.plan, orjson.dumps(bound.variables))
        found = self._introspections.get(key)
        if found is None:
            make = partial(self._introspection, planned.introspection, bound.variables)
            found = await self._worker.once(client, key, make)
            self._introspections.put(key, found, sum(map(len, found.values())) + 5 * len(key[1]))
        if planned.plan is None:
            return _together(planned.keys, found, data)
        return await self._worker.run(client, _together, planned.keys, found, data)

    def _introspection(self, document: DocumentNode, variables: dict[str, Any]) -> dict[str, bytes]:
        """The JSON of each field of an introspection; raises `RefusedError`."""
        result = execute_sync(self._schema, document, variable_values=variables)
        if result.errors or result.data is None:
            errors = result.errors or ()
            raise RefusedError([with_code(ErrorCode.BAD_VARIABLES, error) for error in errors])
        return {key: orjson.dumps(value) for key, value in result.data.items()}


def _together(keys: Sequence[str], found: Mapping[str, bytes], data: bytes) -> bytes:
    """The JSON of `data` with fields that were found apart from it."""
    both = {**orjson.loads(data), **{key: orjson.Fragment(each) for key, each in found.items()}}
    return orjson.dumps({key: both[key] for key in keys})


async def _at_once(function: Callable[..., T], *arguments: Any) -> T:
    return function(*arguments)


def require(access: Access, stages: Collection[Stage]) -> None:
    """Raise `AccessError` unless these copies of the content may be read."""
    access.require(Scope.PREVIEW if Stage.DRAFT in stages else Scope.READ)


def _weight(source: BodyKey, bound: BoundOperation) -> int:
    """The bytes that a body takes that is kept, about: itself, its document, and its values."""
    said = len(source[0]) + len(source[1])
    return 500 + 5 * said + 8 * (len(repr(bound.values)) + len(repr(bound.variables)))


def too_deep() -> GraphQLError:
    message = "The document is nested too deeply; ask for less at once."
    return request_error(ErrorCode.TOO_DEEP, message)
