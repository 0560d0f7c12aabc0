"""How items are to what is published of them."""

from collections.abc import Iterable
from typing import Protocol, cast
from uuid import UUID

from sqlalchemy import Table, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Status
from schema.locales import Locales
from schema.model import Model
from schema.statuses import standing
from schema.tables.locale import Locale
from service.documents.store import among, ids_by_type
from service.editing.edits import Items

_LOCALE = cast(Table, Locale.__table__)


class ContentReader(Protocol):
    """Where content is read: an `Edit`, or a transaction that only reads."""

    @property
    def connection(self) -> AsyncConnection:
        """The connection."""

    @property
    def model(self) -> Model:
        """What content there is."""

    @property
    def locales(self) -> Locales:
        """What it is written in."""


async def statuses(source: ContentReader, items: Items) -> dict[UUID, Status]:
    """How items are to what is published of them, all locales together.

    CHANGED is what is not the same in all of them: PUBLISHED, or DRAFT.
    """
    found = await statuses_by_locale(source, items)
    return {id_: together(each.values()) for id_, each in found.items()}


async def statuses_by_locale(source: ContentReader, items: Items) -> dict[UUID, dict[str, Status]]:
    """How items are to what is published of them in each locale."""
    found: dict[UUID, dict[str, Status]] = {}
    for name, ids in ids_by_type(items).items():
        draft, live = source.model[name].draft, source.model[name].live
        how = standing(live, draft.c.id, draft.c.version, _LOCALE.c.code)
        statement = (
            select(draft.c.id, _LOCALE.c.code, how)
            .select_from(draft.join(_LOCALE, true()))
            .where(among(draft.c.id, ids))
        )
        for id_, code, status in await source.connection.execute(statement):
            found.setdefault(id_, {})[code] = Status[status]
    return found


def together(each: Iterable[Status]) -> Status:
    """The status of an item with these in its locales."""
    [first, *others] = {*each}
    return Status.CHANGED if others else first
