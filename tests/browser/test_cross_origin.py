"""A page of another origin that reads from Guidepost, in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser

from tests.documentation import blocks, page, section

READ = """async ([address, headers]) => {
    const response = await fetch(address, {
        method: "POST",
        headers: {"content-type": "application/json", ...headers},
        body: JSON.stringify({query: '{ tool(slug: "java") { name } }'}),
    });
    return [response.status, await response.json(), response.headers.get("www-authenticate")];
}"""


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


async def test_it_reads_as_is_documented(browser: Browser, base_url: str) -> None:
    [code] = blocks(section(page("docs/clients.md"), "## fetch"), "js")
    code = code.replace("http://127.0.0.1:8000", base_url)
    async with page_elsewhere(browser) as elsewhere:
        answer = await elsewhere.evaluate(
            f"async () => {{ {code} return [data, errors ?? null]; }}"
        )
    title = "Recruiting Backend Developers in Belgium"
    assert answer == [{"guide": {"title": title}}, None]
