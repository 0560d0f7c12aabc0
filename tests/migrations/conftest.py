"""Histories to write revisions for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import Server
from tests.migrations.history import History


@pytest.fixture
def history(database: str, tmp_path: Path) -> History:
    """A database of one test's own without content, and no revisions yet."""
    return History(tmp_path / "versions", database)


@pytest.fixture
async def seeded_history(server: Server, template: str, tmp_path: Path) -> AsyncIterator[History]:
    """A database of one test's own with the seeds, and no revisions yet."""
    async with server.new(template) as url:
        yield History(tmp_path / "versions", url)
