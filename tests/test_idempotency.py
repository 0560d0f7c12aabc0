"""Mutations that are sent again: carried out once, and answered the same."""

import asyncio
from typing import Any

import httpx2
import pytest

from schema.model import content_model
from service.access import Scope
from service.database.pools import writing
from service.editing.edits import editing
from service.editing.idempotency import forget_answers
from service.roles import WRITER
from tests.databases import rows
from tests.editing import Editor, deleting, saving, skill, token

KEY = {"idempotency-key": "5f2b"}
COUNT = "select count(*) from service.revision"


def body(name: str = "Python", **more: Any) -> dict[str, Any]:
    """A request that saves a skill."""
    return {"query": saving("Skill"), "variables": {"document": skill(name=name), **more}}


async def test_a_request_with_the_same_key_is_carried_out_once(
    editor: Editor, database: str
) -> None:
    first = await editor.post(body(), **KEY)
    await editor.save("Skill", skill(name="Somebody else's"))
    again = await editor.post(body(), **KEY)
    assert (again.status_code, again.content) == (200, first.content)
    assert await rows(database, COUNT) == [(2,)]
    other = await editor.post(body(), **{"idempotency-key": "5f2c"})
    assert other.content != first.content
    assert await rows(database, COUNT) == [(3,)]


async def test_a_delete_that_is_sent_again_says_what_it_did(editor: Editor) -> None:
    await editor.save("Skill", skill())
    request = {"query": deleting("Skill"), "variables": {"slug": "python"}}
    first = await editor.post(request, **KEY)
    assert first.json()["data"]["deleteSkill"]["errors"] == []
    assert (await editor.post(request, **KEY)).content == first.content
    [error] = (await editor.post(request)).json()["data"]["deleteSkill"]["errors"]
    assert error["code"] == "UNKNOWN_ITEM"


async def test_the_same_key_with_another_request_is_an_error(editor: Editor, database: str) -> None:
    await editor.post(body(), **KEY)
    others = [
        body("Other"),
        body(dryRun=True),
        {**body(), "query": saving("Skill", "id")},
        {"query": f"query A {{ __typename }} {saving('Skill')}".replace("mutation(", "mutation B(")}
        | {"operationName": "B", "variables": body()["variables"]},
    ]
    for other in others:
        response = await editor.post(other, **KEY)
        [error] = response.json()["errors"]
        assert error["extensions"]["code"] == "IDEMPOTENCY_KEY_REUSED"
        assert "'5f2b' was used for another request" in error["message"]
    assert await rows(database, COUNT) == [(1,)]


async def test_the_order_of_variables_makes_no_other_request(editor: Editor) -> None:
    one, other = {"document": skill(), "reason": "x"}, {"reason": "x", "document": skill()}
    first = await editor.post({"query": saving("Skill"), "variables": one}, **KEY)
    again = await editor.post({"query": saving("Skill"), "variables": other}, **KEY)
    assert again.content == first.content


async def test_the_keys_of_two_tokens_do_not_meet(editor: Editor, database: str) -> None:
    other = Editor(editor.ask, await token(database, Scope.WRITE, name="other"))
    await editor.post(body(), **KEY)
    response = await other.post(body("Other"), **KEY)
    [change] = response.json()["data"]["saveSkill"]["changes"]
    assert change["after"] == "Other"
    authors = "select author from service.revision order by id"
    assert await rows(database, authors) == [("editor",), ("other",)]


async def test_who_may_not_write_is_not_given_the_answer_of_another(editor: Editor) -> None:
    await editor.post(body(), **KEY)
    response = await editor.ask.post(body(), headers=KEY)
    assert response.status_code == 401


async def test_requests_at_the_same_time_get_the_answer_of_the_first(
    editor: Editor, database: str
) -> None:
    async with writing(database) as engine, editing(engine, content_model(), "somebody"):
        asked = [asyncio.create_task(editor.post(body(), **KEY)) for _ in range(4)]
        await asyncio.sleep(0.1)
        assert not any(each.done() for each in asked)
    responses: list[httpx2.Response] = await asyncio.gather(*asked)
    assert len({each.content for each in responses}) == 1
    assert responses[0].json()["data"]["saveSkill"]["skill"]["version"] == 1
    assert await rows(database, COUNT) == [(1,)]


