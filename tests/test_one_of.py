"""Inputs that take exactly one field: the contract, introspection and validation say the same.

https://spec.graphql.org/September2025/#sec-OneOf-Input-Objects
"""

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    extend_schema,
    get_introspection_query,
    get_named_type,
    graphql_sync,
    parse,
)

from schema.graphql.sdl import schema_language
from schema.graphql.types import graphql_schema
from schema.model import content_model
from service.api.validation import problems
from tests.asking import Asker


def one_of(schema: GraphQLSchema) -> set[str]:
    """The names of the inputs that take exactly one field."""
    inputs = (each for each in schema.type_map.values() if isinstance(each, GraphQLInputObjectType))
    return {each.name for each in inputs if each.is_one_of}


SCHEMA = graphql_schema(content_model())
NAMES = sorted(one_of(SCHEMA))
POSITIONS = "".join(f" {each}(one: {each}, many: [{each}!]): Int" for each in NAMES)
TAKING = extend_schema(SCHEMA, parse(f"extend type Query {{{POSITIONS} }}"))
"""With a field that takes each of them, by itself and in a list."""

ORDERED = "query ($d: Direction%s) { guides(orderBy: [{ title: $d }]) { totalCount } }"


def test_the_contract_and_introspection_name_the_same_inputs() -> None:
    asked = graphql_sync(SCHEMA, get_introspection_query(one_of=True))
    assert asked.data
    introspected = {each["name"] for each in asked.data["__schema"]["types"] if each["isOneOf"]}
    assert introspected == one_of(build_schema(schema_language(SCHEMA))) == set(NAMES)
    assert introspected >= {"GuideOrderBy", "RoleGroupOrderBy", "ItemInput"}


@pytest.mark.parametrize("position", ["one: {}", "many: {}", "many: [{}]"])
@pytest.mark.parametrize("name", NAMES)
def test_validation_takes_exactly_one_field(name: str, position: str) -> None:
    type_ = SCHEMA.type_map[name]
    assert isinstance(type_, GraphQLInputObjectType)
    one, another, *_ = type_.fields
    kind = get_named_type(type_.fields[one].type)
    said = f"{one}: $value"
    for variable, value, is_valid in (
        (f"{kind}!", said, True),
        (kind, said, False),
        (f"{kind} = null", said, False),
        (f"{kind}!", f"{said}, {another}: null", False),
        (f"{kind}!", f"{said}, {another}: $value", False),
        (f"{kind}!", "", False),
        (f"{kind}!", f"{one}: null", False),
    ):
        place = position.replace("{}", f"{{ {value} }}")
        use = "" if "$value" in value else f" used: {name}(one: {{ {said} }})"
        text = f"query ($value: {variable}) {{ {name}({place}){use} }}"
        found = problems(TAKING, parse(text))
        assert (found == []) is is_valid, text
        assert all(each.locations for each in found)


async def test_a_variable_may_be_null_where_it_has_a_default(seeds: Asker) -> None:
    """As the specification has it: `IsVariableUsageAllowed`."""
    for default in ("!", " = ASC"):
        assert (await seeds(ORDERED % default, d="DESC"))["guides"]["totalCount"] == 1
    assert (await seeds(ORDERED % " = ASC"))["guides"]["totalCount"] == 1
    [error] = await seeds.errors(ORDERED % " = ASC", d=None)
    assert error["extensions"]["code"] == "BAD_VARIABLES"


async def test_one_that_may_be_null_is_refused_whatever_it_is(seeds: Asker) -> None:
    for variables in ({}, {"d": "ASC"}, {"d": None}):
        [error] = await seeds.errors(ORDERED % "", **variables)
        assert error["extensions"]["code"] == "VALIDATION_FAILED"
        assert error["message"] == (
            "Variable '$d' of type 'Direction' used in position expecting type 'Direction!'."
        )
        assert len(error["locations"]) == 2


FRAGMENT = """
query ($d: Direction, $e: Direction!) { a: location(slug: "a") { ...F } }
fragment F on Location { %s }
"""


@pytest.mark.parametrize(
    "field",
    [
        "guides(orderBy: [{ location: { slug: $d } }]) { nodes { id } }",
        "companies(orderBy: { name: $d }) { id }",
        "guides { groups(groupBy: [ROLE], orderBy: [{ version: { avg: $d } }]) { totalCount } }",
    ],
)
async def test_so_is_one_in_a_fragment(seeds: Asker, field: str) -> None:
    used = "b: companies(orderBy: { name: $e }) { id }"
    [error] = await seeds.errors(FRAGMENT % f"{field} {used}", e="ASC")
    assert "'$d'" in error["message"]
