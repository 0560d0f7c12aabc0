"""Selections of nothing, and directives on definitions: new in the edition of September 2026.

https://spec.graphql.org/September2026/#sec-Selection-Sets
"""

from typing import Any

import pytest

from tests.asking import Asker
from tests.databases import rows
from tests.editing import Editor, skill

GUIDE = 'guide(slug: "recruiting-backend-developers-in-belgium")'

ANSWERED: list[tuple[str, Any]] = [
    ("{ guides {} }", {"guides": {}}),
    ("{ guides { nodes {} totalCount } }", {"guides": {"nodes": [{}], "totalCount": 1}}),
    ("{ guides { edges {} pageInfo {} } }", {"guides": {"edges": [{}], "pageInfo": {}}}),
    ("{ guides { edges { node {} } } }", {"guides": {"edges": [{"node": {}}]}}),
    ("{ guides {} guides { totalCount } }", {"guides": {"totalCount": 1}}),
    (f'{{ {GUIDE} {{}} none: guide(slug: "none") {{}} }}', {"guide": {}, "none": None}),
    (
        f"{{ {GUIDE} {{ location {{ parent {{}} }} techScene {{}} careerPath(first: 2) {{}} }} }}",
        {"guide": {"location": {"parent": None}, "techScene": {}, "careerPath": [{}, {}]}},
    ),
    (
        "{ guides { aggregate {} groups(groupBy: [ROLE]) { nodes { role {} aggregate {} } } } }",
        {"guides": {"aggregate": {}, "groups": {"nodes": [{"role": {}, "aggregate": {}}]}}},
    ),
    ("{ salaryStatistics(groupBy: [LEVEL]) {} }", {"salaryStatistics": {}}),
    (
        '{ search(text: "microservices", first: 1) { nodes {} edges { node {} } } }',
        {"search": {"nodes": [{}], "edges": [{"node": {}}]}},
    ),
    (f"{{ {GUIDE} {{ ...F ... {{}} }} }} fragment F on Guide {{}}", {"guide": {}}),
    ("{ __schema {} guides {} }", {"__schema": {}, "guides": {}}),
]

AT_ONCE: list[tuple[str, Any]] = [
    ("{}", {}),
    ("query Q {}", {}),
    ("mutation {}", {}),
    ("{ ...F } fragment F on Query {}", {}),
    ('{ __schema {} __type(name: "Guide") { fields {} } }', None),
]

REFUSED = [
    (f"{{ {GUIDE} {{ title {{}} }} }}", "VALIDATION_FAILED"),
    ("{ __typename {} }", "VALIDATION_FAILED"),
    ("{ guides }", "VALIDATION_FAILED"),
    ('{ node(id: "x") {} }', "BAD_ID"),
    ("subscription {}", "VALIDATION_FAILED"),
    ('{ guides {} } directive @a @deprecated(reason: "x") on FIELD', "VALIDATION_FAILED"),
    ("{ guides {} } directive @a(b: Int) @c repeatable on FIELD", "VALIDATION_FAILED"),
    ("{ guides {} } extend directive @skip @deprecated", "VALIDATION_FAILED"),
    ("{ guides {} } directive @a on FIELD @b", "SYNTAX_ERROR"),
    ("{ guides @a {} }", "VALIDATION_FAILED"),
    ("{ guides { nodes {} ", "SYNTAX_ERROR"),
    ("{ guides () {} }", "SYNTAX_ERROR"),
]


@pytest.mark.parametrize(("query", "data"), ANSWERED)
async def test_an_empty_selection_is_an_empty_object(seeds: Asker, query: str, data: Any) -> None:
    assert await seeds(query) == data


@pytest.mark.parametrize(("query", "data"), AT_ONCE)
async def test_of_nothing_no_statement_is_run(seeds: Asker, query: str, data: Any) -> None:
    answer = await seeds.answer(query)
    assert "errors" not in answer
    assert data is None or answer["data"] == data
    assert seeds.statements == []


@pytest.mark.parametrize(("query", "code"), REFUSED)
async def test_what_is_refused_all_the_same(seeds: Asker, query: str, code: str) -> None:
    for error in await seeds.errors(query):
        assert error["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ " + " ".join(f"a{i}: guides {{}}" for i in range(21)) + " }", "TOO_LARGE"),
        (
            "{ guides { " + "edges { node { location { guides { " * 5 + "} } } } " * 5 + "} }",
            "TOO_DEEP",
        ),
        ("{ guides(first: 100) { nodes { companies(first: 100) { guides {} } } } }", "TOO_COSTLY"),
        ("{ " + "... {} " * 5_000 + "}", "TOO_LARGE"),
        ("{ " + "... @include(if: true) {} " * 51 + "}", "TOO_LARGE"),
    ],
)
async def test_they_count_as_any_other(seeds: Asker, query: str, code: str) -> None:
    [error] = await seeds.errors(query)
    assert error["extensions"]["code"] == code


async def test_a_change_is_made_whatever_is_asked_of_it(editor: Editor, database: str) -> None:
    query = "mutation ($d: SkillInput!) { saveSkill(document: $d) {} }"
    answer = await editor.answer(query, {"d": skill()})
    assert answer == {"data": {"saveSkill": {}}}
    assert await rows(database, "select slug from draft.skill") == [(skill()["slug"],)]
