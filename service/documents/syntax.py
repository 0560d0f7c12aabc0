"""The text of a YAML file as a tree of nodes that know their positions."""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from service.documents.parsing import events_of
from service.documents.problems import Path


class Kind(Enum):
    """The kind of a node."""

    MAP = "map"
    LIST = "list"
    SCALAR = "scalar"
    BLOCK_SCALAR = "block scalar"
    ALIAS = "alias"


@dataclass
class YamlNode:
    """A value or a key as it is written. Positions count characters from the start of the text.

    `children` has the items of a list; for a map, each key is followed by its value.
    """

    kind: Kind
    start: int
    line: int
    end: int
    """After its last character. Blank lines below a block scalar count if they are content."""
    name: str = ""
    """The text of a scalar."""
    is_flow: bool = False
    is_merge: bool = False
    """Whether it is the key `<<`, whose value has entries of the map around it."""
    named: int = 0
    """Where its anchor and its tag end; its start if it has neither."""
    inner: int = 0
    """Where the value begins after them."""
    children: list["YamlNode"] = field(default_factory=list)

    @property
    def pairs(self) -> list[tuple["YamlNode", "YamlNode"]]:
        """The keys and values of a map."""
        return [*zip(self.children[::2], self.children[1::2], strict=True)]

    def has_alias(self) -> bool:
        """Whether it is an alias or contains one."""
        open_ = [self]
        while open_:
            node = open_.pop()
            if node.kind is Kind.ALIAS:
                return True
            open_ += node.children
        return False


@dataclass(frozen=True)
class Tree:
    """The only YAML document in a text."""

    text: str
    root: YamlNode
    start: int
    """After `---`, or the start of the text."""
    end: int
    """Before `...`, or the end of the text."""

    def line(self, path: Path) -> int:
        """The line of the value at a path, or else of the nearest value above it, from 1."""
        node, line = self.root, 1
        for key in path:
            found = _child(node, key)
            if found is None:
                # It is missing, or merged from an anchor elsewhere.
                break
            line, node = found
        return line


def parsed(text: str) -> Tree:
    """The tree of a text that contains one YAML document."""
    holder = YamlNode(Kind.LIST, 0, 0, 0)
    stack = [holder]
    start, end = 0, len(text)
    for event in events_of(text):
        match event:
            case DocumentStartEvent() if event.explicit:
                start = event.end_mark.index
            case DocumentEndEvent() if event.explicit:
                end = event.start_mark.index
            case MappingEndEvent() | SequenceEndEvent():
                _close(text, stack.pop(), event.end_mark.index)
            case MappingStartEvent() | SequenceStartEvent() | ScalarEvent() | AliasEvent():
                node = _node(text, event)
                stack[-1].children.append(node)
                if isinstance(event, MappingStartEvent | SequenceStartEvent):
                    stack.append(node)
    return Tree(text, holder.children[0], start, end)


def _node(text: str, event: Any) -> YamlNode:
    start, end = event.start_mark.index, event.end_mark.index
    node = YamlNode(_kind(event), start, event.start_mark.line + 1, end, named=start, inner=start)
    if node.kind in {Kind.SCALAR, Kind.BLOCK_SCALAR}:
        node.name = event.value
        node.is_merge = node.name == "<<" and not event.style
    else:
        node.is_flow = bool(getattr(event, "flow_style", False))
    while node.kind is not Kind.ALIAS and (found := _PROPERTY.match(text, node.inner)):
        node.named, node.inner = found.end("name"), found.end()
    if node.kind is Kind.BLOCK_SCALAR and not _KEEPS.match(text, node.inner):
        node.end = start + len(text[start:end].rstrip("\n "))
    return node


_PROPERTY = re.compile(r"(?P<name>[&!][^\s,\[\]{}]*)(?:\s+#.*|\s+)*")
_KEEPS = re.compile(r"[|>]\d?\+")


def _kind(event: Any) -> Kind:
    match event:
        case MappingStartEvent():
            return Kind.MAP
        case SequenceStartEvent():
            return Kind.LIST
        case AliasEvent():
            return Kind.ALIAS
        case _:
            return Kind.BLOCK_SCALAR if event.style in {"|", ">"} else Kind.SCALAR


def _close(text: str, node: YamlNode, end: int) -> None:
    if node.is_flow:
        node.end = end
        return
    # The parser puts an empty value, and the end of a collection, where the next token is.
    for name, value in node.pairs if node.kind is Kind.MAP else []:
        if value.start == value.end:
            colon = text.find(":", name.end)
            value.start = value.end = value.named = value.inner = colon + 1
    node.end = node.children[-1].end


def _child(node: YamlNode, key: str | int) -> tuple[int, YamlNode] | None:
    """The line of an entry, and its value; None if there is no such entry."""
    if node.kind is Kind.MAP:
        found = ((name.line, value) for name, value in node.pairs if name.name == str(key))
        return next(found, None)
    if node.kind is Kind.LIST and isinstance(key, int) and key < len(node.children):
        return node.children[key].line, node.children[key]
    return None
