"""An item in the plan of a folder: what is there, what the folder says, and what is done."""

import enum
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import orjson

from service.documents.copies import Copies
from service.documents.document import Document
from service.documents.files import DocumentFile
from service.documents.records import Key
from service.editing.changes import Change
from service.editing.merging import Merge, Side, merge


class PlannedAction(enum.Enum):
    """What is done to an item."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PUBLISH = "publish"
    """The item is what the folder says, and is only published."""
    RENAME = "rename"
    """The item is what the folder says, except for its slug."""
    KEEP = "keep"
    """Nothing is done: only others changed the item."""
    CONFLICT = "conflict"


LIVE = "live"
"""The key of what is published in locales where the document itself is not."""
PUBLISHED = "published"
"""In a merge base, the key of the locales in which the document itself was to be published."""
OF_THE_LIVE_COPY = (PUBLISHED, LIVE)


def working_copy(content: Document) -> dict[str, Any]:
    """A document without what it says about the live copy."""
    return {key: value for key, value in content.items() if key not in OF_THE_LIVE_COPY}


def with_live(content: Document, live: Copies) -> dict[str, Any]:
    """A document with live copies added under `LIVE`."""
    return {**content, **({LIVE: live} if live else {})}


def as_base(content: Document, published: Collection[str] | None) -> dict[str, Any]:
    """A document as a merge base; `published` is None if it was applied without publishing."""
    return {**content, **({} if published is None else {PUBLISHED: sorted(published)})}


class Publishing(NamedTuple):
    """The locales in which an item is published, and is to be."""

    asked: frozenset[str] = frozenset()
    """The locales in which the folder says that the item is published as its document says."""
    unpublished: frozenset[str] = frozenset()
    """Those of `asked` in which others unpublished it since the last apply; it stays so."""
    there: frozenset[str] = frozenset()
    """The locales in which it is published now, as anything."""
    current: frozenset[str] = frozenset()
    """The locales in which the working copy is published now."""
    every: frozenset[str] = frozenset()
    """All locales."""
    places: Mapping[str, int] = {}
    """The index under `live` of what its document has for a locale, by locale."""
    hidden: Mapping[str, Collection[str]] = {}
    """For each locale with a live copy, the fields in which the working copy differs from it."""
    sources: Mapping[str, Any] = {}
    """For each locale under `live`, the locales that the texts of its document come from."""

    def shows(self, kept: Change) -> bool:
        """Whether a value of the working copy is published already.

        A text has to be published in its own locale. A value without a locale has to be published
        in every locale that the folder asks for and the item is live in, or else in every locale
        that it is live in.
        """
        name, *code = map(str, kept.path)
        there = self.hidden.keys()
        places = {*code} or self.asked & there or there
        return bool(places) and all(
            each in there and name not in self.hidden[each] for each in places
        )


NOWHERE = Publishing()


class Sides(NamedTuple):
    """An item on all sides of a merge; None where it is not there.

    They may hold live copies under `LIVE`, by locale; each copy is one value of the merge.
    """

    base: Document | None
    """What the folder said when it was last applied."""
    theirs: Document | None
    """What the database has."""
    ours: Document | None
    """What the folder says, in the form in which the database's own documents are written."""


