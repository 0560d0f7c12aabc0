"""The explorer, as a person meets it: the shipped files in a real browser."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, ViewportSize
from starlette.applications import Starlette

from service.explorer.page import CONTENT_SECURITY_POLICY, DIST, explorer_assets, explorer_page

FOLDER = Path(__file__).parents[2] / "service/explorer/src/examples"
EXAMPLES = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.graphql"))]
TABS = ["WholeGuide", "Listing", "Salaries", "Dutch", "Statistics", "Search"]
in_every_tab = pytest.mark.parametrize(
    ("tab", "example"), list(zip(TABS, EXAMPLES, strict=True)), ids=TABS
)
VIEWPORT: ViewportSize = {"width": 1600, "height": 900}
NOT_BUILT = "The explorer has not been built: run `make explorer`."
FIRST_LINE = "# A whole guide"

RESPONSE = """() => globalThis.__MONACO?.editor.getModels()
    .find((model) => model.uri.path.endsWith("response.json"))?.getValue()"""
"""The text of the response editor, which draws only the lines that are in view."""

QUERY_IS = """(text) => globalThis.__MONACO?.editor.getModels()
    .find((model) => model.uri.path.endsWith("operation.graphql"))?.getValue() === text"""

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


@asynccontextmanager
async def visit(browser: Browser, base_url: str, **options: Any) -> AsyncIterator[Visit]:
    """Open the explorer for the first time, in a browser that remembers nothing."""
    assert (DIST / "index.html").exists(), NOT_BUILT
    async with await browser.new_context(viewport=VIEWPORT, **options) as context:
        seen = Visit(await context.new_page(), base_url)
        await seen.page.goto(f"{base_url}/graphql")
        await seen.page.get_by_text(FIRST_LINE).wait_for()
        # The explorer lists the root fields once it has the schema.
        await seen.page.locator(".graphiql-explorer-root").wait_for()
        yield seen
        assert seen.problems == []


async def scroll_to(page: Page, text: Locator) -> None:
    """Turn the wheel over the result until it shows `text`."""
    await page.locator(".result-window").hover()
    for _ in range(50):
        if await text.is_visible():
            return
        await page.mouse.wheel(0, 100)
        await page.evaluate(PAUSE)
    pytest.fail(f"{text} does not come into view")


async def post(base_url: str, query: str) -> dict[str, Any]:
    """The endpoint's answer, without a browser."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        response = await client.post(f"{base_url}/graphql", json={"query": query})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_person_opens_the_explorer_and_runs_the_first_example(
    browser: Browser, base_url: str, tmp_path: Path
) -> None:
    async with visit(browser, base_url) as seen:
        assert await seen.page.title() == "Guidepost"
        assert await seen.page.locator(".graphiql-tab-button").all_inner_texts() == TABS
        answer = await seen.run()
        result = seen.page.locator(".result-window")
        await result.get_by_text("Showpad").wait_for()
        screenshot = os.environ.get("GUIDEPOST_SCREENSHOT") or tmp_path / "explorer.png"
        await seen.page.screenshot(path=screenshot)
        await scroll_to(seen.page, result.get_by_text("The Pond"))
    assert answer["data"] == (await post(base_url, EXAMPLES[0]))["data"]


@in_every_tab
async def test_every_tab_runs_its_example(
    browser: Browser, base_url: str, tab: str, example: str
) -> None:
    async with visit(browser, base_url) as seen:
        await seen.page.locator(".graphiql-tab-button", has_text=tab).click()
        answer = await seen.run()
    assert answer["data"] == (await post(base_url, example))["data"]


async def test_a_field_ticked_in_the_explorer_enters_the_query(
    browser: Browser, base_url: str
) -> None:
    async with visit(browser, base_url) as seen:
        await seen.page.locator(".graphiql-tab-button", has_text="Listing").click()
        field = seen.page.locator(".graphiql-explorer-root").get_by_text("hasPreviousPage")
        await field.click()
        answer = await seen.run()
    assert "hasPreviousPage" in answer["data"]["guides"]["pageInfo"]


