"""An edit: the transaction that changes content, and its author."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schema.locales import Locales
from schema.model import Model
from schema.planner.answers import Version
from service.database.failures import translated_errors
from service.database.pools import EDITING, LOCALES, locales_of
from service.documents.records import Key
from service.errors import OutdatedError
from service.freshness import VERSION

_LOCK = f"select pg_advisory_xact_lock({EDITING}), set_config('guidepost.edit', 'on', true)"
"""Waits for the edit lock, which the transaction then holds.

The setting tells triggers that lists and parts of live items change only together with the items,
which are noted: see `schema.tables.change`.
"""

Items = Mapping[Key, UUID]
"""Items of the working copy: their ids by type and slug."""


@dataclass(frozen=True)
class Edit:
    """A transaction that changes content.

    There is one at a time, so what an edit has read stays true until it commits: that a slug is
    free, that nothing refers to an item it deletes, which words find a guide.
    """

    connection: AsyncConnection
    driver: Any
    """The connection of asyncpg, in the same transaction."""
    model: Model
    locales: Locales
    author: str
    """Who made the change: the name of a token, or of one of Guidepost's own programs."""
    reason: str | None = None
    knows_releases: bool = True
    """Whether the database has the tables of releases, and the locales of revisions.

    A content migration can run before the migration that makes them.
    """
    has_words: bool = True
    """Whether the database has the SQL functions that take the words for search out of texts.

    A content migration can run before the migration that makes them.
    """


@asynccontextmanager
async def editing(
    engine: AsyncEngine, model: Model, author: str, reason: str | None = None
) -> AsyncIterator[Edit]:
    """Begin an edit once no other one is open; commit it unless something is raised.

    Raises `OutdatedError` if the tables have changed since statements were prepared for them, and
    `DatabaseError` if the server goes away.
    """
    try:
        with translated_errors():
            async with engine.begin() as connection:
                yield await begun(connection, model, author, reason)
    except OutdatedError:
        # New connections have no statements that were prepared for the old tables.
        await engine.dispose()
        raise


async def begun(
    connection: AsyncConnection, model: Model, author: str, reason: str | None = None
) -> Edit:
    """Begin an edit in a transaction of the caller's, who commits it.

    It waits for the edit lock.
    """
    driver, rows = await connection.run_sync(_locked)
    return Edit(connection, driver, model, locales_of(rows), author, reason)


async def content_version(edit: Edit) -> Version:
    """The version of what readers see, once the edit is committed."""
    return Version(*await edit.driver.fetchrow(VERSION))


async def known_locales(connection: AsyncConnection) -> Locales:
    """The locales that the database has now."""
    rows = await connection.execute(text(LOCALES))
    return locales_of(map(tuple, rows))


def _locked(connection: Connection) -> tuple[Any, Sequence[Any]]:
    """Wait for the edit lock; returns the driver's connection and the rows of the locales.

    A cursor also begins the transaction. SQLAlchemy's own way takes longer than PostgreSQL does.
    """
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(_LOCK)
        # Not in the same statement: it would see the locales from before the wait.
        cursor.execute(LOCALES)
        return connection.connection.driver_connection, cursor.fetchall()
