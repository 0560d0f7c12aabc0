"""Conflicts between a migration and what others did, and who decides them: `-x force=…`.

One rule decides for upgrades and downgrades, as it does for folders; see `service.editing.merging`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self
from uuid import UUID

from service.documents.records import Key
from service.editing.merging import Side
from service.errors import GuidepostError
from service.messages import listed, shortened

ITEM = "the item"
"""Stands for the field in a conflict about a whole item."""

_LONGEST = 200
"""How many characters of a value are shown."""


@dataclass(frozen=True)
class Force:
    """Who wins conflicts: a side for all items, or for single ones."""

    side: Side | None = None
    items: Mapping[Key, Side] = field(default_factory=dict)

    @classmethod
    def read(cls, given: Iterable[str]) -> Self:
        """The values of the options `-x force=…`; raises `GuidepostError`."""
        side, items = None, {}
        for each in given:
            word, _, item = each.partition(":")
            name, _, slug = item.partition("/")
            if word not in {known.value for known in Side} or (":" in each and not (name and slug)):
                raise GuidepostError(
                    f"-x force={each} is not valid; use force=theirs to keep what others edited, "
                    "or force=ours for what the migration does; force=theirs:Type/slug decides "
                    "for one item, and may be repeated"
                )
            if item:
                items[name, slug] = Side(word)
            else:
                side = Side(word)
        return cls(side, items)

    def of(self, *keys: Key) -> Side | None:
        """Who wins the conflicts of an item, which may have had several slugs."""
        return next((self.items[key] for key in keys if key in self.items), self.side)


class MigrationConflict(NamedTuple):
    """A value that a migration changes and that others changed, to different values."""

    item: str
    field: str
    base: Any
    """What the writer of the migration saw; in a downgrade, what the migration left."""
    theirs: Any
    """What is there."""
    ours: Any
    """What the migration makes of it; in a downgrade, what was before it."""
    hint: str = ""
    """What would be right, where `-x force=ours` is not enough."""

    def __str__(self) -> str:
        return f"{self.item}: {self.what}"

    @property
    def what(self) -> str:
        """The conflict without the item."""
        sides = {"base": self.base, "theirs": self.theirs, "ours": self.ours}
        said = ", ".join(f"{name} {_said(value)}" for name, value in sides.items())
        return f"{self.field}: {said}" + (f"; {self.hint}" if self.hint else "")


@dataclass
class Deciding:
    """How the conflicts of a migration are decided, and those that nobody has decided so far."""

    force: Force
    say: Callable[[str], None]
    """Gets what the migration leaves as it is."""
    conflicts: list[MigrationConflict] = field(default_factory=list)
    unpublished: set[UUID] = field(default_factory=set)
    """The items that the migration itself has unpublished."""


class MigrationConflictError(GuidepostError):
    """A migration that cannot be run without losing what others did."""

    def __init__(self, migration: str, way: str, conflicts: Sequence[MigrationConflict]) -> None:
        self.conflicts = conflicts
        once = {str(each): each for each in conflicts}
        lines = listed((each.item, each.what, each.what) for each in once.values())
        indented = "\n".join(f"  {each}" for each in lines)
        super().__init__(
            f"migration {migration} cannot be {way}d: others changed what it changes\n{indented}\n"
            f"nothing was changed; run it again with `{_RUN[way]}` to keep what others did, or "
            f"with force=ours to {_OURS[way]}; force=theirs:Type/slug and force=ours:Type/slug "
            "decide for one item"
        )


_RUN = {
    "upgrade": "guidepost migrate --force=theirs` or `alembic -x force=theirs upgrade …",
    "downgrade": "alembic -x force=theirs downgrade …",
}
_OURS = {
    "upgrade": "do what the migration says",
    "downgrade": "restore the values from before the migration",
}


def _said(value: Any) -> str:
    return "nothing" if value is None else shortened(repr(value), _LONGEST)
