"""`where`, wherever there are many of something."""

from pathlib import Path
from typing import Any

import pytest

from tests.asking import Asker
from tests.databases import load
from tests.writing import GUIDE, PLACE, ROLE, write

SLUGS = """query ($where: LocationWhere) {
    locations(where: $where) { nodes { slug } totalCount pageInfo { hasNextPage } }
}"""
ALL = [
    "antwerp", "belgium", "brussels", "brussels-capital", "flanders", "ghent", "leuven", "wallonia",
]  # fmt: skip
CITIES = ["antwerp", "brussels", "ghent", "leuven"]


async def found(seeds: Asker, where: Any) -> list[str]:
    """The slugs of the places for which a condition holds."""
    page = (await seeds(SLUGS, where=where))["locations"]
    slugs = [each["slug"] for each in page["nodes"]]
    assert page["totalCount"] == len(slugs)
    return slugs


CONDITIONS: list[tuple[Any, list[str]]] = [
    (None, ALL),
    ({}, ALL),
    ({"slug": {"eq": "ghent"}}, ["ghent"]),
    ({"slug": {"ne": "ghent"}, "kind": {"eq": "CITY"}}, ["antwerp", "brussels", "leuven"]),
    ({"name": {"in": ["Ghent", "Belgium", "Nowhere"]}}, ["belgium", "ghent"]),
    ({"name": {"in": []}}, []),
    ({"name": {"notIn": []}}, ALL),
    (
        {"kind": {"in": ["REGION", "COUNTRY"]}},
        ["belgium", "brussels-capital", "flanders", "wallonia"],
    ),
    ({"kind": {"notIn": ["REGION", "COUNTRY"]}}, CITIES),
    ({"name": {"lt": "B"}}, ["antwerp"]),
    ({"name": {"lte": "Antwerp"}}, ["antwerp"]),
    ({"name": {"gt": "Leuven"}}, ["wallonia"]),
    ({"name": {"gte": "Leuven", "lt": "W"}}, ["leuven"]),
    ({"name": {"contains": "el"}}, ["belgium", "brussels", "brussels-capital"]),
    ({"name": {"contains": "%"}}, []),
    ({"name": {"contains": ""}}, ALL),
    ({"name": {"startsWith": "Bru"}}, ["brussels", "brussels-capital"]),
    ({"name": {"endsWith": "en"}}, ["leuven"]),
    ({"name": {"endsWith": "an extremely long text"}}, []),
    ({"name": {"eqInsensitive": "GHENT"}}, ["ghent"]),
    ({"name": {"containsInsensitive": "LE"}}, ["leuven"]),
    ({"name": {"startsWithInsensitive": "gH"}}, ["ghent"]),
    ({"name": {"endsWithInsensitive": "ENT"}}, ["ghent"]),
    ({"techScene": {"isNull": False, "contains": "SaaS"}}, ["belgium", "ghent"]),
    ({"techScene": {"isNull": True}, "kind": {"eq": "CITY"}}, ["antwerp"]),
    (
        {"not": {"techScene": {"contains": "SaaS"}}, "kind": {"eq": "CITY"}},
        ["antwerp", "brussels", "leuven"],
    ),
    ({"techScene": {"ne": "x"}, "slug": {"eq": "antwerp"}}, ["antwerp"]),
    ({"and": []}, ALL),
    ({"or": []}, []),
    ({"not": {}}, []),
    ({"and": [{"kind": {"eq": "CITY"}}, {"name": {"lt": "C"}}]}, ["antwerp", "brussels"]),
    ({"or": [{"slug": {"eq": "ghent"}}, {"kind": {"eq": "COUNTRY"}}]}, ["belgium", "ghent"]),
    ({"not": {"or": [{"kind": {"eq": "CITY"}}, {"kind": {"eq": "REGION"}}]}}, ["belgium"]),
    ({"parent": {"slug": {"eq": "belgium"}}, "kind": {"eq": "CITY"}}, CITIES),
    ({"not": {"parent": {}}}, ["belgium"]),
    ({"children": {"some": {"slug": {"eq": "ghent"}}}}, ["belgium"]),
    ({"children": {"none": {}}}, [slug for slug in ALL if slug != "belgium"]),
    ({"children": {"every": {"kind": {"ne": "COUNTRY"}}}}, ALL),
    ({"children": {"every": {"kind": {"eq": "CITY"}}, "some": {}}}, []),
    ({"hubs": {"some": {"name": {"eq": "The Pond"}}}}, ["belgium", "ghent"]),
    ({"hubs": {"some": {"name": {"eq": "The Pond"}, "slug": {"eq": "imec"}}}}, []),
    (
        {
            "hubs": {"some": {"name": {"eq": "The Pond"}}},
            "and": [{"hubs": {"some": {"slug": {"eq": "imec"}}}}],
        },
        ["belgium"],
    ),
    ({"hubs": {"some": {"location": {"slug": {"eq": "ghent"}}}}}, ["belgium", "ghent"]),
    ({"guides": {"some": {"salaryRanges": {"some": {"minimum": {"gte": 60000}}}}}}, ["belgium"]),
    ({"guides": {"some": {"salaryRanges": {"some": {"minimum": {"gte": 60001}}}}}}, []),
    (
        {
            "guides": {
                "some": {
                    "salaryRanges": {"some": {"minimum": {"eq": 36000}, "level": {"eq": "SENIOR"}}}
                }
            }
        },
        [],
    ),
    ({"guides": {"some": {"companies": {"some": {"slug": {"eq": "swift"}}}}}}, ["belgium"]),
    ({"guides": {"some": {"tools": {"every": {"name": {"ne": "Java"}}}}}}, []),
    (
        {"guides": {"some": {"careerPath": {"some": {"titles": {"has": "VP of Engineering"}}}}}},
        ["belgium"],
    ),
    ({"guides": {"some": {"techScene": {"contains": "12,000"}}}}, ["belgium"]),
    ({"version": {"eq": 1, "lt": 2, "gte": 1}, "slug": {"eq": "wallonia"}}, ["wallonia"]),
    ({"createdAt": {"gt": "2020-01-01T00:00:00+00:00", "lt": "2200-01-01T00:00:00"}}, ALL),
    ({"createdAt": {"lt": "2020-01-01T00:00:00Z"}}, []),
]


