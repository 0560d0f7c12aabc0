"""The explorer, as a person meets it: the shipped files in a real browser."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page

from tests.browser.visits import (
    EXAMPLES,
    PAUSE,
    PUBLIC_TABS,
    QUERY,
    QUERY_EDITOR,
    TABS,
    post,
    visit,
)

PUBLIC_EXAMPLES = dict(zip(PUBLIC_TABS, EXAMPLES, strict=False))
QUERY_IS = f"(text) => ({QUERY})() === text"
TREE = ".graphiql-explorer-root"


async def scroll_to(page: Page, text: Locator) -> None:
    """Turn the wheel over the result until it shows `text`."""
    await page.locator(".result-window").hover()
    for _ in range(50):
        if await text.is_visible():
            return
        await page.mouse.wheel(0, 100)
        await page.evaluate(PAUSE)
    pytest.fail(f"{text} does not come into view")


async def test_a_person_opens_the_explorer_and_runs_the_first_example(
    browser: Browser, base_url: str, tmp_path: Path
) -> None:
    async with visit(browser, base_url) as seen:
        assert await seen.page.title() == "Guidepost"
        assert await seen.tabs() == TABS
        answer = await seen.run()
        result = seen.page.locator(".result-window")
        await result.get_by_text("Showpad").wait_for()
        screenshot = os.environ.get("GUIDEPOST_SCREENSHOT") or tmp_path / "explorer.png"
        await seen.page.screenshot(path=screenshot)
        await scroll_to(seen.page, result.get_by_text("The Pond"))
    assert answer["data"] == (await post(base_url, EXAMPLES[0]))["data"]


async def test_every_tab_runs_its_example(browser: Browser, base_url: str) -> None:
    """In one visit, as each is there beside the others."""
    async with visit(browser, base_url) as seen:
        for tab, example in PUBLIC_EXAMPLES.items():
            await seen.open_tab(tab)
            answer = await seen.run()
            assert answer["data"] == (await post(base_url, example))["data"], tab


async def test_a_field_ticked_in_the_explorer_enters_the_query(
    browser: Browser, base_url: str
) -> None:
    async with visit(browser, base_url) as seen:
        await seen.open_tab("Listing")
        field = seen.page.locator(TREE).get_by_text("hasPreviousPage")
        await field.click()
        answer = await seen.run()
    assert "hasPreviousPage" in answer["data"]["guides"]["pageInfo"]


async def test_the_tree_shows_lists_as_they_are_written(browser: Browser, base_url: str) -> None:
    lists = ("[ROLE, LEVEL]", '["EUR", "GBP"]')
    arguments = f"groupBy: {lists[0]}, where: {{ currency: {{ in: {lists[1]} }} }}"
    async with visit(browser, base_url) as seen:
        await seen.new_tab()
        await seen.page.locator(QUERY_EDITOR).click()
        await seen.page.keyboard.insert_text(
            f"query Lists {{ salaryStatistics({arguments}) {{ totalCount }} }}"
        )
        tree = seen.page.locator(TREE)
        for text in lists:
            await tree.get_by_text(text, exact=True).wait_for()


async def test_prettify_mends_the_layout_of_a_query(browser: Browser, base_url: str) -> None:
    async with visit(browser, base_url) as seen:
        await seen.new_tab()
        await seen.page.locator(QUERY_EDITOR).click()
        await seen.page.keyboard.insert_text("{guides{totalCount}}")
        await seen.page.get_by_role("button", name="Prettify").click()
        await seen.page.wait_for_function(QUERY_IS, arg="{\n  guides {\n    totalCount\n  }\n}\n")


async def test_typing_goes_where_the_focus_is_seen(browser: Browser, base_url: str) -> None:
    async with visit(browser, base_url) as seen:
        slug = seen.page.locator(f"{TREE} input").last
        await slug.wait_for()
        await seen.page.keyboard.type("# Mine")
        await seen.page.wait_for_function(QUERY_IS, arg=f"{EXAMPLES[0]}# Mine")
        await seen.open_tab("Salaries")
        await seen.page.keyboard.type("lost")
        await seen.page.evaluate(PAUSE)
        assert await seen.page.evaluate(QUERY) == EXAMPLES[2]
        await seen.page.locator(f"{TREE} .graphiql-explorer-locale > span").first.click()
        await seen.page.keyboard.type("nl")
        await seen.page.wait_for_function(f"() => ({QUERY})().includes('locale: \"nl\"')")


@pytest.mark.parametrize(("tab", "example"), PUBLIC_EXAMPLES.items(), ids=PUBLIC_TABS)
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


async def test_a_first_visit_loads_less_than_1_8_megabytes(browser: Browser, base_url: str) -> None:
    sizes = """() => performance.getEntries()
        .filter((each) => each.transferSize)
        .map((each) => [each.name.split("/").pop(), each.transferSize])"""
    async with visit(browser, base_url) as seen:
        await seen.run()
        loaded = await seen.page.evaluate(sizes)
    assert {name.split("-")[0] for name, _ in loaded} > {"index", "worker", "graphql"}
    assert sum(size for _, size in loaded) < 1_800_000, loaded
