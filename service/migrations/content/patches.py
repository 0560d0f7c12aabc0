"""A change of a long text or list as what is different, so that a revision can be reviewed.

A patch names the value that it was made for by a digest. `service.migrations.content.merging` finds
that value in the history of the item.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from hashlib import sha256
from itertools import pairwise
from typing import Any

import orjson
from alembic.operations import MigrateOperation, Operations

from schema.errors import ErrorCode
from service.documents.document import Document
from service.documents.problems import ContentError, Problem

_LONG = 200
"""From this many characters on, a text or a list is long."""
_CONTEXT = 3
"""How many words are shown before and after those that change."""
_WORDS = re.compile(r"\s+|\S+")

Span = tuple[int, int]


@dataclass(frozen=True)
class TextPatch:
    """Words of a text that are replaced."""

    of: str
    """The digest of the text."""
    replacements: tuple[tuple[str, str], ...]
    """Passages, each of which the text has once, and what stands there instead."""

    def applied(self, text: str) -> str:
        """The text with the passages replaced; raises `ContentError`."""
        found: list[tuple[int, str, str]] = []
        for old, new in self.replacements:
            if not _has_once(text, old):
                message = f"the text has to have {old!r} once, to have it replaced"
                raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)])
            found.append((text.index(old), old, new))
        for start, old, new in sorted(found, reverse=True):
            text = text[:start] + new + text[start + len(old) :]
        return text


@dataclass(frozen=True)
class ListPatch:
    """Entries of a list that are added, removed and moved."""

    of: str
    """The digest of the list."""
    added: Mapping[str, str | None]
    """New entries, each with the entry that it comes after; None for the first one."""
    removed: Sequence[str]
    moved: Mapping[str, str | None]
    """Entries that are elsewhere in the list now, each with the entry that it comes after."""

    def applied(self, entries: Sequence[str]) -> list[str]:
        """The list with the entries added, removed and moved; raises `ContentError`."""
        made = [each for each in entries if each not in self.removed and each not in self.moved]
        waiting = {**self.added, **self.moved}
        while waiting:
            ready = [each for each, after in waiting.items() if after is None or after in made]
            if not ready:
                names = ", ".join(map(repr, waiting.values()))
                message = f"there is no {names} in the list that entries could come after"
                raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)])
            for each in ready:
                after = waiting.pop(each)
                made.insert(0 if after is None else made.index(after) + 1, each)
        return made


Patch = TextPatch | ListPatch


def patched(given: Document, base: Document) -> tuple[Document, Document]:
    """A document and its base, with patches for the long values that hardly change.

    The base says nothing of these.
    """
    made, left = dict(given), dict(base)
    for key, value in given.items():
        before = base.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            made[key], rest = patched(value, before)
            if rest:
                left[key] = rest
            else:
                del left[key]
        elif patch := patch_of(before, value):
            made[key] = patch
            del left[key]
    return made, left


def patch_of(before: Any, after: Any) -> Patch | None:
    """The patch from one value to another; None if the whole value is not much longer."""
    match before, after:
        case str(), str() if len(before) >= _LONG:
            made: Patch = TextPatch(digest(before), tuple(_replacements(before, after)))
        case list(), list() if before and after and _is_plain(before) and _is_plain(after):
            made = _list_patch(before, after)
        case _:
            return None
    return made if len(repr(made)) < len(repr(before)) + len(repr(after)) else None


def digest(value: Any) -> str:
    """What names a value: the beginning of its SHA-256."""
    return sha256(orjson.dumps(value)).hexdigest()[:16]


def _is_plain(entries: Sequence[Any]) -> bool:
    """Whether a list has strings only, each of them once."""
    return all(isinstance(each, str) for each in entries) and len({*entries}) == len(entries)


def _replacements(before: str, after: str) -> Iterator[tuple[str, str]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    equal = _equal(old, new)
    spans = [*_between(equal, old, new)]
    while (wider := [*_joined(_unique(before, old, span) for span in spans)]) != spans:
        spans = wider
    for start, end in spans:
        first = _there(equal, start) if start else 0
        last = _there(equal, end) if end < len(old) else len(new)
        yield "".join(old[start:end]), "".join(new[first:last])


def _equal(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """The words that stay, in runs.

    Those at the beginning and at the end are taken off first: comparing the rest takes a time that
    grows with the square of its length.
    """
    most = min(len(old), len(new))
    first = next((n for n in range(most) if old[n] != new[n]), most)
    most -= first
    last = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    ends = len(old) - last, len(new) - last
    rest = SequenceMatcher(None, old[first : ends[0]], new[first : ends[1]], autojunk=False)
    within = (Match(it.a + first, it.b + first, it.size) for it in rest.get_matching_blocks())
    return [each for each in (Match(0, 0, first), *within, Match(*ends, last)) if each.size]


def _between(equal: Sequence[Match], old: Sequence[str], new: Sequence[str]) -> Iterator[Span]:
    """The spans of the old words that change, those where words only come included."""
    for one, other in pairwise((Match(0, 0, 0), *equal, Match(len(old), len(new), 0))):
        if (one.a + one.size, one.b + one.size) != (other.a, other.b):
            yield one.a + one.size, other.a


def _unique(text: str, words: Sequence[str], span: Span) -> Span:
    """Words around changed ones: some for the reader, and as many as make the passage unique."""
    start, end = span
    if end - start > 2 * _CONTEXT and _has_once(text, "".join(words[start:end])):
        return span
    while True:
        start, end = max(0, start - _CONTEXT), min(len(words), end + _CONTEXT)
        if _has_once(text, "".join(words[start:end])):
            return start, end


def _has_once(text: str, passage: str) -> bool:
    """Whether a text has a passage at one place; `count` does not see places that overlap."""
    return text.find(passage) == text.rfind(passage) != -1


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans of which those that touch are one."""
    last: Span | None = None
    for start, end in spans:
        if last and start <= last[1]:
            last = last[0], max(last[1], end)
            continue
        if last:
            yield last
        last = start, end
    if last:
        yield last


