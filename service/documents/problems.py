"""Problems: everything that is wrong with content, at once, each with its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from schema.errors import ProblemCode
from service.errors import GuidepostError

Path = tuple[str | int, ...]
"""The keys and indexes that lead from the top of a document, or of arguments, to a value."""


@dataclass(frozen=True)
class Place:
    """Where a value is written."""

    file: FilePath
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """Something wrong with content; the message says what would be right."""

    code: ProblemCode
    path: Path
    message: str
    place: Place | None = None
    """Where it is written, if it is in a file."""

    def __str__(self) -> str:
        path = format_path(self.path) if self.path else ""
        where = ": ".join(str(each) for each in (self.place, path) if each)
        return f"{where}: {self.message}" if where else self.message


class ContentError(GuidepostError):
    """Content is wrong, or cannot be changed as asked; nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_place))
        super().__init__("\n".join(map(str, self.problems)))


def _place(problem: Problem) -> tuple[str, int]:
    return (str(problem.place.file), problem.place.line) if problem.place else ("", 0)


def format_path(path: Path) -> str:
    """A path as people write it: `salaryRanges[0].minimum`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")
