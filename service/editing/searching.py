"""Keeps what full-text search looks at the same as what is published."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, delete, select, union
from sqlalchemy.dialects.postgresql import insert

from schema.delivery import Stage
from schema.entities.search_entry import SearchEntry
from schema.model import ContentType, Model
from schema.planner.words import affected, entries
from service.documents.store import among
from service.editing.edits import Edit

_ENTRY = cast(Table, SearchEntry.__table__)

Changed = Mapping[str, Sequence[UUID]]
"""The ids of items by their types."""


async def index(edit: Edit, changed: Changed) -> None:
    """Renew the entries of these published items, and of all that name one of them."""
    for type_ in edit.model.content():
        ids = _naming(edit.model, type_, changed)
        if found := changed.get(type_.name):
            ids.append(select(type_.live.c.id).where(among(type_.live.c.id, found)))
        if ids:
            await _renew(edit, type_, union(*ids))


async def forget(edit: Edit, removed: Changed) -> None:
    """Remove the entries of items that are not published any more, and renew what names them."""
    for ids in removed.values():
        await edit.connection.execute(delete(_ENTRY).where(among(_ENTRY.c.id, ids)))
    await index(edit, removed)


async def index_what_is_missing(edit: Edit) -> None:
    """Make the entries of published items that have none, in a database from before there were."""
    for type_ in edit.model.content():
        live = type_.live
        entry = select(_ENTRY.c.id).where(
            _ENTRY.c.id == live.c.id, _ENTRY.c.locale == live.c.locale
        )
        await _renew(edit, type_, select(live.c.id).where(~entry.exists()))


def _naming(model: Model, type_: ContentType, changed: Changed) -> list[Select[Any]]:
    """The ids of the items of a type that name one of those that changed."""
    return [
        statement.where(among(column, ids))
        for name, ids in changed.items()
        for statement, column in affected(model, type_, model[name])
    ]


async def _renew(edit: Edit, type_: ContentType, ids: Any) -> None:
    made = _entries(edit.model, type_)
    names = ["id", "locale", "type", "vector", "text"]
    statement = insert(_ENTRY).from_select(names, made.statement.where(made.id.in_(ids)))
    await edit.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id", "locale"],
            set_={name: statement.excluded[name] for name in names[2:]},
        )
    )


@lru_cache(maxsize=64)
def _entries(model: Model, type_: ContentType) -> Any:
    """Made once: the statement is large, and SQLAlchemy knows it again."""
    return entries(model, type_, Stage.LIVE)
