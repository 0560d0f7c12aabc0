"""The entries of YAML's maps and lists as pieces of a text, each with its own comments.

Those are the comments beside it and on the lines right above it.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from service.documents.syntax import Kind, YamlNode


class Entry(NamedTuple):
    """An entry, and what belongs to it."""

    name: YamlNode | None
    """Its key, if it is one of a map."""
    value: YamlNode
    start: int
    """Where it begins: the key, the dash, or the value."""
    stop: int
    """Where it ends: in block style behind its last line."""
    before: str
    """The comments above it, and in flow style the white space."""
    after: str = ""
    """In flow style the comments behind it."""
    apart: str = ""
    """In block style what a blank line divides from the comments above: it belongs to no entry."""


_DASH = re.compile(r"^ *-(?=\s)", re.MULTILINE)


def block_entries(text: str, node: YamlNode, start: int, stop: int) -> list[Entry]:
    """The entries in the lines from where they start to where they stop."""
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
    """The entries of a collection with their keys, if they have any."""
    return [*node.pairs] if node.kind is Kind.MAP else [(None, each) for each in node.children]


_ABOVE = re.compile(r"(?:^[ \t]*#.*\n)*\Z", re.MULTILINE)
"""The lines of comments right above an entry."""


def _begins(text: str, node: YamlNode) -> Iterator[int]:
    """Where the keys of a map, or the dashes of a list, are."""
    if node.kind is Kind.MAP:
        yield from (name.start for name, _ in node.pairs)
        return
    yield node.inner
    for one, other in pairwise(node.children):
        # There is nothing but comments besides.
        if dash := _DASH.search(text, one.end, other.start + 1):
            yield dash.end() - 1


def _deep(lines: str, column: int) -> int:
    """The length of the comments right below an entry that are indented as what is in it."""
    length = found = 0
    for line in lines.splitlines(keepends=True):
        length += len(line)
        if line.strip():
            if column_of(line, len(line) - len(line.lstrip())) <= column:
                break
            found = length
    return found


def left_apart(entries: list[Entry], kept: set[int]) -> dict[int | None, str]:
    """What stands apart above each entry that is kept, with that of those that are not."""
    found: dict[int | None, str] = {}
    left = ""
    for each in entries:
        if each.start in kept:
            found[each.start], left = left + each.apart, ""
        elif "#" in each.apart:
            left += each.apart
    return {**found, None: left}


def flow_entries(text: str, node: YamlNode) -> tuple[list[Entry], str, str, bool]:
    """The entries in brackets, what is before and behind them all, and if they end in a comma."""
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
    """A comment at the start of a gap, and what follows it."""
    found = re.match(r"[ \t]*#[^\n]*", gap)
    return (found[0], gap[found.end() :]) if found else ("", gap)


def line_start(text: str, at: int) -> int:
    """Where the line begins that a position is in."""
    return text.rfind("\n", 0, at) + 1


def line_stop(text: str, at: int) -> int:
    """Where a line ends of which the character before a position is one."""
    return text.index("\n", at - 1)


def column_of(text: str, at: int) -> int:
    """How far a position is from the start of its line."""
    return at - line_start(text, at)
