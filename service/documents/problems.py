"""Problems: everything that is wrong with content, at once, each with its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from schema.errors import ProblemCode
from service.errors import GuidepostError
from service.messages import listed

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
    item: tuple[str, str] | None = None
    """The type and the slug of its item, where neither `place` nor `path` tells."""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.where, self.what)))

    def as_json(self) -> dict[str, Any]:
        """The problem as commands print it with `--json`."""
        type_, slug = self.item or (None, None)
        return {
            "code": self.code.name,
            "message": self.message,
            "path": self.path,
            "file": str(self.place.file) if self.place else None,
            "line": self.place.line if self.place else None,
            "type": type_,
            "slug": slug,
        }

    @property
    def where(self) -> str:
        """The line of a file, or the item; empty if `path` tells where it is."""
        return str(self.place or " ".join(self.item or ()))

    @property
    def what(self) -> str:
        """The problem without the place."""
        message = self.message.removeprefix(f"{' '.join(self.item or ())}: ")
        return f"{format_path(self.path)}: {message}" if self.path else message


class ContentError(GuidepostError):
    """Content is wrong, or cannot be changed as asked; nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_place))
        super().__init__("\n".join(lines(self.problems)))

    def as_json(self) -> dict[str, Any]:
        """The error with every problem."""
        return {**super().as_json(), "problems": [each.as_json() for each in self.problems]}


def lines(problems: Iterable[Problem]) -> list[str]:
    """Problems as lines for people: many that differ only in their places are one line."""
    return listed((each.where, each.what, _equality(each)) for each in problems)


def _equality(problem: Problem) -> object:
    """What equal problems share; the third entry of a list may have the problem of the first."""
    path = tuple("" if isinstance(key, int) else key for key in problem.path)
    return problem.code, path, replace(problem, path=()).what


def _place(problem: Problem) -> tuple[str, int]:
    return (str(problem.place.file), problem.place.line) if problem.place else ("", 0)


def format_path(path: Path) -> str:
    """A path as people write it: `salaryRanges[0].minimum`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")
