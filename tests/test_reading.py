"""What a query may look like: names of the rules are those of the GraphQL specification."""

import pytest

from tests.asking import Asker, asking

SLUG = "recruiting-backend-developers-in-belgium"


async def test_aliases(seeds: Asker) -> None:
    data = await seeds(
        """{
            one: company(slug: "imec") { called: name name }
            other: hub(slug: "imec") { called: name }
        }"""
    )
    assert data == {"one": {"called": "imec", "name": "imec"}, "other": {"called": "imec"}}


async def test_keys_come_in_the_order_of_the_query(seeds: Asker) -> None:
    data = await seeds("""{ b: __typename guide(slug: "x") { id } a: tool(slug: "java") {
        slug ...More id } } fragment More on Tool { name slug __typename }""")
    assert list(data) == ["b", "guide", "a"]
    assert list(data["a"]) == ["slug", "name", "__typename", "id"]


async def test_an_alias_may_be_longer_than_names_of_postgresql(seeds: Asker) -> None:
    alias = "a" * 200
    data = await seeds(f'{{ tool(slug: "java") {{ {alias}: name }} }}')
    assert data == {"tool": {alias: "Java"}}


async def test_an_object_may_have_more_fields_than_functions_have_arguments(seeded: str) -> None:
    limits = dict.fromkeys(("field_limit", "alias_limit", "planning_limit"), 6_000)
    fields = {f"f{number}": "Java" for number in range(5173)}
    selection = " ".join(f"{key}: name" for key in fields)
    async with asking(seeded, token_limit=20_000, **limits) as ask:
        data = await ask(f'{{ tool(slug: "java") {{ {selection} id }} }}')
    assert list(data["tool"]) == [*fields, "id"]
    assert {**data["tool"], "id": None} == {**fields, "id": None}


async def test_fragments_and_field_merging(seeds: Asker) -> None:
    data = await seeds(
        """query ($slug: String!) {
            guide(slug: $slug) { location { name } ...Place }
            guide(slug: $slug) { ... on Guide { location { kind } } ... { title } }
        }
        fragment Place on Guide { location { countryCode parent { name } } ...Place2 }
        fragment Place2 on Guide { location { name slug } }""",
        slug=SLUG,
    )
    assert data == {
        "guide": {
            "location": {
                "name": "Belgium",
                "countryCode": "BE",
                "parent": None,
                "slug": "belgium",
                "kind": "COUNTRY",
            },
            "title": "Recruiting Backend Developers in Belgium",
        }
    }


async def test_skip_and_include(seeds: Asker) -> None:
    query = """query ($yes: Boolean!, $no: Boolean = false) {
        tool(slug: "java") {
            id @skip(if: $yes) slug @include(if: $yes) name @include(if: $no)
            kind @skip(if: true) ... @include(if: $no) { version }
            ... on Tool @skip(if: $no) { __typename }
            publishedAt @include(if: $yes) @skip(if: true)
        }
    }"""
    assert await seeds(query, yes=True) == {"tool": {"slug": "java", "__typename": "Tool"}}
    found = await seeds(query, yes=False, no=True)
    assert set(found["tool"]) == {"id", "name", "version"}


async def test_a_condition_has_to_be_true_or_false(seeds: Asker) -> None:
    query = 'query ($n: Boolean = true) { tool(slug: "java") { name @include(if: $n) } }'
    assert await seeds(query) == {"tool": {"name": "Java"}}
    [error] = await seeds.errors(query, n=None)
    assert error["extensions"]["code"] == "BAD_VARIABLES"
    assert "$n" in error["message"]


async def test_an_empty_selection_after_skipping_is_an_empty_object(seeds: Asker) -> None:
    query = 'query ($n: Boolean!) { tool(slug: "java") { name @include(if: $n) } }'
    assert await seeds(query, n=False) == {"tool": {}}


async def test_typename_is_known_everywhere(seeds: Asker) -> None:
    data = await seeds(
        """query ($slug: String!) {
            __typename
            guide(slug: $slug) {
                __typename techScene { __typename } salaryRanges { __typename }
                location { __typename children { __typename edges { __typename node { __typename } }
                    pageInfo { __typename } nodes { __typename } } }
            }
        }""",
        slug=SLUG,
    )
    assert data["__typename"] == "Query"
    guide = data["guide"]
    assert guide["__typename"] == "Guide"
    assert guide["techScene"] == {"__typename": "RichText"}
    assert guide["salaryRanges"][0] == {"__typename": "SalaryRange"}
    children = guide["location"]["children"]
    assert children["__typename"] == "LocationConnection"
    assert children["edges"][0] == {
        "__typename": "LocationEdge",
        "node": {"__typename": "Location"},
    }
    assert children["pageInfo"] == {"__typename": "PageInfo"}
    assert children["nodes"][0] == {"__typename": "Location"}


async def test_what_does_not_exist_is_null(seeds: Asker) -> None:
    types = ("company", "guide", "hub", "location", "role", "skill", "tool", "university")
    query = "query ($slug: String!) {" + " ".join(f"{t}(slug: $slug) {{ id }}" for t in types) + "}"
    for slug in ("nowhere", "", "a\0b", "'; drop table live.guide; --", "é" * 5000):
        assert await seeds(query, slug=slug) == dict.fromkeys(types)


async def test_an_unknown_locale_is_an_error_that_lists_the_known_ones(seeds: Asker) -> None:
    [error] = await seeds.errors(
        '{ ok: tool(slug: "java") { id } tools(locale: "xx") { nodes { id } } }'
    )
    assert error["message"] == "There is no locale 'xx'. Use one of: en, fr, nl."
    assert error["path"] == ["tools"]
    assert error["locations"] == [{"line": 1, "column": 33}]
    assert error["extensions"] == {"code": "UNKNOWN_LOCALE", "known": ["en", "fr", "nl"]}