@dataclass(frozen=True)
class Item:
    """An item that differs from what the folder says, or is not published as the folder says.

    A plan can hold very many of them. So each is kept small, and merged again when it is looked at.
    """

    key: Key
    file: FilePath | None
    """Its file; None if it is gone from the folder."""
    step: PlannedAction
    """What is done to the item."""
    locales: frozenset[str] | None
    """The locales in which the working copy is published afterwards; None means all."""
    puts_live: bool
    """Whether something other than the working copy is published too, in other locales."""
    is_held: bool
    """Whether it stays unpublished although the folder asks for it.

    That is so where it holds changes by others which they have not published.
    """
    unpublished: frozenset[str]
    """The locales in which others unpublished it; it stays unpublished there."""
    noted: frozenset[str]
    """The locales that the next merge base says it is published in."""
    has_kept: bool
    """Whether changes by others are kept."""
    places: Mapping[str, int]
    """The index under `live` of what its file has for a locale, by locale."""
    sources: Mapping[str, Any]
    """The locales that the texts of it come from, by the locale that they are served in."""
    renamed_from: str | None
    """The slug that it has in the database, if it gets another one."""
    _side: Side | None
    _packed: bytes = field(repr=False)

    @classmethod
    def of(
        cls,
        key: Key,
        file: FilePath | None,
        sides: Sides,
        side: Side | None,
        *,
        publishing: Publishing = NOWHERE,
        renamed_from: str | None = None,
    ) -> "Item":
        """Merge the sides of an item, and decide what is done to it."""
        merged = merge(*sides, side)
        put = {str(each.path[1]) for each in merged.changes if _is_live(each)}
        current, every = publishing.current, publishing.every
        asked = publishing.asked - publishing.unpublished
        is_same = sides.theirs is not None and _is_same(sides)
        # Changes by others that they have not published are theirs to publish.
        can_hold = sides.theirs is not None and not is_same and not asked <= current
        kept = [each for each in merged.kept if can_hold and not _is_live(each)]
        is_held = not all(map(publishing.shows, kept))
        is_changed = not all(map(_is_live, merged.changes))
        locales = asked if (is_changed or is_same) and not is_held else frozenset[str]()
        if put:
            # Publishing `live` changes the working copy for a while, which gives it a newer
            # version.
            locales |= current - put
        elif not is_changed:
            locales -= current
        return cls(
            key,
            file,
            _step(merged, sides, publishes=bool(locales), renames=renamed_from is not None),
            None if locales and locales == every else locales,
            bool(put),
            is_held,
            publishing.unpublished,
            publishing.asked - (asked - publishing.there if is_held else frozenset()),
            bool(merged.kept or publishing.unpublished),
            publishing.places,
            publishing.sources,
            renamed_from,
            side,
            zlib.compress(orjson.dumps([*sides]), 1),
        )

    @property
    def publishes(self) -> bool:
        """Whether the working copy is published, in at least one locale."""
        return self.locales is None or bool(self.locales)

    @property
    def sides(self) -> Sides:
        """The sides of the merge."""
        return Sides(*orjson.loads(zlib.decompress(self._packed)))

    @property
    def merge(self) -> Merge:
        """The result of the merge."""
        return merge(*self.sides, self._side)

    @property
    def document(self) -> DocumentFile | None:
        """What its file says, without the live copy; None if it has no file."""
        ours = self.sides.ours
        return DocumentFile(self.file, working_copy(ours)) if self.file and ours else None

    @property
    def live(self) -> Copies:
        """The live copies to publish, by locale, where the working copy is not published."""
        merged = self.merge
        copies = (merged.document or {}).get(LIVE, {})
        written = {each.path[1] for each in merged.changes if _is_live(each)}
        return {code: copy for code, copy in copies.items() if code in written}


def _is_live(change: Change) -> bool:
    return change.path[:1] == (LIVE,)


def _is_same(sides: Sides) -> bool:
    """Whether the working copy is what the folder says."""
    _, theirs, ours = sides
    return working_copy(theirs or {}) == working_copy(ours or {})


def _step(merged: Merge, sides: Sides, *, publishes: bool, renames: bool) -> PlannedAction:
    if merged.conflicts:
        return PlannedAction.CONFLICT
    if merged.changes:
        if merged.document is None:
            return PlannedAction.DELETE
        return PlannedAction.CREATE if sides.theirs is None else PlannedAction.UPDATE
    if publishes:
        return PlannedAction.PUBLISH
    return PlannedAction.RENAME if renames else PlannedAction.KEEP
