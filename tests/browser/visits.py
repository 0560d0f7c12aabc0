"""Visits to the explorer: the shipped files in a real browser, as a person meets them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize

from service.explorer.page import DIST
from tests.processes import DIRECT

FOLDER = Path(__file__).parents[2] / "service/explorer/src/examples"
EXAMPLES = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.graphql"))]
PUBLIC_TABS = ["WholeGuide", "Listing", "Salaries", "Dutch", "Statistics", "Search"]
TABS = [*PUBLIC_TABS, "Draft", "Save"]
"""The last two need a token."""
VIEWPORT: ViewportSize = {"width": 1600, "height": 900}
NOT_BUILT = "The explorer has not been built: run `make explorer`."

_VALUE = """() => globalThis.__MONACO?.editor.getModels()
    .find((model) => model.uri.path.endsWith("%s"))?.getValue()"""
RESPONSE = _VALUE % "response.json"
"""The text of an editor, which draws only the lines that are in view."""
QUERY = _VALUE % "operation.graphql"
VARIABLES = _VALUE % "variables.json"
HEADERS = _VALUE % "request-headers.json"

QUERY_EDITOR = ".graphiql-query-editor .monaco-editor"
HEADERS_EDITOR = ".graphiql-editor-tool .monaco-editor >> visible=true"

PAUSE = "() => new Promise((done) => setTimeout(done, 200))"
"""GraphiQL takes up what was edited after 100 ms, which is sooner than a person's next click."""


class Visit:
    """One visit to the explorer, and everything in it that should not have happened."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.problems: list[str] = []
        self._allowed = (f"{base_url}/graphql", "data:image/")
        page.context.on("request", lambda request: self._on_request(request.url))
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))

    def _on_request(self, url: str) -> None:
        if not url.startswith(self._allowed):
            self.problems.append(f"request: {url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"{message.type}: {message.text}")

    async def run(self) -> dict[str, Any]:
        """Press the button that runs the query; returns the whole answer."""
        await self.page.evaluate(PAUSE)
        await self.page.get_by_role("button", name="Execute query").click()
        await self.page.wait_for_function(f"() => ({RESPONSE})()?.includes('\"data\"')")
        answer: dict[str, Any] = json.loads(await self.page.evaluate(RESPONSE))
        return answer

    async def ready(self) -> None:
        """Wait until the editor has the focus, and the explorer has the schema."""
        await self.page.locator(f"{QUERY_EDITOR}.focused").wait_for()
        await self.page.locator(".graphiql-sidebar .graphiql-spin").wait_for(state="detached")

    async def new_tab(self) -> None:
        """Open an empty tab."""
        await self.page.get_by_role("button", name="New tab").click()
        await self.page.evaluate(PAUSE)

    async def open_tab(self, title: str) -> None:
        """Go to a tab."""
        await self.page.locator(".graphiql-tab-button", has_text=title).click()
        await self.page.evaluate(PAUSE)

    async def tabs(self) -> list[str]:
        """The titles of all tabs."""
        return await self.page.locator(".graphiql-tab-button").all_inner_texts()


@asynccontextmanager
async def visit(
    browser: Browser, base_url: str, search: str = "", **options: Any
) -> AsyncIterator[Visit]:
    """Open the explorer for the first time, in a browser that remembers nothing."""
    assert (DIST / "index.html").exists(), NOT_BUILT
    async with await browser.new_context(**{"viewport": VIEWPORT, **options}) as context:
        seen = Visit(await context.new_page(), base_url)
        await seen.page.goto(f"{base_url}/graphql{search}")
        await seen.ready()
        yield seen
        assert seen.problems == []


async def post(base_url: str, query: str) -> dict[str, Any]:
    """The endpoint's answer, without a browser."""
    async with httpx2.AsyncClient(**DIRECT) as client:
        response = await client.post(f"{base_url}/graphql", json={"query": query})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def ask(seen: Visit, query: str) -> Any:
    """The `data` of a query that a person puts in the place of the one before."""
    await write(seen, QUERY_EDITOR, query)
    answer = await seen.run()
    assert "errors" not in answer, answer
    return answer["data"]


async def write(seen: Visit, editor: str, text: str) -> None:
    """Paste over what an editor holds."""
    await seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await seen.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    await seen.page.locator(editor).click()
    await seen.page.keyboard.press("ControlOrMeta+A")
    await seen.page.keyboard.press("ControlOrMeta+V")
    await seen.page.evaluate(PAUSE)
