"""Keeps what full-text search looks at the same as what is published."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, select, text, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.delivery import Stage
from schema.entities.search_entry import SearchEntry
from schema.model import ContentType, Model
from schema.planner.words import affected, entries
from service.documents.store import among

# The words of an item are those of others too. Each transaction that publishes sees what the one
# before it did: they take turns from here to their end.
_TURN = text("select pg_advisory_xact_lock(7136003)")

_ENTRY = cast(Table, SearchEntry.__table__)


async def index(
    connection: AsyncConnection, model: Model, changed: Mapping[str, Sequence[UUID]]
) -> None:
    """Renew the entries of these published items, by type, and of all that name one of them."""
    if not changed:
        return
    await connection.execute(_TURN)
    for type_ in model.content():
        ids = [_with_name(model, type_, model[name], found) for name, found in changed.items()]
        named = [each for statements in ids for each in statements]
        own = select(type_.live.c.id).where(among(type_.live.c.id, changed.get(type_.name, ())))
        await _renew(connection, model, type_, union(own, *named))


async def index_what_is_missing(connection: AsyncConnection, model: Model) -> None:
    """Make the entries of published items that have none, in a database from before there were."""
    for type_ in model.content():
        live = type_.live
        entry = select(_ENTRY.c.id).where(
            _ENTRY.c.id == live.c.id, _ENTRY.c.locale == live.c.locale
        )
        await _renew(connection, model, type_, select(live.c.id).where(~entry.exists()))


def _with_name(
    model: Model, type_: ContentType, target: ContentType, ids: Sequence[UUID]
) -> list[Select[Any]]:
    return [
        statement.where(among(column, ids)) for statement, column in affected(model, type_, target)
    ]


async def _renew(connection: AsyncConnection, model: Model, type_: ContentType, ids: Any) -> None:
    made = entries(model, type_, Stage.LIVE)
    names = ["id", "locale", "type", "vector", "text"]
    statement = insert(_ENTRY).from_select(names, made.statement.where(made.id.in_(ids)))
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id", "locale"],
            set_={name: statement.excluded[name] for name in names[2:]},
        )
    )
