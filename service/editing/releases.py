"""What is to happen to items later, as it is kept."""

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
    """What is to happen to some items."""

    action: Action
    due_at: datetime
    references: UnpublishedReferences
    locales: Collection[str] | None
    """All of them, if None."""


async def keep(
    edit: Edit,
    wanted: ReleaseRequest,
    items: Items,
    referred_to: Items,
    versions: Mapping[Key, int],
) -> None:
    """Keep it as a release; of items without a version that which there is by then is meant."""
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
    """The rows of a release's items, by type."""
    found = defaultdict[str, list[Row[Any]]](list)
    item = RELEASE_ITEM
    statement = select(item).where(item.c.release_id == number).order_by(item.c.item_id)
    for row in await connection.execute(statement):
        found[row.type].append(row)
    return found


async def present(edit: Edit, groups: Mapping[str, list[Row[Any]]]) -> dict[Key, UUID]:
    """The items of groups of rows, as far as they and their types are there."""
    found: dict[Key, UUID] = {}
    for name, group in groups.items():
        if name in edit.model:
            ids = [row.item_id for row in group]
            slugs = await slugs_of(edit.connection, edit.model[name], ids)
            found |= {(name, slug): id_ for id_, slug in slugs.items()}
    return found


async def withdraw(edit: Edit, ids: Iterable[UUID], locales: Collection[str] | None) -> None:
    """Take items that were named out of what is to happen to them, in all locales or in some."""
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
    """Take items that are deleted out of all releases."""
    await connection.execute(delete(RELEASE_ITEM).where(among(RELEASE_ITEM.c.item_id, ids)))
    await _remove_empty(connection)


async def hold(connection: AsyncConnection, author: str) -> None:
    """Let nothing go on that was set by somebody who is not to be trusted any more."""
    await connection.execute(update(RELEASE).where(RELEASE.c.author == author).values(is_held=True))


async def _remove_empty(connection: AsyncConnection) -> None:
    """Remove releases that nothing named is left of."""
    item = RELEASE_ITEM
    left = select(item.c.item_id).where(item.c.release_id == RELEASE.c.id, ~item.c.is_reference)
    await connection.execute(delete(RELEASE).where(~left.exists()))


def _codes(locales: Collection[str]) -> Any:
    return literal(sorted(locales), ARRAY(Text()))
