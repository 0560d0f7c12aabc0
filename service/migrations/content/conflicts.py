"""Decides what a downgrade does to an item, field by field."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schema.attributes import Reference, ScalarField, Status
from schema.model import ContentType
from service.documents.document import Document
from service.documents.problems import format_path
from service.editing.changes import changes
from service.editing.history import ItemState
from service.editing.merging import Merge, Side, merge
from service.errors import GuidepostError
from service.messages import listed, shortened
from service.migrations.content.images import Image

_LONGEST = 200
"""How many characters of a value are shown."""


class DowngradeConflict(NamedTuple):
    """A value that a migration changed and somebody else changed since."""

    item: str
    field: str
    before: Any
    theirs: Any

    def __str__(self) -> str:
        return f"{self.item}: {self.what}"

    @property
    def what(self) -> str:
        """The conflict without the item."""
        before, theirs = _said(self.before), _said(self.theirs)
        return f"{self.field}: before the migration {before}, now {theirs}"


class DowngradeConflictError(GuidepostError):
    """A migration that cannot be downgraded without losing what others did since."""

    def __init__(self, migration: str, conflicts: Sequence[DowngradeConflict]) -> None:
        self.conflicts = conflicts
        lines = listed((each.item, each.what, each.what) for each in conflicts)
        indented = "\n".join(f"  {each}" for each in lines)
        super().__init__(
            f"migration {migration} cannot be downgraded: what it changed was edited since\n"
            f"{indented}\n"
            "nothing was changed; `alembic -x force=theirs downgrade …` keeps the edits, and "
            "`-x force=ours` restores the values from before the migration"
        )


class Fate(enum.Enum):
    """What a downgrade does to an item."""

    STAYS = "stays"
    DELETED = "deleted"
    MADE_AGAIN = "made again"
    CHANGED = "changed"


@dataclass(frozen=True)
class Decision:
    """What a downgrade does to an item, and the conflicts that stand in its way."""

    fate: Fate = Fate.STAYS
    document: Document = field(default_factory=dict)
    """The document of an item that is made again or changed."""
    conflicts: Sequence[DowngradeConflict] = ()
    is_edited: bool = False
    """Whether others changed the item since the migration."""


def decide(image: Image, now: ItemState | None, force: Side | None) -> Decision:
    """What a downgrade does to an item, which `now` is like this; None if it is not there.

    It is a three-way merge: what the migration left is the merge base, and what was before it is
    brought to what is there. An item that the migration deleted and somebody restored becomes what
    it was before the migration. Conflicts are returned even where `force` decides them.
    """
    before, current = image.before, now.document if now else None
    base = image.after
    if current is not None and base is None:
        base = before or {}
    if current is None and before is None:
        return Decision()
    merged = merge(base, current, before, force or Side.THEIRS)
    against = _conflicts(image, merge(base, current, before, None))
    if merged.document is None:
        return Decision(Fate.STAYS if current is None else Fate.DELETED, conflicts=against)
    if current is None:
        return Decision(Fate.MADE_AGAIN, {**merged.document}, against)
    is_edited = bool(changes(base or {}, current))
    slug, taken = _slug(image, current, force)
    if not merged.changes and slug == current["slug"]:
        return Decision(conflicts=[*taken, *against], is_edited=is_edited)
    document = {**merged.document, "slug": slug}
    return Decision(Fate.CHANGED, document, [*taken, *against], is_edited)


def _slug(
    image: Image, current: Document, force: Side | None
) -> tuple[Any, list[DowngradeConflict]]:
    """The slug that the item gets, with conflicts; it is not among the values that are merged."""
    now = current["slug"]
    before, after = ((each or current)["slug"] for each in (image.before, image.after))
    if before in {after, now}:
        return now, []
    if now == after:
        return before, []
    conflict = DowngradeConflict(_name(image, image.before or {}), "slug", before, now)
    return before if force is Side.OURS else now, [conflict]


def _conflicts(image: Image, merged: Merge) -> list[DowngradeConflict]:
    found: list[DowngradeConflict] = []
    for path, base, theirs, ours in merged.conflicts:
        name = _name(image, image.before or theirs or {})
        if path:
            found.append(DowngradeConflict(name, format_path(path), ours, theirs))
        elif theirs is None:
            found.append(DowngradeConflict(name, "the item", "there", None))
        else:
            made = changes(base, theirs)
            found += (
                DowngradeConflict(name, format_path(each.path), None, each.after) for each in made
            )
    return found


def possible(type_: ContentType, image: Image, wanted: Document, current: Document) -> Document:
    """The document `wanted`, but unchanged where the tables cannot hold it.

    They cannot hold a value without a column. Nor can they lack a required value: one that the
    migration added stays until its column is dropped.
    """
    made = {}
    for key in {**wanted, **current}:
        value = wanted.get(key)
        if key not in ("type", "slug"):
            try:
                attribute = type_.named(key)
            except KeyError:
                continue
            is_required = isinstance(attribute, ScalarField | Reference) and attribute.required
            if is_required and key not in (image.before or {}):
                value = current.get(key)
        if value is not None:
            made[key] = value
    return made


def wanted_status(
    image: Image, status: Status, live: Mapping[str, int], force: Side | None
) -> tuple[Status | None, list[DowngradeConflict]]:
    """The status that an item gets, with conflicts; None leaves the live copy as it is."""
    if live == image.published:
        return image.status, []
    again = Status.PUBLISHED if status is Status.PUBLISHED else None
    if image.status is not Status.DRAFT:
        return again, []
    name = _name(image, image.before or {})
    conflict = DowngradeConflict(name, "status", Status.DRAFT.name, status.name)
    return (Status.DRAFT if force is Side.OURS else again), [conflict]


def _name(image: Image, document: Document) -> str:
    return f"{image.type} {document.get('slug')}"


def _said(value: Any) -> str:
    return "nothing" if value is None else shortened(repr(value), _LONGEST)
