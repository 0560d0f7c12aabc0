"""A browser that can reach this machine and nothing else."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-first-run",
)

NO_BROWSER = (
    "These tests need Chromium. Install one that is then on the PATH (as "
    "`apt-get install chromium` does), or run `playwright install --with-deps chromium`."
)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window; where there is none, the tests fail: they are never skipped."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=_executable(playwright), args=_flags()
        )
        yield chromium
        await chromium.close()


def _executable(playwright: Playwright) -> str:
    on_path = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    own = playwright.chromium.executable_path
    for path in (*on_path, own):
        if path and Path(path).exists():
            return path
    pytest.fail(NO_BROWSER, pytrace=False)


def _flags() -> list[str]:
    # Chromium's sandbox refuses to run as root; Windows has no root.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, "--no-sandbox"] if is_root else list(FLAGS)
