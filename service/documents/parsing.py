"""The text of a YAML file as plain values.

The parser in C is eight times as fast. What it rejects or reads differently goes to the parser in
Python, whose error messages are for people.
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
    """The value of the text of a file; raises `YAMLError` and others for text that is not YAML."""
    return _by_either(text, lambda parser: parser.load(text))


def events_of(text: str) -> list[Event]:
    """The parser's events for a text, with their positions."""
    return _by_either(text, lambda parser: [*parser.parse(text)])


def _by_either(text: str, read: Callable[[YAML], T]) -> T:
    if _ODD.search(text) or len(text) > _LONGEST or len(_NESTING.findall(text)) > _DEEPEST:
        return read(_slow())
    try:
        return read(_fast())
    except (YAMLError, ValueError, LookupError, TypeError):
        return read(_slow())


# The two parsers disagree on these.
_ODD = re.compile("[\x85\u2028\u2029\ufeff]|^%", re.MULTILINE)
# The parser in C crashes the process if values nest some twenty thousand deep.
_NESTING = re.compile(r"[\[{?-]")
_DEEPEST = 1_000
_LONGEST = 1_000_000
"""Characters. A longer text could nest as deep by indentation alone."""


def _fast() -> YAML:
    parser = YAML(typ="safe")
    parser.Constructor = _Constructor
    parser.Resolver = _Resolver
    return parser


def _slow() -> YAML:
    # YAML 1.2, in which `no` is a text and a key may not be repeated.
    parser = YAML(typ="safe", pure=True)
    parser.Constructor = _Constructor
    # The name of an anchor may be given again.
    parser.composer.warn_double_anchors = False
    return parser


class _Resolver(VersionedResolver):
    """A resolver for one version of YAML, which need not ask for the version at each value."""

    processing_version = (1, 2)


_TAGS = "tag:yaml.org,2002:"
_KNOWN = SafeConstructor.yaml_constructors


def _scalar(constructor: SafeConstructor, node: Node) -> Any:
    """A number, `true` or `false`, in any of the forms that YAML has for it."""
    try:
        return _KNOWN[str(node.tag)](constructor, node)
    except (ValueError, LookupError) as error:
        message = f"{node.value!r} does not fit its tag {_short(node)}; change one of them"
        raise MarkedYAMLError(problem=message, problem_mark=node.start_mark) from error


def _unknown(_: SafeConstructor, node: Node) -> Any:
    message = f"documents cannot have the tag {_short(node)}; remove it"
    raise MarkedYAMLError(problem=message, problem_mark=node.start_mark)


def _short(node: Node) -> str:
    """The tag of a node in its short form, such as `!!int`."""
    return str(node.tag).replace(_TAGS, "!!", 1)


class _Constructor(SafeConstructor):
    """Makes the values that JSON has, and no others.

    Dates stay the text that is written; they are checked where fields are known. `=` is text, and
    so is `<<` unless it is a key.
    """


_Constructor.yaml_constructors = {
    **{_TAGS + name: _KNOWN[_TAGS + name] for name in ("map", "seq", "str", "null")},
    **{_TAGS + name: _scalar for name in ("bool", "int", "float")},
    **{_TAGS + name: SafeConstructor.construct_scalar for name in ("timestamp", "value", "merge")},
    None: _unknown,
}