async def test_errors_in_a_payload_are_an_answer_too(editor: Editor) -> None:
    wrong = {"query": saving("Skill"), "variables": {"document": {"slug": "python"}}}
    first = await editor.post(wrong, **KEY)
    assert first.json()["data"]["saveSkill"]["errors"]
    await editor.save("Skill", skill())
    assert (await editor.post(wrong, **KEY)).content == first.content


async def test_a_request_that_was_refused_leaves_no_answer(editor: Editor, database: str) -> None:
    reader = Editor(editor.ask, await token(database, Scope.PREVIEW, name="reader"))
    assert (await reader.post(body(), **KEY)).status_code == 403
    refused = {**body(), "query": saving("Skill", "guides(first: 101) { totalCount }")}
    assert "data" not in (await editor.post(refused, **KEY)).json()
    assert await rows(database, "select * from service.answer") == []
    response = await editor.post(body(), **KEY)
    assert response.json()["data"]["saveSkill"]["errors"] == []


async def test_an_answer_is_given_for_a_day(editor: Editor, database: str) -> None:
    first = await editor.post(body(), **KEY)
    older = "update service.answer set at = at - interval '{}'"
    await rows(database, older.format("23 hours 59 minutes"))
    assert (await editor.post(body(), **KEY)).content == first.content
    await rows(database, older.format("1 minute"))
    assert (await editor.post(body("Other"), **KEY)).json()["data"]["saveSkill"]["changes"]
    assert len(await rows(database, "select * from service.answer")) == 1
    await rows(database, older.format("1 day"))
    async with writing(database, role=WRITER) as engine, engine.begin() as connection:
        await forget_answers(connection)
    assert await rows(database, "select * from service.answer") == []


async def test_a_query_needs_no_key_and_keeps_no_answer(editor: Editor, database: str) -> None:
    query = {"query": "{ skills(stage: DRAFT) { totalCount } }"}
    counts = []
    for _ in range(2):
        response = await editor.post(query, **KEY)
        counts.append(response.json()["data"]["skills"]["totalCount"])
        await editor.save("Skill", skill())
    assert counts == [0, 1]
    assert await rows(database, "select * from service.answer") == []


async def test_a_mutation_that_writes_nothing_takes_no_lock_and_keeps_no_answer(
    editor: Editor, database: str
) -> None:
    nothing = {"query": "mutation { a: __typename ...F } fragment F on Mutation { b: __typename }"}
    async with writing(database) as engine, editing(engine, content_model(), "somebody"):
        for response in (
            await editor.post(nothing, **KEY),
            await editor.ask.post(nothing, headers=KEY),
        ):
            assert response.json() == {"data": {"a": "Mutation", "b": "Mutation"}}
    assert await rows(database, "select * from service.answer") == []


@pytest.mark.parametrize(("count", "size", "left"), [(1_005, 1, 1_000), (15, 1_000_000, 11)])
async def test_the_newest_answers_of_an_author_are_kept(
    editor: Editor, database: str, count: int, size: int, left: int
) -> None:
    older = """
        insert into service.answer (author, key, request, body, at)
        select $1, number::text, '', repeat('x', $3)::bytea, now() - number * interval '1 second'
        from generate_series(1, $2) as number
    """
    for author in ("editor", "other"):
        await rows(database, older, author, count, size)
    first = await editor.post(body(), **KEY)
    assert (await editor.post(body(), **KEY)).content == first.content
    found = "select author, count(*) from service.answer group by author order by author"
    assert await rows(database, found) == [("editor", left), ("other", count)]
    oldest = "select key from service.answer where author = 'editor' order by at limit 1"
    assert await rows(database, oldest) == [(str(left - 1),)]
