"""Documents in YAML files, one in each, with the line of every value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from service.documents.problems import DocumentsError, Path, Place, Problem
from service.errors import GuidepostError

ENDINGS = {".yaml", ".yml"}


@dataclass(frozen=True)
class Document:
    """A document as it was read."""

    file: FilePath
    content: Mapping[str, Any]

    def problem(self, path: Path, message: str) -> Problem:
        """A problem with the value at `path`, or with the nearest one above it that is there."""
        return Problem(Place(self.file, _line(self.content, path)), path, message)


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
        except DocumentsError as error:
            problems += error.problems
    if not documents and not problems:
        raise GuidepostError(f"{directory} holds no documents; they are files such as guide.yaml")
    return documents, problems


def _files(directory: FilePath) -> Iterator[FilePath]:
    return (file for file in directory.rglob("*") if file.suffix in ENDINGS and file.is_file())


def _read(file: FilePath) -> Mapping[str, Any]:
    # YAML 1.2, in which `no` is a text and a key may stand once.
    parser = YAML(typ="rt", pure=True)
    try:
        content = parser.load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"is not YAML: {' '.join(filter(None, (error.context, error.problem)))}"
        raise DocumentsError([Problem(Place(file, line), (), message)]) from error
    except (YAMLError, OSError, ValueError, RecursionError) as error:
        message = f"cannot be read: {' '.join(str(error).split())}"
        raise DocumentsError([Problem(Place(file, 1), (), message)]) from error
    if not isinstance(content, CommentedMap):
        message = "expected a map with a `type` and a `slug`"
        raise DocumentsError([Problem(Place(file, 1), (), message)])
    return content


def _line(content: object, path: Path) -> int:
    line = 1
    for key in path:
        if isinstance(content, CommentedMap) and key in content:
            line = content.lc.key(key)[0] + 1
        elif isinstance(content, CommentedSeq) and isinstance(key, int) and key < len(content):
            line = content.lc.item(key)[0] + 1
        else:
            break
        content = content[key]
    return line