async def test_the_tree_shows_lists_as_they_are_written(browser: Browser, base_url: str) -> None:
    lists = ("[ROLE, LEVEL]", '["EUR", "GBP"]')
    arguments = f"groupBy: {lists[0]}, where: {{ currency: {{ in: {lists[1]} }} }}"
    async with visit(browser, base_url) as seen:
        await seen.page.get_by_role("button", name="New tab").click()
        await seen.page.evaluate(PAUSE)
        await seen.page.locator(".graphiql-query-editor .monaco-editor").click()
        await seen.page.keyboard.insert_text(
            f"query Lists {{ salaryStatistics({arguments}) {{ totalCount }} }}"
        )
        tree = seen.page.locator(".graphiql-explorer-root")
        for text in lists:
            await tree.get_by_text(text, exact=True).wait_for()


async def test_prettify_mends_the_layout_of_a_query(browser: Browser, base_url: str) -> None:
    async with visit(browser, base_url) as seen:
        await seen.page.get_by_role("button", name="New tab").click()
        await seen.page.evaluate(PAUSE)
        await seen.page.locator(".graphiql-query-editor .monaco-editor").click()
        await seen.page.keyboard.insert_text("{guides{totalCount}}")
        await seen.page.get_by_role("button", name="Prettify").click()
        await seen.page.wait_for_function(QUERY_IS, arg="{\n  guides {\n    totalCount\n  }\n}\n")


async def test_the_explorer_is_dark_where_the_system_is(browser: Browser, base_url: str) -> None:
    background = "() => getComputedStyle(document.querySelector('.graphiql-container')).background"
    seen_in = {}
    for scheme in ("light", "dark"):
        async with visit(browser, base_url, color_scheme=scheme) as seen:
            seen_in[scheme] = await seen.page.evaluate(background)
    assert seen_in["light"] != seen_in["dark"]


@in_every_tab
async def test_an_example_says_what_it_shows_and_runs_over_plain_http(
    base_url: str, tab: str, example: str
) -> None:
    assert example.startswith("# ")
    assert f"query {tab} {{" in example
    answer = await post(base_url, example)
    assert "errors" not in answer
    assert all(answer["data"].values())


async def test_the_dutch_example_is_the_first_ones_guide(base_url: str) -> None:
    english = (await post(base_url, EXAMPLES[0]))["data"]["guide"]
    dutch = (await post(base_url, EXAMPLES[TABS.index("Dutch")]))["data"]["guide"]
    assert dutch["title"] != english["title"]
    assert dutch["location"]["name"] == "België"


async def test_the_page_forbids_scripts_and_connections_from_elsewhere(base_url: str) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        response = await client.get(f"{base_url}/graphql", headers={"accept": "text/html"})
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    policy = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-cache"


async def test_files_are_cached_for_good_and_missing_ones_are_not(base_url: str) -> None:
    script = next(DIST.glob("assets/index-*.js"), None)
    assert script is not None, NOT_BUILT
    async with httpx2.AsyncClient(base_url=f"{base_url}/graphql/assets/", trust_env=False) as http:
        found = await http.get(script.name)
        missing = await http.get("index-00000000.js")
    assert found.status_code == 200
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")


async def test_without_its_files_the_page_says_how_to_get_them(tmp_path: Path) -> None:
    response = explorer_page(tmp_path / "dist")
    assert response.status_code == 503
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    text = bytes(response.body).decode()
    assert "make explorer" in text
    assert "pip install 'guidepost[explorer]'" in text
    assert "The GraphQL endpoint at this address works" in text


async def test_without_its_files_the_routes_still_answer(tmp_path: Path) -> None:
    app = Starlette(routes=[explorer_assets(tmp_path / "dist")])
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.get("/graphql/assets/index-00000000.js")
    assert response.status_code == 404


def test_the_page_is_read_anew_after_a_build(tmp_path: Path) -> None:
    for build in ("one build", "another build"):
        (tmp_path / "index.html").write_text(build, encoding="utf-8")
        assert explorer_page(tmp_path).body == build.encode()
