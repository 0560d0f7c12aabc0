"""Changes a YAML text only where it does not say what it should.

An entry of a collection is one piece, with the comments above and beside it. Pieces stay as they
are, move, go, or are changed inside; nothing else of the text is rewritten.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from service.documents import rendering
from service.documents.matching import KeyFields, matches, same
from service.documents.pieces import (
    Entry,
    block_entries,
    column_of,
    flow_entries,
    left_apart,
    line_start,
    line_stop,
)
from service.documents.syntax import Kind, Tree, YamlNode

Keys = Mapping[str, KeyFields]
"""The fields that identify the maps in a list, by the name of the list."""


class UnusualError(ValueError):
    """The text is written in a way that cannot be kept."""


def rewritten(tree: Tree, old: Any, new: Mapping[str, Any], keys: Keys, *, apart: bool) -> str:
    """The text of a tree, which says `old`, changed so that it says `new`.

    Without `apart`, aliases stay, so the result may not say `new`. With `apart`, an alias becomes
    the value that it stands for. Raises `ValueError`, such as `UnusualError`, if the text cannot be
    kept.
    """
    text, root = tree.text, tree.root
    rewriting = _Rewriting(text, keys, apart=apart)
    if not rewriting.keeps(root, new):
        raise UnusualError
    if root.is_flow:
        return text[: root.start] + rewriting.flow(root, old, new) + text[root.end :]
    behind = root.named if root.named > root.start else tree.start
    start = rewriting.below(behind, root) if behind else 0
    return text[:start] + rewriting.block(root, old, new, start, tree.end) + text[tree.end :]


class _Step(NamedTuple):
    """An entry of the new collection."""

    entry: Entry | None
    """The old entry that it corresponds to; None if it is new."""
    name: str | None
    old: Any
    new: Any


class _Rewriting:
    def __init__(self, text: str, keys: Keys, *, apart: bool) -> None:
        self._text = text
        self._keys = keys
        self._apart = apart

    def keeps(self, node: YamlNode, new: Any) -> bool:
        """Whether a new value can be written into a node as it stands."""
        text = self._text
        if node.is_flow and text[node.inner] not in "[{":
            return False
        if node.kind is Kind.MAP and isinstance(new, Mapping):
            lines = (text[line_start(text, name.start) : name.start] for name, _ in node.pairs)
            is_plain = not any(line.rstrip().endswith("?") for line in lines)
            return is_plain and bool(node.children and new)
        return node.kind is Kind.LIST and isinstance(new, list) and bool(node.children and new)

    def below(self, start: int, node: YamlNode) -> int:
        """The start of the lines of a collection that follows a key, a dash or a tag."""
        found = self._text.find("\n", start, node.inner)
        return node.inner if found < 0 else found + 1

    # Block style.

    def block(
        self, node: YamlNode, old: Any, new: Any, start: int, stop: int, key: KeyFields = ()
    ) -> str:
        """The new lines of a collection in block style, whose lines go from `start` to `stop`."""
        entries = block_entries(self._text, node, start, stop)
        column = column_of(self._text, entries[0].start)
        steps = self._steps(entries, old, new, key)
        apart = left_apart(entries, {each.entry.start for each in steps if each.entry})
        lines = "".join(self._block_step(each, column, apart) for each in steps)
        lines += apart.get(None, "") + self._text[entries[-1].stop : stop]
        # The first line may follow the dash of an outer list.
        return lines if column_of(self._text, start) == 0 else lines.lstrip("\n ")

    def _block_step(self, step: _Step, column: int, apart: Mapping[int | None, str]) -> str:
        if step.entry:
            lead = apart[step.entry.start] + step.entry.before
            return lead + " " * column + self._block_entry(step, step.entry, column)
        if step.name is None:
            return rendering.item(step.new, column)
        return rendering.block({step.name: step.new}, column)

    def _block_entry(self, step: _Step, entry: Entry, column: int) -> str:
        text, node = self._text, entry.value
        if self._stays(step, node):
            return text[entry.start : entry.stop]
        if self.keeps(node, step.new) and node.is_flow:
            return self._around(entry, self.flow(node, step.old, step.new, self._key(step)))
        behind = text.index(":", entry.name.end) + 1 if entry.name else entry.start + 1
        if self.keeps(node, step.new):
            start = self.below(node.named if node.named > node.start else behind, node)
            inside = self.block(node, step.old, step.new, start, entry.stop, self._key(step))
            return text[entry.start : start] + inside
        return self._replaced(step, entry, behind, column)

    def _replaced(self, step: _Step, entry: Entry, behind: int, column: int) -> str:
        """An entry with another value, and with the comments beside the old one."""
        text, node = self._text, entry.value
        render = rendering.value if entry.name else rendering.listed
        beside, below = render(step.new, column)
        is_block = node.kind in _BLOCKS and not node.is_flow
        # Comments further down belong to the entries within it.
        beginning = text[behind : self.below(behind, node) if is_block else node.inner]
        stop = line_stop(text, node.end)
        ending = text[node.end : stop]
        if is_block:
            scalar = node.kind is Kind.BLOCK_SCALAR
            ending = text[node.inner : line_stop(text, node.inner + 1)] if scalar else ""
        comments = "".join(_COMMENT.findall(beginning) + _COMMENT.findall(ending))
        rest = "" if below else text[stop + 1 : entry.stop]
        return f"{text[entry.start : behind]}{beside}{comments}\n{below}{rest}"

    # Flow style.

    def flow(self, node: YamlNode, old: Any, new: Any, key: KeyFields = ()) -> str:
        """The new text of a collection in flow style."""
        text = self._text
        entries, head, foot, ends_in_comma = flow_entries(text, node)
        margin = next((each.before for each in entries if "\n" in each.before), "\n  ")
        margin = "\n" + margin.rpartition("\n")[2]
        is_broken = any("\n" in each.before for each in entries)
        pad = "" if is_broken else entries[0].before
        found = text[node.start : node.inner + 1] + head
        steps = self._steps(entries, old, new, key)
        has_comment = bool(head)
        for number, step in enumerate(steps):
            entry = step.entry
            before = entry.before if entry else margin if is_broken else ""
            if "\n" not in before:
                before = margin if has_comment else " " if number else pad
            comma = "," if ends_in_comma or number + 1 < len(steps) else ""
            after = entry.after if entry else ""
            found += before + self._flow_step(step) + comma + after
            has_comment = bool(after)
        return (
            found + ("\n" if has_comment and "\n" not in foot else "") + foot + text[node.end - 1]
        )

    def _flow_step(self, step: _Step) -> str:
        text, entry = self._text, step.entry
        if entry is None:
            return rendering.flow(step.new, step.name)
        if self._stays(step, entry.value):
            return text[entry.start : entry.stop]
        if self.keeps(entry.value, step.new):
            inside = self.flow(entry.value, step.old, step.new, self._key(step))
            return self._around(entry, inside)
        if entry.name is None:
            return rendering.flow(step.new)
        between = text[entry.name.end : entry.value.start]
        between = between if "#" in between else ": "
        return text[entry.start : entry.name.end] + between + rendering.flow(step.new)

    # Both.

    def _around(self, entry: Entry, inside: str) -> str:
        text, node = self._text, entry.value
        return text[entry.start : node.start] + inside + text[node.end : entry.stop]

    def _stays(self, step: _Step, node: YamlNode) -> bool:
        return same(step.old, step.new) and not (self._apart and node.has_alias())

    def _key(self, step: _Step) -> KeyFields:
        return self._keys.get(step.name, ()) if step.name else ()

    def _steps(self, entries: list[Entry], old: Any, new: Any, key: KeyFields) -> list[_Step]:
        if isinstance(new, Mapping):
            return self._by_name(entries, old, new)
        found = matches(old, new, key)
        return [
            _Step(None, None, None, value)
            if place is None
            else _Step(entries[place], None, old[place], value)
            for value, place in zip(new, found, strict=True)
        ]

    def _by_name(self, entries: list[Entry], old: Any, new: Mapping[str, Any]) -> list[_Step]:
        """The entries of a map in their old order; a new one follows its new neighbour."""
        found = []
        has_merged = False
        for entry in entries:
            name = entry.name.name if entry.name else ""
            if entry.name and entry.name.is_merge:
                has_merged = not self._apart
                found += [_Step(entry, None, None, None)] if has_merged else []
            elif name in new:
                found.append(_Step(entry, name, old.get(name), new[name]))
        places = {each.name: each for each in found}
        place = 0
        for name, value in new.items():
            if name in places:
                place = found.index(places[name]) + 1
            elif not (has_merged and name in old and same(old[name], value)):
                found.insert(place, _Step(None, name, None, value))
                place += 1
        return found


_BLOCKS = {Kind.BLOCK_SCALAR, Kind.MAP, Kind.LIST}
_COMMENT = re.compile(r"(?:^|[ \t])[ \t]*#.*", re.MULTILINE)
