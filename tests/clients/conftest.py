"""A served Guidepost, and projects that ask it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from service.access import Scope
from tests.clients.projects import Project
from tests.databases import Server
from tests.editing import token
from tests.processes import serving


class Served(NamedTuple):
    """A running service, and a token that may do everything."""

    url: str
    token: str
    database: str


@asynccontextmanager
async def serving_seeds(server: Server, template: str, **settings: str) -> AsyncIterator[Served]:
    """`guidepost serve` on a copy of the seeds."""
    async with server.new(template) as database:
        with serving(DATABASE_URL=database, **settings) as process:
            url = await asyncio.to_thread(process.address)
            yield Served(url, await token(database, Scope.ADMIN), database)


@pytest.fixture(scope="session")
async def served(server: Server, template: str) -> AsyncIterator[Served]:
    """A running service, only to be read."""
    async with serving_seeds(server, template) as found:
        yield found


@pytest.fixture
async def edited(server: Server, template: str) -> AsyncIterator[Served]:
    """A running service of one test's own."""
    async with serving_seeds(server, template) as found:
        yield found


@pytest.fixture
def project(served: Served, tmp_path: Path) -> Project:
    """A project that reads."""
    return Project(tmp_path, served.url, served.token)


@pytest.fixture
def editing(edited: Served, tmp_path: Path) -> Project:
    """A project that may change what it reads."""
    return Project(tmp_path, edited.url, edited.token)
