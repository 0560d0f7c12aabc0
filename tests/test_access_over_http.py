"""What tokens allow over HTTP, and what is said to those who lack one."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from schema.model import content_model
from service.access import Scope
from service.api import compiler
from service.database.pools import writing
from service.editing.edits import editing
from service.tokens import create, revoke
from tests.asking import Asker, asking
from tests.databases import rows
from tests.editing import (
    ALL,
    ERRORS,
    GUIDE,
    PUBLISH,
    RESTORE,
    SCHEDULE,
    UNPUBLISH,
    WITH,
    Editor,
    deleting,
    items,
    saving,
    skill,
    token,
)

QUERY = {"query": "{ guides { totalCount } }"}
COUNT = "select count(*) from service.revision"
SKILLS = {"slugs": items(skill="python")}
EVERY_MUTATION: list[tuple[str, dict[str, Any], str]] = [
    (saving("Skill"), {"document": skill("other")}, "write"),
    (deleting("Skill"), {"slug": "python"}, "write"),
    (RESTORE, {"revision": "revision_1"}, "write"),
    (PUBLISH, SKILLS, "publish"),
    (UNPUBLISH, SKILLS, "publish"),
    (SCHEDULE, SKILLS, "publish"),
]


async def asked_with(ask: Asker, token_: str | None, body: Any, **headers: str) -> httpx2.Response:
    """The response to a body that comes with a token, or without one."""
    shown = {"authorization": f"Bearer {token_}"} if token_ else {}
    return await ask.post(body, headers={**shown, **headers})


async def refused(ask: Asker, token_: str | None, query: str, **variables: Any) -> str:
    """What is said to somebody who may not do that."""
    response = await asked_with(ask, token_, {"query": query, "variables": variables})
    expected = (403, "FORBIDDEN") if token_ else (401, "UNAUTHENTICATED")
    [error] = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == expected
    assert response.headers.get("www-authenticate") == (None if token_ else "Bearer")
    return str(error["message"])


async def test_what_is_published_is_read_without_a_token(ask: Asker) -> None:
    assert (await ask.post(QUERY)).json() == {"data": {"guides": {"totalCount": 0}}}


async def test_without_a_token_nothing_is_read_where_that_is_not_allowed(database: str) -> None:
    reader = await token(database, Scope.READ)
    async with asking(database, anonymous=False) as ask:
        for query in ("{ guides { totalCount } }", "{ __typename }", "{ __schema { __typename } }"):
            assert "the scope `read`" in await refused(ask, None, query)
        assert (await asked_with(ask, reader, QUERY)).status_code == 200
        get = await ask.http.get("/graphql", params=QUERY)
        assert get.status_code == 401


@pytest.mark.parametrize("body", [b"{", b'{"query": "{ guidez }"}', b'{"query": "{ guide"}', b"[]"])
async def test_what_is_sent_is_not_looked_at_where_nothing_may_be_read(
    database: str, body: bytes
) -> None:
    async with asking(database, anonymous=False) as ask:
        response = await ask.http.post("/graphql", content=body)
    assert response.status_code == 401
    assert "guide" not in response.text


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ('query($stage: Stage) { a: search(text: "x", stage: $stage) { totalCount } }', {}),
        ('{ guides { totalCount } search(text: "x", stage: DRAFT) { totalCount } }', {}),
        ("{ ...F } fragment F on Query { b: guides(stage: DRAFT) { totalCount } }", {}),
        ('{ revisions(type: GUIDE, slug: "x") { totalCount } }', {}),
        ("{ guides { totalCount } }", {"graphql-stage": "DRAFT"}),
    ],
)
async def test_drafts_are_refused_before_anything_is_planned(
    ask: Asker, monkeypatch: pytest.MonkeyPatch, query: str, headers: dict[str, str]
) -> None:
    planned: list[object] = []
    monkeypatch.setattr(compiler, "plan", lambda *given: planned.append(given))
    request = {"query": query, "variables": {"stage": "DRAFT"} if "$stage" in query else {}}
    response = await ask.post(request, headers=headers)
    assert response.status_code == 401, response.text
    assert planned == []


async def test_a_token_that_is_not_valid_is_refused_without_a_hint(
    database: str, ask: Asker
) -> None:
    async with writing(database) as engine, engine.begin() as connection:
        good = await create(connection, "good", {Scope.ADMIN}, None, None)
        expired = await create(connection, "expired", {Scope.ADMIN}, None, datetime.now(UTC))
        revoked = await create(connection, "revoked", {Scope.ADMIN}, None, None)
        await revoke(connection, "revoked")
    unknown = f"gp_{uuid4().hex}_{'A' * 43}"
    tokens = [unknown, expired, revoked, "nothing", "", f"{good}x", f"{good} {good}", good[:36]]
    for shown in ["", good, "Basic YTpi", *(f"Bearer {each}" for each in tokens)]:
        header = {"authorization": shown}
        for response in (
            await ask.post(QUERY, headers=header),
            await ask.http.get("/graphql", params=QUERY, headers=header),
        ):
            assert response.status_code == 401, shown
            assert response.headers["www-authenticate"] == "Bearer"
            code = {"code": "UNAUTHENTICATED"}
            error = {"message": "The token is not valid.", "extensions": code}
            assert response.json() == {"errors": [error]}


@pytest.mark.parametrize("scope", [None, Scope.READ, Scope.PREVIEW])
async def test_who_may_only_read_changes_nothing(
    editor: Editor, database: str, scope: Scope | None
) -> None:
    await editor.save("Skill", skill())
    before = await rows(database, COUNT)
    reader = await token(database, scope, name="reader") if scope else None
    for mutation, variables, missing in EVERY_MUTATION:
        message = await refused(editor.ask, reader, mutation, **variables)
        assert f"the scope `{missing}`" in message
    assert await rows(database, COUNT) == before


async def test_writing_does_not_allow_publishing_nor_the_other_way_round(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    lacking = {
        "write": await token(database, Scope.PUBLISH, name="publisher"),
        "publish": await token(database, Scope.WRITE, name="writer"),
    }
    for mutation, variables, missing in EVERY_MUTATION:
        message = await refused(editor.ask, lacking[missing], mutation, **variables)
        assert f"the scope `{missing}`" in message


async def test_who_may_not_publish_deletes_nothing_that_is_published(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.change(PUBLISH, **SKILLS)
    writer = await token(database, Scope.WRITE, name="writer")
    assert "the scope `publish`" in await refused(
        editor.ask, writer, deleting("Skill"), slug="python"
    )
    assert await rows(database, "select slug from draft.skill") == [("python",)]
    await editor.change(UNPUBLISH, **SKILLS)
    response = await asked_with(
        editor.ask, writer, {"query": deleting("Skill"), "variables": {"slug": "python"}}
    )
    assert not response.json()["data"]["deleteSkill"]["errors"]


async def test_who_may_not_see_drafts_is_not_told_what_is_near_to_one(editor: Editor) -> None:
    await editor.save("Skill", skill())
    for mutation, missing in (
        ('publish(slugs: [{type: SKILL, slug: "pythom"}])', "publish"),
        ('publish(ids: ["skill_00000000-0000-0000-0000-000000000000"])', "publish"),
        ('deleteSkill(slug: "pythom")', "write"),
        ('restore(revision: "revision_999")', "write"),
    ):
        message = await refused(editor.ask, None, f"mutation {{ {mutation} {{ {ERRORS} }} }}")
        assert message.startswith(f"This requires the scope `{missing}`"), message
        assert "python" not in message


async def limited(database: str, *types: str) -> str:
    """A token for everything, with these types only."""
    return await token(database, Scope.ADMIN, name="limited", types=types)


async def test_a_token_for_some_types_writes_no_others(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    only = await limited(database, "Guide")
    skills = "for the type `Skill`, which the token `limited` does not have"
    assert skills in await refused(editor.ask, only, saving("Skill"), document=skill())
    assert skills in await refused(editor.ask, only, deleting("Skill"), slug="python")
    assert skills in await refused(editor.ask, only, RESTORE, revision="revision_1")
    beside = {"document": GUIDE, "with": [*WITH, {"skill": skill("c", "C")}]}
    assert "for the type `Location`" in await refused(editor.ask, only, saving("Guide"), **beside)
    assert await rows(database, "select slug from draft.skill") == [("python",)]
    assert await rows(database, "select slug from draft.guide") == []


async def test_a_token_for_some_types_publishes_no_others(editor: Editor, database: str) -> None:
    await editor.save_guide()
    [(id_,)] = await rows(database, "select id from draft.role")
    only = await limited(database, "Guide", "Location")
    guide = items(guide="backend-belgium")
    for mutation in (PUBLISH, UNPUBLISH, SCHEDULE):
        for given in ({"slugs": ALL}, {"ids": [f"role_{id_}"]}):
            assert "for the type `Role`" in await refused(editor.ask, only, mutation, **given)
    too = {"slugs": guide, "references": "PUBLISH_TOO"}
    for dry in (True, False):
        assert "for the type `Role`" in await refused(editor.ask, only, PUBLISH, **too, dryRun=dry)
    assert await rows(database, "select slug from live.guide") == []
    await editor.change(PUBLISH, slugs=items(role="backend-developer"))
    response = await asked_with(editor.ask, only, {"query": PUBLISH, "variables": too})
    assert len(response.json()["data"]["publish"]["published"]) == 2


async def test_a_revoked_token_is_soon_refused(editor: Editor, database: str) -> None:
    assert (await editor.post(QUERY)).status_code == 200
    async with writing(database) as engine, engine.begin() as connection:
        await revoke(connection, "editor")
    async with asyncio.timeout(20):
        while (await editor.post(QUERY)).status_code == 200:
            await asyncio.sleep(0.02)
    assert (await editor.post(QUERY)).status_code == 401


async def test_a_token_that_expired_is_refused(database: str, ask: Asker) -> None:
    now = datetime.now(UTC)
    async with writing(database) as engine, engine.begin() as connection:
        lasts = await create(connection, "lasts", {Scope.READ}, None, now + timedelta(hours=1))
        over = await create(connection, "over", {Scope.READ}, None, now)
    assert (await asked_with(ask, lasts, QUERY)).status_code == 200
    assert (await asked_with(ask, over, QUERY)).status_code == 401


async def test_who_reads_with_a_token_does_not_wait_for_those_who_write(
    editor: Editor, database: str
) -> None:
    body = {"query": saving("Skill"), "variables": {"document": skill()}}
    async with writing(database) as engine, editing(engine, content_model(), "somebody"):
        waiting = [asyncio.create_task(editor.post(body)) for _ in range(20)]
        reader = await token(database, Scope.PREVIEW, name="reader")
        async with asyncio.timeout(20):
            response = await asked_with(editor.ask, reader, {"query": DRAFTS})
        assert response.status_code == 200
        assert not any(each.done() for each in waiting)
    assert {each.status_code for each in await asyncio.gather(*waiting)} == {200}


async def test_the_same_body_is_answered_to_each_by_what_they_may_see(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    reader = await token(database, Scope.READ, name="reader")
    for query, by_header in (("{ skills { totalCount } }", True), (DRAFTS, False)):
        body = {"query": query}
        for _ in range(3):  # it is read, kept, and kept for good
            header = {"graphql-stage": "DRAFT"} if by_header else {}
            seen = await editor.post(body, **header)
            assert seen.json() == {"data": {"skills": {"totalCount": 1}}}
            for other in (None, reader):
                response = await asked_with(editor.ask, other, body, **header)
                status = 403 if other else 401
                assert (response.status_code, "data" in response.json()) == (status, False)
                if by_header:
                    live = await asked_with(editor.ask, other, body)
                    assert live.json() == {"data": {"skills": {"totalCount": 0}}}


DRAFTS = "{ skills(stage: DRAFT) { totalCount } }"


async def test_a_mutation_that_came_before_is_not_kept_for_others(
    editor: Editor, database: str
) -> None:
    body = {"query": saving("Skill"), "variables": {"document": skill()}}
    for _ in range(3):
        assert (await editor.post(body)).status_code == 200
        assert (await editor.ask.post(body)).status_code == 401
    assert await rows(database, "select version from draft.skill") == [(1,)]


async def test_a_header_that_names_no_stage_is_an_error(editor: Editor) -> None:
    for stage in ("draft", "BOTH", "", "DRAFT,LIVE"):
        response = await editor.post(QUERY, **{"graphql-stage": stage})
        assert response.status_code == 400
        assert "DRAFT or LIVE" in response.text


async def test_a_mutation_does_not_come_by_get(editor: Editor) -> None:
    body = {"query": 'mutation { deleteSkill(slug: "python") { deletedId } }'}
    header = {"authorization": f"Bearer {editor.token}"}
    response = await editor.ask.http.get("/graphql", params=body, headers=header)
    assert response.status_code == 405