async def test_each_root_field_has_a_locale_of_its_own(seeds: Asker) -> None:
    data = await seeds(
        """query ($l: Locale) {
            en: location(slug: "belgium") { name }
            nl: location(slug: "belgium", locale: "nl") { name children { nodes { name } } }
            fr: location(slug: "belgium", locale: $l) { name }
            none: location(slug: "belgium", locale: null) { name }
        }""",
        l="fr",
    )
    names = {key: value["name"] for key, value in data.items()}
    assert names == {"en": "Belgium", "nl": "België", "fr": "Belgique", "none": "Belgium"}
    assert "Antwerpen" in [each["name"] for each in data["nl"]["children"]["nodes"]]


async def test_deep_nesting_is_still_one_statement(seeds: Asker) -> None:
    inner = "name"
    for _ in range(6):
        inner = f"name children(first: 1) {{ nodes {{ parent {{ {inner} }} }} }}"
    data = await seeds(f'{{ location(slug: "belgium") {{ {inner} }} }}')
    found = data["location"]
    for _ in range(6):
        assert found["name"] == "Belgium"
        found = found["children"]["nodes"][0]["parent"]
    assert found == {"name": "Belgium"}


async def test_values_have_the_wire_form_of_their_types(seeds: Asker) -> None:
    data = await seeds(
        """query ($slug: String!) { guide(slug: $slug) {
            id version createdAt publishedAt jobsUrl
            salaryRanges { id position level minimum currency period basis asOf source }
            careerPath { id position titles }
            companies { sectors }
        } }""",
        slug=SLUG,
    )
    guide = data["guide"]
    assert guide["id"].startswith("guide_")
    assert guide["version"] == 1
    assert guide["createdAt"].endswith("+00:00")
    assert guide["salaryRanges"][1]["id"].startswith("salary_range_")
    assert [each["position"] for each in guide["salaryRanges"]] == [1, 2, 3]
    assert guide["salaryRanges"][0]["minimum"] == 36000
    assert guide["salaryRanges"][0]["period"] == "YEAR"
    assert guide["salaryRanges"][0]["asOf"] is None
    assert guide["companies"][0]["sectors"] == []


async def test_introspection_and_content_can_be_asked_for_together(seeds: Asker) -> None:
    data = await seeds(
        """query ($name: String!) {
            a: __type(name: $name) { name } tool(slug: "java") { name }
            b: __schema { queryType { name } } a: __type(name: $name) { kind } __typename
        }""",
        name="Tool",
    )
    assert list(data.items()) == [
        ("a", {"name": "Tool", "kind": "OBJECT"}),
        ("tool", {"name": "Java"}),
        ("b", {"queryType": {"name": "Query"}}),
        ("__typename", "Query"),
    ]


async def test_introspection_alone_asks_the_database_nothing(seeds: Asker) -> None:
    answer = await seeds.answer("{ __schema { types { name } } }")
    assert {"name": "Guide"} in answer["data"]["__schema"]["types"]
    assert seeds.statements == []


async def test_the_operation_is_the_one_that_is_named(seeds: Asker) -> None:
    query = 'query A { tool(slug: "java") { name } } query B { tool(slug: "java") { slug } }'
    response = await seeds.post({"query": query, "operationName": "B"})
    assert response.json() == {"data": {"tool": {"slug": "java"}}}
    response = await seeds.post({"query": query, "operationName": "C"})
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "UNKNOWN_OPERATION"
    assert error["message"] == "The document has no operation 'C'; it has A, B."
    [error] = await seeds.errors(query)
    assert "name one in `operationName`: A, B" in error["message"]


async def test_a_missing_variable_is_an_error_before_any_statement(seeds: Asker) -> None:
    [error] = await seeds.errors("query ($slug: String!) { tool(slug: $slug) { name } }")
    assert error["extensions"]["code"] == "BAD_VARIABLES"
    assert "$slug" in error["message"]


async def test_a_null_where_a_value_has_to_be_is_an_error(seeds: Asker) -> None:
    query = 'query ($slug: String = "java") { tool(slug: $slug) { name } }'
    assert await seeds(query) == {"tool": {"name": "Java"}}
    [error] = await seeds.errors(query, slug=None)
    assert error["extensions"]["code"] == "BAD_VARIABLES"


async def test_there_are_no_subscriptions(seeds: Asker) -> None:
    [error] = await seeds.errors("subscription { __typename }")
    assert error["extensions"]["code"] == "VALIDATION_FAILED"


async def test_what_was_read_once_is_not_read_again(
    seeds: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "query ($slug: String!) { again: tool(slug: $slug) { name } }"
    assert await seeds(query, slug="java") == {"again": {"name": "Java"}}
    for name in ("operations.read", "operations.problems", "compiler.select", "compiler.plan"):
        monkeypatch.delattr(f"service.api.{name}")
    assert await seeds(query, slug="kafka") == {"again": {"name": "Kafka"}}


async def test_introspection_knows_fragments_and_says_what_is_wrong_with_variables(
    seeds: Asker,
) -> None:
    answer = await seeds.answer("{ __schema { queryType { ...T } } } fragment T on __Type { name }")
    assert answer["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    query = 'query ($n: String = "Tool") { __type(name: $n) { name } }'
    [error] = await seeds.errors(query, n=None)
    assert error["extensions"]["code"] == "BAD_VARIABLES"
