"""What a folder said of each item when it was last applied."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.entities.applied import Applied
from service.documents.bulk import inserting
from service.documents.entries import Key
from service.documents.store import among, by_type
from service.editing.changes import Content

_APPLIED = cast(Table, Applied.__table__)


async def keys(connection: AsyncConnection) -> set[Key]:
    """Every item that there is a base of."""
    rows = await connection.execute(select(_APPLIED.c.type, _APPLIED.c.slug))
    return {(name, slug) for name, slug in rows}


async def read(connection: AsyncConnection, wanted: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """What was last applied of these items, of those that were."""
    found: dict[Key, dict[str, Any]] = {}
    for name, slugs in by_type(wanted).items():
        rows = await connection.execute(
            select(_APPLIED.c.slug, _APPLIED.c.document).where(
                _APPLIED.c.type == name, among(_APPLIED.c.slug, slugs)
            )
        )
        found |= {(name, slug): document for slug, document in rows}
    return found


async def note(connection: AsyncConnection, documents: Mapping[Key, Content]) -> None:
    """Keep what is applied now."""
    if documents:
        rows = [
            {"type": name, "slug": slug, "document": document}
            for (name, slug), document in documents.items()
        ]
        statement = inserting(_APPLIED, rows)
        written = {"document": statement.excluded.document, "at": func.now()}
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["type", "slug"], set_=written)
        )


async def forget(connection: AsyncConnection, gone: Iterable[Key]) -> None:
    """Keep nothing of these items any more."""
    for name, slugs in by_type(gone).items():
        await connection.execute(
            delete(_APPLIED).where(_APPLIED.c.type == name, among(_APPLIED.c.slug, slugs))
        )
