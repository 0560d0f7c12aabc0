"""Documents in YAML files, one in each, with the line of every value.

A file is read by the parser in C, which is eight times as fast. What that does not take, or takes
differently, goes to the one in Python, which knows lines and speaks to people.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarbool import ScalarBoolean

from schema.editing import Code
from service.documents.problems import ContentError, Path, Place, Problem
from service.errors import GuidepostError

ENDINGS = {".yaml", ".yml"}


@dataclass(frozen=True)
class Document:
    """A document as it was read."""

    file: FilePath
    content: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.file)

    def problem(self, code: Code, path: Path, message: str) -> Problem:
        """A problem with the value at `path`, or with the nearest one above it that is there."""
        return Problem(code, path, message, Place(self.file, _line(self._lines, path)))

    @cached_property
    def _lines(self) -> object:
        """The content with its lines, which are looked for only where something is wrong."""
        try:
            return _read(self.file, _slow)
        except ContentError:
            return None


def read_documents(directory: FilePath, problems: list[Problem]) -> Iterator[Document]:
    """Every document in a folder and those below it, in the order of the files' names.

    Files that cannot be read as one YAML map are put into `problems`. Raises `GuidepostError` where
    there is no file at all.
    """
    for file in files_in(directory):
        yield from sorted_out(read_files([file]), problems)


def files_in(directory: FilePath) -> list[FilePath]:
    """The files of a folder that are documents, in the order of their names; at least one."""
    if not directory.is_dir():
        raise GuidepostError(f"{directory} is no folder; name the one that holds the documents")
    files = sorted(_files(directory))
    if not files:
        raise GuidepostError(f"{directory} holds no documents; they are files such as guide.yaml")
    return files


def read_files(files: Iterable[FilePath]) -> list[Document | list[Problem]]:
    """The document in each file, or what is wrong with it."""
    found: list[Document | list[Problem]] = []
    for file in files:
        try:
            found.append(Document(file, _read(file, _fast)))
        except ContentError as error:
            found.append([*error.problems])
    return found


def sorted_out(
    found: Iterable[Document | list[Problem]], problems: list[Problem]
) -> Iterator[Document]:
    """The documents of those; the others are put into `problems`."""
    for each in found:
        if isinstance(each, Document):
            yield each
        else:
            problems += each


def _files(directory: FilePath) -> Iterator[FilePath]:
    found = (file for file in directory.rglob("*") if file.suffix.lower() in ENDINGS)
    # A link that leads nowhere is a file that cannot be read, and is said to be.
    return (file for file in found if not file.is_dir())


class Constructor(RoundTripConstructor):
    """Leaves dates as they are written: whether they are dates is checked where lines are known."""


class _SafeConstructor(SafeConstructor):
    """The same for the parser in C."""


class _Resolver(VersionedResolver):
    """Knows one version of YAML, and need not ask of each value which one it is in."""

    processing_version = (1, 2)


_TIMESTAMP = "tag:yaml.org,2002:timestamp"
Constructor.add_constructor(_TIMESTAMP, lambda _, node: node.value)
_SafeConstructor.add_constructor(_TIMESTAMP, lambda _, node: node.value)


def _read(file: FilePath, parse: Callable[[str], Any]) -> Mapping[str, Any]:
    try:
        content = parse(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"is not YAML: {' '.join(filter(None, (error.context, error.problem)))}"
        raise ContentError([Problem(Code.BAD_VALUE, (), message, Place(file, line))]) from error
    except (YAMLError, OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        message = f"cannot be read: {' '.join(str(error).split())}"
        raise ContentError([Problem(Code.BAD_VALUE, (), message, Place(file, 1))]) from error
    if not isinstance(content, dict):
        message = "expected a map with a `type` and a `slug`"
        raise ContentError([Problem(Code.BAD_VALUE, (), message, Place(file, 1))])
    return content


def _fast(text: str) -> Any:
    if _ODD.search(text) or len(text) > _LONGEST or len(_NESTING.findall(text)) > _DEEPEST:
        return _slow(text)
    parser = YAML(typ="safe")
    parser.Constructor = _SafeConstructor
    parser.Resolver = _Resolver
    try:
        return parser.load(text)
    except (YAMLError, ValueError, LookupError, TypeError):
        return _slow(text)


# The two parsers do not agree on them.
_ODD = re.compile("[\t\x85\u2028\u2029\ufeff]|^%", re.MULTILINE)
# The one in C ends the process where values lie some twenty thousand deep within one another.
_NESTING = re.compile(r"[\[{?-]")
_DEEPEST = 1_000
_LONGEST = 1_000_000
"""In characters: lines that are indented deeper and deeper."""


def _slow(text: str) -> Any:
    # YAML 1.2, in which `no` is a text and a key may stand once.
    parser = YAML(typ="rt", pure=True)
    parser.Constructor = Constructor
    content = parser.load(text)
    _plain(content, set())
    return content


def _line(content: object, path: Path) -> int:
    line = 1
    for key in path:
        try:
            if isinstance(content, CommentedMap):
                line = content.lc.key(key)[0] + 1
            elif isinstance(content, CommentedSeq):
                line = content.lc.item(key)[0] + 1
            content = content[key]  # type: ignore[index]  # what has no index raises
        except (LookupError, TypeError):
            # Missing, or merged in from an anchor elsewhere.
            break
    return line


def _plain(value: Any, seen: set[int]) -> Any:
    """The value with Python's own scalars in place of the parser's, which are not all alike.

    Maps and lists stay what they are: they know the lines.
    """
    match value:
        case CommentedMap() | CommentedSeq() if id(value) not in seen:
            seen.add(id(value))
            places = value.keys() if isinstance(value, CommentedMap) else range(len(value))
            for place in [*places]:
                value[place] = _plain(value[place], seen)
        case ScalarBoolean():
            return bool(value)
        case bool():
            return value
        case int():
            return int(value)
        case float():
            return float(value)
        case str():
            return str(value)
    return value
