"""How requests are answered: text to document, to selection, to plan.

What depends on the text alone is done once and kept, and so is what a whole body comes to.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from schema.delivery import Stage
from schema.locales import Locales
from schema.model import Model
from schema.planner.arguments import PlanInput, PlanRequest, Shapes
from schema.planner.plan import Plan, plan
from schema.planner.selection import INTROSPECTION, Selected, fragments_of, select
from schema.planner.weights import heaviest, weigh
from service.access import Access
from service.api.limits import Limits, too_deep, too_large
from service.api.operations import Operation, read_operation, require_queries
from service.api.requests import Request, from_body
from service.api.variables import DirectiveValuesKey, VariableBinder
from service.api.worker import Worker
from service.cache import Cache

T = TypeVar("T")

CACHED_DOCUMENTS = CACHED_PLANS = 64_000_000
CACHED_BODIES = 16_000_000
"""How much memory each of them may take, in bytes."""
LONGEST_CACHED = 16_000
"""The characters of a document, or the bytes of a body, that is kept; longer ones were hardly
written to be sent again."""

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
        self._binder = VariableBinder(schema, limits)
        self._operations = Cache[Hashable, Operation](CACHED_DOCUMENTS)
        self._plans = Cache[Hashable, CompiledOperation](CACHED_PLANS)
        self._bodies = Cache[BodyKey, BoundOperation](CACHED_BODIES)

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
            variables = await work(self._binder.bind, operation, request.variables)
            asked = PlanRequest(variables.values, self._locales, caller.stage)
            key, planned = await self._planned(
                request, operation, variables.directives, asked.input, caller
            )
            values = await work(planned.values, asked)
        except RecursionError as error:
            raise too_deep() from error
        mutation = (request, asked) if planned.mutations else None
        return planned, BoundOperation(
            key, values, request.variables, variables.cost.content, mutation
        )

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

    async def _planned(
        self,
        request: Request,
        operation: Operation,
        directives: DirectiveValuesKey,
        input_: PlanInput,
        caller: Caller,
    ) -> tuple[Hashable, CompiledOperation]:
        """The plan for requests of this shape, made for the first of them, and its key."""
        # A plan is made from its key, and of nothing else that a request has.
        key = (request.query, request.operation_name, directives, input_)
        planned = self._plans.get(key)
        if planned is None:
            access = caller.access
            make = partial(self._make_plan, operation, input_, dict(directives), access)
            planned = await self._worker.once(caller.client, (key, access.scopes), make)
            sql = planned.plan.sql if planned.plan else ""
            self._plans.put(key, planned, operation.size + len(sql) + 8 * len(repr(input_)))
        return key, planned

    def _make_plan(
        self,
        operation: Operation,
        input_: PlanInput,
        directives: dict[str, bool],
        access: Access,
    ) -> CompiledOperation:
        """A plan; raises `AccessError` for what may not be read, before any work is done for it."""
        selections = select(self._schema, operation.document, operation.node, directives)
        keys = tuple(each.key for each in selections)
        if operation.node.operation is OperationType.MUTATION:
            self._require_plannable([each.selections for each in selections], input_)
            return CompiledOperation(keys, mutations=selections)
        stored = [each for each in selections if each.name not in INTROSPECTION]
        nodes = [node for each in selections if each.name in INTROSPECTION for node in each.nodes]
        shapes = Shapes(input_)
        stages = frozenset(shapes.stage(each) for each in stored)
        access.require_stages(stages)
        self._require_plannable([stored], input_)
        return CompiledOperation(
            keys,
            plan(self._model, stored, input_) if stored else None,
            _introspection_of(operation, nodes) if nodes else None,
            stages=stages,
        )

    def _require_plannable(self, planned: Sequence[Sequence[Selected]], input_: PlanInput) -> None:
        """Raise `GraphQLError` where it would take too long to plan these, one after the other."""
        total, allowed = sum(weigh(each, input_) for each in planned), self._limits.planning
        if total > allowed:
            most = heaviest([each for selections in planned for each in selections], input_)
            raise too_large("planning", total, allowed, f"`{'.'.join(most)}`")


def _introspection_of(operation: Operation, nodes: Sequence[FieldNode]) -> DocumentNode:
    """The operation with nothing but these fields of its root."""
    root = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=operation.node.variable_definitions,
        selection_set=SelectionSetNode(selections=tuple(nodes)),
    )
    return DocumentNode(definitions=(root, *fragments_of(operation.document).values()))


async def _at_once(function: Callable[..., T], *arguments: Any) -> T:
    return function(*arguments)


def _weight(source: BodyKey, bound: BoundOperation) -> int:
    """The bytes that a body takes that is kept, about: itself, its document, and its values."""
    said = len(source[0]) + len(source[1])
    return 500 + 5 * said + 8 * (len(repr(bound.values)) + len(repr(bound.variables)))
