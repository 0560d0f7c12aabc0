"""Mutations that nobody sends who means well: each is told what is wrong, and none is a 500."""

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from tests.databases import Server
from tests.editing import (
    ERRORS,
    GUIDE,
    PUBLISH,
    RESTORE,
    SALARY,
    SCHEDULE,
    UNPUBLISH,
    WITH,
    Editor,
    deleting,
    editing_app,
    items,
    saving,
    skill,
)
from tests.stalls import HELD_UP, stalls


@pytest.fixture(scope="module")
async def shared(server: Server, migrated: str) -> AsyncIterator[Editor]:
    """Someone who may do everything: nothing here leaves anything behind but a skill."""
    async with server.new(migrated) as url, editing_app(url) as found:
        await found.save("Skill", skill())
        yield found


RICH = ("techScene", "aboutRole", "marketDemand")
NUL = "python\0"
SKILL = items(skill="python")
WIDE = "|a" * 100 + "\n" + "|-" * 100 + "\n" + "a\n" * 2_000
"""A table of short rows, which are filled up."""
FAR = "9999-12-31T23:59:59-23:00"


@pytest.mark.parametrize(
    ("mutation", "variables", "code", "path"),
    [
        (saving("Skill"), {"document": skill(NUL)}, "BAD_VALUE", ["document", "slug"]),
        (
            saving("Skill"),
            {"document": {**skill(), "name": {"en": "\0"}}},
            "BAD_VALUE",
            ["document", "name", "en"],
        ),
        (
            saving("Skill"),
            {"document": {**skill(), "name": {"en": {"en": ["en"]}}}},
            "BAD_VALUE",
            ["document", "name", "en"],
        ),
        (
            saving("Skill"),
            {"document": {**skill(), "name": {"en\0": "Python"}}},
            "UNKNOWN_LOCALE",
            ["document", "name", "en\0"],
        ),
        (saving("Skill"), {"document": skill(), "reason": NUL}, "BAD_VALUE", ["reason"]),
        (saving("Skill"), {"document": skill(), "reason": "x" * 10_001}, "BAD_VALUE", ["reason"]),
        (
            saving("Skill"),
            {"document": skill("new"), "expectedVersion": -1},
            "CONFLICT",
            ["expectedVersion"],
        ),
        (
            saving("Skill"),
            {"document": skill(name="P"), "expectedVersion": 2**31 - 1},
            "CONFLICT",
            ["expectedVersion"],
        ),
        (
            saving("Guide"),
            {"document": {**GUIDE, "salaryRanges": [{"minimum": 1e300, "maximum": 5e-324}]}},
            "BAD_VALUE",
            ["document", "salaryRanges", "0", "minimum"],
        ),
        (
            saving("Guide"),
            {"document": {**GUIDE, "salaryRanges": [SALARY, {**SALARY, "minimum": -1}]}},
            "BAD_VALUE",
            ["document", "salaryRanges", "1", "minimum"],
        ),
        (
            saving("Guide"),
            {"document": {**GUIDE, "whyHire": {"en": WIDE}}},
            "BAD_VALUE",
            ["document", "whyHire", "en"],
        ),
        (
            saving("Guide"),
            {"document": {**GUIDE, "whyHire": {"en": "<div>\n" + ">" * 10_000}}},
            "BAD_VALUE",
            ["document", "whyHire", "en"],
        ),
        (saving("Skill"), {"document": skill("python ")}, "BAD_VALUE", ["document", "slug"]),
        (deleting("Skill"), {"slug": NUL}, "UNKNOWN_ITEM", ["slug"]),
        (deleting("Skill"), {"slug": "x" * 100_000}, "UNKNOWN_ITEM", ["slug"]),
        (PUBLISH, {}, "MISSING", ["ids"]),
        (PUBLISH, {"ids": [], "slugs": []}, "MISSING", ["ids"]),
        (PUBLISH, {"slugs": items(skill=NUL)}, "UNKNOWN_ITEM", ["slugs", "0"]),
        (PUBLISH, {"ids": [NUL]}, "UNKNOWN_ITEM", ["ids", "0"]),
        (PUBLISH, {"ids": ["skill_\N{ARABIC-INDIC DIGIT ONE}"]}, "UNKNOWN_ITEM", ["ids", "0"]),
        (PUBLISH, {"slugs": SKILL, "reason": NUL}, "BAD_VALUE", ["reason"]),
        (UNPUBLISH, {"slugs": items(skill=NUL)}, "UNKNOWN_ITEM", ["slugs", "0"]),
        (SCHEDULE, {"slugs": SKILL, "at": FAR}, "BAD_TIME", ["at"]),
        (SCHEDULE, {"slugs": SKILL, "at": "0001-01-01T00:00:00+23:00"}, "BAD_TIME", ["at"]),
        (RESTORE, {"revision": NUL}, "UNKNOWN_REVISION", ["revision"]),
        (RESTORE, {"revision": f"revision_{'9' * 19}"}, "UNKNOWN_REVISION", ["revision"]),
        (RESTORE, {"revision": f"revision_{'9' * 18}"}, "UNKNOWN_REVISION", ["revision"]),
    ],
)
async def test_what_cannot_be_is_an_error_with_its_place(
    shared: Editor, mutation: str, variables: dict[str, Any], code: str, path: list[str]
) -> None:
    errors = await shared.errors(mutation, **variables)
    found = [each for each in errors if (each["code"], each["path"]) == (code, path)]
    assert len(found) == 1, errors
    assert found[0]["message"]


