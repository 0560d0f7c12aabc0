"""What operations cost: the formula of `service.api.cost`."""

import json
import re
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, parse

from schema.graphql.types import graphql_schema
from schema.model import content_model
from service.api import cost as module
from service.api.complexity import SATURATED
from service.api.cost import Weigher
from tests.asking import Asker
from tests.documentation import blocks, page


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return graphql_schema(content_model())


def cost(schema: GraphQLSchema, query: str, **variables: Any) -> int:
    document = parse(query)
    operation, *_ = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return Weigher(schema).cost(document, operation, variables).content


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ __typename }", 0),
        ('{ tool(slug: "a") { name id } }', 1),
        ("{ tools { totalCount } }", 1),
        ("{ tools { aggregate { count version { min } } } }", 3),
        ("{ skills { groups(groupBy: [KIND]) { nodes { kind aggregate { count } } } } }", 42),
        ('{ search(text: "a", first: 3) { nodes { ... on Tool { name } } } }', 4),
        (
            (
                '{ search(text: "a", first: 3) { edges { rank node { ...G } } } } '
                "fragment G on Guide { role { name } }"
            ),
            1 + 3 * (1 + 1 + 1),
        ),
        ('{ guide(slug: "a") { salaryRanges { display } } }', 1 + 10 * (1 + 5)),
        ("{ tools { pageInfo { hasNextPage } } }", 2),
        ("{ tools { nodes { name } } }", 1 + 20),
        ("{ tools(first: 3) { nodes { name } } }", 1 + 3),
        ("{ tools(last: 3) { nodes { name } } }", 1 + 3),
        ("{ tools(first: null) { nodes { name } } }", 1 + 20),
        ("{ tools(first: 0) { nodes { name } } }", 1),
        ("{ tools(first: -5) { nodes { name } } }", 1),
        ("{ tools(first: 2000000000) { nodes { name } } }", 1 + 100),
        ("{ tools(first: 3) { edges { cursor node { name } } nodes { id } } }", 1 + 3 * 2 + 3),
        ('{ location(slug: "a") { hubs { name } } }', 1 + 10),
        ('{ location(slug: "a") { hubs(first: 2) { name location { name } } } }', 1 + 2 * 2),
        ('{ guide(slug: "a") { techScene { html } careerPath { titles } } }', 1 + 1 + 10),
        ("{ locations(first: 5) { nodes { children(first: 4) { nodes { id } } } } }", 31),
        ('{ tool(slug: "a") { name } ... { tool(slug: "a") { id } } }', 2),
        ("{ locations(first: 5) { ...P } } fragment P on LocationConnection { nodes { id } }", 6),
        ('{ node(id: "a") { ... on Guide { role { id } } ...H } } fragment H on Hub { id }', 2),
        ('{ nodes(ids: ["a", "b", "c"]) { id ... on Guide { role { name } } } }', 3 * 2),
        ("{ __schema { types { name } } tools(first: 1) { totalCount } }", 1),
        ("{ a: tools @skip(if: true) { totalCount } tools { totalCount } }", 1),
    ],
)
def test_the_formula(schema: GraphQLSchema, query: str, expected: int) -> None:
    assert cost(schema, query) == expected


def test_a_fragment_costs_by_where_it_is_spread(schema: GraphQLSchema) -> None:
    query = """{ a: locations(first: 2) { ...Page } b: locations(first: 30) { ...Page } }
        fragment Page on LocationConnection { nodes { hubs { id } } }"""
    assert cost(schema, query) == (1 + 2 * 11) + (1 + 30 * 11)


def test_variables_have_their_values(schema: GraphQLSchema) -> None:
    query = """query ($n: Int, $yes: Boolean!) {
        tools(first: $n) { nodes { id } } skills @include(if: $yes) { totalCount } }"""
    assert cost(schema, query, n=50, yes=True) == 52
    assert cost(schema, query, n=None, yes=False) == 21
    assert cost(schema, query, yes=False) == 21


def test_ids_may_be_variables(schema: GraphQLSchema) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert cost(schema, query, ids=["a"] * 7) == 7
    assert cost(schema, query, ids=["a"] * 700) == 100


def test_costs_stop_instead_of_growing_without_end(schema: GraphQLSchema) -> None:
    query = '{ location(slug: "a") { %s id %s } }'
    deep = query % ("children(first: 100) { nodes { " * 40, "} } " * 40)
    assert cost(schema, deep) == SATURATED - 1 or cost(schema, deep) == SATURATED


def test_the_example_of_the_documentation(schema: GraphQLSchema) -> None:
    found = re.search(r"(\{ guides.*\})\n.*= ([\d,]+)", module.__doc__ or "")
    assert found
    assert cost(schema, found[1]) == int(found[2].replace(",", ""))


async def test_the_cost_is_told_on_request(seeds: Asker) -> None:
    query = "query ($n: Int) { tools(first: $n) { nodes { id } } }"
    for first in (5, 50, 5):
        body = {"query": query, "variables": {"n": first}}
        response = await seeds.post(body, headers={"GraphQL-Cost": "1"})
        assert response.json()["extensions"] == {
            "cost": {"requestedQueryCost": first + 1, "maximumAvailable": 20_000}
        }
    assert "extensions" not in (await seeds.post({"query": query})).json()
    response = await seeds.post({"query": query}, headers={"GraphQL-Cost": "0"})
    assert "extensions" not in response.json()


async def test_the_cost_that_is_documented_is_that_of_the_query(seeds: Asker) -> None:
    [query] = re.findall("query='(.*?)'", page("docs/reading.md"), re.DOTALL)
    [shown] = blocks(page("docs/operating.md"), "js")
    response = await seeds.post({"query": query}, headers={"GraphQL-Cost": "1"})
    assert {"extensions": response.json()["extensions"]} == json.loads(f"{{{shown}}}")
