"""Documents by their ids: GraphQL over HTTP, appendix A; Apollo Client, urql and Relay.

https://github.com/graphql/graphql-over-http/blob/main/spec, in the branch `persisted-documents`.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import pytest

from service import persisted_documents
from service.access import Scope
from service.api import compiler, documents
from service.api.worker import Worker
from service.database.pools import writing
from service.errors import DatabaseError
from service.persisted_documents import PersistedDocuments
from tests.asking import Asker, asking
from tests.databases import Server, rows
from tests.editing import editing_app, saving, skill, token
from tests.naming import (
    NamedRequest,
    addressed,
    hash_of,
    md5_of,
    parameters,
    persisted_query,
    registered,
    requests,
    retired,
)

NEW, OLD = "application/graphql-response+json", "application/json"
NAME = "query Name($slug: String!) { tool(slug: $slug) { name } }"
TWO = "query A { tools { totalCount } }\nquery B($n: Int) { skills(first: $n) { nodes { name } } }"
WRONG = "{ tool(slug: 1) { name nope } }"
MUTATION = saving("Skill")
TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "a query": (NAME, {"variables": {"slug": "java"}}),
    "one of two operations": (TWO, {"operationName": "B", "variables": {"n": 2}}),
    "no operation chosen": (TWO, {}),
    "a wrong variable": (NAME, {"variables": {"slug": 1}}),
    "too costly": (TWO, {"operationName": "B", "variables": {"n": 1000}}),
    "a draft": ('{ tool(slug: "java", stage: DRAFT) { name } }', {}),
    "introspection": ("{ __schema { queryType { name } } }", {}),
    "letters of two bytes": ('{ tools(where: {name: {eq: "é"}}) { totalCount } }', {}),
    "one that is not valid": (WRONG, {}),
    "one that does not parse": ("{ tools", {}),
    "a mutation": (MUTATION, {"variables": {"document": {"slug": "x", "name": {"en": "x"}}}}),
}


@pytest.fixture
async def url(server: Server, template: str) -> AsyncIterator[str]:
    """A database of one test's own with the seeds."""
    async with server.new(template) as found:
        yield found


@pytest.fixture
async def ask(url: str) -> AsyncIterator[Asker]:
    """The application on it."""
    async with asking(url) as asker:
        yield asker


async def sent(ask: Asker, request: NamedRequest, **headers: str) -> httpx2.Response:
    """The response to a request."""
    ask.statements.clear()
    return await ask.http.request(request.method, request.path, **request.options, headers=headers)


async def posted(ask: Asker, named: Mapping[str, Any], **headers: str) -> httpx2.Response:
    """The response to a POST with these parameters, for a tool."""
    return await ask.post({**named, "variables": {"slug": "java"}}, headers=headers)


def said(response: httpx2.Response) -> tuple[int, str, str]:
    """The status, the code and the message of the only error."""
    [error] = response.json()["errors"]
    return response.status_code, error["extensions"]["code"], error["message"]


def shown(response: httpx2.Response) -> tuple[int, bytes, str, str | None]:
    """What a client sees of a response."""
    headers = response.headers
    return response.status_code, response.content, headers["content-type"], headers.get("allow")


@pytest.mark.parametrize("name", TEXTS)
async def test_a_name_is_answered_as_the_text_is_byte_for_byte(
    url: str, ask: Asker, name: str
) -> None:
    text, others = TEXTS[name]
    await registered(url, text, text, ids=[hash_of(text), md5_of(text)])
    headers = {"GraphQL-Locale": "nl", "GraphQL-Cost": "1", "accept": NEW}
    expected = {
        each.method: shown(await sent(ask, each, **headers))
        for each in requests({"query": text}, others)
    }
    named = [
        each
        for found in parameters(text, md5_of(text)).values()
        for each in requests(found, others)
    ]
    named += [*addressed(f"sha256:{hash_of(text)}", others), *addressed(md5_of(text), others)]
    assert len(named) == 18
    for each in named:
        # The second time, everything is cached.
        for _ in range(2):
            assert shown(await sent(ask, each, **headers)) == expected[each.method], each


