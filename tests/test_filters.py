"""`where`, wherever there are many of something."""

from pathlib import Path
from typing import Any

import pytest

from tests.asking import Asker
from tests.databases import load, rows
from tests.editing import PUBLISH, Editor, items
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
        for where, expected in CONDITIONS[:11]:
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
            f"`where.id.in`: {wrong!r} is not an id that fits here; such ids begin with tool_."
        )


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ({"name": None}, "where.name"),
        ({"name": {"eq": None}}, "where.name.eq"),
        ({"and": [{"or": None}]}, "where.and[0].or"),
        ({"children": {"some": None}}, "where.children.some"),
        ({"parent": {"parent": None}}, "where.parent.parent"),
        ({"id": {"eq": None}}, "where.id.eq"),
    ],
)
async def test_a_null_is_no_condition(seeds: Asker, where: Any, place: str) -> None:
    [error] = await seeds.errors(SLUGS, where=where)
    assert error["extensions"]["code"] == "BAD_FILTER"
    assert error["message"].startswith(f"`{place}` is null")


@pytest.mark.parametrize(
    ("where", "place", "instead"),
    [
        ({"parent": None}, "where.parent", "`not: { parent: {} }`"),
        ({"children": None}, "where.children", "`not: { children: { some: {} } }`"),
        ({"name": None}, "where.name", "`isNull`"),
        ({"not": None}, "where.not", "leave it out"),
        ({"within": None}, "where.within", "leave it out"),
        ({"id": None}, "where.id", "give a value"),
        ({"guides": {"some": {"role": None}}}, "where.guides.some.role", "every item has one"),
    ],
)
async def test_a_null_is_told_what_would_be_right(
    seeds: Asker, where: Any, place: str, instead: str
) -> None:
    [error] = await seeds.errors(SLUGS, where=where)
    assert error["message"].startswith(f"`{place}` is null; leave it out")
    assert instead in error["message"]


async def test_what_has_no_relation_is_found_as_the_error_says(seeds: Asker) -> None:
    everything = (await seeds(SLUGS))["locations"]["nodes"]
    found = []
    has_one: dict[str, Any] = {"parent": {}}
    for where in (has_one, {"not": has_one}):
        found += (await seeds(SLUGS, where=where))["locations"]["nodes"]
    assert len(found) == len(everything)
    assert {each["slug"] for each in found} == {each["slug"] for each in everything}


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ({"name": {}}, "where.name"),
        ({"children": {}}, "where.children"),
        ({"and": [{"or": [{"slug": {}}]}]}, "where.and[0].or[0].slug"),
        ({"children": {"some": {"kind": {}}}}, "where.children.some.kind"),
    ],
)
async def test_an_empty_condition_is_none(seeds: Asker, where: Any, place: str) -> None:
    [error] = await seeds.errors(SLUGS, where=where)
    assert error["extensions"]["code"] == "BAD_FILTER"
    assert error["message"].startswith(f"`{place}` is empty")


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("{slug: {eq: $a}}", "where.slug.eq"),
        ('{slug: {eq: $a, ne: "x"}}', "where.slug.eq"),
        ("{slug: $b}", "where.slug"),
        ('{or: [{slug: {eq: "belgium"}}, {parent: {name: $b}}]}', "where.or[1].parent.name"),
    ],
)
@pytest.mark.parametrize("field", ["totalCount", "nodes { children(where: %s) { totalCount } }"])
async def test_a_variable_without_a_value_is_no_condition(
    seeds: Asker, where: str, place: str, field: str
) -> None:
    nested = "%s" in field
    asked = field % where if nested else field
    outer = "" if nested else f"(where: {where})"
    named = [each for each in ("$a: String", "$b: StringFilter") if each[:2] in where]
    query = f"query ({', '.join(named)}) {{ locations{outer} {{ {asked} }} }}"
    [error] = await seeds.errors(query)
    assert error["extensions"]["code"] == "BAD_FILTER"
    assert f"`{place}` is a variable without a value" in error["message"]


async def test_a_whole_argument_may_be_left_out_by_a_variable(seeds: Asker) -> None:
    query = "query ($w: LocationWhere) { locations(where: $w) { totalCount } }"
    assert (await seeds(query))["locations"]["totalCount"] > 1


async def test_a_number_is_one_that_there_is(seeds: Asker) -> None:
    query = "{ guides(where: {salaryRanges: {some: {minimum: {lt: %s}}}}) { totalCount } }"
    for wrong in ("1e400", "-1e400"):
        [error] = await seeds.errors(query % wrong)
        assert error["extensions"]["code"] in {"BAD_FILTER", "VALIDATION_FAILED"}
    assert (await seeds(query % "1e300"))["guides"]["totalCount"] == 1


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


@pytest.mark.parametrize(
    ("operator", "operand"),
    [
        ("eqInsensitive", "ULIÈGE"),
        ("eqInsensitive", "uliège"),
        ("eqInsensitive", "ULIE\N{COMBINING GRAVE ACCENT}GE"),
        ("startsWithInsensitive", "ULIÈ"),
        ("containsInsensitive", "IÈG"),
        ("endsWithInsensitive", "ÈGE"),
    ],
)
@pytest.mark.parametrize("stage", ["LIVE", "DRAFT"])
async def test_case_is_that_of_all_letters(
    editor: Editor, operator: str, operand: str, stage: str
) -> None:
    await editor.save("University", {"slug": "uliege", "name": {"en": "ULie\u0300ge"}})
    await editor.change(PUBLISH, slugs=items(university="uliege"))
    query = """query ($where: UniversityWhere, $stage: Stage) {
        universities(where: $where, stage: $stage) { nodes { name } } }"""
    data = await editor(query, where={"name": {operator: operand}}, stage=stage)
    assert data["universities"]["nodes"] == [{"name": "ULi\u00e8ge"}]


async def test_every_letter_is_its_other_case(database: str) -> None:
    letters = [chr(number) for number in range(0x110000) if not 0xD800 <= number < 0xE000]
    pairs = [(each, each.upper()) for each in letters if each.upper().lower() == each]
    pairs = [pair for pair in pairs if pair[0] != pair[1] and len(pair[1]) == 1]
    assert len(pairs) > 1_300
    statement = """select small, large from unnest($1::text[], $2::text[]) as pair (small, large)
        where service.folded(small) <> service.folded(large)"""
    assert await rows(database, statement, *map(list, zip(*pairs, strict=True))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("STRAẞE", "strasse"), ("ΟΔΟΣ", "οδος"), ("İstanbul", "istanbul")],
)
async def test_what_differs_in_lower_case_only_is_the_same(
    database: str, one: str, other: str
) -> None:
    statement = "select service.folded($1) = service.folded($2)"
    assert await rows(database, statement, one, other) == [(True,)]
