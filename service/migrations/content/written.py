"""What was written of content as documents: the history, what folders said, before-images.

Renames change it, so that a revision can be restored, and a folder merged, under the new names.
What items were before other migrations is not changed: their downgrades read it when the old names
are there again. What those left is the merge base of later ones.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, text, update

from schema.entities.content import snake_case
from schema.tables.applied import AppliedDocument
from schema.tables.before_image import BeforeImage
from schema.tables.revision import Revision
from service.editing.edits import Edit

Rewriting = Callable[[Mapping[str, Any]], dict[str, Any]]

_BATCH = 500

_APPLIED, _IMAGE, _REVISION = (
    cast(Table, each.__table__) for each in (AppliedDocument, BeforeImage, Revision)
)
_UPDATE = "update {table} set {values}"
_WITH_TYPES = ("service.release_item", "service.schedule")
_WITH_DOCUMENTS = (("service.revision", "document"), ("service.applied", "document"))
_WITH_TABLES = ("live.redirect", "live.search_entry")
_SET_TYPE = "jsonb_set({column}, '{{type}}', to_jsonb(cast(:new as text)), false)"


async def change(edit: Edit, migration: str, type_: str, function: Rewriting) -> None:
    """Change all documents of a type, with a function that has a document for a document."""
    async for batch in _batches(edit, _REVISION, _REVISION.c.type == type_):
        rows = [
            {
                "b_id": row.id,
                "document": function(row.document),
                "changes": [_changed(each, function) for each in row.changes],
            }
            for row in batch
        ]
        await edit.connection.execute(_by_id(_REVISION), rows)

    def is_own(image: Any) -> bool:
        return bool(image.migration == migration)

    async for batch in _batches(edit, _IMAGE, _IMAGE.c.type == type_):
        rows = [
            {
                "b_id": row.id,
                "before": row.before
                and (function(row.before) if row.migration == migration else row.before),
                "after": row.after and function(row.after),
            }
            for row in batch
        ]
        await edit.connection.execute(_by_id(_IMAGE), rows)
    applied = select(_APPLIED.c.slug, _APPLIED.c.document).where(_APPLIED.c.type == type_)
    bases = [
        {"b_slug": row.slug, "document": function(row.document)}
        for row in await edit.connection.execute(applied)
    ]
    if bases:
        where = (_APPLIED.c.type == type_) & (_APPLIED.c.slug == bindparam("b_slug"))
        await edit.connection.execute(update(_APPLIED).where(where), bases)


async def change_live(edit: Edit, migration: str, function: Rewriting) -> None:
    """Change the live rows in the images of a migration, which are lists by table."""
    kept = _IMAGE.c.live.is_not(None) & (_IMAGE.c.migration == migration)
    async for batch in _batches(edit, _IMAGE, kept):
        rows = [{"b_id": row.id, "live": function(row.live)} for row in batch]
        await edit.connection.execute(_by_id(_IMAGE), rows)


async def rename_type(edit: Edit, migration: str, old: str, new: str) -> None:
    """Give what was written of the items of a type the new name of the type."""
    types = {"old": old, "new": new}
    for table, column in _WITH_DOCUMENTS:
        document = _SET_TYPE.format(column=column)
        await _set(edit, table, f"type = :new, {column} = {document} where type = :old", types)
    documents = ", ".join(
        f"{column} = {_SET_TYPE.format(column=column)}" for column in ("before", "after")
    )
    of_migration = f"type = :new, {documents} where type = :old and migration = :migration"
    await _set(edit, "service.before_image", of_migration, {**types, "migration": migration})
    for table in _WITH_TYPES:
        await _set(edit, table, "type = :new where type = :old", types)
    allowed = "types = array_replace(types, cast(:old as text), cast(:new as text))"
    await _set(edit, "service.token", f"{allowed} where :old = any(types)", types)
    tables = {"old": snake_case(old), "new": snake_case(new)}
    for table in _WITH_TABLES:
        await _set(edit, table, "type = :new where type = :old", tables)


async def _set(edit: Edit, table: str, values: str, names: Mapping[str, str]) -> None:
    """Update a table, if the database has it by now."""
    is_there = text("select to_regclass(:name) is not null")
    if await edit.connection.scalar(is_there, {"name": table}):
        await edit.connection.execute(text(_UPDATE.format(table=table, values=values)), names)


async def _batches(edit: Edit, table: Table, where: Any) -> AsyncIterator[list[Any]]:
    last = 0
    while batch := list(
        await edit.connection.execute(
            select(table).where(where, table.c.id > last).order_by(table.c.id).limit(_BATCH)
        )
    ):
        yield batch
        last = batch[-1].id


def _by_id(table: Table) -> Any:
    return update(table).where(table.c.id == bindparam("b_id"))


def _changed(change_: Mapping[str, Any], function: Rewriting) -> dict[str, Any]:
    """A change in a revision: `{path, before, after}`, where a whole value has a short path."""
    name, *rest = change_["path"]
    if rest:
        return {**change_, "path": [*function({name: None}), *rest]}
    [(new, before)] = function({name: change_.get("before")}).items()
    [after] = function({name: change_.get("after")}).values()
    return {**change_, "path": [new], "before": before, "after": after}
