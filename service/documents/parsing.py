"""What the text of a YAML file says, as plain values.

A text is read by the parser in C, which is eight times as fast. What that does not take, or takes
differently, goes to the one in Python, which speaks to people.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import Event
from ruamel.yaml.nodes import Node
from ruamel.yaml.resolver import VersionedResolver

T = TypeVar("T")


def value_of(text: str) -> Any:
    """What the text of a file says."""
    return _by_either(text, lambda parser: parser.load(text))


def events_of(text: str) -> list[Event]:
    """What the text consists of, with its places."""
    return _by_either(text, lambda parser: [*parser.parse(text)])


def _by_either(text: str, read: Callable[[YAML], T]) -> T:
    if _ODD.search(text) or len(text) > _LONGEST or len(_NESTING.findall(text)) > _DEEPEST:
        return read(_slow())
    try:
        return read(_fast())
    except (YAMLError, ValueError, LookupError, TypeError):
        return read(_slow())


# The two parsers do not agree on them.
_ODD = re.compile("[\x85\u2028\u2029\ufeff]|^%", re.MULTILINE)
# The one in C ends the process where values lie some twenty thousand deep within one another.
_NESTING = re.compile(r"[\[{?-]")
_DEEPEST = 1_000
_LONGEST = 1_000_000
"""In characters: lines that are indented deeper and deeper."""


def _fast() -> YAML:
    parser = YAML(typ="safe")
    parser.Constructor = _Constructor
    parser.Resolver = _Resolver
    return parser


def _slow() -> YAML:
    # YAML 1.2, in which `no` is a text and a key may stand once.
    parser = YAML(typ="safe", pure=True)
    parser.Constructor = _Constructor
    # A name may be given again.
    parser.composer.warn_double_anchors = False
    return parser


class _Resolver(VersionedResolver):
    """Knows one version of YAML, and need not ask of each value which one it is in."""

    processing_version = (1, 2)


_TAGS = "tag:yaml.org,2002:"
_KNOWN = SafeConstructor.yaml_constructors


def _scalar(constructor: SafeConstructor, node: Node) -> Any:
    """A number, or true or false, in any of the ways that YAML has to write it."""
    try:
        return _KNOWN[str(node.tag)](constructor, node)
    except (ValueError, LookupError) as error:
        message = f"expected what {_short(node)} says, got {node.value!r}"
        raise MarkedYAMLError(problem=message, problem_mark=node.start_mark) from error


def _unknown(_: SafeConstructor, node: Node) -> Any:
    message = f"no document holds anything tagged {_short(node)}; remove the tag"
    raise MarkedYAMLError(problem=message, problem_mark=node.start_mark)


def _short(node: Node) -> str:
    """The tag of a node as people write it."""
    return str(node.tag).replace(_TAGS, "!!", 1)


class _Constructor(SafeConstructor):
    """Makes what JSON has, and nothing else.

    Dates are texts as they are written: whether they are dates is checked where fields are known.
    `=` is a text as well, and `<<` is one where it is not a key.
    """


_Constructor.yaml_constructors = {
    **{_TAGS + name: _KNOWN[_TAGS + name] for name in ("map", "seq", "str", "null")},
    **{_TAGS + name: _scalar for name in ("bool", "int", "float")},
    **{_TAGS + name: SafeConstructor.construct_scalar for name in ("timestamp", "value", "merge")},
    None: _unknown,
}
