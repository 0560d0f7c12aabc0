"""Documents in YAML files, one in each, with the line of every value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
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
        return Problem(code, path, message, Place(self.file, _line(self.content, path)))


def read_documents(directory: FilePath) -> tuple[list[Document], list[Problem]]:
    """Every document in a folder and those below it, in the order of the files' names.

    The problems are the files that cannot be read as one YAML map.
    """
    if not directory.is_dir():
        raise GuidepostError(f"{directory} is no folder; name the one that holds the documents")
    documents: list[Document] = []
    problems: list[Problem] = []
    for file in sorted(_files(directory)):
        try:
            documents.append(Document(file, _read(file)))
        except ContentError as error:
            problems += error.problems
    if not documents and not problems:
        raise GuidepostError(f"{directory} holds no documents; they are files such as guide.yaml")
    return documents, problems


def _files(directory: FilePath) -> Iterator[FilePath]:
    found = (file for file in directory.rglob("*") if file.suffix.lower() in ENDINGS)
    # A link that leads nowhere is a file that cannot be read, and is said to be.
    return (file for file in found if not file.is_dir())


class Constructor(RoundTripConstructor):
    """Leaves dates as they are written: whether they are dates is checked where lines are known."""


Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def _read(file: FilePath) -> Mapping[str, Any]:
    # YAML 1.2, in which `no` is a text and a key may stand once.
    parser = YAML(typ="rt", pure=True)
    parser.Constructor = Constructor
    try:
        content = parser.load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"is not YAML: {' '.join(filter(None, (error.context, error.problem)))}"
        raise ContentError([Problem(Code.BAD_VALUE, (), message, Place(file, line))]) from error
    except (YAMLError, OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        message = f"cannot be read: {' '.join(str(error).split())}"
        raise ContentError([Problem(Code.BAD_VALUE, (), message, Place(file, 1))]) from error
    if not isinstance(content, CommentedMap):
        message = "expected a map with a `type` and a `slug`"
        raise ContentError([Problem(Code.BAD_VALUE, (), message, Place(file, 1))])
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
