"""Histories to write revisions for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.databases import Server
from tests.migrations.history import PLACES, PUBLISH, History
from tests.migrations.targets import FIRST
from tests.migrations.teams import Team


@pytest.fixture
def history(database: str, tmp_path: Path) -> History:
    """A database of one test's own without content, and no revisions yet."""
    return History(tmp_path / "versions", database)


@pytest.fixture
async def seeded_history(server: Server, template: str, tmp_path: Path) -> AsyncIterator[History]:
    """A database of one test's own with the seeds, and no revisions yet."""
    async with begun(server, template, tmp_path) as found:
        yield found


@pytest.fixture(scope="session")
async def after_places(
    server: Server, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A database after a revision that brings places; only to be copied."""
    async with begun(server, migrated, tmp_path_factory.mktemp("places"), PLACES) as found:
        await found.upgrade()
        yield found.url


@pytest.fixture(scope="session")
async def after_publishing(
    server: Server, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A database after a revision that publishes them, too; only to be copied."""
    folder = tmp_path_factory.mktemp("published")
    async with begun(server, migrated, folder, PLACES, PUBLISH) as found:
        await found.upgrade()
        yield found.url


@pytest.fixture
async def drafts(server: Server, after_places: str, tmp_path: Path) -> AsyncIterator[History]:
    """A database of one test's own that one revision has brought places to, as drafts."""
    async with begun(server, after_places, tmp_path, PLACES) as found:
        yield found


@pytest.fixture
async def published(
    server: Server, after_publishing: str, tmp_path: Path
) -> AsyncIterator[History]:
    """A database of one test's own whose one revision has published the places, too."""
    async with begun(server, after_publishing, tmp_path, PLACES, PUBLISH) as found:
        yield found


@asynccontextmanager
async def begun(
    server: Server, template: str, folder: Path, *upgrade: str
) -> AsyncIterator[History]:
    """A copy of a database, and its revision of these pieces if there are any."""
    async with server.new(template) as url:
        history = History(folder / "versions", url)
        if upgrade:
            history.add(*upgrade)
        yield history


@pytest.fixture(scope="session")
async def towns(
    server: Server, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[History]:
    """A database with the first declarations, and the revision that brought them; to be copied."""
    async with server.new(migrated) as url:
        team = Team(server, History(tmp_path_factory.mktemp("towns") / "versions", url))
        assert await team.generate(FIRST)
        await team.up()
        yield team.history