@pytest.mark.parametrize(
    ("where", "expected"), CONDITIONS, ids=[str(each) for each, _ in CONDITIONS]
)
async def test_a_condition(seeds: Asker, where: Any, expected: list[str]) -> None:
    assert await found(seeds, where) == expected


async def test_a_condition_may_be_written_out_or_hold_variables(seeds: Asker) -> None:
    query = """query ($kind: LocationKind, $names: [String!], $more: [LocationWhere!]) {
        locations(where: { kind: { eq: $kind }, name: { in: $names }, or: $more }) {
            nodes { slug }
        }
    }"""
    data = await seeds(query, kind="CITY", names=["Ghent", "Leuven"], more=[{}])
    assert [each["slug"] for each in data["locations"]["nodes"]] == ["ghent", "leuven"]
    data = await seeds(query, kind="CITY", names=["Ghent"], more=[{"slug": {"eq": "leuven"}}])
    assert data["locations"]["nodes"] == []
    data = await seeds(query, kind="REGION", names=["Flanders"], more=[{}, {}])
    assert data["locations"]["nodes"] == [{"slug": "flanders"}]


async def test_one_text_with_conditions_of_several_shapes(seeds: Asker) -> None:
    for _ in range(2):
        for where, expected in CONDITIONS[:12]:
            assert await found(seeds, where) == expected


async def test_a_text_is_compared_as_it_is_served_in_the_locale(seeds: Asker) -> None:
    query = """query ($l: Locale, $where: LocationWhere) {
        locations(locale: $l, where: $where) { nodes { slug } } }"""
    where = {"name": {"eq": "Gent"}}
    assert (await seeds(query, where=where))["locations"]["nodes"] == []
    data = await seeds(query, where=where, l="nl")
    assert data["locations"]["nodes"] == [{"slug": "ghent"}]


