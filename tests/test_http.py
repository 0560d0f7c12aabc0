"""GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from service.explorer.page import DIST
from tests.asking import Asker, asking
from tests.processes import DIRECT, serving

QUERY = '{ tool(slug: "java") { name } }'
ANSWER = {"data": {"tool": {"name": "Java"}}}
NEW, OLD = "application/graphql-response+json", "application/json"


def code(response: httpx2.Response) -> str:
    [error] = response.json()["errors"]
    found: str = error["extensions"]["code"]
    return found


async def test_post(seeds: Asker) -> None:
    response = await seeds.post({"query": QUERY, "variables": None, "extensions": {}})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{OLD}; charset=utf-8"
    assert response.json() == ANSWER


async def test_get(seeds: Asker) -> None:
    query = "query N($s: String!) { tool(slug: $s) { name } }"
    response = await seeds.http.get(
        "/graphql",
        params={"query": query, "variables": '{"s": "java"}', "operationName": "N"},
    )
    assert (response.status_code, response.json()) == (200, ANSWER)
    response = await seeds.http.get(f"/graphql?query={quote(QUERY)}&variables=&operationName=")
    assert (response.status_code, response.json()) == (200, ANSWER)
    response = await seeds.http.get("/graphql", params={"query": query, "variables": "{"})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (NEW, NEW),
        (f"{NEW};charset=utf-8, {OLD};q=0.9", NEW),
        (OLD, OLD),
        ("*/*", OLD),
        ("application/*", OLD),
        ("text/plain, */*;q=0.1", OLD),
        (f"{NEW};q=0.5, {OLD}", OLD),
        (f"{NEW};q=0, */*", OLD),
        (f"{OLD};q=0, */*", NEW),
        (f"text/csv, {NEW}; q=0.1", NEW),
    ],
)
async def test_the_answer_is_of_a_type_that_is_accepted(
    seeds: Asker, accept: str, expected: str
) -> None:
    response = await seeds.post({"query": QUERY}, headers={"accept": accept})
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert response.json() == ANSWER
    refused = await seeds.post({"query": "{ nope }"}, headers={"accept": accept})
    assert refused.status_code == (400 if expected == NEW else 200)
    assert code(refused) == "VALIDATION_FAILED"
    assert "data" not in refused.json()
    assert refused.headers["content-type"].startswith(expected)
    broken = await seeds.post([], headers={"accept": accept})
    assert broken.status_code == 400
    assert broken.headers["content-type"].startswith(expected)


async def test_a_large_body_is_not_read_to_its_end(seeded: str) -> None:
    sent: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for number in range(100):
            sent.append(number)
            yield b" " * 1_000_000

    headers = {"content-type": "application/json"}
    async with asking(seeded, body_limit=100) as ask:
        response = await ask.http.post("/graphql", content=endless(), headers=headers)
    assert (response.status_code, len(sent)) == (413, 33)


async def test_head_is_get_without_a_body(seeds: Asker) -> None:
    response = await seeds.http.head("/graphql", params={"query": QUERY})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "accept", ["text/csv", f"{OLD};q=0", "*/*;q=0", f"{NEW};q=0, {OLD};q=0, */*", f"{OLD};q=x"]
)
async def test_another_type_is_not_acceptable(seeds: Asker, accept: str) -> None:
    response = await seeds.post({"query": QUERY}, headers={"accept": accept})
    assert (response.status_code, code(response)) == (406, "BAD_REQUEST")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_other_methods_are_not_allowed(seeds: Asker, method: str) -> None:
    response = await seeds.http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_options_are_told(seeds: Asker) -> None:
    response = await seeds.http.options("/graphql", headers={"accept": "text/csv"})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_a_byte_order_mark_is_ignored(seeds: Asker) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"query": QUERY}).encode()
    response = await seeds.http.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )
    assert (response.status_code, response.json()) == (200, ANSWER)


async def test_half_a_body_is_a_timeout_of_the_clients(seeded: str) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b'{"query": '
        await asyncio.sleep(60)

    headers = {"content-type": "application/json"}
    async with asking(seeded, deadline=0.2) as ask:
        response = await ask.http.post("/graphql", content=half(), headers=headers)
    assert (response.status_code, code(response)) == (408, "BAD_REQUEST")
    assert "The body was not complete after 0.2 s" in response.text


async def test_a_client_that_sends_too_much_in_one_go_is_told(seeded: str) -> None:
    with serving(DATABASE_URL=seeded) as process:
        address = await asyncio.to_thread(process.address)
        async with httpx2.AsyncClient(base_url=address, **DIRECT) as http:
            headers = {"content-type": "application/json"}
            response = await http.post("/graphql", content=b" " * 20_000_000, headers=headers)
            assert (response.status_code, code(response)) == (413, "BAD_REQUEST")
            told = await asyncio.to_thread(_asked_first, address)
    assert told.startswith(b"HTTP/1.1 413 ")


def _asked_first(address: str) -> bytes:
    """What a client is told that asks whether it may send a body of 20 MB."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"expect: 100-continue\r\ncontent-length: 20000000\r\n\r\n"
        )
        return client.recv(100)


