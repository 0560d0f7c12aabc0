"""From a request to its plan: text, GraphQL document, selection, plan.

Results that depend on the text alone are cached, and so is the result for a whole request body.
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
from schema.errors import ErrorCode, request_error
from schema.locales import Locales
from schema.model import Model
from schema.planner.answers import Version
from schema.planner.arguments import PlanInput, PlanRequest, Shapes, unknown_locale
from schema.planner.plan import Bound, Plan, plan
from schema.planner.selection import INTROSPECTION, Selected, fragments_of, select
from schema.planner.tags import Tag
from schema.planner.weights import heaviest, weigh
from service.access import Access
from service.api.documents import DocumentReference, DocumentResolver, ResolvedRequest
from service.api.limits import Limits, too_deep, too_large
from service.api.operations import Operation, read_operation, require_queries
from service.api.requests import Request, from_body
from service.api.variables import DirectiveValuesKey, VariableBinder
from service.api.worker import Worker
from service.cache import Cache

T = TypeVar("T")

CACHED_DOCUMENTS = CACHED_PLANS = 64_000_000
CACHED_BODIES = 16_000_000
"""The largest size of each cache, in bytes."""
LONGEST_CACHED = 16_000
"""The longest document (in characters) and the longest body (in bytes) that are cached; longer ones
are rarely sent twice."""

LIGHT = 4_000
"""The largest request, in bytes, whose variables are bound in the event loop, which takes less than
a millisecond. The worker binds those of larger requests, so that the loop is not blocked."""

BodyKey = tuple[bytes, str, Stage, str | None, str | None, bool]
"""The body of a POST, its content type, the default stage, the default locale, the id of a document
in its address, and whether the answer is marked."""


class Caller(NamedTuple):
    """The client that sent a request, and what its HTTP headers say."""

    access: Access
    stage: Stage = Stage.LIVE
    """The default stage: what root fields without an argument `stage` read."""
    key: str | None = None
    """The idempotency key of a mutation."""
    client: Hashable = None
    """Identifies the client where clients take turns: see `service.api.worker`."""
    locale: str | None = None
    """The default locale, as the header has it: that of root fields without `locale`."""
    document: str | None = None
    """The id of a document, if the address of the request has one."""
    shows_cost: bool = False
    """Whether the response has the cost of the operation."""
    least: Version | None = None
    """The version of the content that the response has to show, or a later one."""
    is_marked: bool = False
    """Whether the answer has to say which items it shows: then its response can be kept."""
    is_anybody: bool = False
    """Whether the request has no token and does not ask for drafts by its headers."""

    @property
    def is_trusted(self) -> bool:
        """Whether it has a token."""
        return self.access.name is not None


class CompiledOperation(NamedTuple):
    """How an operation is answered: by a plan, by introspection, or by both; or by mutations."""

    keys: tuple[str, ...]
    """The response keys of the root fields, in order."""
    plan: Plan | None = None
    introspection: DocumentNode | None = None
    mutations: tuple[Selected, ...] = ()
    stages: frozenset[Stage] = frozenset()
    """The stages that the plan reads."""

    def bind(self, request: PlanRequest) -> Bound:
        """The plan's part of a request; raises `GraphQLError` for invalid arguments."""
        return self.plan.bind(request) if self.plan else Bound([], frozenset())


class BoundOperation(NamedTuple):
    """A request with its variables bound, and without its plan."""

    plan: Hashable
    """The plan's cache key; a reference would keep the plan alive."""
    values: list[Any]
    """The parameters of the plan's statement."""
    variables: dict[str, Any]
    """The variables as they were sent, not coerced."""
    tags: frozenset[Tag]
    """What the answer depends on, besides the items in it."""
    cost: int
    mutation: tuple[Request, PlanRequest] | None = None
    """The request, if it is for mutations."""
    document: DocumentReference | None = None
    """The document that has to be known for the same request to be answered again."""
    has_hash: bool = False
    """Whether the document came with its hash, so that it has to be remembered each time."""


class _Served(NamedTuple):
    """The locales that requests are bound with, and the requests that were."""

    locales: Locales
    generation: int
    bodies: Cache[BodyKey, BoundOperation]

    @classmethod
    def of(cls, locales: Locales, generation: int) -> "_Served":
        """No request has been bound with these locales yet."""
        return cls(locales, generation, Cache(CACHED_BODIES))


