"""The servers, databases and clients that tests ask for.

With `DATABASE_URL` set, tests make their databases on that server; otherwise on an embedded one
of their own.
"""

import asyncio
import gc
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from service.embedded import embedded_postgres
from tests import runs
from tests.asking import Asker, asking
from tests.databases import Server, clear, migrate
from tests.editing import Editor, editing_app
from tests.engines import sharing_compiled
from tests.processes import serving

SAME_ON_ALL = {
    # What is asked, before it is a statement.
    *("test_access", "test_access_over_http", "test_audit", "test_cost", "test_hostile"),
    *("test_hostile_changes", "test_http", "test_extending", "test_cache", "test_limits"),
    *("browser", "clients", "test_explorer_files"),
    # Documents and their files, before they are rows.
    *("test_documents", "test_files", "test_json_schema"),
    # Commands and processes.
    *("test_command_line", "test_content_commands", "test_token_commands", "test_new_type"),
    *("test_formats", "test_kills", "test_project", "test_runs"),
    # Tokens and persisted documents: a table of each, and what is remembered of it.
    *("test_tokens", "test_uses_of_tokens", "test_persisted_documents"),
}
"""The modules, or folders, about something that no PostgreSQL has a part in."""

# Whatever chance there is in a run is the same in the next one: see `tests.soaking`. How long an
# example takes says something about the machine.
settings.register_profile(
    "tests",
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("tests")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Begin the run: in the process that was called, not in those that work for it."""
    is_called = not hasattr(config, "workerinput")
    runs.keep_signals(is_called=is_called)
    if is_called:
        runs.begin()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End it, also after Ctrl-C."""
    if not hasattr(config, "workerinput"):
        runs.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that the oldest PostgreSQL has to pass as well; see docs/decisions/0025."""
    for item in items:
        is_elsewhere = SAME_ON_ALL & {item.path.stem, item.path.parent.name}
        if "server" in getattr(item, "fixturenames", ()) and not is_elsewhere:
            item.add_marker(pytest.mark.postgresql)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests wait for processes and for PostgreSQL."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_finish() -> None:
    """Take all that is there for the whole run out of garbage collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Server]:
    """The server that the tests' databases are on."""
    with ExitStack() as stack:
        url = os.environ.get("DATABASE_URL")
        if not url:
            # A socket's path may have 107 bytes, and pytest's own folders are deep.
            url = stack.enter_context(embedded_postgres(Path(tempfile.mkdtemp())))
        async with Server.at(url) as found, sharing_compiled(url):
            yield found


@pytest.fixture(scope="session")
async def template(server: Server) -> AsyncIterator[str]:
    """A migrated database with the seeds, which the revisions bring; only to be copied."""
    async with server.new() as url:
        await migrate(url)
        yield url


@pytest.fixture(scope="session")
async def migrated(server: Server, template: str) -> AsyncIterator[str]:
    """A migrated database without content; only to be copied."""
    async with server.new(template) as url:
        await clear(url)
        yield url


@pytest.fixture(scope="session")
async def seeded(server: Server, template: str) -> AsyncIterator[str]:
    """A database with the seeds, published; only to be read."""
    async with server.new(template) as url:
        yield url


@pytest.fixture
async def database(server: Server, migrated: str) -> AsyncIterator[str]:
    """A migrated database of one test's own, without content."""
    async with server.new(migrated) as url:
        yield url


@pytest.fixture(scope="session")
async def seeds(seeded: str) -> AsyncIterator[Asker]:
    """The application on the published seeds."""
    async with asking(seeded) as asker:
        yield asker


@pytest.fixture
async def ask(database: str) -> AsyncIterator[Asker]:
    """The application on a database of one test's own."""
    async with asking(database) as asker:
        yield asker


@pytest.fixture
async def editor(database: str) -> AsyncIterator[Editor]:
    """Someone who may do everything with a database of one test's own, without content."""
    async with editing_app(database) as found:
        yield found


@pytest.fixture(scope="session")
async def base_url(seeded: str) -> AsyncIterator[str]:
    """The address of a running `guidepost serve` on the published seeds."""
    with serving(DATABASE_URL=seeded) as process:
        yield await asyncio.to_thread(process.address)
