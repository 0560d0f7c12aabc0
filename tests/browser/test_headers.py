"""The examples that need a token, and what becomes of the token."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser

from service.access import Scope
from tests.browser.visits import (
    EXAMPLES,
    HEADERS,
    HEADERS_EDITOR,
    PAUSE,
    TABS,
    Visit,
    visit,
    write,
)
from tests.databases import Server
from tests.editing import token
from tests.processes import run, serving

FOLDER = Path(__file__).parents[2] / "service/explorer/src/examples"
DRAFT, SAVE = (path.read_text("utf-8") for path in sorted(FOLDER.glob("*.headers.jsonc")))
IS_IN = "([storage, text]) => JSON.stringify(globalThis[storage]).includes(text)"
IS_NOT_IN = "([storage, text]) => !JSON.stringify(globalThis[storage]).includes(text)"
TABS_HAVE = """([storage, text]) =>
    globalThis[storage]['guidepost:graphiql:tabState']?.includes(text)"""

EDIT_AND_SWITCH_OFF = """async () => {
    const [model] = globalThis.__MONACO.editor.getModels()
        .filter((each) => each.uri.path.endsWith("operation.graphql"));
    model.setValue(`${model.getValue()}# Last`);
    await new Promise((done) => setTimeout(done, 200));
    document.querySelector("#disable-persist-headers").click();
}"""
"""Leave no time to store the edit before headers are no longer to be kept."""

AS_ONCE = """(token) => {
    const headers = JSON.stringify({ Authorization: `Bearer ${token}` });
    localStorage["guidepost:graphiql:shouldPersistHeaders"] = "true";
    localStorage["guidepost:graphiql:headers"] = headers;
    localStorage["guidepost:graphiql:queries"] = JSON.stringify({ queries: [{ headers }] });
}"""
"""Leave what GraphiQL itself keeps."""


async def test_with_a_token_they_work_and_the_token_is_kept_only_on_request(
    browser: Browser, server: Server, template: str
) -> None:
    async with server.new(template) as url:
        made = await asyncio.to_thread(
            run, *["token", "create", "editor", "--scope", "write"], DATABASE_URL=url
        )
        secret = made.stdout.strip()
        with serving(DATABASE_URL=url) as process:
            base_url = await asyncio.to_thread(process.address)
            async with visit(browser, base_url) as seen:
                await _preview(seen, secret)
                await _save(seen, secret)
                await _keep(seen, secret)
                await _forget(seen, secret)


async def test_where_documents_have_to_be_registered_a_token_brings_the_schema(
    browser: Browser, server: Server, template: str
) -> None:
    async with server.new(template) as url:
        reader = await token(url, Scope.READ)
        with serving(DATABASE_URL=url, GUIDEPOST_DOCUMENTS="registered") as process:
            base_url = await asyncio.to_thread(process.address)
            async with visit(browser, base_url) as seen:
                assert "DOCUMENT_NOT_REGISTERED" in str(await seen.page.content())
                seen.problems.clear()
                await _write_headers(seen, '{"Authorization": "Bearer gp_..."}', reader)
                await seen.page.evaluate(PAUSE)
                async with seen.page.expect_response(f"{base_url}/graphql") as refetched:
                    await seen.page.get_by_role("button", name="Re-fetch GraphQL schema").click()
                assert "__schema" in (await (await refetched.value).json())["data"]
                assert (await seen.run())["data"]


async def _preview(seen: Visit, token: str) -> None:
    await seen.open_tab("Draft")
    assert await seen.page.evaluate(HEADERS) == DRAFT
    assert '"GraphQL-Stage": "DRAFT"' in DRAFT
    await _write_headers(seen, DRAFT, token)
    guide = (await seen.run())["data"]["guide"]
    assert (guide["title"], guide["status"]) == ("Recruiting Backend Developers in Ghent", "DRAFT")


async def _save(seen: Visit, token: str) -> None:
    await seen.open_tab("Save")
    assert await seen.page.evaluate(HEADERS) == SAVE
    await _write_headers(seen, SAVE, token)
    saved = (await seen.run())["data"]["saveGuide"]
    assert (saved["errors"], saved["guide"]["version"]) == ([], 2)
    assert [each["path"] for each in saved["changes"]] == [["subtitle", "en"]]


async def _write_headers(seen: Visit, headers: str, token: str) -> None:
    await seen.page.get_by_role("button", name="Headers").click()
    await write(seen, HEADERS_EDITOR, headers.replace("gp_...", token))


async def _keep(seen: Visit, token: str) -> None:
    """Nothing is kept, until that is switched on: then until the browser's tab is closed."""
    page = seen.page
    for storage in ("localStorage", "sessionStorage"):
        assert await page.evaluate(IS_NOT_IN, [storage, token])
    await page.evaluate(AS_ONCE, token)
    await page.reload()
    await seen.ready()
    assert await page.evaluate(HEADERS) == ""
    assert await page.evaluate(IS_NOT_IN, ["localStorage", token])
    assert await seen.tabs() == TABS
    await _switch_on(seen)
    await _write_headers(seen, SAVE, token)
    await seen.run()
    await page.wait_for_function(TABS_HAVE, arg=["sessionStorage", token])
    for _ in range(2):
        await page.reload()
        await seen.ready()
        assert token in await page.evaluate(HEADERS)
    await page.goto(page.url + "?query=mutation+Theirs+{+deleteGuide+}")
    await seen.ready()
    assert await page.evaluate(HEADERS) == "", "a link does not get a token that it does not bring"
    await seen.open_tab("Save")
    assert token in await page.evaluate(HEADERS)
    await seen.run()
    assert await page.evaluate(IS_IN, ["localStorage", EXAMPLES[-1].splitlines()[0]])
    assert await page.evaluate(IS_NOT_IN, ["localStorage", token])


async def _forget(seen: Visit, token: str) -> None:
    """What GraphiQL stores late is not kept either."""
    await _open_settings(seen)
    await seen.page.evaluate(EDIT_AND_SWITCH_OFF)
    await seen.page.wait_for_function(TABS_HAVE, arg=["localStorage", "# Last"])
    assert await seen.page.evaluate(IS_NOT_IN, ["sessionStorage", token])
    await seen.page.reload()
    await seen.ready()
    assert await seen.page.evaluate(HEADERS) == ""
    assert await seen.page.evaluate(IS_NOT_IN, ["localStorage", token])


async def _switch_on(seen: Visit) -> None:
    await _open_settings(seen)
    await seen.page.get_by_role("dialog").get_by_role("button", name="On", exact=True).click()
    await seen.page.keyboard.press("Escape")
    await seen.page.get_by_role("dialog").wait_for(state="detached")


async def _open_settings(seen: Visit) -> None:
    await seen.page.get_by_role("button", name="Open settings dialog").click()
    dialog = seen.page.get_by_role("dialog")
    await dialog.get_by_text("until you close this browser tab").wait_for()
