"""Links to a query: what they open, and what they never hold."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.async_api import Browser

from tests.browser.visits import (
    EXAMPLES,
    HEADERS,
    HEADERS_EDITOR,
    PAUSE,
    QUERY,
    QUERY_EDITOR,
    RESPONSE,
    TABS,
    VARIABLES,
    visit,
    write,
)

NAMES = "query Names { guides { nodes { title } } }"
FIRST = "query First($first: Int) { guides(first: $first) { nodes { slug } } }"
TWO = f"{FIRST}\n\n{NAMES}\n"
LINK = "?" + urlencode(
    {
        "query": TWO,
        "variables": '{"first":1}',
        "operationName": "First",
        "headers": '{"Authorization":"Bearer gp_stolen"}',
    }
)
STORED = "(text) => localStorage['guidepost:graphiql:tabState']?.includes(text)"


async def test_a_link_opens_its_query_beside_the_tabs_that_were_there(
    browser: Browser, base_url: str
) -> None:
    async with visit(browser, base_url) as seen:
        page = seen.page
        await page.keyboard.type("# Mine")
        await page.wait_for_function(STORED, arg="# Mine")
        for _ in range(2):
            await page.goto(f"{base_url}/graphql{LINK}")
            await seen.ready()
            assert await seen.tabs() == [*TABS, "First"], "and no second one, if it is there"
        assert page.url == f"{base_url}/graphql", "to load it again does not open the link again"
        assert await page.evaluate(QUERY) == TWO
        assert json.loads(await page.evaluate(VARIABLES)) == {"first": 1}
        assert await page.evaluate(HEADERS) == await page.evaluate(RESPONSE) == ""
        assert await page.get_by_role("region", name="Variables").is_visible()
        # The focus is in the operation that the link names.
        await page.keyboard.press("ControlOrMeta+Enter")
        await page.wait_for_function(f"() => ({RESPONSE})().includes('\"data\"')")
        [first] = json.loads(await page.evaluate(RESPONSE))["data"]["guides"]["nodes"]
        assert first.keys() == {"slug"}
        await seen.open_tab("WholeGuide")
        assert await page.evaluate(QUERY) == f"{EXAMPLES[0]}# Mine"


async def test_a_link_opens_on_a_first_visit_too(browser: Browser, base_url: str) -> None:
    async with visit(browser, base_url, f"?{urlencode({'query': NAMES})}") as seen:
        assert await seen.tabs() == [*TABS, "Names"]
        assert await seen.page.evaluate(QUERY) == NAMES
        await seen.page.keyboard.type("# at the end")
        assert await seen.page.evaluate(QUERY) == f"{NAMES}# at the end"
        assert len((await seen.run())["data"]["guides"]["nodes"]) == 1


async def test_a_link_is_copied_from_the_toolbar_without_the_headers(
    browser: Browser, base_url: str
) -> None:
    async with visit(browser, base_url, LINK) as seen:
        page = seen.page
        await page.get_by_role("button", name="Headers").click()
        await write(seen, HEADERS_EDITOR, '{ "Authorization": "Bearer gp_secret" }')
        await page.get_by_role("button", name="Copy a link").click()
        await page.get_by_role("status").get_by_text("Link copied").wait_for()
        link = urlsplit(await page.evaluate("() => navigator.clipboard.readText()"))
        assert f"{link.scheme}://{link.netloc}{link.path}" == f"{base_url}/graphql"
        assert parse_qs(link.query) == {
            "query": [TWO],
            "variables": ['{"first":1}'],
            "operationName": ["First"],
        }
        await write(seen, QUERY_EDITOR, f"{NAMES} # {'x' * 40_000}")
        await page.get_by_role("button", name="Copy a link").click()
        await page.get_by_role("status").get_by_text("too long for a link").wait_for()
        await page.evaluate(PAUSE)
