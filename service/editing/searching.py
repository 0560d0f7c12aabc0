"""Keeps what full-text search looks at the same as what is published."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Table, Uuid, any_, bindparam, delete, exists, select, union
from sqlalchemy.dialects.postgresql import insert

from schema.delivery import Stage
from schema.entities.search_entry import SearchEntry
from schema.model import ContentType, Model
from schema.planner.words import affected, entries
from service.documents.store import among
from service.editing.edits import Edit
from service.editing.statements import Statement

_ENTRY = cast(Table, SearchEntry.__table__)

Changed = Mapping[str, Sequence[UUID]]
"""The ids of items by their types."""


async def index(edit: Edit, changed: Changed) -> None:
    """Renew the entries of these published items, and of all that name one of them."""
    names = tuple(sorted(changed))
    values = {_parameter(name): ids for name, ids in changed.items()}
    for type_ in edit.model.content():
        renewal = _renewal(edit.model, type_, names)
        if renewal is not None:
            await renewal.rows(edit, **values)


async def forget(edit: Edit, removed: Changed) -> None:
    """Remove the entries of items that are not published any more, and renew what names them."""
    for ids in removed.values():
        await edit.connection.execute(delete(_ENTRY).where(among(_ENTRY.c.id, ids)))
    await index(edit, removed)


async def index_what_is_missing(edit: Edit) -> None:
    """Make the entries of published items that have none, in a database from before there were."""
    for type_ in edit.model.content():
        await _missing(edit.model, type_).rows(edit)


@lru_cache(maxsize=1024)
def _renewal(model: Model, type_: ContentType, names: tuple[str, ...]) -> Statement | None:
    """Renews the entries of a type, where items of the types `names` changed; takes their ids."""
    ids = [
        statement.where(column == any_(_ids(name)))
        for name in names
        for statement, column in affected(model, type_, model[name])
    ]
    if type_.name in names:
        ids.append(select(type_.live.c.id).where(type_.live.c.id == any_(_ids(type_.name))))
    return Statement(_renewed(model, type_, union(*ids))) if ids else None


@lru_cache(maxsize=64)
def _missing(model: Model, type_: ContentType) -> Statement:
    live = type_.live
    entry = exists().where(_ENTRY.c.id == live.c.id, _ENTRY.c.locale == live.c.locale)
    return Statement(_renewed(model, type_, select(live.c.id).where(~entry)))


def _ids(name: str) -> Any:
    return bindparam(_parameter(name), type_=ARRAY(Uuid()))


def _parameter(name: str) -> str:
    return f"ids_{name}"


def _renewed(model: Model, type_: ContentType, ids: Any) -> Any:
    made = entries(model, type_, Stage.LIVE)
    names = ["id", "locale", "type", "vector", "text"]
    statement = insert(_ENTRY).from_select(names, made.statement.where(made.id.in_(ids)))
    return statement.on_conflict_do_update(
        index_elements=["id", "locale"],
        set_={name: statement.excluded[name] for name in names[2:]},
    )
