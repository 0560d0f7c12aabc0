"""Engines that compile a statement once for all of them.

SQLAlchemy keeps what it has compiled with an engine, under its dialect. A service has its engines
for all its life, but tests make some for each database, and each command.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

from service.database import pools

KEPT = 2_000
"""The statements that are kept, as they were compiled."""


@asynccontextmanager
async def sharing_compiled(url: str) -> AsyncIterator[None]:
    """Let new engines share what they compile, for servers like the one at `url`."""
    async with pools.writing(url) as engine:
        async with engine.connect():
            """The dialect knows the server's version then."""
        dialect, cache = engine.dialect, LRUCache[Any, Any](KEPT)

        def sharing_engine(*arguments: Any, **options: Any) -> AsyncEngine:
            made = create_async_engine(*arguments, **options)
            made.sync_engine.dialect = dialect
            made.sync_engine._compiled_cache = cache
            return made

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pools, "create_async_engine", sharing_engine)
            yield
