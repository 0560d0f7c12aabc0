"""Databases to test on: migrated ones, copied from a template so that each costs little."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import asyncpg
from sqlalchemy import make_url

from schema.model import content_model
from service.database.pools import writing
from service.documents.files import LOCALES
from service.folders.applying import ApplyResult, Progress, apply, plan
from service.folders.items import PlannedAction
from service.folders.planning import Options
from service.folders.plans import FolderPlan
from service.migrations.revisions import upgrade
from service.settings import Settings
from tests.runs import database_name, making_databases

PROJECT = Path(__file__).parent.parent
CUT = """
    select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""
"""Ends all other connections to a database; whose they were learns of it a moment later."""
SEEDS = PROJECT / "seeds"
SEEDED = len([each for each in SEEDS.rglob("*.yaml") if each != SEEDS / LOCALES])
"""How many documents there are, one of them a draft at least."""
DRAFTS = sum("\ndraft: true\n" in path.read_text("utf-8") for path in SEEDS.rglob("*.yaml"))


class Server:
    """A PostgreSQL server on which databases can be made."""

    def __init__(self, url: str, number: int) -> None:
        self.url = url
        self._number = number

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> "AsyncIterator[Server]":
        """The server at an address, for as long as databases are made on it."""
        async with making_databases(url) as number, _kept_until_the_end(url):
            yield cls(url, number)

    def database(self, name: str) -> str:
        """The address of a database on the server."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    @asynccontextmanager
    async def new(
        self, template: str | None = None, *, locale: str | None = None
    ) -> AsyncIterator[str]:
        """A database of one's own, empty or a copy of the one at `template`; yields its address.

        An empty one may have another locale than the server's.
        """
        name = database_name(self._number)
        # Copying files takes PostgreSQL half the time of logging each page of them.
        like = f' template "{make_url(template).database}" strategy file_copy' if template else ""
        other = f" template template0 locale '{locale}'" if locale else ""
        if template in _unused:
            # PostgreSQL copies no database that somebody is connected to, in whichever loop.
            await rows(self.url, _CUT, make_url(template).database)
        await rows(self.url, f'create database "{name}"{like}{other}')
        try:
            url = self.database(name)
            async with _kept_until_the_end(url):
                yield url
        finally:
            await rows(self.url, f'drop database "{name}" with (force)')


async def migrate(url: str) -> None:
    """Bring a database to the newest revision."""
    await asyncio.to_thread(upgrade, Settings(project=PROJECT), url, lambda _: None)


async def clear(url: str) -> None:
    """Remove all content from a database, as if no revision had brought any."""
    async with looking(url) as look:
        names = [*filter(_is_content, await tables(look)), *_HISTORY]
        await look(f"truncate {', '.join(names)} restart identity")


async def tables(look: "Look") -> list[str]:
    """The tables of content, and of the service, as `schema.table`."""
    return [name for (name,) in await look(_TABLES)]


# The catalogs themselves: on each connection, the driver would first ask for the types of
# information_schema.
_TABLES = """
    select relnamespace::regnamespace::text || '.' || relname as name from pg_class
    where relkind = 'r' and relnamespace::regnamespace::text in ('draft', 'live', 'service')
    order by name
"""
_HISTORY = ("service.revision", "service.applied", "service.before_image")


def _is_content(table: str) -> bool:
    return not table.startswith("service.")


class Loaded(NamedTuple):
    """What a load did, in numbers of items."""

    created: int
    changed: int
    unchanged: int
    published: int


async def load(url: str, directory: Path, *, publishing: bool = True) -> Loaded:
    """Apply a folder of documents, in numbers of items."""
    done = await applied(url, directory, Options(publishing=publishing))
    created, changed = (
        done.plan.count(step) for step in (PlannedAction.CREATE, PlannedAction.UPDATE)
    )
    left = done.plan.count(PlannedAction.PUBLISH) + done.plan.count(PlannedAction.KEEP)
    return Loaded(created, changed, done.plan.unchanged + left, len(done.published))


async def applied(
    url: str,
    directory: Path,
    options: Options = Options(),  # noqa: B008  # never changes
    progress: Progress = lambda _: None,
) -> ApplyResult:
    """Apply a folder of documents, as the command line does."""
    async with writing(url) as engine:
        return await apply(engine, content_model(), directory, options, progress)


async def planned(url: str, directory: Path, options: Options = Options()) -> FolderPlan:  # noqa: B008
    """What applying a folder would do."""
    async with writing(url) as engine:
        return await plan(engine, content_model(), directory, options, lambda _: None)


class Look(Protocol):
    """Looks into a database, over and over."""

    async def __call__(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a statement finds."""