@pytest.mark.parametrize(
    "given",
    [
        "document: {slug: 5}",
        'document: {slug: "a", name: "A"}',
        'document: {slug: "a", nmae: {en: "A"}}',
        'document: {slug: "\\ud800"}',
        'document: {slug: "a"}, with: [{}]',
        'document: {slug: "a"}, with: [{skill: null}]',
        'document: {slug: "a"}, with: [{skill: {slug: "b"}, tool: {slug: "b"}}]',
        'document: {slug: "a"}, expectedVersion: 2147483648',
        'document: {slug: "a"}, mode: BOTH',
    ],
)
async def test_what_does_not_fit_the_schema_is_not_carried_out(shared: Editor, given: str) -> None:
    answer = await shared.answer(f"mutation {{ saveSkill({given}) {{ {ERRORS} }} }}")
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] in {
        "SYNTAX_ERROR",
        "VALIDATION_FAILED",
        "BAD_VARIABLES",
    }


async def test_what_a_payload_cannot_be_asked_for_takes_the_mutation_back(
    shared: Editor,
) -> None:
    for payload, code in (
        ('skill(locale: "xx") { name }', "UNKNOWN_LOCALE"),
        ("skill { guides(first: 101) { totalCount } }", "BAD_PAGE"),
        ('skill { guides(after: "x") { totalCount } }', "BAD_CURSOR"),
    ):
        document = 'document: {slug: "taken-back", name: {en: "x"}}'
        answer = await shared.answer(f"mutation {{ saveSkill({document}) {{ {payload} }} }}")
        assert answer["errors"][0]["extensions"]["code"] == code, answer
    drafts = '{ skill(slug: "taken-back", stage: DRAFT) { id } }'
    assert await shared(drafts) == {"skill": None}


async def test_much_markdown_does_not_hold_up_the_others(shared: Editor) -> None:
    # As the service does when it starts: what other tests left is not looked through.
    gc.collect()
    gc.freeze()
    table = "a|b\n-|-\n1|2\n\n" * 2_000
    texts = {name: dict.fromkeys(("en", "nl", "fr"), table) for name in RICH}
    variables = {"document": {**GUIDE, **texts}, "with": WITH, "dryRun": True}
    content = orjson.dumps({"query": saving("Guide"), "variables": variables})
    headers = {"authorization": f"Bearer {shared.token}", "content-type": "application/json"}
    with stalls() as held_up:
        asked = shared.ask.http.post("/graphql", content=content, headers=headers)
        response = await asyncio.create_task(asked)
    gc.unfreeze()
    [payload] = response.json()["data"].values()
    assert len(payload["changes"]) > len(texts) * 3
    assert held_up.longest < HELD_UP


async def test_a_key_has_to_be_one_that_can_be_kept(shared: Editor) -> None:
    body = {"query": saving("Skill"), "variables": {"document": skill()}}
    for key in ("\0", "a\tb", "x" * 201):
        response = await shared.post(body, **{"idempotency-key": key})
        assert response.status_code == 400
        assert "Idempotency-Key" in response.text


@pytest.mark.parametrize(
    ("mutation", "variables"),
    [
        (saving("Skill"), {"document": {}}),
        (saving("Skill"), {"document": {"slug": None}}),
        (PUBLISH, {"slugs": [{"type": "SKILL"}]}),
        (PUBLISH, {"slugs": [{"slug": "python"}]}),
    ],
)
async def test_what_the_schema_insists_on_is_an_error_of_the_request(
    editor: Editor, mutation: str, variables: dict[str, Any]
) -> None:
    [error] = (await editor.answer(mutation, variables))["errors"]
    assert error["extensions"]["code"] == "BAD_VARIABLES"
