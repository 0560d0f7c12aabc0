"""What applying a folder does: the plan, before it is carried out."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson

from schema.errors import ErrorCode
from service.documents.document import Document
from service.documents.problems import ContentError, Problem, format_path
from service.documents.records import Key
from service.editing.changes import changes
from service.editing.merging import Conflict
from service.errors import GuidepostError
from service.folders.items import LIVE, Item, PlannedAction
from service.messages import shortened

FEW = 10
"""Up to this many items are deleted without a confirmation, however few the folder had."""


class ManyDeletionsError(GuidepostError):
    """So many items would be deleted that the user has to confirm the number."""

    def __init__(self, count: int, brought: int) -> None:
        super().__init__(
            f"{count} of the {brought} items that the folder brought would be deleted; nothing was "
            f"changed. If this is intended, confirm it with `--deletions {count}`"
        )
        self.count = count


@dataclass
class FolderPlan:
    """What applying a folder does."""

    folder: str | None = None
    """The name of the folder."""
    # Not in the `repr`: asyncio formats results when it tells which signal handler was theirs.
    items: list[Item] = field(default_factory=list, repr=False)
    unchanged: int = 0
    """The number of items that are what the folder says, and published as it says."""
    gone: list[Key] = field(default_factory=list)
    """Items that the folder had when it was last applied, and has no longer; they stay."""
    still_published: dict[Key, list[str]] = field(default_factory=dict)
    """Items that are published where their documents do not publish them, with these locales."""
    agreed: dict[Key, Document] = field(default_factory=dict)
    """Items that are what the folder says, but not what their merge base says.

    The value is what the next merge base holds besides the document.
    """
    forgotten: list[Key] = field(default_factory=list)
    """Items gone from the folder that are deleted already, or belong to another folder."""
    brought: int = 0
    """The number of items that the folder had when it was last applied."""

    def count(self, step: PlannedAction) -> int:
        """The number of items with this action."""
        return Counter(each.step for each in self.items)[step]

    def done(self, *steps: PlannedAction) -> list[Item]:
        """The items with one of these actions."""
        return [each for each in self.items if each.step in steps]

    @property
    def does_something(self) -> bool:
        """Whether there is anything to do or to decide."""
        return any(each.step is not PlannedAction.KEEP for each in self.items)

    @property
    def can_be_tried(self) -> bool:
        """Whether there is something to do, and nothing to decide."""
        return self.does_something and not self.count(PlannedAction.CONFLICT)

    def refuse_conflicts(self) -> None:
        """Raise `ContentError` with every conflict, if there are any."""
        problems = [
            _problem(item, each)
            for item in self.done(PlannedAction.CONFLICT)
            for each in item.merge.conflicts
        ]
        if problems:
            message = (
                f"{len(problems)} {'conflict' if len(problems) == 1 else 'conflicts'}, and nothing "
                "was changed; `--conflicts ours` takes the values in the folder, `--conflicts "
                "theirs` keeps those in the database"
            )
            raise ContentError([Problem(ErrorCode.CONFLICT, (), message), *problems])

    def many_deletions(self, most: float) -> int | None:
        """The number of deletions, if it needs a confirmation; otherwise None.

        `most` is the share of the items brought by the folder that needs none.
        """
        count = self.count(PlannedAction.DELETE)
        return count if count > max(FEW, most * self.brought) else None

    def refuse_deletions(self, most: float, confirmed: int | None) -> None:
        """Raise `ManyDeletionsError` if the number of deletions has to be confirmed and is not."""
        count = self.many_deletions(most)
        if count not in (None, confirmed):
            raise ManyDeletionsError(count, self.brought)

    def as_json(self) -> dict[str, Any]:
        """The plan as `guidepost content plan --json` prints it."""
        return {
            "items": [_json(each) for each in self.items],
            "gone": [{"type": name, "slug": slug} for name, slug in self.gone],
            "still_published": [
                {"type": name, "slug": slug, "locales": codes}
                for (name, slug), codes in self.still_published.items()
            ],
            "unchanged": self.unchanged,
        }


def _problem(item: Item, conflict: Conflict) -> Problem:
    document = item.document
    if document is None:
        paths = changes(conflict.base, conflict.theirs)
        names = ", ".join(format_path(each.path) for each in paths)
        message = (
            f"{' '.join(item.key)}: was removed from the folder, but was changed in the database "
            f"since the folder was last applied: {names}"
        )
        return Problem(ErrorCode.CONFLICT, (), message)
    if conflict.theirs is None and not conflict.path:
        paths = changes(conflict.base, conflict.ours)
        message = (
            f"{' '.join(item.key)}: was deleted in the database since the folder was last applied, "
            f"but was changed in the folder: {', '.join(format_path(each.path) for each in paths)}"
        )
        return document.problem(ErrorCode.CONFLICT, (), message)
    if conflict.path[:1] == (LIVE,):
        code = str(conflict.path[1])
        paths = changes(conflict.theirs or {}, conflict.ours or {})
        names = ", ".join(format_path(each.path) for each in paths)
        message = (
            f"{' '.join(item.key)}: the live copy in {code} was changed in the database since the "
            f"folder was last applied: {names}"
            if conflict.theirs
            else f"{' '.join(item.key)}: was unpublished in {code} since the folder was last "
            f"applied, but its live copy was changed in the folder: {names}"
        )
        return document.problem(ErrorCode.CONFLICT, (LIVE, item.places[code]), message)
    message = (
        f"{' '.join(item.key)}: is {quoted(conflict.theirs)} in the database and "
        f"{quoted(conflict.ours)} in the folder; was {quoted(conflict.base)} when the folder was "
        "last applied"
    )
    return document.problem(ErrorCode.CONFLICT, conflict.path, message)


def _json(item: Item) -> dict[str, Any]:
    merged = item.merge
    return {
        "type": item.key[0],
        "slug": item.key[1],
        "file": str(item.file) if item.file else None,
        "action": item.step.value,
        "renamed_from": item.renamed_from,
        "publish": item.publishes,
        "locales": None if item.locales is None else sorted(item.locales),
        "held": item.is_held,
        "unpublished": sorted(item.unpublished),
        "changes": [each._asdict() for each in merged.changes],
        "kept": [{"path": path, "base": base, "theirs": it} for path, base, it in merged.kept],
        "conflicts": [each._asdict() for each in merged.conflicts],
    }


def quoted(value: Any, longest: int = 80) -> str:
    """A value as one line of JSON; with its length if it has more than `longest` characters."""
    if value is None:
        return "nothing"
    return shortened(visible(orjson.dumps(value).decode()), longest)


def visible(text: str) -> str:
    """A text with escapes for characters that a terminal would act on or not show."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )
