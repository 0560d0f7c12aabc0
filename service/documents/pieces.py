"""The entries of YAML's maps and lists as pieces of a text, each with its own comments.

These are the comments beside an entry, and on the lines right above it.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from service.documents.syntax import Kind, YamlNode


class Entry(NamedTuple):
    """An entry of a map or a list, and the text that belongs to it."""

    name: YamlNode | None
    """Its key, if it is an entry of a map."""
    value: YamlNode
    start: int
    """Where it begins: at the key, at the dash, or at the value."""
    stop: int
    """Where it ends; in block style after its last line."""
    before: str
    """The comments above it; in flow style the white space too."""
    after: str = ""
    """In flow style, the comments after it."""
    apart: str = ""
    """In block style, what a blank line separates from the comments above.

    It belongs to no entry.
    """


_DASH = re.compile(r"^ *-(?=\s)", re.MULTILINE)


def block_entries(text: str, node: YamlNode, start: int, stop: int) -> list[Entry]:
    """The entries of a collection in block style, in the lines from `start` to `stop`."""
    found = []
    begins = [*_begins(text, node)]
    column = column_of(text, begins[0])
    limits = [*(line_start(text, begin) for begin in begins[1:]), stop]
    for (name, value), begin, limit in zip(_named(node), begins, limits, strict=True):
        lead = text[start : line_start(text, begin)]
        above = _ABOVE.search(lead)
        divided = above.start() if above else len(lead)
        end = line_stop(text, max(value.end, begin + 1)) + 1
        start = end + _deep(text[end:limit], column)
        found.append(Entry(name, value, begin, start, lead[divided:], apart=lead[:divided]))
    return found


def _named(node: YamlNode) -> list[tuple[YamlNode | None, YamlNode]]:
    """The values of a collection, with their keys in a map."""
    return [*node.pairs] if node.kind is Kind.MAP else [(None, each) for each in node.children]


_ABOVE = re.compile(r"(?:^[ \t]*#.*\n)*\Z", re.MULTILINE)
"""The lines of comments right above an entry."""


def _begins(text: str, node: YamlNode) -> Iterator[int]:
    """The positions of the keys of a map, or of the dashes of a list."""
    if node.kind is Kind.MAP:
        yield from (name.start for name, _ in node.pairs)
        return
    yield node.inner
    for one, other in pairwise(node.children):
        # There are only comments in between.
        if dash := _DASH.search(text, one.end, other.start + 1):
            yield dash.end() - 1


def _deep(lines: str, column: int) -> int:
    """The length of the comments right below an entry that are indented like its content."""
    length = found = 0
    for line in lines.splitlines(keepends=True):
        length += len(line)
        if line.strip():
            if column_of(line, len(line) - len(line.lstrip())) <= column:
                break
            found = length
    return found


def left_apart(entries: list[Entry], kept: set[int]) -> dict[int | None, str]:
    """The text that stands apart above each kept entry, by its start.

    Comments apart from entries that are not kept go to the next kept one, or to None after the
    last.
    """
    found: dict[int | None, str] = {}
    left = ""
    for each in entries:
        if each.start in kept:
            found[each.start], left = left + each.apart, ""
        elif "#" in each.apart:
            left += each.apart
    return {**found, None: left}


def flow_entries(text: str, node: YamlNode) -> tuple[list[Entry], str, str, bool]:
    """The entries in brackets, the text before and after all, and if they end in a comma."""
    pairs = _named(node)
    begins = [(name or value).start for name, value in pairs]
    head, lead = _beside(text[node.inner + 1 : begins[0]])
    found = []
    comma = None
    for (name, value), (begin, following) in zip(
        pairs, pairwise([*begins, node.end - 1]), strict=True
    ):
        end = max(name.end, value.end) if name else value.end
        gap = text[end:following]
        comma = _COMMA.match(gap)
        early = comma[1].rstrip() if comma else ""
        after, rest = _beside(gap[comma.end() :] if comma else gap)
        found.append(Entry(name, value, begin, end, lead, early + after))
        lead = rest
    return found, head, lead, comma is not None


_COMMA = re.compile(r"((?:\s|#[^\n]*+)*+),")


def _beside(gap: str) -> tuple[str, str]:
    """The comment at the start of a gap between entries, and the rest of the gap."""
    found = re.match(r"[ \t]*#[^\n]*", gap)
    return (found[0], gap[found.end() :]) if found else ("", gap)


def line_start(text: str, at: int) -> int:
    """The start of the line that contains a position."""
    return text.rfind("\n", 0, at) + 1


def line_stop(text: str, at: int) -> int:
    """The end of the line that contains the character before a position."""
    return text.index("\n", at - 1)


def column_of(text: str, at: int) -> int:
    """The column of a position, counted from 0."""
    return at - line_start(text, at)
