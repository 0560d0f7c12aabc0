"""Three-way merging of an item: what both sides began with, what is there now, and what is brought.

A folder brings what it says now, and began with what it said when it was last applied. A migration
that is taken back brings what was before it, and began with what it left.

What only one side changed is changed; what both changed, and not to the same, is a conflict. The
unit is that of `service.editing.changes`. An item that was never applied has an empty base: what
only one side says is no conflict then.
"""

import enum
from typing import Any, NamedTuple

from service.documents.document import Document
from service.documents.problems import Path
from service.editing.changes import Change, applied, changes, common, values


class Side(enum.Enum):
    """Who prevails in a conflict: what is brought, or what is there."""

    OURS = "ours"
    THEIRS = "theirs"


class Conflict(NamedTuple):
    """A value that both changed; what is not there is None. Without a path it is the item."""

    path: Path
    base: Any
    theirs: Any
    ours: Any


class Merge(NamedTuple):
    """What becomes of an item."""

    document: Document | None
    """What it is then; None if it is not there."""
    changes: list[Change]
    """What is different from now."""
    kept: list[Change]
    """What was changed since the base by others, and stays. Without a path it is the item."""
    conflicts: list[Conflict]


def merge(
    base: Document | None, theirs: Document | None, ours: Document | None, side: Side | None
) -> Merge:
    """Bring changes to what is there; with a side, there are no conflicts.

    None is an item that is not there. `ours` or `theirs` is, and both are only without a base.
    """
    if theirs is None or ours is None:
        return _whole(base, theirs, ours, side)
    base = base or {}
    made, others = changes(base, ours), changes(base, theirs)
    both = common(others, made)
    written = {each.path for each in made} - ({*both} if side is not Side.OURS else set())
    differing = changes(theirs, ours)
    done = [each for each in differing if each.path in written]
    left = {each.path for each in differing} - written - ({*both} if side is None else set())
    kept = [each for each in others if each.path in left]
    old, there, wanted = values(base), values(theirs), values(ours)
    conflicts = [
        Conflict(path, old.get(path), there.get(path), wanted.get(path))
        for path in (() if side else both)
    ]
    return Merge(applied(theirs, done), done, kept, conflicts)


def _whole(
    base: Document | None, theirs: Document | None, ours: Document | None, side: Side | None
) -> Merge:
    """One of them is not there."""
    there = theirs or ours or {}
    if base is None:
        winner: Side | None = Side.OURS
    elif not changes(base, there):
        winner = Side.THEIRS if theirs is None else Side.OURS
    else:
        winner = side
    if winner is None:
        return Merge(theirs, [], [], [Conflict((), base, theirs, ours)])
    if winner is Side.THEIRS:
        return Merge(theirs, [], [Change((), base, theirs)], [])
    return Merge(ours, changes(theirs or {}, ours or {}), [], [])
