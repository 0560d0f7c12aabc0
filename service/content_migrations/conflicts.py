"""What putting an item back comes to, field by field."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schema.attributes import Field, Status, ToOne
from schema.model import ContentType
from service.content_migrations.images import Image
from service.documents.problems import Path, written
from service.editing.changes import Change, applied, changes, common
from service.editing.history import Document, State
from service.errors import GuidepostError

_LONGEST = 200
"""The characters that are shown of a value."""


class Force(enum.Enum):
    """Whose values stand where a migration and somebody else changed the same."""

    THEIRS = "theirs"
    OURS = "ours"


class Conflict(NamedTuple):
    """What a migration changed and somebody else changed since."""

    item: str
    field: str
    before: Any
    theirs: Any

    def __str__(self) -> str:
        before, theirs = _said(self.before), _said(self.theirs)
        return f"{self.item}: {self.field}: before the migration {before}, now {theirs}"


class ConflictError(GuidepostError):
    """A migration that cannot be taken back without losing what somebody did since."""

    def __init__(self, migration: str, conflicts: Sequence[Conflict]) -> None:
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
    conflicts: Sequence[Conflict] = ()
    is_edited: bool = False
    """Whether others changed it since."""


def decide(image: Image, now: State | None, force: Force | None) -> Decision:
    """What is to become of an item whose document is this now."""
    if image.before is None:
        return _made(image, now.document if now else None, force)
    if now is None:
        return _gone(image, image.before, force)
    return _changed(image, image.before, now.document, force)


def _made(image: Image, current: Document | None, force: Force | None) -> Decision:
    """Of an item that the migration made."""
    if current is None:
        return Decision()
    theirs = _changes(image.after or {}, current)
    conflicts = [
        Conflict(_name(image, current), written(each.path), None, each.after) for each in theirs
    ]
    if conflicts and force is not Force.OURS:
        return Decision(conflicts=conflicts, is_edited=True)
    return Decision(Fate.DELETED, conflicts=conflicts)


def _gone(image: Image, before: Document, force: Force | None) -> Decision:
    """Of an item that is not there any more."""
    if image.after is None:
        return Decision(Fate.MADE_AGAIN, before)
    if not _changes(before, image.after):
        return Decision()
    conflict = Conflict(_name(image, before), "the item", "there", None)
    if force is Force.OURS:
        return Decision(Fate.MADE_AGAIN, before, [conflict])
    return Decision(conflicts=[conflict])


def _changed(image: Image, before: Document, current: Document, force: Force | None) -> Decision:
    """Of an item that was there and is."""
    # What the migration deleted is there again: somebody restored it.
    after = before if image.after is None else image.after
    theirs = _changes(after, current)
    inverse = _changes(current if image.after is None else after, before)
    both = {*common(theirs, inverse)}
    conflicts = [
        Conflict(_name(image, before), written(each.path), each.after, _value(current, each.path))
        for each in inverse
        if each.path in both
    ]
    if force is not Force.OURS:
        inverse = [each for each in inverse if each.path not in both]
    if not inverse:
        return Decision(conflicts=conflicts, is_edited=bool(theirs))
    return Decision(Fate.CHANGED, applied(current, inverse), conflicts, bool(theirs))


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
            is_required = isinstance(attribute, Field | ToOne) and attribute.required
            if is_required and key not in (image.before or {}):
                value = current.get(key)
        if value is not None:
            made[key] = value
    return made


def wanted_status(
    image: Image, status: Status, live: Mapping[str, int], force: Force | None
) -> tuple[Status | None, list[Conflict]]:
    """What an item is to be to what is published of it; None where that is left as it is."""
    if live == image.published:
        return image.status, []
    again = Status.PUBLISHED if status is Status.PUBLISHED else None
    if image.status is not Status.DRAFT:
        return again, []
    name = _name(image, image.before or {})
    conflict = Conflict(name, "status", Status.DRAFT.name, status.name)
    return (Status.DRAFT if force is Force.OURS else again), [conflict]


def _changes(before: Document, after: Document) -> list[Change]:
    """The changes between two documents, that of the slug among them."""
    old, new = before.get("slug"), after.get("slug")
    slug = [Change(("slug",), old, new)] if old != new else []
    return slug + changes(before, after)


def _value(document: Document, path: Path) -> Any:
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _name(image: Image, document: Document) -> str:
    return f"{image.type} {document.get('slug')}"


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
