"""What a screen shows, from a telephone's to a large one, light and dark."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from tests.browser.visits import PAUSE, TABS, visit

SIZES: dict[str, ViewportSize] = {
    "390": {"width": 390, "height": 844},
    "1024": {"width": 1024, "height": 768},
    "1440": {"width": 1440, "height": 900},
}

HIDDEN = """() => [...document.querySelectorAll(
    '.graphiql-container button, .guidepost-logo, .graphiql-query-editor .view-line > span'
)].filter((element) => {
    const { left, right, top, bottom, width } = element.getBoundingClientRect();
    const line = element.closest('.monaco-editor');
    if (!width || (line && (top < 0 || bottom > line.getBoundingClientRect().bottom))) return false;
    if (element.closest('.graphiql-explorer-root, [style*="opacity: 0"]')) return false;
    const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const fits = left >= 0 && top >= 0 && bottom <= innerHeight
        && right <= (line ? line.getBoundingClientRect().right : innerWidth) + 1;
    return !fits || !(element.contains(seen) || seen?.contains(element));
}).map((element) => element.ariaLabel ?? element.textContent)"""
"""What a person would have to scroll for, or what something else lies upon."""

CUT_OFF = """(dialog) => [...dialog.querySelectorAll('button')]
    .filter((each) => each.getBoundingClientRect().right > dialog.getBoundingClientRect().right)
    .map((each) => each.textContent)"""

PANES = """() => ['.graphiql-query-editor .graphiql-editor', '.result-window',
        '.graphiql-explorer-root']
    .map((name) => document.querySelector(name))
    .filter((pane) => pane && !pane.closest('[style*="opacity: 0"]'))
    .map((pane) => [pane.clientWidth, pane.clientHeight, pane.scrollWidth - pane.clientWidth])"""

CONTRASTS = """() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const blend = (colours) => {
        canvas.clearRect(0, 0, 1, 1);
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
        return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    const luminance = (colour) => colour
        .map((each) => each / 255)
        .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
        .reduce((sum, each, i) => sum + each * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (element) => {
        const grounds = [];
        for (let at = element; at; at = at.parentElement) {
            grounds.unshift(getComputedStyle(at).backgroundColor);
        }
        const ground = blend(grounds);
        const ink = blend([`rgb(${ground})`, getComputedStyle(element).color]);
        const [dark, light] = [ground, ink].map(luminance).sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };
    return [...document.querySelectorAll(`.graphiql-tab-button, .guidepost-logo,
        .graphiql-editor-tools button, .graphiql-explorer-root select,
        .graphiql-explorer-root input, .graphiql-explorer-root span[style*=color],
        .view-line span[class^=mtk]`)]
        .filter((element) => element.textContent.trim() && element.getClientRects().length)
        .map((element) => [contrast(element), element.textContent.trim().slice(0, 30)])
        .filter(([ratio]) => ratio < 4.5);
}"""
"""Texts without the contrast of WCAG 2.2, 1.4.3."""


IS_DARK = """() => getComputedStyle(document.querySelector('.graphiql-container'))
    .backgroundColor.match(/\\d+/)[0] < 128"""


async def _measure(page: Page) -> tuple[Any, Any, Any]:
    return await page.evaluate(HIDDEN), await page.evaluate(PANES), await page.evaluate(CONTRASTS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everything_is_in_view_and_legible(
    browser: Browser, base_url: str, tmp_path: Path, scheme: str
) -> None:
    folder = Path(os.environ.get("GUIDEPOST_SCREENSHOTS") or tmp_path)
    async with visit(browser, base_url, color_scheme=scheme, viewport=SIZES["390"]) as seen:
        page = seen.page
        for name, size in SIZES.items():
            await page.set_viewport_size(size)
            # As on a first visit at that size.
            await page.evaluate("() => localStorage.clear()")
            await page.reload()
            await seen.ready()
            answer = await seen.run()
            await page.mouse.move(0, 0)
            await page.evaluate(PAUSE)
            await page.screenshot(path=folder / f"explorer-{name}-{scheme}.png")
            hidden, panes, contrasts = await _measure(page)
            assert (name, hidden, contrasts) == (name, [], [])
            assert "guide" in answer["data"]
            assert await seen.tabs() == TABS
            assert len(panes) == (2 if name == "390" else 3)
            for width, height, cut_off in panes:
                assert (width >= 150, height >= 200, cut_off) == (True, True, 0), (name, panes)
            assert await page.evaluate(IS_DARK) == (scheme == "dark")


async def test_on_a_telephone_the_tree_opens_over_the_editor(
    browser: Browser, base_url: str
) -> None:
    async with visit(browser, base_url, viewport=SIZES["390"]) as seen:
        page, tree = seen.page, seen.page.locator(".graphiql-explorer-root")
        await page.get_by_role("button", name="Show GraphiQL Explorer").click()
        await tree.get_by_text("seoTitle").click()
        assert await tree.evaluate("(element) => element.clientWidth") > 300
        await page.get_by_role("button", name="Hide GraphiQL Explorer").click()
        answer = await seen.run()
        assert "seoTitle" not in answer["data"]["guide"]
        await page.get_by_role("button", name="Open settings dialog").click()
        assert await page.get_by_role("dialog").evaluate(CUT_OFF) == []