async def test_a_registered_mutation_is_carried_out_by_post_and_refused_by_get(url: str) -> None:
    await registered(url, MUTATION)
    async with editing_app(url) as editor:
        shown = {"authorization": f"Bearer {editor.token}"}
        for number, form in enumerate(("documentId", "persistedQuery")):
            named = parameters(MUTATION, "")[form]
            others = {"variables": {"document": skill(f"new-{number}")}}
            post, get = requests(named, others)
            refused = await sent(editor.ask, get, **shown)
            assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
            done = await sent(editor.ask, post, **shown)
            assert done.json()["data"]["saveSkill"]["errors"] == []
        # A retry may name what the first request sent.
        once = {**shown, "idempotency-key": "once"}
        others = {"variables": {"document": skill("new-2")}}
        first = await editor.ask.post({"query": MUTATION, **others}, headers=once)
        named = parameters(MUTATION, "")["documentId"]
        again = await editor.ask.post({**named, **others}, headers=once)
        assert first.json()["data"]["saveSkill"]["errors"] == []
        assert first.content == again.content


@pytest.mark.parametrize("accept", [NEW, OLD])
async def test_a_miss_of_apollo_s_is_200_and_kept_by_nobody(seeds: Asker, accept: str) -> None:
    for query in ({}, {"query": None}, {"query": ""}):
        named = {"extensions": persisted_query("0" * 64), **query}
        for request in requests(named, {}):
            response = await sent(seeds, request, accept=accept)
            assert response.status_code == 200
            assert response.json() == {
                "errors": [
                    {
                        "message": "PersistedQueryNotFound",
                        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
                    }
                ]
            }
            assert response.headers["content-type"] == f"{accept}; charset=utf-8"
            assert response.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(("accept", "status"), [(NEW, 400), (OLD, 200)])
async def test_another_miss_says_what_to_do(seeds: Asker, accept: str, status: int) -> None:
    found = {**parameters("{ nothing }", "custom-1")}
    named = [found[form] for form in found if not form.startswith("persistedQuery")]
    sending = [request for each in named for request in requests(each, {})]
    for request in [*sending, *addressed("custom-1", {})]:
        response = await sent(seeds, request, accept=accept)
        assert said(response)[:2] == (status, "UNKNOWN_DOCUMENT")
        assert "guidepost documents register" in said(response)[2]
        assert response.headers["cache-control"] == "private, no-store"


async def test_a_document_that_comes_with_its_hash_is_remembered(ask: Asker) -> None:
    for form in ("documentId", "documentId, bare", "persistedQuery", "persistedQuery, prefixed"):
        text = f"{NAME} # {form}"
        named = parameters(text, "")
        assert "errors" in (await posted(ask, named[form])).json()
        first = await posted(ask, {"query": text, **named[form]})
        assert first.json() == {"data": {"tool": {"name": "Java"}}}
        for each in ("documentId", "persistedQuery"):
            for request in requests(named[each], {"variables": {"slug": "java"}}):
                assert (await sent(ask, request)).content == first.content
        for request in addressed(f"sha256:{hash_of(text)}", {"variables": {"slug": "java"}}):
            assert (await sent(ask, request)).content == first.content


async def test_a_get_may_send_both(ask: Asker) -> None:
    named = parameters(NAME, "")["persistedQuery"]
    _, get = requests({"query": NAME, **named}, {"variables": {"slug": "java"}})
    assert "data" in (await sent(ask, get)).json()
    assert "data" in (await posted(ask, named)).json()


async def test_a_document_with_another_hash_is_refused_and_not_remembered(ask: Asker) -> None:
    wrong = hash_of("{ tools { totalCount } }")
    apollo = await posted(ask, {"query": NAME, "extensions": persisted_query(wrong)})
    assert said(apollo) == (400, "BAD_REQUEST", "provided sha does not match query")
    for id_ in (f"sha256:{wrong}", "custom-1"):
        other = await posted(ask, {"query": NAME, "documentId": id_})
        assert said(other)[:2] == (400, "BAD_REQUEST")
        assert f"which is sha256:{hash_of(NAME)}" in said(other)[2]
        by_address = await ask.http.post(f"/graphql/{id_}", json={"query": NAME})
        assert said(by_address)[:2] == (400, "BAD_REQUEST")
    for hash_ in (wrong, hash_of(NAME)):
        missed = await posted(ask, {"extensions": persisted_query(hash_)})
        assert said(missed)[1] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("text", [WRONG, "{ tools", "fragment F on Tool { name }"])
