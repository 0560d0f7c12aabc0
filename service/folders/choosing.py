"""The items that a command is about: `Guide` is all of a type, `Guide/slug` is one item."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from schema.model import Model
from service.documents.checking import nearest
from service.documents.records import Key
from service.errors import GuidepostError


@dataclass(frozen=True)
class Choice:
    """The chosen items; all items if none are named."""

    types: frozenset[str] = frozenset()
    keys: frozenset[Key] = frozenset()

    def __contains__(self, key: Key) -> bool:
        return not (self.types or self.keys) or key[0] in self.types or key in self.keys

    def following(self, former: Mapping[Key, Key]) -> "Choice":
        """The choice with the items whose former keys are chosen."""
        more = {new for new, old in former.items() if old in self.keys}
        return replace(self, keys=self.keys | more)

    def may_be_in(self, file: Path) -> bool:
        """Whether a file may have a chosen item, by the letters that it has.

        A backslash may stand for any letter, so such a file may have every item.
        """
        words = [*self.types, *(slug for _, slug in self.keys)]
        if not words:
            return True
        try:
            content = file.read_bytes()
        except OSError:
            return True  # whoever reads the file says why it cannot be read
        return b"\\" in content or any(word.encode() in content for word in words)

    def missing(self, known: Collection[Key]) -> Iterator[Key]:
        """The items that are named, but not among the known ones."""
        return (key for key in sorted(self.keys) if key not in known)


def choice(model: Model, words: Sequence[str]) -> Choice:
    """The items that the values of `--only` name; raises `GuidepostError` for an unknown type."""
    known = [each.name for each in model.content()]
    pairs = [word.partition("/") for word in words]
    for name, _, _ in pairs:
        if name not in known:
            hint = nearest(name, known) or f"; the types are {', '.join(known)}"
            raise GuidepostError(f"there is no content type {name!r}{hint}")
    return Choice(
        frozenset(name for name, _, slug in pairs if not slug),
        frozenset((name, slug) for name, _, slug in pairs if slug),
    )
