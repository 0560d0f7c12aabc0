"""Before-images: what items were before a migration, and what the migration left.

There is one for each item and migration, whatever the migration did to the item and how often. They
are made in batches, because a migration may change every item.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Status
from schema.model import ContentType
from schema.tables.before_image import BeforeImage
from service.documents.bulk import BATCH, batches, inserting
from service.documents.document import Document
from service.documents.records import Key
from service.documents.store import among, slugs_of
from service.editing.edits import Edit, Items
from service.editing.history import ItemState, states
from service.editing.live import live_rows, put_back_live_rows
from service.editing.search_index import forget as forget_words
from service.editing.statuses import statuses

NAMESPACE = UUID("3f6c1b52-6d0e-5c0b-9d3a-52a5f6f1c7e4")
"""The namespace of ids that a migration makes, which are the same in every database."""

_IMAGE = cast(Table, BeforeImage.__table__)


class Image(NamedTuple):
    """An item before and after a migration; see `schema.tables.before_image`."""

    type: str
    item_id: UUID
    before: Document | None
    status: Status
    live: Mapping[str, Any] | None
    after: Document | None
    published: Mapping[str, int]
    withdrawn: frozenset[str] = frozenset()
    """The locales in which others had unpublished it, once a migration had published it."""

    def withdrawn_from(self, live: Collection[str]) -> frozenset[str]:
        """The locales in which others have unpublished it, if these are where it is live now."""
        return frozenset({*self.published, *self.withdrawn}.difference(live))


async def take(
    edit: Edit, migration: str, items: Items, before: Mapping[Key, ItemState] | None = None
) -> None:
    """Store what items are, before the migration changes them for the first time.

    An item that has an image already keeps it. `before` has the items as they are now, if the
    caller knows them.
    """
    for batch in batches([*items.items()]):
        there = {id_: key for key, id_ in batch}
        taken = select(_IMAGE.c.item_id).where(
            _IMAGE.c.migration == migration, among(_IMAGE.c.item_id, there)
        )
        for id_ in await edit.connection.scalars(taken):
            del there[id_]
        first = {key: id_ for id_, key in there.items()}
        found = await states(edit, first) if before is None else {key: before[key] for key in first}
        kept = await statuses(edit, first)
        rows = [
            {
                "migration": migration,
                "type": key[0],
                "item_id": state.id,
                "before": state.document,
                "status": kept[state.id].value,
                "live": await live_rows(edit, edit.model[key[0]], state.id)
                if kept[state.id] is Status.CHANGED
                else None,
            }
            for key, state in found.items()
        ]
        await _insert(edit, rows)


async def take_new(edit: Edit, migration: str, items: Items) -> None:
    """Store that items did not exist before the migration."""
    rows = [
        {
            "migration": migration,
            "type": name,
            "item_id": id_,
            "before": None,
            "status": Status.DRAFT.value,
            "live": None,
        }
        for (name, _), id_ in items.items()
    ]
    await _insert(edit, rows)


async def deleted(edit: Edit, migration: str, name: str) -> dict[str, UUID]:
    """The ids of the items of a type that the migration has deleted so far, by slug."""
    draft = edit.model[name].draft
    slug = _IMAGE.c.before["slug"].astext
    statement = select(slug, _IMAGE.c.item_id).where(
        _IMAGE.c.migration == migration,
        _IMAGE.c.type == name,
        ~select(draft.c.id).where(draft.c.id == _IMAGE.c.item_id).exists(),
    )
    return {row[0]: row[1] for row in await edit.connection.execute(statement)}


async def own(edit: Edit, migration: str, ids: Collection[UUID]) -> dict[UUID, Image]:
    """What these items were before the migration, by id, if it has changed them already."""
    statement = select(_IMAGE).where(_IMAGE.c.migration == migration, among(_IMAGE.c.item_id, ids))
    return {row.item_id: _image(row) for row in await edit.connection.execute(statement)}


async def last(
    edit: Edit, migration: str, ids: Collection[UUID], beside: Collection[str]
) -> dict[UUID, Image]:
    """What the last migration before this one that changed these items did to them, by id.

    Without what those `beside` it did, whose work its writer has not seen.
    """
    statement = (
        select(_IMAGE)
        .where(_IMAGE.c.migration.not_in([migration, *beside]), among(_IMAGE.c.item_id, ids))
        .ext(distinct_on(_IMAGE.c.item_id))
        .order_by(_IMAGE.c.item_id, _IMAGE.c.id.desc())
    )
    return {row.item_id: _image(row) for row in await edit.connection.execute(statement)}


async def past(
    edit: Edit, migration: str, ids: Collection[UUID], beside: Collection[str]
) -> dict[UUID, list[Image]]:
    """What all migrations before this one did to these items, by id, the last one first.

    Without those `beside` it, as in `last`.
    """
    statement = (
        select(_IMAGE)
        .where(_IMAGE.c.migration.not_in([migration, *beside]), among(_IMAGE.c.item_id, ids))
        .order_by(_IMAGE.c.id.desc())
    )
    found: dict[UUID, list[Image]] = {}
    for row in await edit.connection.execute(statement):
        found.setdefault(row.item_id, []).append(_image(row))
    return found


async def made(connection: AsyncConnection, type_: ContentType) -> set[str]:
    """The slugs of the items of a type that a migration made, whoever changed them since."""
    rows = select(type_.draft.c.slug).join(_IMAGE, _IMAGE.c.item_id == type_.draft.c.id)
    return {*await connection.scalars(rows.where(_IMAGE.c.before.is_(None)))}


async def is_taken(edit: Edit, migration: str, name: str, id_: UUID) -> bool:
    """Whether an item of a type has this id, or the migration has made one with it."""
    draft = edit.model[name].draft
    here = select(draft.c.id).where(draft.c.id == id_)
    made = select(_IMAGE.c.item_id).where(_IMAGE.c.migration == migration, _IMAGE.c.item_id == id_)
    return bool(await edit.connection.scalar(select(or_(here.exists(), made.exists()))))


async def complete(edit: Edit, migration: str, unpublished: Collection[UUID]) -> None:
    """Store what the migration left of every item that it changed.

    Locales in which others have unpublished an item are remembered, unless the migration itself
    has `unpublished` it.
    """
    renewal = update(_IMAGE).where(_IMAGE.c.id == bindparam("b_id"))
    async for batch in _rows(edit, migration):
        by_type: dict[str, dict[UUID, int]] = {}
        for row in batch:
            by_type.setdefault(row.type, {})[row.item_id] = row.id
        for name, numbers in by_type.items():
            if name not in edit.model:
                continue
            now = await by_id(edit, edit.model[name], numbers)
            live = await published(edit, edit.model[name], numbers)
            earlier = await last(edit, migration, numbers.keys() - {*unpublished}, ())
            await edit.connection.execute(
                renewal,
                [
                    {
                        "b_id": number,
                        "after": now[id_].document if id_ in now else None,
                        "published": _left(live.get(id_, {}), earlier.get(id_)),
                    }
                    for id_, number in numbers.items()
                ],
            )


async def of(edit: Edit, migration: str) -> AsyncIterator[list[Image]]:
    """The images of a migration in batches, in the order in which they were made."""
    async for batch in _rows(edit, migration):
        yield [_image(row) for row in batch]


async def forget(edit: Edit, migration: str) -> None:
    """Remove the images of a migration that was downgraded."""
    await edit.connection.execute(delete(_IMAGE).where(_IMAGE.c.migration == migration))


async def by_id(
    edit: Edit, type_: ContentType, ids: Mapping[UUID, Any] | Sequence[UUID]
) -> dict[UUID, ItemState]:
    """Items of a type as they are now, by id; without ids that no item has."""
    slugs = await slugs_of(edit.connection, type_, ids)
    found = await states(edit, {(type_.name, slug): id_ for id_, slug in slugs.items()})
    return {state.id: state for state in found.values()}


async def published(
    edit: Edit, type_: ContentType, ids: Mapping[UUID, Any] | Sequence[UUID]
) -> dict[UUID, dict[str, int]]:
    """The live versions of items, by id and locale."""
    live = type_.live
    statement = select(live.c.id, live.c.locale, live.c.version).where(among(live.c.id, ids))
    found: dict[UUID, dict[str, int]] = {}
    for id_, locale, version in await edit.connection.execute(statement):
        found.setdefault(id_, {})[locale] = version
    return found


async def put_live_rows(edit: Edit, image: Image) -> None:
    """Replace the live rows of an item with those of its image, dated as of now."""
    type_ = edit.model[image.type]
    await put_back_live_rows(edit, type_, image.item_id, image.live or {})
    await forget_words(edit, {image.type: [image.item_id]}, edit.locales.codes)


async def there(edit: Edit, batch: Iterable[Image]) -> list[tuple[Image, ItemState]]:
    """The images whose items exist, each with the item as it is now."""
    found: list[tuple[Image, ItemState]] = []
    for name, group in of_types(edit, batch).items():
        now = await by_id(edit, edit.model[name], [each.item_id for each in group])
        found += [(each, now[each.item_id]) for each in group if each.item_id in now]
    return found


def of_types(edit: Edit, batch: Iterable[Image]) -> dict[str, list[Image]]:
    """Images by content type, without those of types that have no tables now."""
    found: dict[str, list[Image]] = {}
    for image in batch:
        if image.type in edit.model:
            found.setdefault(image.type, []).append(image)
    return found


def _left(live: Mapping[str, int], earlier: Image | None) -> dict[str, int | None]:
    """The live versions of an item by locale; None where others have unpublished it."""
    withdrawn = earlier.withdrawn_from(live) if earlier else ()
    return {**dict.fromkeys(withdrawn), **live}


def _image(row: Any) -> Image:
    left = row.published or {}
    return Image(
        row.type,
        row.item_id,
        row.before,
        Status(row.status),
        row.live,
        row.after,
        {code: version for code, version in left.items() if version is not None},
        frozenset(code for code, version in left.items() if version is None),
    )


async def _insert(edit: Edit, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await edit.connection.execute(inserting(_IMAGE, rows))


async def _rows(edit: Edit, migration: str) -> AsyncIterator[list[Any]]:
    last = 0
    while batch := list(
        await edit.connection.execute(
            select(_IMAGE)
            .where(_IMAGE.c.migration == migration, _IMAGE.c.id > last)
            .order_by(_IMAGE.c.id)
            .limit(BATCH)
        )
    ):
        yield batch
        last = batch[-1].id