async def test_what_is_not_valid_is_not_remembered(ask: Asker, text: str) -> None:
    named = parameters(text, "")["persistedQuery"]
    assert "errors" in (await posted(ask, {"query": text, **named})).json()
    assert said(await posted(ask, named))[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_who_sends_ever_new_documents_pushes_out_none_that_is_in_use(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SENT", 20_000)
    async with asking(url) as ask:
        named = parameters(NAME, "")["persistedQuery"]
        await posted(ask, {"query": NAME, **named})
        assert "data" in (await posted(ask, named)).json()
        for number in range(100):
            text = f"{{ a{number}: __typename }}"
            await ask.post({"query": text, "extensions": persisted_query(hash_of(text))})
        assert "data" in (await posted(ask, named)).json()
        first = {"extensions": persisted_query(hash_of("{ a0: __typename }"))}
        assert said(await ask.post(first))[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_one_that_was_forgotten_is_remembered_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SENT", 2_500)
    async with asking(url) as ask:
        texts = [NAME + "#" * number for number in range(8)]
        for text in [*texts, *texts]:
            named = parameters(text, "")["persistedQuery"]
            if "errors" in (await posted(ask, named)).json():
                assert "data" in (await posted(ask, {"query": text, **named})).json()
            assert "data" in (await posted(ask, named)).json()


HEX = "0" * 64


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"documentId": f"sha256:{HEX[1:]}"}, "64 hexadecimal digits"),
        ({"documentId": f"sha256:{'A' * 64}"}, "64 hexadecimal digits"),
        ({"documentId": f"SHA256:{HEX}"}, "the scheme 'SHA256' is not supported"),
        ({"documentId": "x-relay:1"}, "the scheme 'x-relay' is not supported"),
        ({"documentId": f"x:sha256:{HEX}"}, "the scheme 'x:sha256' is not supported"),
        ({"documentId": "\0"}, "an id has 1 to 200 characters"),
        ({"documentId": "é"}, "an id has 1 to 200 characters"),
        ({"documentId": "a" * 201}, "an id has 1 to 200 characters"),
        ({"documentId": "a" * 100_000}, "(100,002 characters)"),
        ({"documentId": 1}, "it has to be a string"),
        ({"documentId": [HEX]}, "it has to be a string"),
        ({"doc_id": 1}, "it has to be a string"),
        ({"id": {"a": 1}}, "it has to be a string"),
        ({"extensions": {"persistedQuery": HEX}}, '{"version": 1, "sha256Hash": "…"}'),
        ({"extensions": {"persistedQuery": []}}, '{"version": 1, "sha256Hash": "…"}'),
        ({"extensions": {"persistedQuery": {"sha256Hash": HEX}}}, '{"version": 1'),
        (
            {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": HEX}}},
            '{"version": 1, "sha256Hash": "…"}',
        ),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "it has to be a string"),
        ({"extensions": persisted_query(7)}, "it has to be a string"),
        (
            {"documentId": "a", "extensions": persisted_query(HEX)},
            "`documentId` and `extensions.persistedQuery.sha256Hash` name different documents",
        ),
        ({"documentId": ""}, "The request has no document"),
        ({"documentId": None, "doc_id": None, "id": ""}, "The request has no document"),
        ({"extensions": {"persistedQuery": None}}, "The request has no document"),
        ({}, "The request has no document"),
    ],
)
async def test_what_names_no_document_is_said(
    seeds: Asker, named: dict[str, Any], message: str
) -> None:
    response = await posted(seeds, named)
    assert said(response)[:2] == (400, "BAD_REQUEST")
    assert message in said(response)[2]
    assert len(response.content) < 1_000


async def test_two_names_of_one_document_are_one(ask: Asker) -> None:
    named = {"documentId": f"sha256:{hash_of(NAME)}", "extensions": persisted_query(hash_of(NAME))}
    assert "data" in (await posted(ask, {"query": NAME, **named})).json()
    assert "data" in (await posted(ask, named)).json()


async def test_members_of_these_names_mean_nothing_beside_a_text(seeds: Asker) -> None:
    for named in ({"id": 1}, {"id": "1", "doc_id": "2"}):
        assert "data" in (await posted(seeds, {"query": NAME, **named})).json()


async def test_a_browser_sees_the_answer_at_the_address_of_a_document(url: str) -> None:
    text = "{ tools { totalCount } }"
    await registered(url, text)
    async with asking(url, explorer=True) as ask:
        accept = "text/html,application/xhtml+xml,*/*;q=0.8"
        response = await ask.http.get(
            f"/graphql/sha256:{hash_of(text)}", headers={"accept": accept}
        )
    assert response.json()["data"]["tools"]["totalCount"] > 0


