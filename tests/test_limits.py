"""Every limit, from both of its sides, and what is said where one is passed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from service.api.complexity import SATURATED, complexities
from service.api.limits import Limits
from tests.asking import Asker, asking

TOOL = '{ tool(slug: "java") { %s } }'

# Setting, its value, what just fits, what does not, and the limit that is named.
CASES: list[tuple[str, int, str, str, str]] = [
    ("document_limit", 50, (TOOL % "name").ljust(50), (TOOL % "name").ljust(51), "characters"),
    ("token_limit", 11, TOOL % "name # no token\n", TOOL % "name slug", "tokens"),
    (
        "depth_limit",
        3,
        "{ tools { nodes { id } } }",
        "{ tools { edges { node { id } } } }",
        "depth",
    ),
    ("field_limit", 3, TOOL % "name slug", TOOL % "name slug id", "fields"),
    (
        "field_limit",
        4,
        TOOL % "...A id" + " fragment A on Tool { name slug }",
        TOOL % "...A ...A" + " fragment A on Tool { name slug }",
        "fields",
    ),
    (
        "object_limit",
        2,
        '{ location(slug: "a") { parent { id } } }',
        '{ location(slug: "a") { parent { id parent { id } } } }',
        "objects",
    ),
    ("alias_limit", 1, TOOL % "a: name slug", TOOL % "a: name b: name", "aliases"),
    (
        "root_field_limit",
        1,
        "{ tools { totalCount } }",
        "{ tools { totalCount } ... { __typename } }",
        "root_fields",
    ),
    (
        "directive_limit",
        1,
        TOOL % "name @skip(if: true)",
        TOOL % "name @skip(if: true) ... @include(if: true) { id }",
        "directives",
    ),
    (
        "condition_limit",
        2,
        '{ tools(where: { name: { eq: "a" } }) { totalCount } }',
        '{ tools(where: { name: { eq: "a" } }, orderBy: { name: ASC }) { totalCount } }',
        "conditions",
    ),
    (
        "planning_limit",
        51,
        "{ tools { totalCount } a: tools @skip(if: true) { totalCount } }",
        "{ tools { totalCount __typename } }",
        "planning",
    ),
    (
        "cost_limit",
        6,
        "{ tools(first: 5) { nodes { id } } }",
        "{ tools(last: 6) { nodes { id } } }",
        "cost",
    ),
]
CODES = {"depth": "TOO_DEEP", "cost": "TOO_COSTLY", "planning": "TOO_COSTLY"}


@asynccontextmanager
async def asking_within(url: str, setting: str, value: int) -> AsyncIterator[Asker]:
    async with asking(url, **{setting: value}) as ask:
        yield ask


@pytest.mark.parametrize(
    ("setting", "value", "fits", "does_not", "name"), CASES, ids=[case[0] for case in CASES]
)
async def test_a_limit(
    seeded: str, setting: str, value: int, fits: str, does_not: str, name: str
) -> None:
    async with asking_within(seeded, setting, value) as ask:
        await ask(fits)
        [error] = await ask.errors(does_not)
    extensions = error["extensions"]
    assert extensions["code"] == CODES.get(name, "TOO_LARGE")
    assert (extensions["limit"], extensions["allowed"]) == (name, value)
    more = f"more than {value}" if name == "tokens" else value + 1
    assert extensions["asked"] in {more, value + 2}
    assert f" {extensions['asked']} " in f"{error['message'].replace(';', ' ')} "
    assert f"the limit is {value}. " in error["message"]
    assert error["message"].endswith(", or send several requests.")


async def test_values_of_variables(seeded: str) -> None:
    query = "query ($w: ToolWhere) { tools(where: $w) { totalCount } }"
    async with asking(seeded, value_limit=5) as ask:
        await ask(query, w={"name": {"in": ["a", "b"]}})
        [error] = await ask.errors(query, w={"name": {"in": ["a", "b", "c"]}})
        assert error["extensions"]["limit"] == "values"


def nested(levels: int, key: str = "parent") -> dict[str, Any]:
    return {key: nested(levels - 1, key)} if levels else {}


async def test_relations_in_conditions(seeds: Asker) -> None:
    query = "query ($w: LocationWhere) { locations(where: $w) { totalCount } }"
    just = nested(Limits().condition_depth - 2)
    some = {"and": [{"children": {"some": {"not": {"or": [just]}}}}]}
    await seeds(query, w=some | {"name": {"eq": "x"}})
    [error] = await seeds.errors(query, w={"parent": {"parent": some}})
    assert error["extensions"]["code"] == "TOO_DEEP"
    assert (error["extensions"]["limit"], error["extensions"]["asked"]) == ("condition_depth", 8)
    literal = "query ($w: LocationWhere) { locations(where: {parent: $w}) { totalCount } }"
    [error] = await seeds.errors(literal, w=nested(Limits().condition_depth))
    assert error["extensions"]["asked"] == 8


async def test_depth_of_variables(seeds: Asker) -> None:
    query = "query ($w: ToolWhere) { tools(where: $w) { totalCount } }"
    await seeds(query, w=nested(50, "not"))
    just = nested(Limits().value_depth - 1, "a")
    answer = await seeds.answer("{ __typename }", unused=just)
    assert answer == {"data": {"__typename": "Query"}}
    [error] = await seeds.errors("{ __typename }", unused={"a": just})
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == (
        "TOO_DEEP",
        "value_depth",
    )


INTROSPECTION: dict[str, str] = {
    "graphql-core": get_introspection_query(),
    "with all options": get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        experimental_directive_deprecation=False,
    ),
    "deeper types, as of code generators": get_introspection_query().replace(
        "ofType {", "ofType { ofType { name kind ofType { kind name } }", 1
    ),
    "one type, as of documentation": """query ($name: String!) { __type(name: $name) {
        kind name fields(includeDeprecated: true) { name args { name type { name ofType { name } } }
        type { kind name ofType { kind name ofType { kind name ofType { name } } } } }
        possibleTypes { name } enumValues { name } inputFields { name type { name } } } }""",
}


@pytest.mark.parametrize("name", INTROSPECTION)
async def test_introspection_fits_whatever_the_settings_are(seeded: str, name: str) -> None:
    limits = {"depth_limit": 1, "field_limit": 1, "object_limit": 1, "cost_limit": 1}
    async with asking(seeded, **limits, root_field_limit=1) as ask:
        response = await ask.post(
            {"query": INTROSPECTION[name], "variables": {"name": "Guide"}},
            headers={"GraphQL-Cost": "1"},
        )
    answer = response.json()
    assert "errors" not in answer
    assert answer["extensions"]["cost"]["requestedQueryCost"] == 0


async def test_introspection_has_limits_of_its_own(seeds: Asker) -> None:
    chain = "{ __schema { types { %s } } }"
    answer = await seeds.answer(chain % ("ofType { " * 21 + "name" + " }" * 21))
    assert "errors" not in answer
    [error] = await seeds.errors(chain % ("ofType { " * 24 + "name" + " }" * 24))
    assert (error["extensions"]["code"], error["extensions"]["allowed"]) == ("TOO_DEEP", 25)
    [error] = await seeds.errors(chain % ("name " * 1000))
    assert error["extensions"]["limit"] == "introspection_fields"
    wide = " ".join(f"a{number}: name" for number in range(150))
    [error] = await seeds.errors(chain % f"fields {{ type {{ fields {{ {wide} }} }} }}")
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == (
        "TOO_COSTLY",
        "introspection",
    )


async def test_a_cycle_of_fragments_is_named(seeds: Asker) -> None:
    cycle = "fragment A on Tool { ...B } fragment B on Tool { ...A }"
    [error] = await seeds.errors(TOOL % "...A" + cycle)
    assert error["extensions"]["code"] == "VALIDATION_FAILED"
    assert "A → B → A" in error["message"] or "B → A → B" in error["message"]


def test_counts_stop_instead_of_growing_without_end() -> None:
    doubling = " ".join(
        f"fragment F{number} on Tool {{ a: x {{ ...F{number + 1} }} b: x {{ ...F{number + 1} }} }}"
        for number in range(60)
    )
    document = parse(f"{{ ...F0 }} {doubling} fragment F60 on Tool {{ name @skip(if: true) }}")
    (_, operation), *_ = complexities(document)
    assert operation.fields == operation.aliases == operation.directives == SATURATED
    assert operation.depth == 61


def test_a_fragment_has_no_root() -> None:
    _, (_, fragment) = complexities(parse("{ __typename } fragment A on Tool { a b c }"))
    assert (fragment.root_fields, fragment.fields) == (0, 3)
