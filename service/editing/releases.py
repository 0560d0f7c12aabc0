"""Releases as they are stored: what is scheduled to happen to items."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, all_, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.editing import Action, UnpublishedReferences
from schema.releases import RELEASE, RELEASE_ITEM
from service.documents.records import Key
from service.documents.store import among, slugs_of
from service.editing.edits import Edit, Items


class ReleaseRequest(NamedTuple):
    """What is to happen to some items, and when."""

    action: Action
    due_at: datetime
    references: UnpublishedReferences
    locales: Collection[str] | None
    """The locales in which it is to happen; None means all."""


async def keep(
    edit: Edit,
    wanted: ReleaseRequest,
    items: Items,
    referred_to: Items,
    versions: Mapping[Key, int],
) -> None:
    """Store a release of `items`, and of the items `referred_to` that are published with them.

    `versions` pins items to a version; an item without one is published as it is by then.
    """
    values = {
        "action": wanted.action.value,
        "due_at": wanted.due_at,
        "next_at": wanted.due_at,
        "references": wanted.references.value,
        "author": edit.author,
        "reason": edit.reason,
    }
    made = insert(RELEASE).values(values).returning(RELEASE.c.id)
    number = await edit.connection.scalar(made)
    rows = [
        {
            "release_id": number,
            "item_id": id_,
            "type": key[0],
            "version": versions.get(key),
            "locales": None if wanted.locales is None else sorted(wanted.locales),
            "is_reference": key not in items,
        }
        for key, id_ in {**referred_to, **items}.items()
    ]
    await edit.connection.execute(insert(RELEASE_ITEM), rows)


async def grouped(connection: AsyncConnection, number: int) -> dict[str, list[Row[Any]]]:
    """The rows of the items of a release, by type."""
    found = defaultdict[str, list[Row[Any]]](list)
    item = RELEASE_ITEM
    statement = select(item).where(item.c.release_id == number).order_by(item.c.item_id)
    for row in await connection.execute(statement):
        found[row.type].append(row)
    return found


async def present(edit: Edit, groups: Mapping[str, list[Row[Any]]]) -> dict[Key, UUID]:
    """The items of these rows, without those whose item or type no longer exists."""
    found: dict[Key, UUID] = {}
    for name, group in groups.items():
        if name in edit.model:
            ids = [row.item_id for row in group]
            slugs = await slugs_of(edit.connection, edit.model[name], ids)
            found |= {(name, slug): id_ for id_, slug in slugs.items()}
    return found


async def withdraw(edit: Edit, ids: Iterable[UUID], locales: Collection[str] | None) -> None:
    """Take items that were named out of their releases, in all locales or in the given ones.

    Items that a release has only because they are referred to stay in it.
    """
    item = RELEASE_ITEM
    named = (among(item.c.item_id, ids), ~item.c.is_reference)
    if locales is None:
        await edit.connection.execute(delete(item).where(*named))
    else:
        every = func.coalesce(item.c.locales, _codes(edit.locales.codes))
        codes = func.unnest(every).table_valued("code", name="codes").render_derived()
        stays = select(codes.c.code).where(codes.c.code != all_(_codes(locales)))
        ordered = stays.order_by(codes.c.code).correlate_except(codes).scalar_subquery()
        left = func.array(ordered, type_=ARRAY(Text()))
        await edit.connection.execute(update(item).where(*named).values(locales=left))
        nothing = func.cardinality(item.c.locales) == 0
        await edit.connection.execute(delete(item).where(*named, nothing))
    await _remove_empty(edit.connection)


async def forget(connection: AsyncConnection, ids: Iterable[UUID]) -> None:
    """Take deleted items out of all releases."""
    await connection.execute(delete(RELEASE_ITEM).where(among(RELEASE_ITEM.c.item_id, ids)))
    await _remove_empty(connection)


async def hold(connection: AsyncConnection, author: str) -> None:
    """Hold all releases of an author whose token was revoked, until somebody confirms them."""
    await connection.execute(update(RELEASE).where(RELEASE.c.author == author).values(is_held=True))


async def _remove_empty(connection: AsyncConnection) -> None:
    """Remove releases without any item that was named."""
    item = RELEASE_ITEM
    left = select(item.c.item_id).where(item.c.release_id == RELEASE.c.id, ~item.c.is_reference)
    await connection.execute(delete(RELEASE).where(~left.exists()))


def _codes(locales: Collection[str]) -> Any:
    return literal(sorted(locales), ARRAY(Text()))
