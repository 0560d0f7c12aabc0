"""The history of items: their revisions.

A revision holds the whole document, so it can be read, compared and restored without the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Executable, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.editing import Action
from schema.errors import ErrorCode
from schema.model import ContentType
from schema.releases import RELEASE_ITEM
from schema.tables.revision import Revision
from service.documents import store
from service.documents.bulk import inserting
from service.documents.document import Document
from service.documents.instants import INSTANT
from service.documents.problems import ContentError, Path, Problem
from service.documents.records import Key, Record
from service.documents.serialization import document_of
from service.editing.changes import Change
from service.editing.edits import Edit, Items

_REVISION = cast(Table, Revision.__table__)


class ItemState(NamedTuple):
    """An item as it is in the working copy."""

    id: UUID
    version: int
    document: Document
    record: Record


class RevisedItem(NamedTuple):
    """An item as a revision has it."""

    type: str
    id: UUID
    slug: str
    document: Document


async def states(edit: Edit, items: Items) -> dict[Key, ItemState]:
    """Items as they are in the working copy now, by type and slug."""
    records = await store.load(edit.connection, edit.model, items)
    versions = await store.versions(edit.connection, edit.model, items)
    return {
        key: ItemState(items[key], versions[key], document_of(edit.model, record), record)
        for key, record in records.items()
    }


async def add_revisions(
    edit: Edit,
    action: Action,
    done: Mapping[Key, ItemState],
    made: Mapping[Key, Iterable[Change]] | None = None,
    locales: Mapping[Key, Sequence[str]] | None = None,
) -> None:
    """Write a revision of each item of `done`, in the state given there.

    `made` has the changes of each item. `locales` has the locales in which each item was published
    or unpublished.
    """
    for statement in revision_statements(edit, action, done, made, locales):
        await edit.connection.execute(statement)


def revision_statements(
    edit: Edit,
    action: Action,
    done: Mapping[Key, ItemState],
    made: Mapping[Key, Iterable[Change]] | None = None,
    locales: Mapping[Key, Sequence[str]] | None = None,
) -> Iterator[Executable]:
    """The statement that writes these revisions; nothing if there are no items.

    See `add_revisions`.
    """
    rows = [
        {
            "type": key[0],
            "slug": key[1],
            "item_id": state.id,
            "version": state.version,
            "action": action.value,
            "document": state.document,
            "changes": [each._asdict() for each in (made or {}).get(key, ())],
            "author": edit.author,
            "reason": edit.reason,
            **({"locales": locales[key]} if locales and edit.knows_releases else {}),
        }
        for key, state in done.items()
    ]
    if rows:
        yield inserting(_REVISION, rows, at=INSTANT)


async def complete(edit: Edit, type_: ContentType, revisions: Mapping[UUID, int]) -> None:
    """Write the current documents of items into revisions that have none.

    `revisions` has the id of the revision by the id of the item.
    """
    slugs = await store.slugs_of(edit.connection, type_, revisions)
    found = await states(edit, {(type_.name, slug): id_ for id_, slug in slugs.items()})
    for state in found.values():
        statement = update(_REVISION).where(_REVISION.c.id == revisions[state.id])
        await edit.connection.execute(statement.values(document=state.document))


async def documents_at(edit: Edit, versions: Mapping[UUID, int]) -> dict[UUID, Document]:
    """The documents of items in the given versions, by id; without those that no revision has."""
    found: dict[UUID, Document] = {}
    for id_, version in versions.items():
        statement = (
            select(_REVISION.c.document)
            .where(_REVISION.c.item_id == id_, _REVISION.c.version == version)
            .order_by(_REVISION.c.id.desc())
            .limit(1)
        )
        document = await edit.connection.scalar(statement)
        if document is not None:
            found[id_] = document
    return found


async def last_versions(edit: Edit, keys: Iterable[Key]) -> dict[Key, int]:
    """The latest version that any item had under each of these slugs, deleted items included."""
    found: dict[Key, int] = {}
    for name, slugs in store.by_type(keys).items():
        statement = (
            select(_REVISION.c.slug, func.max(_REVISION.c.version))
            .where(_REVISION.c.type == name, store.among(_REVISION.c.slug, slugs))
            .group_by(_REVISION.c.slug)
        )
        found |= {(name, slug): each for slug, each in await edit.connection.execute(statement)}
    return found


async def last_under(edit: Edit, key: Key) -> RevisedItem | None:
    """The item that had a slug last, as it was then; it may have another one now, or be gone."""
    columns = (_REVISION.c.type, _REVISION.c.item_id, _REVISION.c.slug, _REVISION.c.document)
    statement = (
        select(*columns)
        .where(_REVISION.c.type == key[0], _REVISION.c.slug == key[1])
        .order_by(_REVISION.c.id.desc())
        .limit(1)
    )
    found = (await edit.connection.execute(statement)).one_or_none()
    return None if found is None else RevisedItem(*found)


async def values_at(edit: Edit, id_: UUID, path: Path) -> list[Any]:
    """The values that an item has had under a path of its documents, each once."""
    value = _REVISION.c.document[tuple(map(str, path))]
    statement = select(value).where(_REVISION.c.item_id == id_).distinct()
    return list(await edit.connection.scalars(statement))


async def revision(connection: AsyncConnection, number: int) -> RevisedItem:
    """The item of a revision; raises `ContentError` if there is no revision with this number."""
    columns = (_REVISION.c.type, _REVISION.c.item_id, _REVISION.c.slug, _REVISION.c.document)
    found = (
        await connection.execute(select(*columns).where(_REVISION.c.id == number))
    ).one_or_none()
    if found is None:
        message = f"there is no revision {number}; `revisions` lists the revisions of an item"
        raise ContentError([Problem(ErrorCode.UNKNOWN_REVISION, ("revision",), message)])
    return RevisedItem(*found)


async def forget(connection: AsyncConnection, age: timedelta) -> int:
    """Remove revisions older than `age`; returns how many were removed.

    The newest revision of each item stays, and so do those that a release is going to publish.
    """
    newer = _REVISION.alias()
    has_newer = select(newer.c.id).where(
        newer.c.item_id == _REVISION.c.item_id, newer.c.id > _REVISION.c.id
    )
    # A release publishes a pinned version from its revision.
    is_awaited = select(RELEASE_ITEM.c.item_id).where(
        RELEASE_ITEM.c.item_id == _REVISION.c.item_id,
        RELEASE_ITEM.c.version == _REVISION.c.version,
    )
    is_old = _REVISION.c.at < func.now() - age
    statement = delete(_REVISION).where(is_old, has_newer.exists(), ~is_awaited.exists())
    return (await connection.execute(statement)).rowcount
