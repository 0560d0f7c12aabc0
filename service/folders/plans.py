"""What applying a folder does, before it is done."""

import enum
import zlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import orjson

from schema.errors import ErrorCode
from service.documents.copies import Copies
from service.documents.document import Document
from service.documents.files import DocumentFile
from service.documents.problems import ContentError, Problem, format_path
from service.documents.records import Key
from service.editing.changes import Change, changes
from service.editing.merging import Conflict, Merge, Side, merge
from service.errors import GuidepostError

FEW = 10
"""So many items are deleted without a question, however few the folder had."""


class ManyDeletionsError(GuidepostError):
    """So many items would be deleted that somebody has to say how many."""

    def __init__(self, count: int, brought: int) -> None:
        super().__init__(
            f"{count} of the {brought} items that the folder brought would be deleted; nothing was "
            f"changed. If that is meant, confirm it with `--deletions {count}`"
        )
        self.count = count


class PlannedAction(enum.Enum):
    """What is done to an item."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PUBLISH = "publish"
    """It is what the folder says, and is published as it is."""
    KEEP = "keep"
    """Nothing: only others changed it."""
    CONFLICT = "conflict"


LIVE = "live"
"""The key of what is published where a document is not."""
PUBLISHED = "published"
"""In a base, the key of the locales in which the document itself was to be published."""
OF_THE_LIVE_COPY = (PUBLISHED, LIVE)


def working_copy(content: Document) -> dict[str, Any]:
    """What there is in the working copy."""
    return {key: value for key, value in content.items() if key not in OF_THE_LIVE_COPY}


def with_live(content: Document, live: Copies) -> dict[str, Any]:
    """The same, and what is published where that is not."""
    return {**content, **({LIVE: live} if live else {})}


def as_base(content: Document, published: Collection[str] | None) -> dict[str, Any]:
    """What is kept for the next merge; None where nothing was to be published."""
    return {**content, **({} if published is None else {PUBLISHED: sorted(published)})}


class Publishing(NamedTuple):
    """Where an item is published."""

    asked: frozenset[str] = frozenset()
    """In which locales the folder says that it is to be what its document says."""
    unpublished: frozenset[str] = frozenset()
    """In which of these others unpublished it since the folder was last applied; it stays so."""
    there: frozenset[str] = frozenset()
    """Where it is published now, as whatever."""
    current: frozenset[str] = frozenset()
    """Where it is what the working copy is now."""
    every: frozenset[str] = frozenset()
    """All there are."""
    places: Mapping[str, int] = {}
    """At which place under `live` its document says what is published in a locale."""
    hidden: Mapping[str, Collection[str]] = {}
    """Of what is published in each locale, the fields that the working copy has otherwise."""

    def shows(self, kept: Change) -> bool:
        """Whether a value of the working copy is published: where the item is, if it has no locale.

        There it need not be everywhere; the locales that the folder asks for come first.
        """
        name, *code = map(str, kept.path)
        there = self.hidden.keys()
        places = {*code} or self.asked & there or there
        return bool(places) and all(
            each in there and name not in self.hidden[each] for each in places
        )


NOWHERE = Publishing()


class Sides(NamedTuple):
    """An item on all sides; None where it is not there.

    Under `LIVE` they may have what is published, by the locale; each copy is one value then.
    """

    base: Document | None
    """What the folder said when it was last applied."""
    theirs: Document | None
    """What is there."""
    ours: Document | None
    """What the folder says, as a document of what is there is written."""


@dataclass(frozen=True)
class Item:
    """An item that is not what the folder says, or is not published as the folder says.

    There may be very many of them, so each is kept small, and merged anew when it is looked at.
    """

    key: Key
    file: FilePath | None
    """Its file; None if it has none any more."""
    step: PlannedAction
    """What is done to it."""
    locales: frozenset[str] | None
    """Where it is published as it is then; None is everywhere."""
    puts_live: bool
    """Whether something else is published, too, where it is not published as it is."""
    is_held: bool
    """Whether it is not published though the folder says so: it holds what others changed and did
    not publish."""
    unpublished: frozenset[str]
    """Where others unpublished it, and it stays so."""
    noted: frozenset[str]
    """The locales in which the folder says that it is published, and has its way."""
    has_kept: bool
    """Whether others changed what stays."""
    places: Mapping[str, int]
    """At which place under `live` its file says what is published in a locale."""
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
    ) -> "Item":
        """The item, merged."""
        merged = merge(*sides, side)
        put = {str(each.path[1]) for each in merged.changes if _is_live(each)}
        current, every = publishing.current, publishing.every
        asked = publishing.asked - publishing.unpublished
        is_same = sides.theirs is not None and _is_same(sides)
        # What others changed and did not publish is theirs to publish.
        can_hold = sides.theirs is not None and not is_same and not asked <= current
        kept = [each for each in merged.kept if can_hold and not _is_live(each)]
        is_held = not all(map(publishing.shows, kept))
        is_changed = not all(map(_is_live, merged.changes))
        locales = asked if (is_changed or is_same) and not is_held else frozenset[str]()
        if put:
            # The working copy is something else for a while, and a newer version then.
            locales |= current - put
        elif not is_changed:
            locales -= current
        return cls(
            key,
            file,
            _step(merged, sides, publishes=bool(locales)),
            None if locales and locales == every else locales,
            bool(put),
            is_held,
            publishing.unpublished,
            publishing.asked - (asked - publishing.there if is_held else frozenset()),
            bool(merged.kept or publishing.unpublished),
            publishing.places,
            side,
            zlib.compress(orjson.dumps([*sides]), 1),
        )

    @property
    def publishes(self) -> bool:
        """Whether it is published as it is then, somewhere at least."""
        return self.locales is None or bool(self.locales)

    @property
    def sides(self) -> Sides:
        """What there is to be merged."""
        return Sides(*orjson.loads(zlib.decompress(self._packed)))

    @property
    def merge(self) -> Merge:
        """What becomes of it."""
        return merge(*self.sides, self._side)

    @property
    def document(self) -> DocumentFile | None:
        """What its file says."""
        ours = self.sides.ours
        return DocumentFile(self.file, working_copy(ours)) if self.file and ours else None

    @property
    def live(self) -> Copies:
        """What is published of it where it is not published as it is."""
        merged = self.merge
        copies = (merged.document or {}).get(LIVE, {})
        format_path = {each.path[1] for each in merged.changes if _is_live(each)}
        return {code: copy for code, copy in copies.items() if code in format_path}


def _is_live(change: Change) -> bool:
    return change.path[:1] == (LIVE,)


def _is_same(sides: Sides) -> bool:
    """Whether the working copy is what the folder says."""
    _, theirs, ours = sides
    return working_copy(theirs or {}) == working_copy(ours or {})


def _step(merged: Merge, sides: Sides, *, publishes: bool) -> PlannedAction:
    if merged.conflicts:
        return PlannedAction.CONFLICT
    if merged.changes:
        if merged.document is None:
            return PlannedAction.DELETE
        return PlannedAction.CREATE if sides.theirs is None else PlannedAction.UPDATE
    return PlannedAction.PUBLISH if publishes else PlannedAction.KEEP


@dataclass
class FolderPlan:
    """What applying a folder does."""

    folder: str | None = None
    """The name of the folder."""
    # Very many: asyncio writes results out, to say which signal handler was theirs.
    items: list[Item] = field(default_factory=list, repr=False)
    unchanged: int = 0
    """How many items are what the folder says, and published if it says so."""
    gone: list[Key] = field(default_factory=list)
    """Items that the folder had when it was last applied, and has no more; they stay."""
    agreed: dict[Key, Document] = field(default_factory=dict)
    """Items that are what the folder says, which is not what it said when it was last applied.

    Each with what is kept for the next merge besides.
    """
    forgotten: list[Key] = field(default_factory=list)
    """What is gone from the folder and is not there any more, or is another folder's."""
    brought: int = 0
    """How many items the folder had when it was last applied."""

    def count(self, step: PlannedAction) -> int:
        """How many items something is done to."""
        return Counter(each.step for each in self.items)[step]

    def done(self, *steps: PlannedAction) -> list[Item]:
        """The items that one of these is done to."""
        return [each for each in self.items if each.step in steps]

    @property
    def does_something(self) -> bool:
        """Whether anything is to be done, or decided."""
        return any(each.step is not PlannedAction.KEEP for each in self.items)

    def refuse_conflicts(self) -> None:
        """Raise `ContentError` with every conflict, if there is one."""
        problems = [
            _problem(item, each)
            for item in self.done(PlannedAction.CONFLICT)
            for each in item.merge.conflicts
        ]
        if problems:
            message = (
                f"{len(problems)} {'conflict' if len(problems) == 1 else 'conflicts'}, and nothing "
                "was changed; `--conflicts ours` takes what the folder says, `--conflicts theirs` "
                "keeps what is there"
            )
            raise ContentError([Problem(ErrorCode.CONFLICT, (), message), *problems])

    def many_deletions(self, most: float) -> int | None:
        """How many items are deleted, where that is more than a share of what the folder had."""
        count = self.count(PlannedAction.DELETE)
        return count if count > max(FEW, most * self.brought) else None

    def refuse_deletions(self, most: float, confirmed: int | None) -> None:
        """Raise `ManyDeletionsError` for that many, unless somebody said the number."""
        count = self.many_deletions(most)
        if count not in (None, confirmed):
            raise ManyDeletionsError(count, self.brought)

    def as_json(self) -> dict[str, Any]:
        """The plan for machines; see the command."""
        return {
            "items": [_json(each) for each in self.items],
            "gone": [{"type": name, "slug": slug} for name, slug in self.gone],
            "unchanged": self.unchanged,
        }


