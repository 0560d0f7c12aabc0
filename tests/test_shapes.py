"""Plans are made of the shapes of arguments: no value of a request, or literal, is looked at."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn

import pytest
from graphql import (
    SKIP,
    BooleanValueNode,
    DocumentNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    Node,
    OperationType,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    VisitorAction,
    get_named_type,
    get_variable_values,
    is_leaf_type,
    visit,
)
from graphql.execution.values import VariableValues
from hypothesis import given, settings

from schema.delivery import Stage
from schema.locales import Locales
from schema.model import content_model
from schema.planner.arguments import Direction, PlanInput, PlanRequest, Shapes
from schema.planner.plan import plan, plan_items
from schema.planner.selection import INTROSPECTION, select
from schema.planner.shapes import ListShape, ObjectShape, Structural, Unseen, shape
from schema.planner.weights import heaviest, weigh
from service.access import Access, Scope
from service.api.compiler import Caller, Compiler
from service.api.cost import Weigher
from service.api.limits import Limits
from service.api.operations import Operation, read_operation
from service.api.requests import from_body
from service.api.worker import Worker
from service.errors import RefusedError
from service.schema_cache import executable_schema
from tests.benchmark.queries import QUERIES
from tests.differential.content import documents
from tests.differential.operations import Operation as Asked
from tests.differential.operations import operations
from tests.differential.world import World
from tests.naming import UNNAMED
from tests.test_hostile import REQUESTS
from tests.test_planning import EXAMPLES, MORE

HOSTILE = 25
"""Of the hostile requests, those at least that are not refused before they are planned."""
LIMITS = Limits()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
READER = Access("reader", frozenset({Scope.READ}))
SHARED = """query ($w: ToolWhere, $o: [ToolOrderBy!], $n: Int) {
    tools(where: $w, orderBy: $o, first: $n) { totalCount }
}"""
SETTINGS = settings(max_examples=30)


class SeenError(Exception):
    """A value was looked at."""


def _seen(*_: object) -> NoReturn:
    raise SeenError


class Poison:
    """A value that must not be looked at."""

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __len__ = __iter__ = _seen
    __hash__ = __str__ = __repr__ = __format__ = __int__ = __float__ = __index__ = _seen
    __getitem__ = __contains__ = __add__ = __radd__ = __mod__ = __call__ = _seen

    def __getattribute__(self, name: str) -> Any:
        # What it is an instance of may be asked: nothing that a plan knows of.
        return Poison if name == "__class__" else _seen()


POISON: Any = Poison()
MODEL = content_model()
LOCALES = Locales(frozenset({"en", "nl"}), "en")

GOLDEN = {each.name: {"query": each.text, "variables": each.requests[0]} for each in QUERIES}
HEAVY = {name: body for name, (body, _) in EXAMPLES.items()}
MUTATION = {
    "query": """mutation ($s: [ItemKey!]) { publish(slugs: $s, dryRun: true) { published {
        id ... on Location { guides(first: 3, where: { slug: { eq: "a" } }) { totalCount } }
    } } }""",
    "variables": {"s": [{"type": "SKILL", "slug": "a"}]},
}
BODIES = {**GOLDEN, **HEAVY, **MORE, "a mutation": MUTATION}


LITERALS = (BooleanValueNode, EnumValueNode, FloatValueNode, IntValueNode, StringValueNode)


def planned_unseen(schema: GraphQLSchema, body: dict[str, Any]) -> bool:
    """Plan an operation with its values and without; False where it may not be planned at all."""
    request = from_body(json.dumps(body).encode(), "application/json")
    try:
        operation = read_operation(request, schema, LIMITS)
    except (GraphQLError, RefusedError):
        return False
    definitions = operation.node.variable_definitions or ()
    variables = get_variable_values(schema, definitions, request.variables)
    if not isinstance(variables, VariableValues):
        return False
    cost = Weigher(schema).cost(operation.document, operation.node, variables.coerced)
    if cost.conditions > LIMITS.conditions or cost.condition_depth > LIMITS.condition_depth:
        return False
    conditions = {name: variables.coerced[name] for name in operation.directive_variables}
    input_ = PlanRequest(variables, LOCALES).input
    try:
        expected = _made(schema, operation, conditions, input_)
    except RecursionError:
        # It is refused as too deep.
        return False
    poisoned = PlanRequest(VariableValues({}, _poisoned(variables.coerced)), LOCALES).input
    assert poisoned == input_
    with _poison(schema, operation.document):
        assert _made(schema, operation, conditions, poisoned) == expected
    return True


def _made(
    schema: GraphQLSchema, operation: Operation, conditions: dict[str, bool], input_: PlanInput
) -> tuple[Any, ...]:
    """What planning makes of an operation, or why it does not."""
    selections = select(schema, operation.document, operation.node, conditions)
    stored = [each for each in selections if each.name not in INTROSPECTION]
    try:
        if operation.node.operation is OperationType.MUTATION:
            stored = [each for it in stored for each in it.selections]
            weight = weigh(stored, input_)
            return weight, *(plan_items(MODEL, MODEL.content(), it, input_).sql for it in stored)
        weight, most = weigh(stored, input_), heaviest(stored, input_)
        if weight > LIMITS.planning:
            return weight, most
        stages = [Shapes(input_).stage(each) for each in stored]
        return weight, most, stages, plan(MODEL, stored, input_).sql
    except GraphQLError as error:
        return error.message, error.extensions, error.path


def _is_structural(type_: object) -> bool:
    values = type_.values.values() if isinstance(type_, GraphQLEnumType) else ()
    return any(isinstance(each.value, Structural | Stage) for each in values)


def _poisoned(value: Any) -> Any:
    """A value with poison in place of what is not of its shape."""
    match value:
        case dict():
            return {key: _poisoned(each) for key, each in value.items()}
        case list():
            return [_poisoned(each) for each in value]
        case None | Structural() | Stage():
            return value
    return POISON


@contextmanager
def _poison(schema: GraphQLSchema, document: DocumentNode) -> Iterator[None]:
    """Put poison in place of the literals of arguments, which have been validated, for good."""
    types = TypeInfo(schema)

    class Poisoner(Visitor):
        def enter_directive(self, *_: object) -> VisitorAction:
            return SKIP

        def enter(self, node: Node, *_: object) -> None:
            type_ = get_named_type(types.get_input_type())
            if isinstance(node, LITERALS) and not _is_structural(type_):
                # Nodes are frozen.
                object.__setattr__(node, "value", POISON)

    visit(document, TypeInfoVisitor(types, Poisoner()))
    with pytest.MonkeyPatch.context() as patch:
        for each in schema.type_map.values():
            if is_leaf_type(each) and not _is_structural(each):
                patch.setattr(each, "coerce_input_literal", lambda *_: POISON)
        yield


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return executable_schema(MODEL)


@pytest.mark.parametrize("name", BODIES)
def test_it_is_planned_without_its_values(schema: GraphQLSchema, name: str) -> None:
    assert planned_unseen(schema, BODIES[name])


async def test_what_is_hostile_is_planned_without_its_values(schema: GraphQLSchema) -> None:
    worker = Worker()
    # Some are as deep as a thread can go that does nothing else.
    found = [await worker.run(None, planned_unseen, schema, each) for each in REQUESTS.values()]
    worker.close()
    assert sum(found) >= HOSTILE


def test_what_chance_asks_is_planned_without_its_values(schema: GraphQLSchema) -> None:
    @SETTINGS
    @given(operations(schema, _world()))
    def check(operation: Asked) -> None:
        cursors = {each.variable: "cursor" for each in operation.places}
        variables = {**operation.variables, **cursors}
        planned_unseen(schema, {"query": operation.query, "variables": variables})

    check()


def _world() -> World:
    """A world of which no database knows: one fact about an item is as good as any other."""
    world = World(MODEL, documents(MODEL, 1), Stage.LIVE)
    found = [each for type_ in MODEL.values() for each in world.all(type_)]
    for number, each in enumerate(found):
        id_ = f"{each.type.table_name}_00000000-0000-7000-8000-{number:012}"
        each.facts |= {"id": id_, "version": 1, "position": 1, "status": "DRAFT"}
        each.facts |= {"formerSlugs": [], "statuses": []}
        each.facts |= dict.fromkeys(("createdAt", "updatedAt", "publishedAt"), NOW)
    return world


def test_poison_cannot_be_looked_at() -> None:
    looks: list[Callable[[Any], object]] = [str, repr, bool, len, list, hash, int, float, dict]
    looks += [lambda it: it == 1, lambda it: it.value, lambda it: it < 1, lambda it: f"{it}"]
    for look in looks:
        with pytest.raises(SeenError):
            look(POISON)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("a", Unseen.VALUE),
        (0, Unseen.VALUE),
        (["a", "b"], Unseen.VALUE),
        (Stage.DRAFT, Stage.DRAFT),
        ([], ListShape()),
        ([Direction.ASC, Direction.DESC], ListShape((Direction.ASC, Direction.DESC))),
        (
            {"a": {"b": 1}, "c": None},
            ObjectShape([("a", ObjectShape([("b", Unseen.VALUE)])), ("c", None)]),
        ),
        ([{"a": Direction.ASC}], ListShape([ObjectShape([("a", Direction.ASC)])])),
        (
            [{}, ObjectShape([("a", Unseen.VALUE)])],
            ListShape([ObjectShape(), ObjectShape([("a", Unseen.VALUE)])]),
        ),
    ],
)
def test_the_shape_of_a_value(value: Any, expected: Any) -> None:
    assert shape(value) == expected
    assert shape(expected) == expected
    assert hash(shape(value)) == hash(expected)


async def test_requests_of_one_shape_share_a_plan_and_others_do_not() -> None:
    worker = Worker()
    compiler = Compiler(executable_schema(MODEL), MODEL, LOCALES, LIMITS, worker, UNNAMED)

    async def key(**variables: Any) -> Any:
        body = json.dumps({"query": SHARED, "variables": variables}).encode()
        _, bound = await compiler.bound(from_body(body, "application/json"), Caller(READER))
        return bound.plan

    first = await key(w={"slug": {"in": ["a"]}}, o=[{"slug": "ASC"}], n=1)
    assert await key(w={"slug": {"in": ["b", "c"]}}, o=[{"slug": "ASC"}], n=2) == first
    others = [
        await key(w={"slug": {"in": ["a"]}}, o=[{"slug": "DESC"}], n=1),
        await key(w={"slug": {"notIn": ["a"]}}, o=[{"slug": "ASC"}], n=1),
        await key(w={"slug": {"in": ["a"]}}, o=[{"slug": "ASC"}], n=None),
        await key(w={"slug": {"in": ["a"]}}, o=[{"slug": "ASC"}]),
        await key(w={"slug": {"in": ["a"]}}, o=[], n=1),
    ]
    assert len({first, *others}) == 1 + len(others)
    worker.close()
