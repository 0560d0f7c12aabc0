"""How items are to what is published of them."""

from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Status
from schema.locales import Locales
from schema.model import Model
from service.documents.store import among, ids_by_type
from service.editing.edits import Items


class Source(Protocol):
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


async def statuses(source: Source, items: Items) -> dict[UUID, Status]:
    """How items are to what is published of them in every locale."""
    found: dict[UUID, Status] = {}
    for name, ids in ids_by_type(items).items():
        draft, live = source.model[name].draft, source.model[name].live
        current = func.count().filter(live.c.version == draft.c.version)
        statement = (
            select(draft.c.id, func.count(live.c.id), current)
            .outerjoin(live, live.c.id == draft.c.id)
            .where(among(draft.c.id, ids))
            .group_by(draft.c.id)
        )
        for id_, copies, same in await source.connection.execute(statement):
            if not copies:
                found[id_] = Status.DRAFT
            elif same == len(source.locales.codes):
                found[id_] = Status.PUBLISHED
            else:
                found[id_] = Status.CHANGED
    return found
