"""What is wrong with documents: all of it at once, each with its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from service.errors import GuidepostError

Path = tuple[str | int, ...]
"""The keys and indexes from the top of a document to a value in it."""


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

    place: Place
    path: Path
    message: str

    def __str__(self) -> str:
        where = f"{self.place}: {written(self.path)}" if self.path else str(self.place)
        return f"{where}: {self.message}"


class DocumentsError(GuidepostError):
    """Documents that cannot be loaded; nothing of them was."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.place.file, each.place.line)))
        super().__init__("\n".join(map(str, self.problems)))


def written(path: Path) -> str:
    """A path as people write it: `salaryRanges[0].minimum`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")