async def test_a_running_service_finds_what_is_registered_and_loses_what_is_retired(
    url: str, ask: Asker
) -> None:
    named = {"documentId": md5_of(NAME)}
    assert said(await posted(ask, named))[1] == "UNKNOWN_DOCUMENT"
    await registered(url, NAME, ids=[md5_of(NAME)])
    assert await becomes(ask, named, "data") < 5
    await registered(url, NAME, ids=[md5_of(NAME)], client="other")
    assert await retired(url, md5_of(NAME), client="site") == []
    async with asking(url) as other:
        assert "data" in (await posted(other, named)).json()
    assert await retired(url, md5_of(NAME), client="other") == [md5_of(NAME)]
    assert await becomes(ask, named, "errors") < 5
    assert "errors" in (await posted(ask, named)).json()
    await registered(url, NAME, ids=[md5_of(NAME)])
    assert await becomes(ask, named, "data") < 5


async def becomes(ask: Asker, named: dict[str, Any], member: str) -> float:
    """How long it takes until the answer has a member, in seconds."""
    began = time.monotonic()
    async with asyncio.timeout(20):
        while member not in (await posted(ask, named)).json():
            await asyncio.sleep(0.05)
    return time.monotonic() - began


async def test_one_that_was_not_asked_for_in_vain_is_found_at_once(url: str, ask: Asker) -> None:
    for number in range(3):
        text = f"{NAME} # {number}"
        await registered(url, text)
        assert "data" in (await posted(ask, parameters(text, "")["documentId"])).json()


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The ids in each statement that looks documents up."""
    found: list[list[str]] = []
    run = PersistedDocuments._rows

    async def counted(self: PersistedDocuments, ids: Any) -> Any:
        found.append(sorted(ids))
        return await run(self, ids)

    monkeypatch.setattr(PersistedDocuments, "_rows", counted)
    return found


async def test_a_flood_of_unknown_ids_is_few_statements(
    url: str, looked_up: list[list[str]]
) -> None:
    async with writing(url) as engine:
        found = PersistedDocuments(engine)
        await registered(url, NAME)
        ids = [*(f"unknown-{number}" for number in range(1000)), hash_of(NAME)] * 2
        answers = await asyncio.gather(*map(found.text, ids))
        await found.close()
    assert answers == [*[None] * 1000, NAME] * 2
    assert len(looked_up) <= 3


async def test_ids_are_not_looked_up_again_at_once(url: str, looked_up: list[list[str]]) -> None:
    async with writing(url) as engine:
        found = PersistedDocuments(engine)
        await registered(url, NAME)
        for _ in range(3):
            assert await found.text("unknown") is None
            assert await found.text(hash_of(NAME)) == NAME
        await found.close()
    assert looked_up == [["unknown"], [hash_of(NAME)]]


async def test_one_that_is_retired_is_not_looked_up_again_at_once(
    url: str, looked_up: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with writing(url) as engine:
        found = PersistedDocuments(engine)
        await registered(url, NAME)
        assert await found.text(hash_of(NAME)) == NAME
        await retired(url, hash_of(NAME))
        with monkeypatch.context() as later:
            later.setattr(persisted_documents, "FRESH", 0)
            assert await found.text(hash_of(NAME)) is None
        assert await found.text(hash_of(NAME)) is None
        await found.close()
    assert len(looked_up) == 2


async def test_who_gives_up_takes_the_answer_from_nobody(url: str) -> None:
    async with writing(url) as engine:
        found = PersistedDocuments(engine)
        await registered(url, NAME)
        first, second = (asyncio.create_task(found.text(hash_of(NAME))) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == NAME
        await found.close()


async def test_a_database_that_is_away_is_said_and_found_again(url: str) -> None:
    async with writing(url) as engine:
        found = PersistedDocuments(engine)
        await rows(url, "alter table service.persisted_document rename to elsewhere")
        for _ in range(2):
            with pytest.raises(DatabaseError, match="documents cannot be looked up"):
                await found.text("any")
        await rows(url, "alter table service.elsewhere rename to persisted_document")
        assert await found.text("any") is None
        await found.close()


async def test_plans_and_bodies_are_cached_as_for_texts(
    url: str, ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await registered(url, NAME)
    named = parameters(NAME, "")["documentId"]
    await posted(ask, {"query": NAME})
    monkeypatch.setattr(compiler, "read_operation", None)
    monkeypatch.setattr(compiler, "plan", None)
    assert "data" in (await posted(ask, named)).json()
    monkeypatch.setattr(compiler, "from_body", None)
    assert "data" in (await posted(ask, named)).json()
    assert len(ask.statements) == 1
    assert (await ask.post({"query": NAME})).status_code == 500, "there is no other way"


async def test_a_long_document_is_bound_beside_the_loop_by_its_id_too(
    url: str, ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = NAME.ljust(compiler.LIGHT)
    await registered(url, NAME, text)
    ran: list[Any] = []
    run = Worker.run

    async def counted(self: Worker, *arguments: Any) -> Any:
        ran.append(arguments)
        return await run(self, *arguments)

    monkeypatch.setattr(Worker, "run", counted)
    assert "data" in (await posted(ask, parameters(NAME, "")["documentId"])).json()
    assert ran == []
    assert "data" in (await posted(ask, parameters(text, "")["documentId"])).json()
    assert ran != []


async def test_equal_bodies_at_different_addresses_are_different_requests(
    url: str, ask: Asker
) -> None:
    texts = ["{ tools { totalCount } }", "{ skills { totalCount } }"]
    await registered(url, *texts)
    for _ in range(2):
        for text, field in zip(texts, ("tools", "skills"), strict=True):
            response = await ask.http.post(f"/graphql/sha256:{hash_of(text)}", json={})
            assert [*response.json()["data"]] == [field]


@pytest.fixture
async def only(url: str) -> AsyncIterator[Asker]:
    """An application that answers only registered documents without a token."""
    async with asking(url, documents="registered") as asker:
        yield asker


async def test_without_a_token_only_registered_documents_are_answered(
    url: str, only: Asker
) -> None:
    await registered(url, NAME)
    for named in (parameters(NAME, "")["documentId"], {"query": NAME}):
        for _ in range(2):
            assert "data" in (await posted(only, named)).json()
    for accept in (NEW, OLD):
        free = await only.post({"query": "{ tools { totalCount } }"}, headers={"accept": accept})
        assert said(free)[:2] == (403, "DOCUMENT_NOT_REGISTERED")
    assert "guidepost documents register" in said(free)[2]
    assert "Authorization: Bearer" in said(free)[2]


async def test_a_token_allows_any_document_and_nobody_else_profits(url: str, only: Asker) -> None:
    shown = {"authorization": f"Bearer {await token(url, Scope.READ)}"}
    free = {"query": "{ tools { totalCount } }"}
    named = {"extensions": persisted_query(hash_of(free["query"]))}
    for _ in range(2):
        assert "data" in (await only.post(free, headers=shown)).json()
        assert said(await only.post(free))[:2] == (403, "DOCUMENT_NOT_REGISTERED")
    both = {**free, **named}
    for _ in range(2):
        assert "data" in (await only.post(both, headers=shown)).json()
        assert said(await only.post(both))[1] == "DOCUMENT_NOT_REGISTERED"
        assert "data" in (await only.post(named, headers=shown)).json()
        assert said(await only.post(named))[1] == "PERSISTED_QUERY_NOT_FOUND"
    assert json.loads((await only.post(free, headers=shown)).content)["data"]


async def test_what_is_retired_is_not_answered_without_a_token_any_more(
    url: str, only: Asker
) -> None:
    await registered(url, NAME)
    shown = {"authorization": f"Bearer {await token(url, Scope.READ)}"}
    assert "data" in (await posted(only, {"query": NAME})).json()
    await retired(url, hash_of(NAME))
    assert await becomes(only, {"query": NAME}, "errors") < 5
    assert said(await posted(only, {"query": NAME}))[1] == "DOCUMENT_NOT_REGISTERED"
    assert "data" in (await posted(only, {"query": NAME}, **shown)).json()


async def test_the_explorer_needs_a_token_for_the_schema(url: str, only: Asker) -> None:
    page = await only.http.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code == 200
    introspection = {"query": "{ __schema { queryType { name } } }"}
    assert said(await only.post(introspection))[1] == "DOCUMENT_NOT_REGISTERED"
    shown = {"authorization": f"Bearer {await token(url, Scope.READ)}"}
    assert "data" in (await only.post(introspection, headers=shown)).json()
