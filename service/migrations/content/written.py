"""What was written of content as documents: the history, what folders said, before-images.

Renames change it, so that a revision can be restored, and a folder merged, under the new names.
What items were before earlier migrations, and what those left, is compared with what they are now.

A document may have what was called by the new name before, and has been dropped since. So a rename
exchanges both names, and a second one the other way round brings back what was there: a downgrade
finds what items were before its migration under the names of that time.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, select, text, true, update

from schema.entities.content import snake_case
from schema.entities.live_tables import LOCALE
from schema.tables.applied import AppliedDocument
from schema.tables.before_image import BeforeImage
from schema.tables.revision import Revision
from service.editing.edits import Edit
from service.editing.translations import exchanged, renamed
from service.folders.items import PUBLISHED

Rewriting = Callable[[Mapping[str, Any]], dict[str, Any]]

_BATCH = 500

_APPLIED, _IMAGE, _REVISION = (
    cast(Table, each.__table__) for each in (AppliedDocument, BeforeImage, Revision)
)
_UPDATE = "update {table} set {values}"
_WITH_TYPES = ("service.release_item", "service.schedule")
_WITH_DOCUMENTS = (("service.revision", "document"), ("service.applied", "document"))
_WITH_TABLES = ("live.redirect", "live.search_entry")
_IS_THERE = text(
    "select exists (select from pg_attribute where attrelid = to_regclass(:name)"
    " and attname = :column and not attisdropped)"
)
_LOCALES = (
    "locales = array_replace(locales, cast(:old as text), cast(:new as text))"
    " where cast(:old as text) = any(locales)"
)
_PUBLISHED = (
    "published = published - cast(:old as text)"
    " || jsonb_build_object(cast(:new as text), published->cast(:old as text))"
    " where jsonb_exists(published, :old)"
)
# Texts are objects in rows of the working copy; rows of the live copy name their locale.
_CONTENT = """content = (
    select jsonb_object_agg(key, case
        when key = 'locale' and value = to_jsonb(cast(:old as text))
            then to_jsonb(cast(:new as text))
        when jsonb_typeof(value) = 'object' and jsonb_exists(value, :old)
            then value - cast(:old as text)
                || jsonb_build_object(cast(:new as text), value->cast(:old as text))
        else value end)
    from jsonb_each(content)
)"""
_ABOUT_LOCALES = (
    ("service.revision", "locales", _LOCALES),
    ("service.release_item", "locales", _LOCALES),
    ("service.before_image", "published", _PUBLISHED),
    ("service.dropped_row", "published", _PUBLISHED),
    ("service.dropped_row", "content", _CONTENT),
)
"""Where locales are named, besides documents and the content itself."""
_OTHER_TYPE = "case type when :old then cast(:new as text) else cast(:old as text) end"
_IMAGES = (
    f"type = {_OTHER_TYPE},"
    f" before = jsonb_set(before, '{{type}}', to_jsonb({_OTHER_TYPE})),"
    f" after = jsonb_set(after, '{{type}}', to_jsonb({_OTHER_TYPE}))"
    " where type in (:old, :new)"
)
_SET_TYPE = "jsonb_set({column}, '{{type}}', to_jsonb(cast(:new as text)), false)"


async def change(
    edit: Edit,
    type_: str | None,
    function: Rewriting,
    of_change: Rewriting | None = None,
) -> None:
    """Change all documents of a type, or of all types, with a function from document to document.

    `of_change` does that for the changes in revisions. Without it, the names of fields change.
    """
    made = of_change or (lambda it: _changed(it, function))
    async for batch in _batches(edit, _REVISION, _is_of(_REVISION, type_)):
        rows = [
            {
                "b_id": row.id,
                "document": function(row.document),
                "changes": [*map(made, row.changes)],
            }
            for row in batch
        ]
        await edit.connection.execute(_by_id(_REVISION), rows)
    async for batch in _batches(edit, _IMAGE, _is_of(_IMAGE, type_)):
        rows = [
            {
                "b_id": row.id,
                "before": row.before and function(row.before),
                "after": row.after and function(row.after),
            }
            for row in batch
        ]
        await edit.connection.execute(_by_id(_IMAGE), rows)
    applied = select(_APPLIED.c.type, _APPLIED.c.slug, _APPLIED.c.document)
    bases = [
        {"b_type": row.type, "b_slug": row.slug, "document": function(row.document)}
        for row in await edit.connection.execute(applied.where(_is_of(_APPLIED, type_)))
    ]
    if bases:
        key = (_APPLIED.c.type == bindparam("b_type"), _APPLIED.c.slug == bindparam("b_slug"))
        await edit.connection.execute(update(_APPLIED).where(*key), bases)


async def change_live(edit: Edit, migration: str, function: Rewriting) -> None:
    """Change the live rows in the images of a migration, which are lists by table."""
    kept = _IMAGE.c.live.is_not(None) & (_IMAGE.c.migration == migration)
    async for batch in _batches(edit, _IMAGE, kept):
        rows = [{"b_id": row.id, "live": function(row.live)} for row in batch]
        await edit.connection.execute(_by_id(_IMAGE), rows)


async def rename_type(edit: Edit, old: str, new: str) -> None:
    """Give what was written of the items of a type the new name of the type."""
    types = {"old": old, "new": new}
    for table, column in _WITH_DOCUMENTS:
        document = _SET_TYPE.format(column=column)
        await _set(edit, table, f"type = :new, {column} = {document} where type = :old", types)
    await _set(edit, "service.before_image", _IMAGES, types)
    for table in _WITH_TYPES:
        await _set(edit, table, "type = :new where type = :old", types)
    allowed = "types = array_replace(types, cast(:old as text), cast(:new as text))"
    await _set(edit, "service.token", f"{allowed} where :old = any(types)", types, "types")
    tables = {"old": snake_case(old), "new": snake_case(new)}
    for table in _WITH_TABLES:
        await _set(edit, table, "type = :new where type = :old", tables)


async def rename_locale(edit: Edit, migration: str, old: str, new: str) -> None:
    """Give what was written in a locale, and about it, the new code of the locale."""

    codes = exchanged(old, new)

    def coded(code: Any) -> Any:
        return codes.get(code, code)

    def in_document(document: Mapping[str, Any]) -> dict[str, Any]:
        made = renamed(document, old, new)
        # A merge base also says in which locales the item was to be published.
        named = made.get(PUBLISHED)
        return {**made, PUBLISHED: sorted(map(coded, named))} if named else made

    def in_change(change_: Mapping[str, Any]) -> dict[str, Any]:
        *above, last = change_["path"]
        if above and isinstance(above[-1], str):
            return {**change_, "path": [*above, coded(last)]}
        both = {key: change_.get(key) for key in ("before", "after")}
        return {**change_, **renamed(both, old, new)}

    def in_rows(tables: Mapping[str, Any]) -> dict[str, Any]:
        return {
            table: [{**row, LOCALE: coded(row[LOCALE])} if LOCALE in row else row for row in rows]
            for table, rows in tables.items()
        }

    await change(edit, None, in_document, in_change)
    await change_live(edit, migration, in_rows)
    for table, column, values in _ABOUT_LOCALES:
        await _set(edit, table, values, {"old": old, "new": new}, column)


async def _set(
    edit: Edit, table: str, values: str, names: Mapping[str, str], column: str = "type"
) -> None:
    """Update a table, if the database has it with this column by now."""
    given = {"name": table, "column": column}
    if await edit.connection.scalar(_IS_THERE, given):
        await edit.connection.execute(text(_UPDATE.format(table=table, values=values)), names)


def _is_of(table: Table, type_: str | None) -> ColumnElement[bool]:
    return true() if type_ is None else table.c.type == type_


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