_CUT = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1"
_kept: "dict[str, asyncio.AbstractEventLoop]" = {}
"""The databases that are there until a context ends, and the loop that it ends in."""
_unused: "dict[str, asyncpg.Connection[Any]]" = {}
"""A connection to each of them: a new one takes longer than most statements."""


@asynccontextmanager
async def _kept_until_the_end(url: str) -> AsyncIterator[None]:
    _kept[url] = asyncio.get_running_loop()
    try:
        yield
    finally:
        del _kept[url]
        if connection := _unused.pop(url, None):
            await connection.close()


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[Look]:
    """A connection to look with."""
    is_kept = _kept.get(url) is asyncio.get_running_loop()
    connection = _unused.pop(url, None) if is_kept else None
    if connection is None or connection.is_closed():
        # A statement that was prepared may not fit the tables after a migration.
        connection = await asyncpg.connect(url, statement_cache_size=0)
    found = connection

    async def look(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await found.fetch(statement, *values)]

    try:
        yield look
        if is_kept and url in _kept and url not in _unused and not found.is_closed():
            await found.reset()
            _unused[url] = found
    finally:
        if _unused.get(url) is not found:
            await found.close()


async def rows(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement finds."""
    async with looking(url) as look:
        return await look(statement, *values)


async def blocked(url: str, *, is_so: bool = True) -> None:
    """Wait until somebody in a database waits for a lock, or else until nobody does."""
    async with asyncio.timeout(20), looking(url) as look:
        while (await look(_BLOCKED) != [(0,)]) is not is_so:
            await asyncio.sleep(0.01)


async def is_held(look: Look, lock: int) -> bool:
    """Whether somebody in a database has an advisory lock."""
    return await look(_HELD, lock) != [(0,)]


# Of this database: others may be tested on the same server.
_BLOCKED = """
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
"""
_HELD = """
    select count(*) from pg_locks l join pg_database d on d.oid = l.database
    where d.datname = current_database() and l.locktype = 'advisory' and l.objid::bigint = $1
"""

Dump = dict[str, list[str]]


async def dump(url: str) -> Dump:
    """Every row of both copies of the content, as text, by table.

    Not counts and times, which only ever grow, nor the slugs that were published once: people
    may have them.
    """
    async with looking(url) as look:
        content = filter(_is_content, await tables(look))
        names = sorted({*content, "service.locale"} - {"live.redirect"})
        every = " union all ".join(_ROWS.format(name) for name in names)
        found: Dump = {name: [] for name in names}
        for name, row in await look(f"{every} order by 1, 2"):
            found[name].append(row)
        return found


_ROWS = """
    select '{0}', (to_jsonb(t) - array['version', 'created_at', 'updated_at', 'published_at'])::text
    from {0} t
"""


async def shape(url: str) -> list[tuple[Any, ...]]:
    """Every column, index and constraint."""
    return await rows(url, SHAPE)


SHAPE = """
    select n.nspname::text, c.relname::text, a.attname::text, format_type(atttypid, atttypmod),
        attnotnull::text, coalesce(pg_get_expr(adbin, adrelid), '')
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_attrdef on (adrelid, adnum) = (attrelid, attnum)
    where n.nspname in ('draft', 'live', 'service') and relkind = 'r'
    and attnum > 0 and not attisdropped
    union all
    select n.nspname, c.relname, pg_get_indexdef(i.indexrelid), '', '', ''
    from pg_index i
    join pg_class c on c.oid = i.indrelid
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('draft', 'live', 'service')
    union all
    select n.nspname, c.conname, pg_get_constraintdef(c.oid), '', '', ''
    from pg_constraint c join pg_namespace n on n.oid = c.connamespace
    where n.nspname in ('draft', 'live', 'service')
    order by 1, 2, 3
"""
