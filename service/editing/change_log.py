"""The log of what each version of the content changed; triggers write it."""

from datetime import timedelta
from typing import cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.tables.change import ContentChange
from schema.tables.content_version import ContentVersion

_CHANGE = cast(Table, ContentChange.__table__)
_VERSION = cast(Table, ContentVersion.__table__)


async def forget_changes(connection: AsyncConnection, kept_for: timedelta) -> None:
    """Remove changes that are older, except those of the newest version, which have its mark."""
    newest = select(_VERSION.c.version).scalar_subquery()
    old = _CHANGE.c.at < func.now() - kept_for
    await connection.execute(delete(_CHANGE).where(old, _CHANGE.c.version < newest))
