"""What applying a folder does, before it is done."""

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson

from schema.editing import Code
from service.content.merging import Conflict, Merge
from service.documents.entries import Key
from service.documents.files import Document
from service.documents.problems import ContentError, Problem, written
from service.editing.changes import Content, changes


class Step(enum.Enum):
    """What is done to an item."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PUBLISH = "publish"
    """It is what the folder says, and is published as it is."""
    KEEP = "keep"
    """Nothing: only others changed it."""
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Item:
    """An item that is not what the folder says, or is not published as the folder says."""

    key: Key
    merge: Merge
    is_there: bool
    document: Document | None
    """What its file says; None if it has none any more."""
    ours: Content | None
    """The same, as a document of what is there is written."""
    publishes: bool = False
    is_held: bool = False
    """Whether it is not published though the folder says so: it holds what others changed and did
    not publish."""

    @property
    def step(self) -> Step:
        """What is done to it."""
        if self.merge.conflicts:
            return Step.CONFLICT
        if self.merge.changes:
            if self.merge.document is None:
                return Step.DELETE
            return Step.UPDATE if self.is_there else Step.CREATE
        return Step.PUBLISH if self.publishes else Step.KEEP


@dataclass
class Plan:
    """What applying a folder does."""

    items: list[Item] = field(default_factory=list)
    unchanged: int = 0
    """How many items are what the folder says, and published if it says so."""
    gone: list[Key] = field(default_factory=list)
    """Items that the folder had when it was last applied, and has no more; they stay."""
    agreed: list[Key] = field(default_factory=list)
    """Items that are what the folder says, which is not what it said when it was last applied."""
    forgotten: list[Key] = field(default_factory=list)
    """What is gone from the folder and is not there any more."""

    def count(self, step: Step) -> int:
        """How many items something is done to."""
        return Counter(each.step for each in self.items)[step]

    def done(self, *steps: Step) -> list[Item]:
        """The items that one of these is done to."""
        return [each for each in self.items if each.step in steps]

    @property
    def does_something(self) -> bool:
        """Whether anything is to be done, or decided."""
        return any(each.step is not Step.KEEP for each in self.items)

    def refuse_conflicts(self) -> None:
        """Raise `ContentError` with every conflict, if there is one."""
        problems = [
            _problem(item, each)
            for item in self.done(Step.CONFLICT)
            for each in item.merge.conflicts
        ]
        if problems:
            message = (
                f"{len(problems)} {'conflict' if len(problems) == 1 else 'conflicts'}, and nothing "
                "was changed; `--conflicts ours` takes what the folder says, `--conflicts theirs` "
                "keeps what is there"
            )
            raise ContentError([Problem(Code.CONFLICT, (), message), *problems])

    def as_json(self) -> dict[str, Any]:
        """The plan for machines; see the command."""
        return {
            "items": [_json(each) for each in self.items],
            "gone": [{"type": name, "slug": slug} for name, slug in self.gone],
            "unchanged": self.unchanged,
        }


def _problem(item: Item, conflict: Conflict) -> Problem:
    if item.document is None:
        paths = changes(conflict.base, conflict.theirs)
        message = (
            f"{' '.join(item.key)}: is gone from the folder, and was changed since it was last "
            f"applied: {', '.join(written(each.path) for each in paths)}"
        )
        return Problem(Code.CONFLICT, (), message)
    if conflict.theirs is None and not conflict.path:
        paths = changes(conflict.base, conflict.ours)
        message = (
            f"{' '.join(item.key)}: was deleted since it was last applied, and is changed here: "
            f"{', '.join(written(each.path) for each in paths)}"
        )
        return item.document.problem(Code.CONFLICT, (), message)
    message = (
        f"{' '.join(item.key)}: is {quoted(conflict.theirs)} there and {quoted(conflict.ours)} "
        f"here; was {quoted(conflict.base)} when it was last applied"
    )
    return item.document.problem(Code.CONFLICT, conflict.path, message)


def _json(item: Item) -> dict[str, Any]:
    return {
        "type": item.key[0],
        "slug": item.key[1],
        "file": str(item.document.file) if item.document else None,
        "action": item.step.value,
        "publish": item.publishes,
        "held": item.is_held,
        "changes": [each._asdict() for each in item.merge.changes],
        "kept": [
            {"path": path, "base": base, "theirs": theirs} for path, base, theirs in item.merge.kept
        ],
        "conflicts": [each._asdict() for each in item.merge.conflicts],
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