@pytest.mark.parametrize(
    "query",
    [
        "mutation { __typename }",
        "mutation { nope }",
        "subscription { a }",
        "query A { a } mutation B { b }",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_get_is_for_queries(seeds: Asker, method: str, query: str) -> None:
    parameters = {"query": query, "operationName": "B" if "B" in query else ""}
    response = await seeds.http.request(method, "/graphql", params=parameters)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert method == "HEAD" or code(response) == "BAD_REQUEST"


async def test_a_mutation_that_came_by_post_may_not_come_by_get(seeds: Asker) -> None:
    query = "mutation { again: __typename }"
    answer = (await seeds.post({"query": query})).json()
    assert answer == {"data": {"again": "Mutation"}}
    response = await seeds.http.get("/graphql", params={"query": query})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_a_query_beside_a_mutation_may_come_by_get(seeds: Asker) -> None:
    query = 'query A { tool(slug: "java") { name } } mutation B { __typename }'
    response = await seeds.http.get("/graphql", params={"query": query, "operationName": "A"})
    assert response.json() == {"data": {"tool": {"name": "Java"}}}


# The first three are all that a page of another site can make a browser send without asking.
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "",
        "application/json; charset=latin-1",
    ],
)
async def test_other_bodies_are_not_supported(seeds: Asker, content_type: str) -> None:
    response = await seeds.http.post(
        "/graphql", content=json.dumps({"query": QUERY}), headers={"content-type": content_type}
    )
    assert (response.status_code, code(response)) == (415, "BAD_REQUEST")


BODIES: list[bytes] = [
    b"",
    b"5",
    b'"x"',
    b"null",
    b"true",
    b"[]",
    b'[{"query": "{ __typename }"}]',
    b"{",
    b"\xff\xfe",
    b'{"query": "\xff"}',
    b"[" * 50_000,
    b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 20_000,
    b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5_000 + b"}}",
    b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    b'{"query": "\\ud800"}',
    b"{}",
    b'{"query": 5}',
    b'{"query": null}',
    b'{"query": "{ __typename }", "variables": []}',
    b'{"query": "{ __typename }", "operationName": 5}',
    b'{"query": "{ __typename }", "extensions": 5}',
]


@pytest.mark.parametrize("body", BODIES, ids=[repr(body[:40]) for body in BODIES])
async def test_a_body_that_is_no_request_is_a_client_error(seeds: Asker, body: bytes) -> None:
    response = await seeds.http.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


DOCUMENTS: list[tuple[str, str]] = [
    ("", "SYNTAX_ERROR"),
    ("{", "SYNTAX_ERROR"),
    ("{ tool(slug: 5) { name } }", "VALIDATION_FAILED"),
    ("{ tools { nodes } }", "VALIDATION_FAILED"),
    ('{ tool(slug: "java") { ...A } } fragment A on Tool { ...A }', "VALIDATION_FAILED"),
    ("fragment A on Tool { name }", "VALIDATION_FAILED"),
    ("type A { b: Int }", "VALIDATION_FAILED"),
    ("mutation { a }", "VALIDATION_FAILED"),
    ("{" + "a{" * 20_000, "SYNTAX_ERROR"),
    ("{ a" + "(a: " + "[" * 20_000, "SYNTAX_ERROR"),
    ('{ location(slug: "a") ' + "{ parent " * 80 + "{ id }" + "}" * 81, "TOO_DEEP"),
]


@pytest.mark.parametrize(
    ("document", "expected"), DOCUMENTS, ids=[text[:30] for text, _ in DOCUMENTS]
)
async def test_a_bad_document_is_refused(seeds: Asker, document: str, expected: str) -> None:
    response = await seeds.post({"query": document}, headers={"accept": NEW})
    assert response.status_code == 400
    assert expected in {each["extensions"]["code"] for each in response.json()["errors"]}


async def test_a_large_body_is_refused_before_it_is_read(seeded: str) -> None:
    async with asking(seeded, body_limit=100) as ask:
        fits = json.dumps({"query": QUERY}).ljust(100)
        headers = {"content-type": "application/json"}
        response = await ask.http.post("/graphql", content=fits, headers=headers)
        assert (response.status_code, response.json()) == (200, ANSWER)
        response = await ask.http.post("/graphql", content=f"{fits} ", headers=headers)
        assert (response.status_code, code(response)) == (413, "BAD_REQUEST")


async def test_a_fault_of_ours_has_an_id_and_shows_nothing(
    seeds: Asker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("service.api.executor.Executor.answer", broken)
    with caplog.at_level(logging.ERROR):
        response = await seeds.post({"query": QUERY})
    [error] = response.json()["errors"]
    assert response.status_code == 500
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["id"] in caplog.text
    assert "secret" in caplog.text
    assert "secret" not in response.text


async def test_the_root_leads_to_the_endpoint(seeds: Asker) -> None:
    response = await seeds.http.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "graphql")


async def test_a_browser_is_shown_the_explorer(seeded: str) -> None:
    headers = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with asking(seeded) as ask:
        response = await ask.http.get("/graphql", headers=headers)
        assert response.headers["content-type"].startswith("text/html")
    async with asking(seeded, explorer=False) as ask:
        [asset, *_] = (DIST / "assets").iterdir()
        assert (await ask.http.get(f"/graphql/assets/{asset.name}")).status_code == 404
        response = await ask.http.get("/graphql", headers=headers)
        assert (response.status_code, code(response)) == (400, "BAD_REQUEST")
