"""The three-way merge of an item: the merge base, theirs and ours.

`theirs` is the item as it is in the database, `ours` is what is brought. A folder brings what it
says now; its merge base is what it said when it was last applied. A downgrade brings what the item
was before the migration; its merge base is what the migration left.

A change that only one side made is taken. Where both sides changed a value, to different values,
there is a conflict. The unit is the value, as in `service.editing.changes`. An item that was never
applied has an empty merge base; a value that only one side has is no conflict then.
"""

import enum
from typing import Any, NamedTuple

from service.documents.document import Document
from service.documents.problems import Path
from service.editing.changes import Change, applied, changes, common, values


class Side(enum.Enum):
    """The side that wins a conflict: what is brought (`OURS`), or what is there (`THEIRS`)."""

    OURS = "ours"
    THEIRS = "theirs"


class Conflict(NamedTuple):
    """A value that both sides changed; None where a side does not have it.

    With an empty path it is the whole item.
    """

    path: Path
    base: Any
    theirs: Any
    ours: Any


class Merge(NamedTuple):
    """The result of a merge."""

    document: Document | None
    """The merged document; None if the item is not there."""
    changes: list[Change]
    """The changes from `theirs` to the merged document."""
    kept: list[Change]
    """What others changed since the merge base, and the merge keeps.

    With an empty path: the item.
    """
    conflicts: list[Conflict]


def merge(
    base: Document | None, theirs: Document | None, ours: Document | None, side: Side | None
) -> Merge:
    """Merge what is brought into what is there. With a `side`, there are no conflicts.

    None means that the item is not there; at least one of `theirs` and `ours` has it. If one of
    them lacks the item and there is no `base`, the result is what `ours` says.
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
    """Merge an item that one side does not have."""
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
