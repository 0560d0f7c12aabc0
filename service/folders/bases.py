"""The merge bases: what a folder said of each item when it was last applied."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Table,
    Text,
    any_,
    case,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy import cast as cast_as
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.model import ContentType, Model
from schema.tables.applied import AppliedDocument
from service.documents.bulk import inserting
from service.documents.document import Document
from service.documents.records import Key
from service.documents.serialization import with_new_slugs
from service.documents.store import among, by_type
from service.editing.former_slugs import Renames
from service.folders.items import LIVE, PUBLISHED, with_live

_APPLIED = cast(Table, AppliedDocument.__table__)


class MergeBase(NamedTuple):
    """What was last applied of an item."""

    document: dict[str, Any]
    folders: Collection[str]
    """The names of the folders that brought the item."""


async def owned(connection: AsyncConnection, folder: str | None) -> dict[Key, Collection[str]]:
    """The items that a folder brought, each with the names of all folders that brought it."""
    rows = await connection.execute(
        select(_APPLIED.c.type, _APPLIED.c.slug, _APPLIED.c.folders).where(
            _APPLIED.c.folders.contains([folder])
        )
    )
    return {(name, slug): folders for name, slug, folders in rows}


async def read(connection: AsyncConnection, wanted: Iterable[Key]) -> dict[Key, MergeBase]:
    """The merge bases of these items, without those that were never applied."""
    found: dict[Key, MergeBase] = {}
    columns = (_APPLIED.c.slug, _APPLIED.c.document, _APPLIED.c.folders)
    for name, slugs in by_type(wanted).items():
        is_wanted = _APPLIED.c.type == name, among(_APPLIED.c.slug, slugs)
        rows = await connection.execute(select(*columns).where(*is_wanted))
        found |= {(name, slug): MergeBase(document, folders) for slug, document, folders in rows}
    return found


async def note(
    connection: AsyncConnection, documents: Mapping[Key, Document], folder: str | None
) -> None:
    """Store documents as merge bases, and that the folder brought them.

    A document that was applied without publishing says nothing about the live copy; what is stored
    about the live copy then stays.
    """
    if not documents:
        return
    names = [] if folder is None else [folder]
    rows = [
        {"type": name, "slug": slug, "document": document, "folders": names}
        for (name, slug), document in documents.items()
    ]
    statement = inserting(_APPLIED, rows)
    has_it = _APPLIED.c.folders.contains(statement.excluded.folders)
    document = statement.excluded.document
    written = {
        "document": case(
            (document.has_key(PUBLISHED), document),
            else_=document.concat(_kept(PUBLISHED)).concat(_kept(LIVE)),
        ),
        "folders": case(
            (has_it, _APPLIED.c.folders), else_=_APPLIED.c.folders + statement.excluded.folders
        ),
        "at": func.now(),
    }
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["type", "slug"], set_=written)
    )


async def follow(
    connection: AsyncConnection, model: Model, renamed: Renames, folder: str | None
) -> None:
    """Let the merge bases of a folder follow what it renames: their keys, and their references.

    The base that another folder also brought stays there for that folder.
    """
    known = await read(connection, {*renamed.former, *renamed.former.values()})
    moved = {new: known[old] for new, old in renamed.former.items() if old in known}
    await forget(connection, renamed.former.values(), folder)
    for (name, slug), base in moved.items():
        there = known.get((name, slug))
        names = [each for each in (there.folders if there else ()) if each != folder]
        row = {
            "type": name,
            "slug": slug,
            "document": {**base.document, "slug": slug},
            "folders": [*names, *(each for each in base.folders if each == folder)],
        }
        key = _APPLIED.c.type == name, _APPLIED.c.slug == slug
        await connection.execute(delete(_APPLIED).where(*key))
        await connection.execute(inserting(_APPLIED, [row]))
    await _redirect(connection, model, renamed.slugs, folder)


async def _redirect(
    connection: AsyncConnection, model: Model, slugs: Mapping[Key, str], folder: str | None
) -> None:
    """Let references follow renamed items, in the bases that no other folder brought."""
    columns = (_APPLIED.c.type, _APPLIED.c.slug, _APPLIED.c.document)
    own = _APPLIED.c.folders.contained_by([] if folder is None else [folder])
    quoted = [f'%"{slug}"%' for _, slug in slugs]
    may_refer = cast_as(_APPLIED.c.document, Text).like(any_(literal(quoted, ARRAY(Text))))
    found = await connection.execute(select(*columns).where(own, may_refer)) if slugs else ()
    for name, slug, document in found:
        if name in model:
            made = _redirected(model[name], document, slugs)
            key = _APPLIED.c.type == name, _APPLIED.c.slug == slug
            await connection.execute(update(_APPLIED).where(*key).values(document=made))


def _redirected(type_: ContentType, document: Document, slugs: Mapping[Key, str]) -> dict[str, Any]:
    made = with_new_slugs(type_, document, slugs)
    copies = {
        code: with_new_slugs(type_, copy, slugs) for code, copy in document.get(LIVE, {}).items()
    }
    return with_live(made, copies)


def _kept(key: str) -> ColumnElement[Any]:
    """An object with the stored value under a key; an empty object if nothing is stored there."""
    before = _APPLIED.c.document
    kept = func.jsonb_build_object(key, before[key], type_=JSONB)
    return case((before.has_key(key), kept), else_=cast_as({}, JSONB))


async def forget(connection: AsyncConnection, gone: Iterable[Key], folder: str | None) -> None:
    """Note that the folder no longer has these items; remove the merge bases that no folder has."""
    left = func.array_remove(_APPLIED.c.folders, folder)
    for name, slugs in by_type(gone).items():
        these = _APPLIED.c.type == name, among(_APPLIED.c.slug, slugs)
        await connection.execute(update(_APPLIED).where(*these).values(folders=left))
        no_folder = func.cardinality(_APPLIED.c.folders) == 0
        await connection.execute(delete(_APPLIED).where(*these, no_folder))
