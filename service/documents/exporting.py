"""Documents as YAML: the same bytes for the same content, and comments left where they are."""

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from service.documents.files import Constructor

Document = Mapping[str, Any]

_WIDTH = 1 << 20
"""No line is broken but where the text has one."""


def as_yaml(document: Document) -> str:
    """A document as the text of a file."""
    return _dumped(_node(document))


def renewed(text: str, document: Document) -> str:
    """The text of a file, with what is different in the document put in."""
    content = _parser().load(text)
    if not isinstance(content, CommentedMap):
        return as_yaml(document)
    if content == document:
        return text
    _update_map(content, document)
    return _dumped(content)


def _parser() -> YAML:
    parser = YAML(typ="rt", pure=True)
    parser.Constructor = Constructor
    parser.width = _WIDTH
    parser.preserve_quotes = True
    parser.indent(mapping=2, sequence=4, offset=2)
    return parser


def _dumped(content: Any) -> str:
    stream = StringIO()
    _parser().dump(content, stream)
    return stream.getvalue()


def _node(value: Any) -> Any:
    """A value as the writer takes it: texts of several lines as blocks."""
    match value:
        case Mapping():
            return CommentedMap((key, _node(each)) for key, each in value.items())
        case list():
            return CommentedSeq(map(_node, value))
        case str():
            return _text(value)
    return value


def _text(text: str) -> Any:
    """Several lines as a block; in quotes what neither that nor a plain text can hold as it is."""
    lines: list[str] = text.split("\n")
    if not all(line.isprintable() for line in lines):
        return DoubleQuotedScalarString(text)
    if len(lines) == 1:
        return text
    is_block = all(line == line.rstrip() for line in lines) and lines[0] == lines[0].lstrip() != ""
    return LiteralScalarString(text) if is_block else DoubleQuotedScalarString(text)


def _update_map(old: CommentedMap, new: Document) -> None:
    for key in [key for key in old if key not in new]:
        del old[key]
    for place, (key, value) in enumerate(new.items()):
        if key not in old:
            old.insert(min(place, len(old)), key, _node(value))
        elif old[key] != value:
            old[key] = _updated(old[key], value)


def _updated(old: Any, new: Any) -> Any:
    if isinstance(old, CommentedMap) and isinstance(new, Mapping):
        _update_map(old, new)
        return old
    if isinstance(old, CommentedSeq) and isinstance(new, list):
        _update_list(old, new)
        return old
    return _node(new)


def _update_list(old: CommentedSeq, new: Sequence[Any]) -> None:
    del old[len(new) :]
    for place, value in enumerate(new):
        if place == len(old):
            old.append(_node(value))
        elif old[place] != value:
            old[place] = _updated(old[place], value)
