"""What is wrong with content: all of it at once, each with its place."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from service.errors import GuidepostError

Path = tuple[str | int, ...]
"""The keys and indexes from the top of a document, or of what was given, to a value in it."""


class Code(enum.Enum):
    """What kind of problem it is; these names stay."""

    BAD_VALUE = "A value that the field cannot have."
    MISSING = "A value that has to be there and is not."
    UNKNOWN_FIELD = "There is no field of this name."
    UNKNOWN_TYPE = "There is no content type of this name."
    UNKNOWN_LOCALE = "Content is not written in this locale."
    UNKNOWN_ITEM = "There is no item with this slug or id."
    UNKNOWN_REVISION = "There is no revision with this id."
    DUPLICATE = "Something that only one can have, and another has."
    CYCLE = "Items that lead back to themselves."
    CONFLICT = "Somebody else changed the item in between."
    IN_USE = "Others refer to the item."
    NOT_PUBLISHED = "The item refers to something that is not published."
    BAD_TIME = "A time that lies in the past, or before another."


@dataclass(frozen=True)
class Place:
    """Where a document stands."""

    file: FilePath
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """Something that has to be mended; the message says what would be right."""

    code: Code
    path: Path
    message: str
    place: Place | None = None
    """Where the document stands, if it is in a file."""

    def __str__(self) -> str:
        path = written(self.path) if self.path else ""
        where = ": ".join(str(each) for each in (self.place, path) if each)
        return f"{where}: {self.message}" if where else self.message


class ContentError(GuidepostError):
    """Content that cannot be what it is asked to be; nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_place))
        super().__init__("\n".join(map(str, self.problems)))


def _place(problem: Problem) -> tuple[str, int]:
    return (str(problem.place.file), problem.place.line) if problem.place else ("", 0)


def written(path: Path) -> str:
    """A path as people write it: `salaryRanges[0].minimum`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")
