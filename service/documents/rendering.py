"""Values as YAML text that means the same in YAML 1.1 and 1.2."""

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
"""Lines are not broken, except where the text has a line break."""


class RenderedValue(NamedTuple):
    """A value in block style, as it follows its key."""

    beside: str
    """The text beside the key, such as ` 5` or ` |-`; empty if the whole value is below."""
    below: str
    """The lines below the key, or nothing."""


def block(document: Mapping[str, Any], column: int = 0) -> str:
    """The entries of a map as lines that are indented to a column."""
    return _indented(_dumped(_node(document)), column)


def item(value: Any, column: int) -> str:
    """An item of a list as lines, with its dash in a column."""
    _, _, lines = _dumped(_node({"k": [value]})).partition("\n")
    return _indented(lines, column - _DASH)


def value(given: Any, column: int) -> RenderedValue:
    """A value whose key is in a column."""
    first, _, below = _dumped(_node({"k": given})).removeprefix("k:").partition("\n")
    return RenderedValue(first, _indented(below, column))


def listed(given: Any, column: int) -> RenderedValue:
    """A value whose dash is in a column."""
    first, _, below = item(given, column).partition("\n")
    return RenderedValue(first.lstrip(" ").removeprefix("-"), below)


def flow(given: Any, name: str | None = None) -> str:
    """A value in flow style, on one line; with `name`, an entry of a map."""
    whole = _node([given] if name is None else {name: given})
    whole.fa.set_flow_style()
    return _dumped(whole).removesuffix("\n")[1:-1]


_DASH = 2
"""The indentation of the items of a list."""


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
    """Writes numbers in full, because `1e-05` is a text in YAML 1.1."""

    def number(self, number: float) -> ScalarNode:
        """A number with all its digits, without an exponent."""
        return self.represent_scalar("tag:yaml.org,2002:float", f"{Decimal(repr(number)):f}")


_Representer.add_representer(float, _Representer.number)


def _node(given: Any) -> Any:
    """A value in the types that the writer takes."""
    match given:
        case Mapping():
            return CommentedMap((_node(key), _node(each)) for key, each in given.items())
        case list():
            return CommentedSeq(map(_node, given))
        case str():
            return _text(given)
    return given


def _text(text: str) -> Any:
    """Several lines become a block; text that is not safe plain or in a block is quoted."""
    lines: list[str] = text.split("\n")
    if not all(line.isprintable() for line in lines):
        return DoubleQuotedScalarString(text)
    if len(lines) == 1:
        return SingleQuotedScalarString(text) if _is_more_than_text(text) else text
    # A block that ends in empty lines would include those below it.
    is_block = (
        all(line == line.rstrip() for line in lines)
        and lines[0] == lines[0].lstrip() != ""
        and lines[-2:] != ["", ""]
    )
    return LiteralScalarString(text) if is_block else DoubleQuotedScalarString(text)


def _is_more_than_text(text: str) -> bool:
    """Whether a version of YAML would read the plain text as a number, a date, true, null, …"""
    return any(pattern.match(text) for _, _, pattern, _ in implicit_resolvers)
