"""Tokens for tests, and instances that look them up."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime

from service import tokens
from service.access import Scope, anonymous
from service.database.pools import writing
from service.tokens import Tokens

NOBODY = anonymous(reading=True)


async def make(
    database: str,
    name: str = "robot",
    scopes: Collection[Scope] = (Scope.PREVIEW,),
    types: Collection[str] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A new token's text."""
    async with writing(database) as engine, engine.begin() as connection:
        return await tokens.create(connection, name, scopes, types, expires_at)


async def revoke(database: str, name: str = "robot") -> bool:
    """Revoke a token; see `service.tokens.revoke`."""
    async with writing(database) as engine, engine.begin() as connection:
        return await tokens.revoke(connection, name)


@asynccontextmanager
async def looking(database: str) -> AsyncIterator[Tokens]:
    """An instance of its own, which has noted everything in the end."""
    async with writing(database) as engine:
        found = Tokens(engine, NOBODY)
        try:
            yield found
        finally:
            await found.close()


def bearer(token: str) -> bytes:
    """The header that shows a token."""
    return f"Bearer {token}".encode()
