"""What putting an item back comes to, field by field."""

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
from service.migrations.content.images import Image

_LONGEST = 200
"""The characters that are shown of a value."""


class DowngradeConflict(NamedTuple):
    """What a migration changed and somebody else changed since."""

    item: str
    field: str
    before: Any
    theirs: Any

    def __str__(self) -> str:
        before, theirs = _said(self.before), _said(self.theirs)
        return f"{self.item}: {self.field}: before the migration {before}, now {theirs}"


class DowngradeConflictError(GuidepostError):
    """A migration that cannot be taken back without losing what somebody did since."""

    def __init__(self, migration: str, conflicts: Sequence[DowngradeConflict]) -> None:
        self.conflicts = conflicts
        listed = "\n".join(f"  {each}" for each in conflicts)
        super().__init__(
            f"migration {migration} cannot be taken back: what it changed was edited since\n"
            f"{listed}\n"
            "nothing was changed; `alembic -x force=theirs downgrade …` keeps what was edited, and "
            "`-x force=ours` puts back what was before"
        )


class Fate(enum.Enum):
    """What becomes of an item."""

    STAYS = "stays"
    DELETED = "deleted"
    MADE_AGAIN = "made again"
    CHANGED = "changed"


@dataclass(frozen=True)
class Decision:
    """What putting an item back comes to, and what stands against it."""

    fate: Fate = Fate.STAYS
    document: Document = field(default_factory=dict)
    """What the item is to be, of one that is made again or changed."""
    conflicts: Sequence[DowngradeConflict] = ()
    is_edited: bool = False
    """Whether others changed it since."""


def decide(image: Image, now: ItemState | None, force: Side | None) -> Decision:
    """What is to become of an item whose document is this now.

    It is a merge: what the migration left is the base, and what was before is brought to what is
    there. An item that the migration deleted and somebody restored is what it was before.
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
    """The slug that an item is to have, which is no value of its document's."""
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
    """A document with what the tables cannot hold left as it is.

    That is what they have no column for, and that a value is gone which has to be there: one that
    the migration made, and whose column goes with it.
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
    """What an item is to be to what is published of it; None where that is left as it is."""
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
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
