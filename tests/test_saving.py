"""Documents into the working copy, by mutations."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import UniqueConstraint

from schema.model import content_model
from service.database.pools import writing
from service.editing.edits import editing
from tests.asking import Asker
from tests.databases import rows
from tests.editing import (
    CHANGES,
    ERRORS,
    GUIDE,
    PLACE,
    PUBLISH,
    SALARY,
    WITH,
    Editor,
    editing_app,
    items,
    saving,
    skill,
)

RANGES = [
    {
        "level": level,
        "minimum": minimum,
        "maximum": minimum + 12_000.5,
        "currency": "EUR",
        "period": "YEAR",
        "basis": "GROSS",
        **more,
    }
    for level, minimum, more in (("JUNIOR", 36_000, {"asOf": "2026-01-31"}), ("SENIOR", 60_000, {}))
]
WHOLE = {
    **GUIDE,
    "subtitle": {"en": "All of it", "nl": "Alles"},
    "whyHire": {"en": "Because **so**."},
    "jobsUrl": "https://example.org/jobs",
    "salaryRanges": RANGES,
    "companies": ["swift"],
    "hubs": ["the-pond"],
    "universities": ["ku-leuven"],
    "skills": ["python", "sql"],
    "tools": ["git"],
}
AROUND: list[dict[str, Any]] = [
    *WITH,
    {"company": {"slug": "swift", "name": {"en": "Swift"}, "headquarters": "belgium"}},
    {"hub": {"slug": "the-pond", "name": {"en": "The Pond"}, "location": "belgium"}},
    {"university": {"slug": "ku-leuven", "name": {"en": "KU Leuven"}}},
    {"skill": skill()},
    {"skill": skill("sql", "SQL")},
    {"tool": {"slug": "git", "name": {"en": "Git"}}},
]
DEEP = """slug status version title subtitle whyHire { html } jobsUrl
    role { name guides { totalCount } } location { name hubs { name } }
    salaryRanges { level minimum maximum currency asOf display(locale: "fr") }
    companies { name headquarters { name countryCode } } hubs { name } universities { name }
    skills { name guides { nodes { slug } } } tools { name }"""
TABLES = ["company", "guide", "hub", "location", "role", "skill", "tool", "university"]
COUNTS = " union all ".join(f"select count(*) from draft.{name}" for name in TABLES)  # noqa: S608


async def test_one_call_makes_a_guide_with_all_that_it_refers_to(
    editor: Editor, ask: Asker, database: str
) -> None:
    mutation = saving("Guide", DEEP)
    payload = await editor.change(mutation, document=WHOLE, **{"with": AROUND})
    guide = payload["guide"]
    assert (guide["status"], guide["version"]) == ("DRAFT", 1)
    assert guide["role"] == {"name": "Backend Developer", "guides": {"totalCount": 1}}
    assert guide["location"] == {"name": "Belgium", "hubs": []}
    assert guide["whyHire"] == {"html": "<p>Because <strong>so</strong>.</p>"}
    assert [each["maximum"] for each in guide["salaryRanges"]] == [48_000.5, 72_000.5]
    assert guide["salaryRanges"][0]["asOf"] == "2026-01-31"
    assert "€" in guide["salaryRanges"][0]["display"]
    assert guide["companies"] == [
        {"name": "Swift", "headquarters": {"name": "Belgium", "countryCode": "BE"}}
    ]
    assert [each["name"] for each in guide["skills"]] == ["Python", "SQL"]
    assert guide["skills"][0]["guides"] == {"nodes": [{"slug": "backend-belgium"}]}
    changed = {(each["type"], each["slug"]) for each in payload["changes"]}
    assert len(changed) == 1 + len(AROUND)
    ranges = next(each for each in payload["changes"] if each["path"] == ["salaryRanges"])
    assert (ranges["before"], len(ranges["after"])) == (None, 2)
    assert await ask("{ guides { totalCount } }") == {"guides": {"totalCount": 0}}
    again = await editor.change(mutation, document=WHOLE, **{"with": AROUND})
    assert again == {"guide": guide, "changes": [], "errors": []}
    assert await rows(database, "select count(*) from service.revision") == [(1 + len(AROUND),)]


async def test_the_payload_is_in_the_language_that_it_is_asked_in(editor: Editor) -> None:
    location = 'nl: location(locale: "nl") { name } fr: location(locale: "fr") { name }'
    query = f"""mutation($document: LocationInput!) {{
        saveLocation(document: $document) {{ {location} {ERRORS} }}
    }}"""
    payload = await editor.change(query, document=PLACE)
    assert (payload["nl"], payload["fr"]) == ({"name": "België"}, {"name": "Belgium"})


async def test_all_errors_are_said_at_once_with_their_places_and_nothing_is_written(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    wrong = {
        **WHOLE,
        "slug": "backend-belgium",
        "title": {"nl": "Alleen", "de": "Nur"},
        "whyHire": {"en": "x" * 100_001},
        "jobsUrl": "example.org",
        "location": "belgum",
        "skills": ["pyton", "python", "python"],
        "tools": ["no tool"],
        "salaryRanges": [
            {**RANGES[0], "minimum": 50_000, "currency": "EURO"},
            {**RANGES[1], "level": "JUNIOR", "basis": None},
        ],
    }
    beside = [{"location": {**PLACE, "countryCode": "Belgium"}}, {"role": {"slug": "tester"}}]
    errors = await editor.errors(saving("Guide"), document=wrong, **{"with": beside})
    found = {".".join(each["path"]): (each["code"], each["message"]) for each in errors}
    expected = {
        "document.title": ("MISSING", "has no text in 'en'"),
        "document.title.de": ("UNKNOWN_LOCALE", "there is no locale 'de'; the locales are en,"),
        "document.whyHire.en": ("BAD_VALUE", "has 100,001 characters; it may have 100,000 at"),
        "document.jobsUrl": ("BAD_VALUE", "expected an address such as https://example.org/jobs"),
        "document.role": ("UNKNOWN_ITEM", "there is no Role 'backend-developer'"),
        "document.location": ("UNKNOWN_ITEM", "no Location 'belgum'; did you mean belgium?"),
        "document.skills.0": ("UNKNOWN_ITEM", "no Skill 'pyton'; did you mean python?"),
        "document.skills.2": ("DUPLICATE", "python is on the list already"),
        "document.tools.0": ("BAD_VALUE", "expected a slug of lower-case letters"),
        "document.companies.0": ("UNKNOWN_ITEM", "there is no Company 'swift'"),
        "document.hubs.0": ("UNKNOWN_ITEM", "there is no Hub 'the-pond'"),
        "document.universities.0": ("UNKNOWN_ITEM", "there is no University 'ku-leuven'"),
        "document.salaryRanges.0.minimum": ("BAD_VALUE", "it may be at most 48000.5"),
        "document.salaryRanges.0.currency": ("BAD_VALUE", "an ISO 4217 code in capital letters"),
        "document.salaryRanges.1": ("DUPLICATE", "the list already has one with level JUNIOR"),
        "document.salaryRanges.1.basis": ("MISSING", "is missing"),
        "with.0.location.countryCode": ("BAD_VALUE", "an ISO 3166-1 code in capital letters"),
        "with.1.role.name": ("MISSING", "is missing; a localized text has to be given"),
        "with.1.role.plural": ("MISSING", "is missing"),
    }
    assert found.keys() == expected.keys()
    for path, (code, message) in expected.items():
        assert found[path][0] == code, path
        assert message in found[path][1], path
    assert len(errors) == len(found)
    assert sum(number for (number,) in await rows(database, COUNTS)) == 1


async def test_places_do_not_lie_within_themselves(editor: Editor) -> None:
    city = {"slug": "ghent", "name": {"en": "Ghent"}, "kind": "CITY", "parent": "belgium"}
    await editor.save("Location", city, **{"with": [{"location": PLACE}]})
    up = {"slug": "belgium", "parent": "ghent"}
    [error] = await editor.errors(saving("Location"), document=up)
    assert (error["code"], error["path"]) == ("CYCLE", ["document", "parent"])
    assert "belgium → ghent → belgium" in error["message"]
    own = {"slug": "ghent", "parent": "ghent"}
    [error] = await editor.errors(saving("Location"), document=own)
    assert error["code"] == "CYCLE"


@pytest.fixture
def _one_skill_of_a_kind() -> Iterator[None]:
    """Skills as if their declaration said that there is one of each kind."""
    table = content_model()["Skill"].draft
    constraint = UniqueConstraint(table.c.kind)
    yield
    table.constraints.remove(constraint)


@pytest.mark.usefixtures("_one_skill_of_a_kind")
async def test_an_enumeration_can_be_unique(editor: Editor) -> None:
    await editor.save("Skill", {**skill(), "kind": "DATA"})
    await editor.save("Skill", {**skill("sql", "SQL"), "kind": "PRACTICE"})
    await editor.save("Skill", skill("java", "Java"))
    await editor.save("Skill", skill("rust", "Rust"))
    [error] = await editor.errors(saving("Skill"), document={"slug": "java", "kind": "DATA"})
    assert (error["code"], error["path"]) == ("DUPLICATE", ["document", "kind"])
    assert "python already has this kind" in error["message"]


async def test_a_guide_is_the_only_one_of_its_role_and_place(editor: Editor) -> None:
    await editor.save_guide()
    other = {**GUIDE, "slug": "another"}
    [error] = await editor.errors(saving("Guide"), document=other)
    assert (error["code"], error["path"]) == ("DUPLICATE", ["document", "role"])
    assert "backend-belgium already has this role and location" in error["message"]
    twice = [*WITH, {"guide": other}]
    [error] = await editor.errors(saving("Guide"), document=GUIDE, **{"with": twice})
    assert error["path"] == ["with", "2", "guide", "role"]
    same = [{"skill": skill()}, {"skill": skill()}]
    [error] = await editor.errors(saving("Guide"), document=GUIDE, **{"with": same})
    assert (error["code"], error["path"]) == ("DUPLICATE", ["with", "1", "skill", "slug"])


async def test_a_dry_run_says_what_would_change_and_writes_nothing(
    editor: Editor, database: str
) -> None:
    await editor.save_guide()
    before = await rows(database, "select * from draft.guide")
    longer = {"slug": "backend-belgium", "title": {"nl": "Backend in België"}, "skills": ["sql"]}
    beside = {"with": [{"skill": skill("sql", "SQL")}]}
    mutation = saving("Guide", "version title skills { name }")
    payload = await editor.change(mutation, document=longer, dryRun=True, **beside)
    assert payload["guide"] == {
        "version": 2,
        "title": "Backend in Belgium",
        "skills": [{"name": "SQL"}],
    }
    made = [(each["path"], each["before"], each["after"]) for each in payload["changes"]]
    assert made == [
        (["title", "nl"], None, "Backend in België"),
        (["skills"], None, ["sql"]),
        (["name", "en"], None, "SQL"),
    ]
    assert await rows(database, "select * from draft.guide") == before
    assert await rows(database, "select * from draft.skill") == []
    assert await rows(database, "select count(*) from service.revision") == [(3,)]
    done = await editor.change(mutation, document=longer, **beside)
    assert done == payload


async def test_a_field_that_fails_does_not_take_the_others_back(
    editor: Editor, database: str
) -> None:
    def field(alias: str, slug: str, more: str = "") -> str:
        document = f'document: {{slug: "{slug}", name: {{en: "x"}}}}{more}'
        return f"{alias}: saveSkill({document}) {{ skill {{ slug }} {CHANGES} {ERRORS} }}"

    fields = [field("a", "one"), field("b", "No"), field("c", "dry", ", dryRun: true")]
    data = await editor(f"mutation {{ {' '.join(fields)} {field('d', 'two')} }}")
    assert [bool(each["errors"]) for each in data.values()] == [False, True, False, False]
    assert data["b"] == {"skill": None, "changes": [], "errors": data["b"]["errors"]}
    assert data["c"]["skill"] == {"slug": "dry"}
    saved = await rows(database, "select slug from draft.skill order by slug")
    assert saved == [("one",), ("two",)]


async def test_later_fields_of_a_request_see_what_the_earlier_ones_did(editor: Editor) -> None:
    data = await editor(
        """mutation($skill: SkillInput!) {
            saveSkill(document: $skill) { errors { message } }
            publish(slugs: [{type: SKILL, slug: "python"}]) {
                published { ... on Skill { slug status } } errors { message }
            }
            deleteSkill(slug: "python") { deletedId errors { message } }
        }""",
        skill=skill(),
    )
    assert data["publish"]["published"] == [{"slug": "python", "status": "PUBLISHED"}]
    assert data["deleteSkill"]["deletedId"].startswith("skill_")
    assert await editor("{ skills(stage: DRAFT) { totalCount } }") == {"skills": {"totalCount": 0}}


async def test_a_large_document_is_not_too_much_of_a_condition(editor: Editor) -> None:
    beside = [{"skill": skill(f"skill-{index}", str(index))} for index in range(150)]
    document = {**skill(), "name": {"en": "Python"}}
    payload = await editor.save("Skill", document, **{"with": beside})
    assert len(payload["changes"]) == 151


async def test_saves_at_the_same_time_are_all_kept(editor: Editor, database: str) -> None:
    number = 8
    await editor.save("Company", {"slug": "swift", "name": {"en": "Swift"}})
    documents = [{"slug": "swift", "name": {"en": f"Swift {index}"}} for index in range(number)]
    await asyncio.gather(*(editor.save("Company", each) for each in documents))
    versions = "select version from service.revision order by id"
    assert [version for (version,) in await rows(database, versions)] == [*range(1, number + 2)]


async def test_a_connection_that_is_cut_is_said_and_the_next_save_works(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    body = {"query": saving("Skill"), "variables": {"document": skill(name="Python 3")}}
    cut = """select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'"""
    async with writing(database) as engine, editing(engine, content_model(), "somebody"):
        waiting = asyncio.create_task(editor.post(body))
        async with asyncio.timeout(20):
            while not await rows(database, cut):
                await asyncio.sleep(0.01)
        response = await waiting
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert (await editor.post(body)).json()["data"]["saveSkill"]["skill"]["version"] == 2


