"""What a migration sees of the content: in the database, or in a plan of what it will find."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from schema.locales import Locales
from service.documents import copies, store
from service.documents.copies import Copies
from service.documents.problems import Path
from service.documents.records import Key
from service.editing import history
from service.editing.edits import Edit, Items
from service.editing.history import ItemState, RevisedItem
from service.migrations.content import images
from service.migrations.content.images import Image


class ContentView(Protocol):
    """Content as it is for a migration, after the operations that it has run so far."""

    @property
    def locales(self) -> Locales:
        """The locales of content."""

    async def ids(self, keys: Iterable[Key]) -> dict[Key, UUID]:
        """The ids of items of the working copy; without those that are not there."""

    async def slugs(self, name: str) -> list[str]:
        """Every slug of a type, to suggest similar ones."""

    async def states(self, items: Items) -> dict[Key, ItemState]:
        """Items as they are in the working copy."""

    async def live(self, items: Items) -> Mapping[Key, Copies]:
        """The live copies of items."""

    async def current_key(self, key: Key) -> tuple[Key | None, RevisedItem | None]:
        """The key that an item has now which had `key` before, and the item as it was then.

        The key is None if the item is gone, and the item if there never was one.
        """

    async def values_at(self, id_: UUID, path: Path) -> list[Any]:
        """The values that an item has had under a path of its documents."""

    async def last(self, ids: Collection[UUID]) -> dict[UUID, Image]:
        """What the last migration before this one did to these items, by id."""

    async def past(self, ids: Collection[UUID]) -> dict[UUID, list[Image]]:
        """What all migrations before this one did to these items, the last one first."""

    async def own(self, ids: Collection[UUID]) -> dict[UUID, Image]:
        """What these items were before the migration, if it has changed them already."""

    async def deleted(self, name: str) -> dict[str, UUID]:
        """The ids of the items of a type that the migration has deleted so far, by slug."""


@dataclass(frozen=True)
class StoredContent:
    """The content of a database, in the transaction of a migration."""

    edit: Edit
    migration: str
    beside: Collection[str] = ()
    """The migrations that do not come before this one; see `service.migrations.scripts.beside`."""

    @property
    def locales(self) -> Locales:
        """The locales of content."""
        return self.edit.locales

    async def ids(self, keys: Iterable[Key]) -> dict[Key, UUID]:
        """See `ContentView`."""
        known = (key for key in keys if key[0] in self.edit.model)
        return await store.ids(self.edit.connection, self.edit.model, known)

    async def slugs(self, name: str) -> list[str]:
        """See `ContentView`."""
        return await store.slugs(self.edit.connection, self.edit.model[name])

    async def states(self, items: Items) -> dict[Key, ItemState]:
        """See `ContentView`."""
        return await history.states(self.edit, items)

    async def live(self, items: Items) -> Mapping[Key, Copies]:
        """See `ContentView`."""
        edit = self.edit
        found = await copies.published(edit.connection, edit.model, items, edit.locales)
        return {key: found.get(key, {}) for key in items}

    async def current_key(self, key: Key) -> tuple[Key | None, RevisedItem | None]:
        """See `ContentView`."""
        item = await history.last_under(self.edit, key)
        if item is None:
            return None, None
        type_ = self.edit.model[item.type]
        slug = (await store.slugs_of(self.edit.connection, type_, [item.id])).get(item.id)
        return (None if slug is None else (item.type, slug)), item

    async def values_at(self, id_: UUID, path: Path) -> list[Any]:
        """See `ContentView`."""
        return await history.values_at(self.edit, id_, path)

    async def last(self, ids: Collection[UUID]) -> dict[UUID, Image]:
        """See `ContentView`."""
        return await images.last(self.edit, self.migration, ids, self.beside)

    async def past(self, ids: Collection[UUID]) -> dict[UUID, list[Image]]:
        """See `ContentView`."""
        return await images.past(self.edit, self.migration, ids, self.beside)

    async def own(self, ids: Collection[UUID]) -> dict[UUID, Image]:
        """See `ContentView`."""
        return await images.own(self.edit, self.migration, ids)

    async def deleted(self, name: str) -> dict[str, UUID]:
        """See `ContentView`."""
        return await images.deleted(self.edit, self.migration, name)