class Compiler:
    """Plans the operations of one schema.

    Plans do not depend on the locales, but the values of their parameters do. A request is bound,
    and cached, with the locales that there were when it began.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        model: Model,
        locales: Locales,
        limits: Limits,
        worker: Worker,
        documents: DocumentResolver,
    ) -> None:
        self._schema = schema
        self._model = model
        self._limits = limits
        self._worker = worker
        self._documents = documents
        self._binder = VariableBinder(schema, limits)
        self._operations = Cache[Hashable, Operation](CACHED_DOCUMENTS)
        self._plans = Cache[Hashable, CompiledOperation](CACHED_PLANS)
        self._served = _Served.of(locales, 0)

    @property
    def generation(self) -> int:
        """How often the locales that requests are bound with have changed."""
        return self._served.generation

    def serve(self, locales: Locales) -> bool:
        """Bind requests with these locales from now on; whether they differ from those before."""
        if locales == self._served.locales:
            return False
        self._served = _Served.of(locales, self.generation + 1)
        return True

    async def require(self, document: DocumentReference, caller: Caller) -> None:
        """Raise `RequestError` if a document that was found before is not to be found now."""
        await self._documents.require(document, caller)

    async def bound_body(
        self, body: bytes, content_type: str, caller: Caller
    ) -> tuple[CompiledOperation, BoundOperation]:
        """The compiled and bound operation for the body of a POST; queries are cached by body."""
        source = (
            body,
            content_type,
            caller.stage,
            caller.locale,
            caller.document,
            caller.is_marked,
        )
        served = self._served
        bound = served.bodies.get(source)
        planned = bound and self._plans.get(bound.plan)
        if bound is None or planned is None:
            found = await self._documents.resolved(from_body(body, content_type), caller)
            planned, bound = await self._bound(found, caller, served.locales)
            # A document that comes with its hash has to be remembered each time.
            is_cached = bound.mutation is None and found.hash is None
            if len(body) <= LONGEST_CACHED and is_cached:
                served.bodies.put(source, bound, _weight(source, bound))
        elif bound.document is not None:
            await self._documents.require(bound.document, caller)
        return planned, bound

    async def bound(
        self, request: Request, caller: Caller
    ) -> tuple[CompiledOperation, BoundOperation]:
        """The compiled and bound operation for a request.

        Raises `GraphQLError` or `RequestError` if the request is refused.
        """
        locales = self._served.locales
        return await self._bound(await self._documents.resolved(request, caller), caller, locales)

    async def _bound(
        self, found: ResolvedRequest, caller: Caller, locales: Locales
    ) -> tuple[CompiledOperation, BoundOperation]:
        request = found.request
        work = _at_once if request.size <= LIGHT else partial(self._worker.run, caller.client)
        try:
            operation = await self._operation(request, caller.client)
            self._documents.remember(found)
            variables = await work(self._binder.bind, operation, request.variables)
            locale = _locale(caller.locale, locales)
            asked = PlanRequest(
                variables.values, locales, caller.stage, locale, is_marked=caller.is_marked
            )
            key, planned = await self._planned(
                request, operation, variables.directives, asked.input, caller
            )
            values, tags = await work(planned.bind, asked)
        except RecursionError as error:
            raise too_deep() from error
        mutation = (request, asked) if planned.mutations else None
        return planned, BoundOperation(
            key,
            values,
            request.variables,
            tags,
            variables.cost.content,
            mutation,
            found.reference,
            has_hash=found.hash is not None,
        )

    async def _operation(self, request: Request, client: Hashable) -> Operation:
        """The operation that a request names; raises the same errors as `read_operation`."""
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
        """The compiled operation for requests of this shape, and its cache key."""
        # A compiled operation may depend on nothing in a request that is not in this key.
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
        """Compile an operation; raises `AccessError` before planning what may not be read."""
        selections = select(self._schema, operation.document, operation.node, directives)
        keys = tuple(each.key for each in selections)
        if operation.node.operation is OperationType.MUTATION:
            self._require_plannable([each.selections for each in selections], input_)
            return CompiledOperation(keys, mutations=selections)
        stored = [each for each in selections if each.name not in INTROSPECTION]
        nodes = [node for each in selections if each.name in INTROSPECTION for node in each.nodes]
        shapes = Shapes(input_)
        stages = frozenset[Stage]().union(*map(shapes.stages, stored))
        access.require_stages(stages)
        self._require_plannable([stored], input_)
        return CompiledOperation(
            keys,
            plan(self._model, stored, input_) if stored else None,
            _introspection_of(operation, nodes) if nodes else None,
            stages=stages,
        )

    def _require_plannable(self, planned: Sequence[Sequence[Selected]], input_: PlanInput) -> None:
        """Raise `GraphQLError` if planning all of these selections would take too long."""
        total, allowed = sum(weigh(each, input_) for each in planned), self._limits.planning
        if total > allowed:
            most = heaviest([each for selections in planned for each in selections], input_)
            raise too_large("planning", total, allowed, f"`{'.'.join(most)}`")


def _introspection_of(operation: Operation, nodes: Sequence[FieldNode]) -> DocumentNode:
    """The operation with only these root fields."""
    root = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=operation.node.variable_definitions,
        selection_set=SelectionSetNode(selections=tuple(nodes)),
    )
    return DocumentNode(definitions=(root, *fragments_of(operation.document).values()))


def _locale(asked: str | None, locales: Locales) -> str | None:
    """The locale in the header `GraphQL-Locale`; raises `GraphQLError` if it is not known."""
    if asked is None:
        return None
    if found := locales.match(asked):
        return found
    message, known = unknown_locale(asked, locales)
    raise request_error(ErrorCode.UNKNOWN_LOCALE, message, known=known)


async def _at_once(function: Callable[..., T], *arguments: Any) -> T:
    return function(*arguments)


def _weight(source: BodyKey, bound: BoundOperation) -> int:
    """About how many bytes a cached body takes, with its document and its parameters."""
    said = len(source[0]) + len(source[1])
    return 500 + 5 * said + 8 * (len(repr(bound.values)) + len(repr(bound.variables)))
