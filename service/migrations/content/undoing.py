"""The downgrade of a migration's content.

What the migration changed is put back field by field, and what others changed since stays. Where
both changed the same value there is a conflict, which a person has to decide.

It takes two steps, because a migration changes tables too. Before the tables are changed back,
`put_back` puts back everything that they can hold then. Afterwards `finish` puts back what only the
old tables can hold, and what was live, and deletes what the migration made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from schema.attributes import Status, column_of
from schema.delivery import Stage
from schema.editing import Action, Mode, UnpublishedReferences
from service.documents import store
from service.documents.checking import keys
from service.documents.document import Document
from service.documents.problems import ContentError
from service.documents.records import Key
from service.documents.required import missing_values
from service.documents.unchecked import UncheckedDocument
from service.editing.deleting import remove, users
from service.editing.edits import Edit, Items
from service.editing.history import ItemState
from service.editing.live_locales import lacking_texts
from service.editing.merging import Side
from service.editing.publishing import Publication
from service.editing.renaming import refuse_taken, rename, rename_all
from service.editing.saving import Save, save
from service.editing.statuses import statuses
from service.editing.unpublishing import unpublish
from service.migrations.content import images, locale_images
from service.migrations.content.conflicts import (
    Decision,
    Fate,
    decide,
    possible,
    side_of,
    wanted_status,
)
from service.migrations.content.gone import GoneItems
from service.migrations.content.images import Image
from service.migrations.content.resolutions import (
    Force,
    MigrationConflict,
    MigrationConflictError,
)


class _Occupied(NamedTuple):
    """A slug that an item gets back, and that another item has now."""

    key: Key
    owner: UUID
    image: Image
    state: ItemState | None
    """The item that gets it back; None if it is gone."""


@dataclass
class Undo:
    """A migration that is being downgraded."""

    migration: str
    force: Force
    _statuses: dict[UUID, Status] = field(default_factory=dict)
    """The statuses that items get; see `wanted_status`."""
    _edited: set[UUID] = field(default_factory=set)
    """Items with unpublished edits of others."""
    _deleted: dict[str, set[UUID]] = field(default_factory=dict)
    """The items to delete, by type."""
    _moving: dict[UUID, Key] = field(default_factory=dict)
    """Items that get back the slug from before, with the keys that they have then."""
    _renamed: set[UUID] = field(default_factory=set)
    """Items that keep their slug, because other items have the one from before."""
    _has_locales: bool = False
    """Whether locales were put back."""
    _keys: dict[str, frozenset[str]] = field(default_factory=dict)
    """The fields of documents of each type before the tables are changed back."""
    _incomplete: set[tuple[str, UUID, str]] = field(default_factory=set)
    """Lists of parts, by type, item and name, with values that only the old tables can hold."""
    _gone: GoneItems = field(default_factory=GoneItems)

    async def finish(self, edit: Edit) -> None:
        """Finish the downgrade on the old tables.

        Puts back what only they can hold, and what was live; deletes what the migration made.
        """
        self._refuse(await self._gone.decide(edit, self.migration, self.force))
        for name, ids in self._gone.unchanged.items():
            # Some were made again, if `force` says so of all that may be in conflict.
            self._deleted.setdefault(name, set()).update(ids)
            self._statuses = {id_: it for id_, it in self._statuses.items() if id_ not in ids}
        await self._put_back_the_rest(edit)
        await self._put_back_live(edit)
        await self._delete(edit)
        await locale_images.remove_added(edit, self.migration, self.force)
        if self._has_locales and (problems := await lacking_texts(edit)):
            raise ContentError(problems)
        await images.forget(edit, self.migration)

    def rename_type(self, old: str, new: str) -> None:
        """Go on with the new name of a type, which has changed between `put_back` and `finish`."""
        self._keys = {new if name == old else name: it for name, it in self._keys.items()}
        self._deleted = {new if name == old else name: it for name, it in self._deleted.items()}
        self._incomplete = {
            (new if name == old else name, id_, key) for name, id_, key in self._incomplete
        }

    def rename_field(self, type_: str, old: str, new: str) -> None:
        """Go on with the new name of a field, as in documents."""
        known = self._keys.get(type_, frozenset())
        if old in known:
            self._keys[type_] = known - {old} | {new}
        self._incomplete = {
            (type_, id_, new) if (name, key) == (type_, old) else (name, id_, key)
            for name, id_, key in self._incomplete
        }

    async def decide(self, edit: Edit) -> None:
        """Decide what happens to each item.

        Raises `MigrationConflictError` before anything is written.
        """
        conflicts: list[MigrationConflict] = []
        occupied: list[_Occupied] = []
        async for batch in images.of(edit, self.migration):
            for name, group in images.of_types(edit, batch).items():
                ids = [each.item_id for each in group]
                now = await images.by_id(edit, edit.model[name], ids)
                conflicts += self._decide_documents(name, group, now)
                conflicts += await self._decide_statuses(edit, name, group, now)
                occupied += await self._occupied(edit, name, group, now)
        self._refuse([*conflicts, *self._taken(occupied)])

    def _decide_documents(
        self, name: str, group: Iterable[Image], now: Mapping[UUID, ItemState]
    ) -> Iterator[MigrationConflict]:
        for image in group:
            decision = decide(image, now.get(image.item_id), self.force)
            is_gone = image.item_id not in now and image.before is not None
            if not (is_gone and self._gone.are_decided_later(image)):
                yield from decision.conflicts
            if decision.fate is Fate.DELETED:
                self._deleted.setdefault(name, set()).add(image.item_id)
            elif decision.fate is Fate.MADE_AGAIN:
                self._statuses[image.item_id] = image.status
            if decision.is_edited:
                self._edited.add(image.item_id)
            state = now.get(image.item_id)
            if state and decision.fate is Fate.CHANGED:
                slug = str(decision.document["slug"])
                if slug != state.document["slug"]:
                    self._moving[state.id] = name, slug

    async def _decide_statuses(
        self, edit: Edit, name: str, group: Iterable[Image], now: Mapping[UUID, ItemState]
    ) -> list[MigrationConflict]:
        live = await images.published(edit, edit.model[name], [*now])
        keys_ = {(name, str(state.document["slug"])): id_ for id_, state in now.items()}
        found = await statuses(edit, keys_)
        conflicts: list[MigrationConflict] = []
        for image in group:
            id_ = image.item_id
            if image.before is not None and id_ in now:
                versions = live.get(id_, {})
                side = side_of(image, now[id_].document, self.force)
                status, against = wanted_status(image, now[id_], found[id_], versions, side)
                conflicts += against
                if status is not None:
                    self._statuses[id_] = status
                if found[id_] is not Status.CHANGED:
                    self._edited.discard(id_)
        return conflicts

    async def put_back_locales(self, edit: Edit) -> None:
        """Put back the locales that the migration removed or changed."""
        self._has_locales = await locale_images.put_back(edit, self.migration, self.force)

    async def put_back(self, edit: Edit) -> None:
        """Set working copies to what they were, as far as the tables can hold it now."""
        self._keys = {each.name: frozenset(keys(each)) for each in edit.model.content()}
        renamed = await self._rename(edit)
        again: list[tuple[Image, Document]] = []
        async for batch in images.of(edit, self.migration):
            for image, _, decision in await self._decisions(edit, batch):
                if decision.fate is Fate.MADE_AGAIN:
                    again.append((image, decision.document))
        # Together: one may get back a value that has to be unique, and that another one has now.
        made, ids = await self._made_again(edit, again)
        async for batch in images.of(edit, self.migration):
            saves = [
                {
                    **self._possible(edit, image, decision.document),
                    "slug": state.document["slug"],
                }
                for image, state, decision in await self._decisions(edit, batch)
                if state and decision.fate is Fate.CHANGED
            ]
            every = [Save(UncheckedDocument(each)) for each in (*made, *saves)]
            await save(edit, every, action=Action.RESTORE, ids=ids)
            made, ids = [], {}
        await refuse_taken(edit, renamed)

    async def _rename(self, edit: Edit) -> Items:
        """Give items back their slugs, all at once: they may have taken each other's."""
        slugs: dict[Key, str] = {}
        for id_, (name, new) in self._moving.items():
            await self._make_room(edit, name, new)
            [old] = (await store.slugs_of(edit.connection, edit.model[name], [id_])).values()
            slugs[name, old] = new
        return await rename_all(edit, slugs)

    async def _occupied(
        self, edit: Edit, name: str, group: Iterable[Image], now: Mapping[UUID, ItemState]
    ) -> list["_Occupied"]:
        """The slugs that items get back and that other items have now."""
        wanted = {
            (name, str(each.before["slug"])): each
            for each in group
            if each.before and _slug(now.get(each.item_id)) != each.before["slug"]
        }
        found = await store.ids(edit.connection, edit.model, wanted)
        return [
            _Occupied(key, owner, wanted[key], now.get(wanted[key].item_id))
            for key, owner in found.items()
            if owner != wanted[key].item_id
        ]

    def _taken(self, occupied: Sequence["_Occupied"]) -> Iterator[MigrationConflict]:
        """Conflicts about slugs that items get back and that other items keep."""
        made = {id_ for ids in self._deleted.values() for id_ in ids}

        def stays(owner: UUID) -> bool:
            return owner not in made and owner not in self._moving

        while blocked := self._moving.keys() & {
            each.image.item_id for each in occupied if stays(each.owner)
        }:
            self._moving = {id_: key for id_, key in self._moving.items() if id_ not in blocked}
        for key, owner, image, state in occupied:
            if not stays(owner):
                continue
            if side_of(image, state.document if state else None, self.force) is Side.THEIRS:
                self._renamed.add(image.item_id)
                continue
            left = (image.after or {}).get("slug")
            hint = "rename or delete that item first, or keep it with `-x force=theirs`"
            yield MigrationConflict(" ".join(key), "slug", left, "another item's", key[1], hint)

    def _refuse(self, conflicts: Sequence[MigrationConflict]) -> None:
        if conflicts:
            raise MigrationConflictError(self.migration, "downgrade", conflicts)

    async def _decisions(
        self, edit: Edit, batch: Iterable[Image]
    ) -> list[tuple[Image, ItemState | None, Decision]]:
        now = {image.item_id: state for image, state in await images.there(edit, batch)}
        known = [each for group in images.of_types(edit, batch).values() for each in group]
        states_ = ((image, now.get(image.item_id)) for image in known)
        return [(image, state, decide(image, state, self.force)) for image, state in states_]

    def _possible(self, edit: Edit, image: Image, wanted: Document) -> Document:
        """What the tables can hold of a document; the rest of its parts is left for the end."""
        made = possible(edit.model, edit.model[image.type], wanted)
        parts = {key for key, value in made.items() if value != wanted[key]}
        self._incomplete |= {(image.type, image.item_id, key) for key in parts}
        return made

    async def _make_room(self, edit: Edit, name: str, slug: str) -> None:
        """Free a slug that an item has which is to be deleted, because the migration made it.

        The item gets another slug until then.
        """
        found = await store.ids(edit.connection, edit.model, [(name, slug)])
        if found.get((name, slug)) in self._deleted.get(name, set()):
            await rename(edit, (name, slug), f"{slug}-{self.migration}")

    async def _made_again(
        self, edit: Edit, again: Iterable[tuple[Image, Document]]
    ) -> tuple[list[Document], dict[Key, UUID]]:
        """The documents of items to be made again, and their ids."""
        documents: list[Document] = []
        ids: dict[Key, UUID] = {}
        for image, document in again:
            slug = str(document["slug"])
            await self._make_room(edit, image.type, slug)
            there = await store.ids(edit.connection, edit.model, [(image.type, slug)])
            if there and image.item_id in self._renamed:
                continue
            documents.append(self._possible(edit, image, document))
            ids[image.type, slug] = image.item_id
        return documents, ids

    async def _put_back_the_rest(self, edit: Edit) -> None:
        again: list[tuple[Image, Document]] = []
        async for batch in images.of(edit, self.migration):
            documents = []
            for name, group in images.of_types(edit, batch).items():
                if name not in self._keys:
                    again += [(image, image.before) for image in group if image.before]
                    self._statuses |= {image.item_id: image.status for image in group}
            for image, state in await images.there(edit, batch):
                known = {*self._keys.get(image.type, ()), "slug"}
                rest = {
                    key: value
                    for key, value in (image.before or {}).items()
                    if key not in known or (image.type, image.item_id, key) in self._incomplete
                }
                if len(rest) > 1:
                    documents.append({**rest, "slug": state.document["slug"]})
            saves = [Save(UncheckedDocument(each), Mode.MERGE) for each in documents]
            await save(edit, saves, action=Action.RESTORE)
        made, ids = await self._made_again(edit, again)
        saves = [Save(UncheckedDocument(each)) for each in made]
        await save(edit, saves, action=Action.RESTORE, ids=ids)

    async def _put_back_live(self, edit: Edit) -> None:
        by_status: dict[Status, dict[Key, UUID]] = {each: {} for each in Status}
        edited: list[tuple[Document, Document]] = []
        async for batch in images.of(edit, self.migration):
            for image, state in await images.there(edit, batch):
                status = self._statuses.get(image.item_id)
                if image.before is None or status is None:
                    continue
                key = (image.type, str(state.document["slug"]))
                by_status[status][key] = state.id
                if status is Status.CHANGED:
                    await images.put_live_rows(edit, image)
                elif status is Status.PUBLISHED and state.id in self._edited:
                    edited.append(({**image.before, "slug": key[1]}, state.document))
        # Unpublished edits of others must not become live: publish the item without them, and save
        # them again afterwards.
        await save(
            edit, [Save(UncheckedDocument(each)) for each, _ in edited], action=Action.RESTORE
        )
        publication = Publication(edit, UnpublishedReferences.LEAVE_PENDING)
        await publication.add(by_status[Status.PUBLISHED])
        await save(
            edit, [Save(UncheckedDocument(each)) for _, each in edited], action=Action.RESTORE
        )
        await unpublish(edit, by_status[Status.DRAFT])
        # Only now: one of these may have been live with a unique value that another one gets back.
        await publication.end()

    async def _made(self, edit: Edit) -> Items:
        """The items to delete because the migration made them, if their type still has a table."""
        found: dict[Key, UUID] = {}
        for name, ids in self._deleted.items():
            if name in edit.model:
                slugs = await store.slugs_of(edit.connection, edit.model[name], ids)
                found |= {(name, slug): id_ for id_, slug in slugs.items()}
        return found

    async def _delete(self, edit: Edit) -> None:
        items = dict(await self._made(edit))
        while used := await users(edit, items, [Stage.DRAFT]):
            hint = "change what refers to it first, or keep it with `-x force=theirs`"
            self._refuse(
                [
                    MigrationConflict(" ".join(key), "in use", None, each.message, None, hint)
                    for key, each in used
                    if self.force.of(key) is not Side.THEIRS
                ]
            )
            for key, _ in used:
                items.pop(key, None)
        await remove(edit, items, [Stage.DRAFT])


async def lacking(edit: Edit, migration: str) -> set[tuple[str, str]]:
    """The required columns for which items had no value before the migration, with their tables.

    The migration has added them, or made them required.
    """
    return {
        (each.holder.table_name, column_of(each.attribute))
        async for batch in images.of(edit, migration)
        for image in batch
        if image.before is not None and image.type in edit.model
        for each in missing_values(edit.model, edit.model[image.type], image.before)
    }


def _slug(state: ItemState | None) -> str | None:
    return state and str(state.document["slug"])
