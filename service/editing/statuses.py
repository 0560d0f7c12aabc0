"""The status of items: how the working copy compares with the live copy."""

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
    """Something to read content with: an `Edit`, or a transaction that only reads."""

    @property
    def connection(self) -> AsyncConnection:
        """The connection."""

    @property
    def model(self) -> Model:
        """The content types."""

    @property
    def locales(self) -> Locales:
        """The locales of content."""


async def statuses(source: ContentReader, items: Items) -> dict[UUID, Status]:
    """The status of each item over all its locales; see `together`."""
    found = await statuses_by_locale(source, items)
    return {id_: together(each.values()) for id_, each in found.items()}


async def statuses_by_locale(source: ContentReader, items: Items) -> dict[UUID, dict[str, Status]]:
    """The status of each item in each locale."""
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
    """The status of an item, given its statuses by locale: CHANGED where those differ."""
    [first, *others] = {*each}
    return Status.CHANGED if others else first
