"""Values as YAML text, which readers of YAML 1.1 and of 1.2 read alike."""

from collections.abc import Mapping
from decimal import Decimal
from io import StringIO
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.resolver import implicit_resolvers
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

_WIDTH = 1 << 20
"""No line is broken but where the text has one."""


class RenderedValue(NamedTuple):
    """A value in block style, as it follows its key."""

    beside: str
    """What stands beside the key, such as ` 5` or ` |-`; nothing where all of it stands below."""
    below: str
    """Whole lines, or nothing."""


def block(document: Mapping[str, Any], column: int = 0) -> str:
    """Entries, each on a line of its own, that begin in a column."""
    return _indented(_dumped(_node(document)), column)


def item(value: Any, column: int) -> str:
    """The item of a list, with its dash in a column."""
    _, _, lines = _dumped(_node({"k": [value]})).partition("\n")
    return _indented(lines, column - _DASH)


def value(given: Any, column: int) -> RenderedValue:
    """A value whose key begins in a column."""
    first, _, below = _dumped(_node({"k": given})).removeprefix("k:").partition("\n")
    return RenderedValue(first, _indented(below, column))


def listed(given: Any, column: int) -> RenderedValue:
    """A value whose dash is in a column."""
    first, _, below = item(given, column).partition("\n")
    return RenderedValue(first.lstrip(" ").removeprefix("-"), below)


def flow(given: Any, name: str | None = None) -> str:
    """A value within brackets or braces, on one line."""
    whole = _node([given] if name is None else {name: given})
    whole.fa.set_flow_style()
    return _dumped(whole).removesuffix("\n")[1:-1]


_DASH = 2
"""How far the items of a list are indented."""


def _indented(lines: str, by: int) -> str:
    margin = " " * by
    moved = (
        margin + line if by >= 0 and line else line[max(0, -by) :] for line in lines.split("\n")
    )
    return "\n".join(moved)


def _dumped(content: Any) -> str:
    writer = YAML(typ="rt", pure=True)
    writer.Representer = _Representer
    writer.width = _WIDTH
    writer.brace_single_entry_mapping_in_flow_sequence = True
    writer.indent(mapping=2, sequence=2 + _DASH, offset=_DASH)
    stream = StringIO()
    writer.dump(content, stream)
    return stream.getvalue()


class _Representer(RoundTripRepresenter):
    """Writes numbers as people do: to readers of YAML 1.1, `1e-05` is a text."""

    def number(self, number: float) -> ScalarNode:
        """A number with all its digits."""
        return self.represent_scalar("tag:yaml.org,2002:float", f"{Decimal(repr(number)):f}")


_Representer.add_representer(float, _Representer.number)


def _node(given: Any) -> Any:
    """A value as the writer takes it."""
    match given:
        case Mapping():
            return CommentedMap((_node(key), _node(each)) for key, each in given.items())
        case list():
            return CommentedSeq(map(_node, given))
        case str():
            return _text(given)
    return given


def _text(text: str) -> Any:
    """Several lines as a block; in quotes what neither that nor a plain text can hold as it is."""
    lines: list[str] = text.split("\n")
    if not all(line.isprintable() for line in lines):
        return DoubleQuotedScalarString(text)
    if len(lines) == 1:
        return SingleQuotedScalarString(text) if _is_more_than_text(text) else text
    # A block that ends in empty lines would take in those below it.
    is_block = (
        all(line == line.rstrip() for line in lines)
        and lines[0] == lines[0].lstrip() != ""
        and lines[-2:] != ["", ""]
    )
    return LiteralScalarString(text) if is_block else DoubleQuotedScalarString(text)


def _is_more_than_text(text: str) -> bool:
    """Whether some version of YAML reads a plain text as a number, a date, true, null, …"""
    return any(pattern.match(text) for _, _, pattern, _ in implicit_resolvers)