async def test_ids(seeds: Asker) -> None:
    query = "query ($where: ToolWhere) { tools(where: $where) { nodes { id slug } } }"
    everything = (await seeds(query))["tools"]["nodes"]
    ids = {each["slug"]: each["id"] for each in everything}
    data = await seeds(query, where={"id": {"in": [ids["java"], ids["kafka"]]}})
    assert [each["slug"] for each in data["tools"]["nodes"]] == ["java", "kafka"]
    for wrong in ("x", "tool_1", ids["java"].replace("tool", "skill")):
        [error] = await seeds.errors(query, where={"id": {"in": [ids["java"], wrong]}})
        assert error["extensions"]["code"] == "BAD_FILTER"
        assert error["message"] == (
            f"`where.id.in`: {wrong!r} is no id; those that fit here begin with tool_."
        )


MISSING = "ask for what is missing with `isNull`"


@pytest.mark.parametrize(
    ("where", "place", "advice"),
    [
        ({"name": None}, "where.name", MISSING),
        ({"name": {"eq": None}}, "where.name.eq", MISSING),
        ({"id": None}, "where.id", "leave it out"),
        ({"id": {"eq": None}}, "where.id.eq", "leave it out"),
        ({"and": [{"or": None}]}, "where.and[0].or", "leave it out"),
        ({"not": None}, "where.not", "leave it out"),
        ({"within": None}, "where.within", "leave it out"),
        ({"children": {"some": None}}, "where.children.some", "leave it out"),
        (
            {"children": None},
            "where.children",
            "ask for what has none with `children: { none: {} }`",
        ),
        (
            {"parent": {"parent": None}},
            "where.parent.parent",
            "ask for what has none with `not: { parent: {} }`",
        ),
        ({"guides": {"some": {"role": None}}}, "where.guides.some.role", "leave it out"),
    ],
)
async def test_a_null_is_no_condition(seeds: Asker, where: Any, place: str, advice: str) -> None:
    [error] = await seeds.errors(SLUGS, where=where)
    assert error["extensions"]["code"] == "BAD_FILTER"
    assert error["message"] == f"`{place}` is null; {advice}."


async def test_the_advice_does_what_it_says(seeds: Asker) -> None:
    assert await found(seeds, {"not": {"parent": {}}}) == ["belgium"]
    assert await found(seeds, {"children": {"none": {}}, "kind": {"ne": "CITY"}}) == [
        "brussels-capital", "flanders", "wallonia",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "place", "advice"),
    [
        ({"name": {}}, "where.name", "give an operator, such as `eq`"),
        ({"or": [{"kind": {}}]}, "where.or[0].kind", "give an operator, such as `eq`"),
        ({"children": {}}, "where.children", "give `some`, `none` or `every`"),
        ({"hubs": {"some": {"id": {}}}}, "where.hubs.some.id", "give an operator, such as `eq`"),
    ],
)
async def test_a_condition_that_says_nothing_is_none(
    seeds: Asker, where: Any, place: str, advice: str
) -> None:
    [error] = await seeds.errors(SLUGS, where=where)
    assert error["extensions"]["code"] == "BAD_FILTER"
    assert error["message"] == f"`{place}` says nothing; {advice}."


@pytest.mark.parametrize(
    ("type_", "where", "place"),
    [
        ("String", "{ name: { eq: $a } }", "where.name.eq"),
        ("String", '{ name: { eq: $a, gt: "A" } }', "where.name.eq"),
        ("[String!]", "{ name: { in: $a } }", "where.name.in"),
        ("Boolean", "{ name: { isNull: $a } }", "where.name.isNull"),
        ("StringFilter", "{ name: $a }", "where.name"),
        ("LocationWhere", "{ not: $a }", "where.not"),
        ("LocationWhere", "{ parent: $a }", "where.parent"),
        ("LocationWhere", "{ within: $a }", "where.within"),
        ("[LocationWhere!]", "{ or: [{}, { and: $a }] }", "where.or[1].and"),
        ("LocationListWhere", "{ children: $a }", "where.children"),
        ("LocationWhere", "{ children: { every: $a } }", "where.children.every"),
    ],
)
async def test_nor_is_a_variable_without_a_value(
    seeds: Asker, type_: str, where: str, place: str
) -> None:
    query = f"query ($a: {type_}) {{ locations(where: {where}) {{ totalCount }} }}"
    [absent] = await seeds.errors(query)
    assert absent["extensions"]["code"] == "BAD_FILTER"
    assert absent["message"] == f"`{place}` is `$a`, which has no value; give it one."
    [null] = await seeds.errors(query, a=None)
    assert null["message"].startswith(f"`{place}` is null; ")


