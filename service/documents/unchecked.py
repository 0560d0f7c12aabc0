"""Documents as they are given, by files and by programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from schema.errors import ProblemCode
from service.documents.problems import Path, Problem


class LocatedDocument(Protocol):
    """A document that was not checked yet."""

    @property
    def content(self) -> Mapping[str, Any]:
        """What it says."""

    @property
    def name(self) -> str:
        """What people call it."""

    def problem(self, code: ProblemCode, path: Path, message: str) -> Problem:
        """A problem with the value at a path."""


@dataclass(frozen=True)
class UncheckedDocument:
    """A document that a program gives."""

    content: Mapping[str, Any]
    path: Path = ()
    """Where it stands in what the program was given."""

    @property
    def name(self) -> str:
        """Its slug, if it has one."""
        return f"the document {self.content.get('slug')!r}"

    def problem(self, code: ProblemCode, path: Path, message: str) -> Problem:
        """A problem with the value at a path."""
        return Problem(code, (*self.path, *path), message)