async def test_a_save_that_takes_too_long_is_taken_back(database: str) -> None:
    body = {"query": saving("Skill"), "variables": {"document": skill()}}
    async with editing_app(database, deadline=0.3) as editor:
        async with writing(database) as engine, editing(engine, content_model(), "somebody"):
            response = await editor.post(body)
        assert response.status_code == 504
        assert response.json()["errors"][0]["extensions"] == {"code": "TIMEOUT"}
        assert await rows(database, "select slug from draft.skill") == []


@pytest.mark.parametrize("table", ["draft.skill", "live.skill", "service.locale"])
async def test_a_column_of_another_type_is_met_by_the_first_write_after_it(
    editor: Editor, database: str, table: str
) -> None:
    column = "code" if table == "service.locale" else "slug"
    for name, type_ in (("One", "text"), ("Two", "varchar"), ("Three", "text")):
        await rows(database, f"alter table {table} alter column {column} type {type_}")
        for again in ("", " again"):
            saved = await editor.save("Skill", skill(name=name + again))
            assert saved["changes"]
            published = await editor.change(PUBLISH, slugs=items(skill="python"))
            assert len(published["published"]) == 1


BOUND = "constraint ck_salary_range_minimum_at_least_0"


async def test_pay_from_before_it_had_a_minimum_is_published_and_mended_when_it_is_saved(
    database: str, editor: Editor
) -> None:
    await editor.save_guide(salaryRanges=[SALARY])
    for statement in (
        f"alter table draft.salary_range drop {BOUND}",
        "update draft.salary_range set minimum = -1",
        f"alter table draft.salary_range add {BOUND} check (minimum >= 0) not valid",
    ):
        await rows(database, statement)
    await editor.publish_guide()
    pay = '{ guide(slug: "backend-belgium") { salaryRanges { minimum } } }'
    assert await editor.ask(pay) == {"guide": {"salaryRanges": [{"minimum": -1}]}}
    [error] = await editor.errors(saving("Guide"), document={**GUIDE, "subtitle": {"en": "New"}})
    assert error["path"] == ["document", "salaryRanges", "0", "minimum"]
    assert error["message"] == "is -1; it has to be 0 or more"
    await editor.save_guide(salaryRanges=[SALARY])


async def test_so_it_is_by_the_first_read(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    query = '{ skills(stage: DRAFT) { nodes { slug name } } skill(slug: "python") { slug } }'
    expected = await editor.answer(query)
    assert expected["data"]["skills"]["nodes"]
    for type_ in ("varchar", "text"):
        for table in ("draft.skill", "live.skill"):
            await rows(database, f"alter table {table} alter column slug type {type_}")
        assert await editor.answer(query) == expected