async def test_the_argument_itself_may_be_left_out(seeds: Asker) -> None:
    query = """query ($w: LocationWhere, $d: StringFilter = { eq: "Ghent" }) {
        all: locations(where: $w) { totalCount }
        one: locations(where: { name: $d }) { totalCount }
        belgium: location(slug: "belgium") { hubs(where: $h) { slug } }
    }""".replace("$d:", "$h: HubWhere, $d:")
    data = await seeds(query)
    assert data["all"] == {"totalCount": len(ALL)}
    assert data["one"] == {"totalCount": 1}
    assert data["belgium"]["hubs"]


async def test_what_is_in_a_guide_is_asked_alike(seeds: Asker) -> None:
    query = (
        """query ($a: String) { guides { nodes { hubs(where: { slug: { eq: $a } }) { slug } } } }"""
    )
    [error] = await seeds.errors(query)
    assert error["path"] == ["guides", "nodes", "hubs"]
    assert error["message"].startswith("`where.slug.eq` is `$a`, ")


async def test_a_filter_on_what_does_not_exist_is_an_error_that_says_so(seeds: Asker) -> None:
    [error] = await seeds.errors(SLUGS, where={"nam": {"eq": "Ghent"}})
    assert error["extensions"]["code"] == "BAD_VARIABLES"
    assert "Did you mean 'name'" in error["message"]


async def test_lists_in_a_guide_are_filtered_as_they_are_served(seeds: Asker) -> None:
    data = await seeds(
        """{ guide(slug: "recruiting-backend-developers-in-belgium") {
            companies(where: { name: { startsWith: "S" } }) { name }
            hubs(where: { location: { slug: { in: ["ghent", "leuven"] } } }) { name }
            salaryRanges(where: { minimum: { gt: 40000 }, currency: { eq: "EUR" } }) { level }
            careerPath(where: { titles: { hasSome: ["Backend Developer", "x"] } }) { position }
            none: tools(where: { id: { in: [] } }) { name }
        } }"""
    )
    assert data["guide"] == {
        "companies": [{"name": "Swift"}, {"name": "Showpad"}],
        "hubs": [{"name": "The Pond"}, {"name": "imec"}],
        "salaryRanges": [{"level": "MID"}, {"level": "SENIOR"}],
        "careerPath": [{"position": 2}],
        "none": [],
    }


async def test_lists_of_texts(database: str, ask: Asker, tmp_path: Path) -> None:
    companies = {
        name: f"type: Company\nslug: {name}\nname: {{en: {name}}}\nsectors: {sectors}\n"
        for name, sectors in {"a": "[fintech, health]", "b": "[fintech]", "c": "[]"}.items()
    }
    await load(database, write(tmp_path, **companies))
    query = "query ($f: StringListFilter) { companies(where: {sectors: $f}) { nodes { slug } } }"
    for operands, expected in [
        ({"has": "fintech"}, "ab"),
        ({"has": "fin"}, ""),
        ({"hasSome": ["health", "x"]}, "a"),
        ({"hasSome": []}, ""),
        ({"hasEvery": ["health", "fintech"]}, "a"),
        ({"hasEvery": []}, "abc"),
        ({"isEmpty": True}, "c"),
        ({"isEmpty": False}, "ab"),
        ({"isNull": True}, ""),
    ]:
        nodes = (await ask(query, f=operands))["companies"]["nodes"]
        assert "".join(each["slug"] for each in nodes) == expected, operands


async def test_what_is_not_published_takes_no_part_in_conditions(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    hub = "type: Hub\nslug: secret\nname: {en: Secret}\nlocation: belgium\ndraft: true\n"
    guide = GUIDE + "    hubs: [secret]\n"
    await load(database, write(tmp_path, place=PLACE, role=ROLE, guide=guide, hub=hub))
    conditions: list[Any] = [
        {"hubs": {"some": {}}},
        {"hubs": {"some": {"name": {"eq": "Secret"}}}},
        {"not": {"hubs": {"none": {"slug": {"eq": "secret"}}}}},
        {"not": {"hubs": {"every": {"slug": {"ne": "secret"}}}}},
    ]
    for where in conditions:
        data = await ask("query ($w: GuideWhere) { guides(where: $w) { totalCount } }", w=where)
        assert data == {"guides": {"totalCount": 0}}
