"""A page of another origin that reads from Guidepost, in a real browser."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import quote

from playwright.async_api import Browser

from service.access import Scope
from tests import tokens
from tests.documentation import blocks, page, section

QUERY = '{ tool(slug: "java") { name } }'
ANSWER = {"data": {"tool": {"name": "Java"}}}

READ = """async ([address, headers]) => {
    const response = await fetch(address, {
        method: "POST",
        headers: {"content-type": "application/json", ...headers},
        body: JSON.stringify({query: '{ tool(slug: "java") { name } }'}),
    });
    return [response.status, await response.json(), response.headers.get("www-authenticate")];
}"""

GET = """async (address) => {
    const response = await fetch(address);
    return [response.status, await response.json()];
}"""
COMPRESS = """async ([address, body]) => {
    const stream = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
    const response = await fetch(address, {
        method: "POST",
        headers: {"content-type": "application/json", "content-encoding": "gzip"},
        body: await new Response(stream).arrayBuffer(),
    });
    return [response.status, await response.json()];
}"""


@asynccontextmanager
async def listened_to(base_url: str) -> AsyncIterator[tuple[str, list[str]]]:
    """Another address of a service, and the methods of the requests that come to it."""
    host, _, port = base_url.removeprefix("http://").partition(":")
    methods: list[str] = []

    async def relay(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while part := await source.read(65536):
                if part.split(b" ", 1)[0] in {b"GET", b"OPTIONS", b"POST"}:
                    methods.append(part.split(b" ", 1)[0].decode())
                target.write(part)
                await target.drain()
        target.close()

    async def serve(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_connection(host, int(port))
        await asyncio.gather(relay(source, requests), relay(answers, target))

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", methods


@asynccontextmanager
async def page_elsewhere(browser: Browser) -> AsyncIterator[Any]:
    """An empty page of an origin of its own."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with await browser.new_context() as context:
            page = await context.new_page()
            await page.goto(f"http://127.0.0.1:{port}/")
            yield page


async def test_it_reads_answers_and_refusals(browser: Browser, base_url: str) -> None:
    endpoint = f"{base_url}/graphql"
    async with page_elsewhere(browser) as page:
        answer = await page.evaluate(READ, [endpoint, {"graphql-cost": "1"}])
        refused = await page.evaluate(READ, [endpoint, {"authorization": "Bearer nobody"}])
        draft = await page.evaluate(READ, [endpoint, {"graphql-stage": "DRAFT"}])
    assert answer[0] == 200
    assert answer[1]["data"] == {"tool": {"name": "Java"}}
    for status, body, challenge in (refused, draft):
        assert (status, challenge) == (401, "Bearer")
        assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_it_reads_by_get_without_a_preflight(browser: Browser, base_url: str) -> None:
    async with page_elsewhere(browser) as page, listened_to(base_url) as (address, methods):
        answer = await page.evaluate(GET, f"{address}/graphql?query={quote(QUERY)}")
    assert (answer, methods) == ([200, ANSWER], ["GET"])


async def test_it_reads_drafts_with_a_token(browser: Browser, base_url: str, seeded: str) -> None:
    token = await tokens.make(seeded, "a page elsewhere", (Scope.PREVIEW,))
    headers = {"authorization": f"Bearer {token}", "graphql-stage": "DRAFT"}
    try:
        async with page_elsewhere(browser) as page:
            answer = await page.evaluate(READ, [f"{base_url}/graphql", headers])
    finally:
        await tokens.revoke(seeded, "a page elsewhere")
    assert answer == [200, ANSWER, None]


async def test_it_asks_once_whether_it_may(browser: Browser, base_url: str) -> None:
    async with page_elsewhere(browser) as page, listened_to(base_url) as (address, methods):
        for _ in range(10):
            headers = {"graphql-stage": "LIVE"}
            assert await page.evaluate(READ, [f"{address}/graphql", headers]) == [200, ANSWER, None]
    assert methods == ["OPTIONS", *["POST"] * 10]


async def test_it_may_send_a_compressed_body(browser: Browser, base_url: str) -> None:
    body = json.dumps({"query": QUERY})
    async with page_elsewhere(browser) as page:
        assert await page.evaluate(COMPRESS, [f"{base_url}/graphql", body]) == [200, ANSWER]


async def test_it_reads_as_is_documented(browser: Browser, base_url: str) -> None:
    [code] = blocks(section(page("docs/clients.md"), "## fetch"), "js")
    code = code.replace("http://127.0.0.1:8000", base_url)
    async with page_elsewhere(browser) as elsewhere:
        answer = await elsewhere.evaluate(
            f"async () => {{ {code} return [data, errors ?? null]; }}"
        )
    title = "Recruiting Backend Developers in Belgium"
    assert answer == [{"guide": {"title": title}}, None]
