"""The walk through content migrations, word for word as docs/content-migrations.md says it."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.async_api import Browser

from tests.browser.visits import HEADERS_EDITOR, Visit, ask, visit, write
from tests.databases import PROJECT, Server
from tests.documentation import page, section
from tests.processes import environment, serving

WALK = section(page("docs/content-migrations.md"), "## Walkthrough")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", WALK, re.DOTALL | re.MULTILINE)
[HEADERS] = re.findall(r'`(\{ "Authorization".*?\})`', WALK)
KINDS = [
    *("sh", "sh", "python", "sh", "text", "sh", "graphql"),
    *("sh", "graphql", "sh", "text", "sh", "graphql"),
    *("sh", "text", "sh", "sh", "python", "sh"),
]

GUIDE = "Guide recruiting-backend-developers-in-belgium"


class Walker:
    """Somebody with a copy of the project."""

    def __init__(self, folder: Path, url: str) -> None:
        for name in ("schema", "service", "alembic", "seeds"):
            # With what Python has compiled of it, which is found to be of the same code.
            ignored = shutil.ignore_patterns("node_modules")
            shutil.copytree(PROJECT / name, folder / name, ignore=ignored)
        for name in ("alembic.ini", "pyproject.toml"):
            shutil.copy(PROJECT / name, folder)
        (folder / ".venv").mkdir()
        (folder / ".venv/bin").symlink_to(Path(sys.executable).parent)
        self.folder = folder
        self._environment = environment(
            DATABASE_URL=url, GUIDEPOST_PROJECT=str(folder), PYTHONPATH=str(folder)
        )

    async def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Type a command."""
        return await asyncio.to_thread(
            subprocess.run,
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    async def succeed(self, command: str) -> str:
        """Type a command that works; what it says."""
        done = await self.run(command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    async def fail(self, command: str, shown: str) -> None:
        """Type a command that does not work, and says what is shown."""
        done = await self.run(command)
        assert done.returncode != 0
        for line in shown.splitlines():
            for part in line.split("…"):
                assert part in done.stdout + done.stderr, done.stdout + done.stderr

    async def generate(self, command: str, shown: str) -> None:
        """Type a command that writes a revision, which does what is shown."""
        await self.succeed(command)
        made = (self.folder / "alembic/versions").glob("*.py")
        newest = max(made, key=lambda path: path.stat().st_mtime_ns)
        body = newest.read_text("utf-8").partition("def upgrade")[2].partition("def downgrade")[0]
        lines = (line.strip() for line in body.splitlines()[2:])
        source = [line for line in lines if line and not line.startswith("#")]
        assert source == [line.strip() for line in shown.splitlines()]


async def edit(seen: Visit, token: str, mutation: str) -> None:
    """Save something with a token."""
    await seen.page.get_by_role("button", name="Headers").click()
    headers = HEADERS.replace("gp_…", token.strip())
    await write(seen, HEADERS_EDITOR, headers)
    saved = (await ask(seen, mutation))["saveGuide"]
    assert (saved["errors"], saved["guide"]["status"]) == ([], "CHANGED")


async def picture(seen: Visit, folder: Path) -> None:
    """Take a picture of the page."""
    screenshot = os.environ.get("GUIDEPOST_SCREENSHOT_OF_MIGRATING")
    await seen.page.screenshot(path=screenshot or folder / "migrating.png")


async def test_the_walk_can_be_followed(
    browser: Browser, server: Server, template: str, tmp_path: Path
) -> None:
    assert [kind for kind, _ in BLOCKS] == KINDS
    blocks = iter([text for _, text in BLOCKS])
    async with server.new(template) as url:
        walker = Walker(tmp_path / "project", url)
        await walker.succeed(next(blocks))
        await walker.generate(next(blocks), next(blocks))
        await walker.fail(next(blocks), next(blocks))
        with serving(DATABASE_URL=url) as process:
            base_url = await asyncio.to_thread(process.address)
            await walker.succeed(next(blocks))
            async with visit(browser, base_url) as seen:
                await seen.new_tab()
                query = next(blocks)
                shown = (await ask(seen, query))["guide"]["subtitle"]
                assert shown.startswith("What to know before hiring")
                await edit(seen, await walker.succeed(next(blocks)), next(blocks))
                await walker.fail(next(blocks), next(blocks))
                await walker.succeed(next(blocks))
                shown = (await ask(seen, next(blocks)))["guide"]["subtitle"]
                assert shown.startswith("All a recruiter needs to know")
                await walker.fail(next(blocks), next(blocks))
                await walker.succeed(next(blocks))
                assert (await ask(seen, query))["guide"]["subtitle"].startswith("What to know")
                await picture(seen, tmp_path)
        await walker.generate(next(blocks), next(blocks))
        await walker.succeed(next(blocks))
