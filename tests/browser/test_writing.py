"""Writing and publishing in the explorer, word for word as docs/writing.md says it."""

import asyncio
import json
import os
import re
from pathlib import Path

from playwright.async_api import Browser

from tests.browser.visits import HEADERS_EDITOR, ask, visit, write
from tests.databases import SEEDS, Server, load
from tests.documentation import blocks, page, section
from tests.processes import run, serving

WALK = section(page("docs/writing.md"), "## Walkthrough")
[COMMAND] = re.findall(r"^\.venv/bin/guidepost (.*)$", WALK, re.MULTILINE)
SAVE, PUBLISH, SCHEDULE, LOOK_BACK = blocks(WALK, "graphql")
[HEADERS] = re.findall(r'`(\{ "Authorization".*?\})`', WALK)


async def test_the_walk_can_be_followed(
    browser: Browser, server: Server, migrated: str, tmp_path: Path
) -> None:
    async with server.new(migrated) as url:
        await load(url, SEEDS)
        token = await asyncio.to_thread(run, *COMMAND.split(), DATABASE_URL=url)
        headers = HEADERS.replace("gp_…", token.stdout.strip())
        with serving(DATABASE_URL=url) as process:
            base_url = await asyncio.to_thread(process.address)
            async with visit(browser, base_url) as seen:
                await seen.new_tab()
                await seen.page.get_by_role("button", name="Headers").click()
                await write(seen, HEADERS_EDITOR, headers)
                saved = (await ask(seen, SAVE))["saveGuide"]
                screenshot = os.environ.get("GUIDEPOST_SCREENSHOT_OF_WRITING")
                await seen.page.screenshot(path=screenshot or tmp_path / "writing.png")
                published = (await ask(seen, PUBLISH))["publish"]
                scheduled = (await ask(seen, SCHEDULE))["schedule"]
                looked_back = (await ask(seen, LOOK_BACK))["guide"]
                stored = await seen.page.evaluate("JSON.stringify(localStorage)")
    assert "saveGuide" in stored, "the history has what was sent, but not by whom"
    assert token.stdout.strip() not in stored
    assert saved["errors"] == published["errors"] == scheduled["errors"] == []
    assert saved["guide"]["companies"] == [{"name": "Swift"}, {"name": "Acme"}]
    assert (saved["guide"]["status"], saved["guide"]["version"]) == ("CHANGED", 2)
    assert {each["status"] for each in published["published"] if "status" in each} == {"PUBLISHED"}
    assert {each.get("name") for each in published["published"]} == {None, "Acme"}
    assert looked_back["status"] == scheduled["scheduled"][0]["schedule"]["state"] == "SCHEDULED"
    actions = [(each["action"], each["author"]) for each in looked_back["revisions"]["nodes"]]
    assert actions == [("PUBLISH", "editor"), ("SAVE", "editor")]
    assert looked_back["revisions"]["nodes"][1]["reason"] == "Acme is hiring"


def test_the_header_is_json() -> None:
    assert json.loads(HEADERS) == {"Authorization": "Bearer gp_…"}
