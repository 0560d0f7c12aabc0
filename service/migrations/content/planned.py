"""Content as pending migrations will find it: the database's, with what they do laid over it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self, cast
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Status
from schema.locales import Locales
from schema.model import Model
from service.documents.copies import Copies, delivered, untyped
from service.documents.document import Document
from service.documents.problems import ContentError, Path
from service.documents.records import Key, Record
from service.editing.edits import Edit, Items
from service.editing.history import ItemState, RevisedItem
from service.editing.locales import (
    LocaleDefinition,
    as_locales,
    definitions,
    problems_of,
    with_new_code,
)
from service.editing.statuses import statuses
from service.editing.translations import items_with_texts_in, renamed, without
from service.migrations.content.images import Image
from service.migrations.content.planned_names import PlannedNames
from service.migrations.content.renaming import RenameTypeOp, RenamingOperation
from service.migrations.content.view import StoredContent


class PlannedChange(NamedTuple):
    """What a migration does to an item; a document is None where the item is not there."""

    key: Key
    id: UUID
    before: Document | None
    after: Document | None
    live_before: Copies
    live: Copies

    @property
    def is_seen(self) -> bool:
        """Whether readers see something else."""
        return self.live != self.live_before


class LocaleChange(NamedTuple):
    """What a migration does to a locale; None where it is not there."""

    code: str
    before: LocaleDefinition | None
    after: LocaleDefinition | None


@dataclass
class PlannedLocales:
    """The locales as pending migrations will find them."""

    now: dict[str, LocaleDefinition] | None = None
    """None if nobody has asked for them yet."""
    sources: dict[str, str] = field(default_factory=dict)
    """By code, the locale of the database that is live in it."""
    _before: dict[str, LocaleDefinition] = field(default_factory=dict)
    """What they were before the migration."""
    _renames: list[tuple[str, str]] = field(default_factory=list)

    @property
    def locales(self) -> Locales | None:
        """The locales as content knows them; None if nobody has asked for them yet."""
        return None if self.now is None else as_locales(self.now)

    def read(self, there: Mapping[str, LocaleDefinition]) -> None:
        """Begin with the locales of the database."""
        self.now, self._before = {**there}, {**there}
        self.sources = {code: code for code in there}

    def begin(self) -> None:
        """Go on with another migration."""
        self._before = {**(self.now or {})}

    def set(self, wanted: Mapping[str, LocaleDefinition | None]) -> None:
        """Add, change and remove locales; raises `ContentError`."""
        now = {**(self.now or {}), **wanted}
        known = {code: each for code, each in now.items() if each}
        if problems := [*problems_of(known)]:
            raise ContentError(problems)
        for code in known.keys() - self.sources:
            self.sources[code] = self.sources[str(known[code].fallback)]
        self.now = known

    def rename(self, old: str, new: str) -> None:
        """Give a locale another code; raises `ContentError`."""
        self.now = with_new_code(self.now or {}, old, new)
        self._before = with_new_code(self._before, old, new)
        self.sources[new] = self.sources.pop(old)
        self._renames.append((old, new))

    def changes(self) -> Iterator[LocaleChange]:
        """What the migration has done to locales so far."""
        now = self.now or {}
        for code in sorted({*self._before, *now}):
            before, after = self._before.get(code), now.get(code)
            if before != after:
                yield LocaleChange(code, before, after)

    def document(self, document: Document) -> Document:
        """A document of the database with its texts under the codes of now."""
        for old, new in self._renames:
            document = renamed(document, old, new)
        return document

    def copies(self, stored: Copies) -> Copies:
        """The live copies of the database by the codes of now."""
        if self.now is None:
            return stored
        sources = {code: self.sources[code] for code in self.now}
        return {code: stored[each] for code, each in sources.items() if each in stored}


@dataclass
class PlannedContent:
    """What a migration will see. Nothing is written; what it does is remembered."""

    stored: StoredContent
    _items: dict[Key, UUID | None] = field(default_factory=dict)
    """The ids of items that were made, renamed or deleted, by their keys."""
    _documents: dict[UUID, Document | None] = field(default_factory=dict)
    _live: dict[UUID, Copies] = field(default_factory=dict)
    _last: dict[UUID, dict[str, Image]] = field(default_factory=dict)
    """What the migrations before this one will have done, by their names."""
    _own: dict[UUID, Image] = field(default_factory=dict)
    _live_before: dict[UUID, Copies] = field(default_factory=dict)
    """The live copies of what this migration has changed, as they were before."""
    planned_locales: PlannedLocales = field(default_factory=PlannedLocales)
    names: PlannedNames = field(init=False)

    def __post_init__(self) -> None:
        self.names = PlannedNames(self.stored.edit.model)

    @classmethod
    def of(cls, connection: AsyncConnection, model: Model, locales: Locales) -> Self:
        """The content of a database, in a transaction that need only read."""
        return cls(StoredContent(Edit(connection, None, model, locales, author=""), ""))

    @property
    def locales(self) -> Locales:
        """The locales of content."""
        return self.planned_locales.locales or self.stored.locales

    async def definitions(self) -> dict[str, LocaleDefinition]:
        """What is said of the locales."""
        if self.planned_locales.now is None:
            self.planned_locales.read(await definitions(self.stored.edit))
        return {**(self.planned_locales.now or {})}

    async def texts_in(self, code: str) -> list[Key]:
        """The items with texts in a locale."""
        source = self.planned_locales.sources.get(code, code)
        stored = await items_with_texts_in(self.stored.edit, source)
        there = {key: id_ for key, id_ in stored.items() if id_ not in self._documents}
        found = {self.names.now(key): id_ for key, id_ in there.items()}
        for id_, document in self._documents.items():
            if document is not None and without(document, code) != document:
                found[str(document["type"]), str(document["slug"])] = id_
        return sorted(found)

    def rename_locale(self, old: str, new: str) -> None:
        """Give a locale another code, in everything that is planned so far too."""
        self.planned_locales.rename(old, new)
        self._documents = {
            id_: each and renamed(each, old, new) for id_, each in self._documents.items()
        }
        for copies in (self._live, self._live_before):
            for id_, by_locale in copies.items():
                copies[id_] = {new if code == old else code: it for code, it in by_locale.items()}

    def rename(self, operation: RenamingOperation) -> None:
        """Rename a type, a field or a value, in everything that is planned so far too."""
        types = {id_: image.type for id_, image in self._own.items()}
        types |= {id_: it.type for id_, made in self._last.items() for it in made.values()}
        types |= {id_: str(each["type"]) for id_, each in self._documents.items() if each}
        changes = self.names.rename(operation)

        def changed(id_: UUID, document: Document | None) -> Document | None:
            change = changes.get(types[id_])
            return change(document) if change and document else document

        self._documents = {id_: changed(id_, each) for id_, each in self._documents.items()}
        for copies in (self._live, self._live_before):
            for id_, by_locale in copies.items():
                made = ((code, changed(id_, it)) for code, it in by_locale.items())
                copies[id_] = {code: {**it} for code, it in made if it}
        new = {operation.old: operation.new} if isinstance(operation, RenameTypeOp) else {}
        self._items = {(new.get(name, name), it): id_ for (name, it), id_ in self._items.items()}

        def renamed_image(id_: UUID, image: Image) -> Image:
            before, after = (changed(id_, each) for each in (image.before, image.after))
            type_ = new.get(image.type, image.type)
            return image._replace(type=type_, before=before, after=after)

        self._own = {id_: renamed_image(id_, each) for id_, each in self._own.items()}
        for id_, images in self._last.items():
            self._last[id_] = {name: renamed_image(id_, each) for name, each in images.items()}

    def begin(self, migration: str, beside: Collection[str]) -> None:
        """Go on with another migration; see `StoredContent` about those `beside` it."""
        for id_, image in self._own.items():
            live = self._live.get(id_, {})
            self._last.setdefault(id_, {})[self.stored.migration] = image._replace(
                after=self._documents.get(id_),
                published=dict.fromkeys(live, 0),
                withdrawn=image.withdrawn_from(live),
            )
        self._own, self._live_before = {}, {}
        self.planned_locales.begin()
        self.stored = replace(self.stored, migration=migration, beside=beside)

    async def take(self, items: Items) -> None:
        """Remember items before the migration changes them for the first time."""
        new = {key: id_ for key, id_ in items.items() if id_ not in self._own}
        there = await self.states(new)
        live = await self.live({key: new[key] for key in there})
        known = {key: id_ for key, id_ in new.items() if id_ not in self._live}
        found = await statuses(self.stored.edit, await self._in_database(known))
        last = await self.last([*new.values()])
        for key, id_ in new.items():
            document = there[key].document if key in there else None
            status = found.get(id_) or self._status(id_, document)
            now = self._live.setdefault(id_, {**live.get(key, {})})
            withdrawn = last[id_].withdrawn_from(now) if id_ in last else frozenset[str]()
            self._own[id_] = Image(key[0], id_, document, status, None, None, {}, withdrawn)
            self._live_before[id_] = now

    def made(self, key: Key) -> UUID:
        """The id of a new item."""
        self._items[key] = id_ = uuid4()
        return id_

    def put(self, key: Key, id_: UUID, document: Document | None) -> None:
        """Let an item be as a document says from now on; None deletes it."""
        self._items[key] = None if document is None else id_
        self._documents[id_] = document
        if document is None:
            self._live[id_] = {}

    def move(self, old: Key, new: Key, id_: UUID, document: Document) -> None:
        """Give an item another slug."""
        self._items[old] = None
        self.put(new, id_, {**document, "slug": new[1]})

    def publish(self, id_: UUID, document: Document, codes: Iterable[str]) -> None:
        """Publish an item in some locales."""
        whole = untyped(document)
        shown = {code: delivered(whole, self.locales.chain(code)) for code in codes}
        self._live[id_] = {**self._live.get(id_, {}), **shown}

    def unpublish(self, id_: UUID) -> None:
        """Take an item out of the live copy."""
        self._live[id_] = {}
        self._own[id_] = self._own[id_]._replace(withdrawn=frozenset())

    def changes(self) -> Iterator[PlannedChange]:
        """What this migration has done to each item, in the order of its operations."""
        for id_, image in self._own.items():
            after = self._documents.get(id_, image.before)
            key = (image.type, str((after or image.before or {}).get("slug")))
            yield PlannedChange(
                key, id_, image.before, after, self._live_before[id_], self._live[id_]
            )

    async def ids(self, keys: Iterable[Key]) -> dict[Key, UUID]:
        """See `ContentView`."""
        wanted = [*keys]
        there = {self.names.stored(key): key for key in wanted if key not in self._items}
        stored = await self.stored.ids(there)
        found = {there[key]: id_ for key, id_ in stored.items()}
        made = {key: id_ for key in wanted if (id_ := self._items.get(key))}
        return found | made

    async def slugs(self, name: str) -> list[str]:
        """See `ContentView`."""
        type_, _ = self.names.stored((name, ""))
        there = {*await self.stored.slugs(type_)} if type_ in self.stored.edit.model else set()
        here = {key[1]: id_ for key, id_ in self._items.items() if key[0] == name}
        return sorted((there - here.keys()) | {slug for slug, id_ in here.items() if id_})

    async def states(self, items: Items) -> dict[Key, ItemState]:
        """See `ContentView`."""
        stored = await self.stored.states(await self._in_database(items))
        found = {
            self.names.now(key): it._replace(document=self._now(key, it.document))
            for key, it in stored.items()
        }
        for key, id_ in items.items():
            document = self._documents.get(id_)
            if document is not None:
                # A plan is never stored, so nobody asks for the record.
                found[key] = ItemState(id_, 0, document, cast("Record", None))
            elif id_ in self._documents:
                found.pop(key, None)
        return {key: found[key] for key in items if key in found}

    async def live(self, items: Items) -> Mapping[Key, Copies]:
        """See `ContentView`."""
        there = {key: id_ for key, id_ in items.items() if id_ not in self._live}
        stored = await self.stored.live(await self._in_database(there))
        found = {
            self.names.now(key): self.names.copies(key[0], self.planned_locales.copies(each))
            for key, each in stored.items()
        }
        here = {key: self._live[id_] for key, id_ in items.items() if id_ in self._live}
        return {key: {} for key in items} | found | here

    async def current_key(self, key: Key) -> tuple[Key | None, RevisedItem | None]:
        """See `ContentView`."""
        there = self.names.stored(key)
        if there[0] not in self.stored.edit.model:
            return None, None
        now, item = await self.stored.current_key(there)
        if item:
            item = item._replace(type=key[0], document=self.names.document(there[0], item.document))
        now = now and self.names.now(now)
        for other, id_ in self._items.items():
            if item and id_ == item.id:
                return other, item
        return (None if now in self._items else now), item

    async def values_at(self, id_: UUID, path: Path) -> list[Any]:
        """See `ContentView`."""
        had = await self.stored.values_at(id_, self.names.path(path))
        documents = [self._documents.get(id_), *(each.before for each in self._images(id_))]
        for document in documents:
            value: Any = document
            for name in path:
                value = value.get(name) if isinstance(value, Mapping) else None
            had.append(value)
        return had

    async def last(self, ids: Collection[UUID]) -> dict[UUID, Image]:
        """See `ContentView`."""
        stored = await self.stored.last(ids)
        return {id_: self.names.image(image) for id_, image in stored.items()} | {
            id_: image
            for id_ in ids
            for name, image in self._last.get(id_, {}).items()
            if name not in self.stored.beside
        }

    async def past(self, ids: Collection[UUID]) -> dict[UUID, list[Image]]:
        """See `ContentView`."""
        stored = await self.stored.past(ids)
        found: dict[UUID, list[Image]] = {}
        for id_ in ids:
            planned = self._last.get(id_, {}).items()
            here = [image for name, image in planned if name not in self.stored.beside]
            found[id_] = [*reversed(here), *map(self.names.image, stored.get(id_, ()))]
        return found

    async def own(self, ids: Collection[UUID]) -> dict[UUID, Image]:
        """See `ContentView`."""
        return {id_: self._own[id_] for id_ in ids if id_ in self._own}

    async def deleted(self, name: str) -> dict[str, UUID]:
        """See `ContentView`."""
        gone = (
            (image, id_)
            for id_, image in self._own.items()
            if image.type == name and image.before and self._documents.get(id_, image) is None
        )
        return {str((image.before or {})["slug"]): id_ for image, id_ in gone}

    def _images(self, id_: UUID) -> list[Image]:
        own = self._own.get(id_)
        return [*([own] if own else []), *self._last.get(id_, {}).values()]

    def _status(self, id_: UUID, document: Document | None) -> Status:
        copies, codes = self._live.get(id_, {}), self.locales.codes
        if not copies or document is None:
            return Status.DRAFT
        whole = untyped(document)
        is_current = all(
            copies.get(code) == delivered(whole, self.locales.chain(code)) for code in codes
        )
        return Status.PUBLISHED if is_current else Status.CHANGED

    async def _in_database(self, items: Items) -> dict[Key, UUID]:
        """Those of the items that the database has, by their keys in it."""
        there = {self.names.stored(key): id_ for key, id_ in items.items()}
        found = await self.stored.ids(key for key in there if key[0] in self.stored.edit.model)
        return {key: id_ for key, id_ in found.items() if there[key] == id_}

    def _now(self, key: Key, document: Document) -> Document:
        """A document of the database by the names and the codes of now."""
        return self.planned_locales.document(self.names.document(key[0], document))
