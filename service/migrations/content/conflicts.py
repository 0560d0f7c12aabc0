"""Decides what a downgrade does to an item, field by field."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schema.attributes import Parts, Status
from schema.model import HEADER, ContentType, Model
from service.documents.checking import keys
from service.documents.document import Document
from service.documents.problems import format_path
from service.editing.changes import changes
from service.editing.history import ItemState
from service.editing.merging import Merge, Side, merge
from service.migrations.content.images import Image
from service.migrations.content.resolutions import ITEM, Force, MigrationConflict


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
    conflicts: Sequence[MigrationConflict] = ()
    is_edited: bool = False
    """Whether others changed the item since the migration."""


def decide(image: Image, now: ItemState | None, force: Force) -> Decision:
    """What a downgrade does to an item, which `now` is like this; None if it is not there.

    It is a three-way merge: what the migration left is the merge base, and what was before it is
    brought to what is there. An item that the migration deleted and somebody restored becomes what
    it was before the migration.
    """
    before, current = image.before, now.document if now else None
    base = image.after
    if current is not None and base is None:
        base = before or {}
    if current is None and before is None:
        return Decision()
    side = side_of(image, current, force)
    merged = merge(base, current, before, side or Side.THEIRS)
    against = [] if side else _conflicts(image, merge(base, current, before, None))
    if merged.document is None:
        return Decision(Fate.STAYS if current is None else Fate.DELETED, conflicts=against)
    if current is None:
        return Decision(Fate.MADE_AGAIN, {**merged.document}, against)
    is_edited = bool(changes(base or {}, current))
    slug, taken = _slug(image, current, side)
    if not merged.changes and slug == current["slug"]:
        return Decision(conflicts=[*taken, *against], is_edited=is_edited)
    document = {**merged.document, "slug": slug}
    return Decision(Fate.CHANGED, document, [*taken, *against], is_edited)


def side_of(image: Image, current: Document | None, force: Force) -> Side | None:
    """Who wins the conflicts of an item, under any of its slugs."""
    known = (each["slug"] for each in (current, image.after, image.before) if each)
    return force.of(*((image.type, str(slug)) for slug in known))


def _slug(
    image: Image, current: Document, side: Side | None
) -> tuple[Any, list[MigrationConflict]]:
    """The slug that the item gets, with conflicts; it is not among the values that are merged."""
    now = current["slug"]
    before, after = ((each or current)["slug"] for each in (image.before, image.after))
    if before in {after, now}:
        return now, []
    if now == after:
        return before, []
    if side:
        return before if side is Side.OURS else now, []
    name = _name(image, image.before or {})
    return now, [MigrationConflict(name, "slug", after, now, before)]


def _conflicts(image: Image, merged: Merge) -> list[MigrationConflict]:
    found: list[MigrationConflict] = []
    for path, base, theirs, ours in merged.conflicts:
        name = _name(image, image.before or theirs or {})
        if path:
            found.append(MigrationConflict(name, format_path(path), base, theirs, ours))
        elif theirs is None:
            found.append(MigrationConflict(name, ITEM, "there", None, "changed"))
        else:
            made = changes(base, theirs)
            found += (
                MigrationConflict(name, format_path(each.path), each.before, each.after, None)
                for each in made
            )
    return found


def possible(model: Model, type_: ContentType, wanted: Document) -> dict[str, Any]:
    """The document `wanted`, without values that the tables have no column for."""
    known = {*HEADER, *keys(type_)}
    made = {key: value for key, value in wanted.items() if key in known and value is not None}
    for each in type_.relations():
        if isinstance(each, Parts) and (rows := made.get(each.graphql_name)):
            part = model[each.target]
            made[each.graphql_name] = [possible(model, part, row) for row in rows]
    return made


def wanted_status(
    image: Image, now: ItemState, status: Status, live: Mapping[str, int], side: Side | None
) -> tuple[Status | None, list[MigrationConflict]]:
    """The status that an item gets, with conflicts; None leaves the live copy as it is."""
    # A later migration, when it is downgraded, publishes again what was live before it.
    is_again = status is Status.PUBLISHED and not changes(image.after or {}, now.document)
    if live == image.published or (is_again and live.keys() == image.published.keys()):
        return image.status, []
    again = Status.PUBLISHED if status is Status.PUBLISHED else None
    if image.status is not Status.DRAFT:
        return again, []
    if side:
        return Status.DRAFT if side is Side.OURS else again, []
    name = _name(image, image.before or {})
    left = Status.PUBLISHED.name if image.published else Status.DRAFT.name
    return again, [MigrationConflict(name, "status", left, "published again", Status.DRAFT.name)]


def _name(image: Image, document: Document) -> str:
    return f"{image.type} {document.get('slug')}"
