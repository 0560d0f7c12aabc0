"""Who writes content, and in which transaction."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schema.locales import Locales
from schema.model import Model
from service.database.pools import EDITING, LOCALES, locales_of, translated_errors
from service.documents.records import Key
from service.errors import OutdatedError

_LOCK = f"{LOCALES}, pg_advisory_xact_lock({EDITING})"
"""Waits for the others to end, and says the locales, which no edit changes."""

Items = Mapping[Key, UUID]
"""Items of the working copy, with their ids."""


@dataclass(frozen=True)
class Edit:
    """A transaction that writes content.

    One of them goes on at a time. So what one of them reads stays true until it commits: that a
    slug is free, that nothing refers to what is deleted, which words search finds a guide by.
    """

    connection: AsyncConnection
    driver: Any
    """asyncpg's connection, in the same transaction."""
    model: Model
    locales: Locales
    author: str
    """Who answers for it: the name of a token, or of a program."""
    reason: str | None = None
    knows_releases: bool = True
    """Whether the database has the tables of releases, and of revisions the locales; a content
    migration may run before the one that makes them."""
    has_words: bool = True
    """Whether it has the functions that take words out of texts for search, in the same way."""


@asynccontextmanager
async def editing(
    engine: AsyncEngine, model: Model, author: str, reason: str | None = None
) -> AsyncIterator[Edit]:
    """A transaction to write in, once all others have ended; commits unless something is raised.

    Raises `OutdatedError` where the tables have changed since statements were prepared for them.
    """
    try:
        with translated_errors():
            async with engine.begin() as connection:
                yield await begun(connection, model, author, reason)
    except OutdatedError:
        # The next ones have nothing prepared.
        await engine.dispose()
        raise


async def begun(
    connection: AsyncConnection, model: Model, author: str, reason: str | None = None
) -> Edit:
    """Write content in a transaction that somebody else commits."""
    driver, rows = await connection.run_sync(_locked)
    return Edit(connection, driver, model, locales_of(rows), author, reason)


async def known_locales(connection: AsyncConnection) -> Locales:
    """The locales that content is written in."""
    rows = await connection.execute(text(LOCALES))
    return locales_of(map(tuple, rows))


def _locked(connection: Connection) -> tuple[Any, Sequence[Any]]:
    """The driver's connection once all others have ended, and the locales.

    By a cursor, which begins the transaction: SQLAlchemy's way takes longer than PostgreSQL does.
    """
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(_LOCK)
        return connection.connection.driver_connection, cursor.fetchall()