def _problem(item: Item, conflict: Conflict) -> Problem:
    document = item.document
    if document is None:
        paths = changes(conflict.base, conflict.theirs)
        message = (
            f"{' '.join(item.key)}: is gone from the folder, and was changed since it was last "
            f"applied: {', '.join(format_path(each.path) for each in paths)}"
        )
        return Problem(ErrorCode.CONFLICT, (), message)
    if conflict.theirs is None and not conflict.path:
        paths = changes(conflict.base, conflict.ours)
        message = (
            f"{' '.join(item.key)}: was deleted since it was last applied, and is changed here: "
            f"{', '.join(format_path(each.path) for each in paths)}"
        )
        return document.problem(ErrorCode.CONFLICT, (), message)
    if conflict.path[:1] == (LIVE,):
        code = str(conflict.path[1])
        paths = changes(conflict.theirs or {}, conflict.ours or {})
        names = ", ".join(format_path(each.path) for each in paths)
        message = (
            f"{' '.join(item.key)}: what is published in {code} is something else "
            f"there, and was not when it was last applied: {names}"
            if conflict.theirs
            else f"{' '.join(item.key)}: nothing is published in {code} any more, and something "
            f"else than before is to be: {names}"
        )
        return document.problem(ErrorCode.CONFLICT, (LIVE, item.places[code]), message)
    message = (
        f"{' '.join(item.key)}: is {quoted(conflict.theirs)} there and {quoted(conflict.ours)} "
        f"here; was {quoted(conflict.base)} when it was last applied"
    )
    return document.problem(ErrorCode.CONFLICT, conflict.path, message)


def _json(item: Item) -> dict[str, Any]:
    merged = item.merge
    return {
        "type": item.key[0],
        "slug": item.key[1],
        "file": str(item.file) if item.file else None,
        "action": item.step.value,
        "publish": item.publishes,
        "locales": None if item.locales is None else sorted(item.locales),
        "held": item.is_held,
        "unpublished": sorted(item.unpublished),
        "changes": [each._asdict() for each in merged.changes],
        "kept": [{"path": path, "base": base, "theirs": it} for path, base, it in merged.kept],
        "conflicts": [each._asdict() for each in merged.conflicts],
    }


def quoted(value: Any, longest: int = 80) -> str:
    """A value in a line, of so many characters at most."""
    if value is None:
        return "nothing"
    found = visible(orjson.dumps(value).decode())
    return found if len(found) <= longest else f"{found[: longest - 1]}…"


def visible(text: str) -> str:
    """A text without what a terminal would take for an order, or not show."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )
