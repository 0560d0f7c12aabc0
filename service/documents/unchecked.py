"""Documents before they are checked, as files and programs give them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from schema.errors import ProblemCode
from service.documents.problems import Path, Problem


class LocatedDocument(Protocol):
    """A document that has not been checked, and that knows where its values stand."""

    @property
    def content(self) -> Mapping[str, Any]:
        """The document as plain data."""

    @property
    def name(self) -> str:
        """The name of the document, for messages."""

    def problem(self, code: ProblemCode, path: Path, message: str) -> Problem:
        """A problem with the value at a path."""


@dataclass(frozen=True)
class UncheckedDocument:
    """A document that a program sent."""

    content: Mapping[str, Any]
    path: Path = ()
    """Where the document stands in what the program sent."""

    @property
    def name(self) -> str:
        """The document by its slug, for messages."""
        return f"the document {self.content.get('slug')!r}"

    def problem(self, code: ProblemCode, path: Path, message: str) -> Problem:
        """A problem with the value at a path."""
        return Problem(code, (*self.path, *path), message)