def _there(equal: Sequence[Match], place: int) -> int:
    """Where a place in the old text, between words that stay, is in the new one."""
    return next(it.b + place - it.a for it in equal if it.a <= place <= it.a + it.size)


def _list_patch(before: Sequence[str], after: Sequence[str]) -> ListPatch:
    kept = [each for each in before if each in after]
    wanted = [each for each in after if each in before]
    blocks = SequenceMatcher(None, kept, wanted, autojunk=False).get_matching_blocks()
    still = {each for block in blocks for each in kept[block.a : block.a + block.size]}
    previous = dict(zip(after, [None, *after], strict=False))
    return ListPatch(
        digest(before),
        {each: previous[each] for each in after if each not in before},
        [each for each in before if each not in after],
        {each: previous[each] for each in wanted if each not in still},
    )


class ChangedText(MigrateOperation):
    """`op.changed_text`, which makes a `TextPatch`."""

    @classmethod
    def changed_text(
        cls,
        operations: Operations,  # noqa: ARG003  # alembic passes it
        of: str,
        *replacements: tuple[str, str],
    ) -> TextPatch:
        """A long text in a document of `op.save`, in which passages are replaced.

        `of` names the text that they are replaced in. Each replacement is a passage that the text
        has once, and what stands there instead.
        """
        return TextPatch(of, replacements)


class ChangedList(MigrateOperation):
    """`op.changed_list`, which makes a `ListPatch`."""

    @classmethod
    def changed_list(
        cls,
        operations: Operations,  # noqa: ARG003  # alembic passes it
        of: str,
        *,
        added: Mapping[str, str | None] | None = None,
        removed: Sequence[str] = (),
        moved: Mapping[str, str | None] | None = None,
    ) -> ListPatch:
        """A list in a document of `op.save`, of which entries are added, removed and moved.

        `of` names the list. `added` and `moved` have the entry that each entry comes after; None
        for the first one.
        """
        return ListPatch(of, added or {}, removed, moved or {})


Operations.register_operation("changed_text")(ChangedText)
Operations.register_operation("changed_list")(ChangedList)
