"""Documents in YAML files, one in each, with the line of every value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO, TextIOWrapper
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from schema.errors import ErrorCode, ProblemCode
from schema.model import OLD_SLUG
from service.documents import syntax
from service.documents.parsing import value_of
from service.documents.problems import ContentError, Path, Place, Problem
from service.errors import GuidepostError

ENDINGS = {".yaml", ".yml"}
LOCALES = "locales.yaml"
"""The file of locales in a folder; it is no document."""


@dataclass(frozen=True)
class DocumentFile:
    """A document that was read from a file."""

    file: FilePath
    content: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The path of the file, for messages."""
        return str(self.file)

    def problem(self, code: ProblemCode, path: Path, message: str) -> Problem:
        """A problem at the line of the value at `path`, or of the nearest value above it."""
        line = self._tree.line(path) if self._tree else 1
        return Problem(code, path, message, Place(self.file, line))

    @cached_property
    def _tree(self) -> syntax.Tree | None:
        """The tree with all positions; it is only made if there is a problem."""
        try:
            return syntax.parsed(read_source(self.file).text)
        except (YAMLError, OSError, ValueError):
            return None


class FileText(NamedTuple):
    """The text of a file, and how it is encoded."""

    text: str
    """The text; its lines end in a line feed."""
    encoding: str = "utf-8"
    newline: str = "\n"

    def encoded(self, text: str) -> bytes:
        """The bytes of another text, encoded in the same way."""
        return text.replace("\n", self.newline).encode(self.encoding)


def read_source(file: FilePath) -> FileText:
    """The text of a file. Raises `OSError`, or `ValueError` if it is not UTF-8."""
    content = file.read_bytes()
    encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
    reader = TextIOWrapper(BytesIO(content), encoding)
    text = reader.read()
    newline = reader.newlines if isinstance(reader.newlines, str) else "\n"
    return FileText(text, encoding, newline)


def read_documents(directory: FilePath, problems: list[Problem]) -> Iterator[DocumentFile]:
    """Every document in a folder and its subfolders, ordered by path.

    Files that cannot be read as one YAML map are added to `problems`. Raises `GuidepostError` if
    there is no file at all.
    """
    for file in files_in(directory):
        yield from sorted_out(read_files([file]), problems)


def files_in(directory: FilePath) -> list[FilePath]:
    """The files of documents in a folder and its subfolders, ordered by path; at least one.

    Raises `GuidepostError` if there are none.
    """
    if not directory.is_dir():
        raise GuidepostError(f"{directory} is not a folder; name the folder of the documents")
    files = sorted(_files(directory))
    if not files:
        raise GuidepostError(f"{directory} has no documents; they are files such as guide.yaml")
    return files


def has_documents(directory: FilePath) -> bool:
    """Whether the folder exists and contains a file of a document."""
    return directory.is_dir() and any(_files(directory))


def read_files(files: Iterable[FilePath]) -> list[DocumentFile | list[Problem]]:
    """The document in each file, or the problems of the file."""
    found: list[DocumentFile | list[Problem]] = []
    for file in files:
        try:
            found.append(DocumentFile(file, _read(file)))
        except ContentError as error:
            found.append([*error.problems])
    return found


def read_renaming(files: Iterable[FilePath]) -> list[DocumentFile]:
    """The documents in files that name former slugs, without those that cannot be read.

    Looking for the name of the key is much faster than reading the documents.
    """
    found = read_files(file for file in files if _may_rename(file))
    return [each for each in found if isinstance(each, DocumentFile) and OLD_SLUG in each.content]


def _may_rename(file: FilePath) -> bool:
    try:
        content = file.read_bytes()
    except OSError:
        return False  # whoever reads the file says why it cannot be read
    # A backslash may stand for any letter.
    return OLD_SLUG.encode() in content or b"\\" in content


def sorted_out(
    found: Iterable[DocumentFile | list[Problem]], problems: list[Problem]
) -> Iterator[DocumentFile]:
    """The documents among what `read_files` found; the others are added to `problems`."""
    for each in found:
        if isinstance(each, DocumentFile):
            yield each
        else:
            problems += each


def _files(directory: FilePath) -> Iterator[FilePath]:
    found = (file for file in directory.rglob("*") if file.suffix.lower() in ENDINGS)
    found = (file for file in found if file != directory / LOCALES)
    # A broken link counts as a file, so that it is reported as one that cannot be read.
    return (file for file in found if not file.is_dir())


def _read(file: FilePath) -> Mapping[str, Any]:
    try:
        content = value_of(read_source(file).text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"is not valid YAML: {' '.join(filter(None, (error.context, error.problem)))}"
        raise ContentError(
            [Problem(ErrorCode.BAD_VALUE, (), message, Place(file, line))]
        ) from error
    except (YAMLError, OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        message = f"cannot be read: {' '.join(str(error).split())}"
        raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message, Place(file, 1))]) from error
    if not isinstance(content, dict):
        message = "expected a map with a `type` and a `slug`"
        raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message, Place(file, 1))])
    return content
