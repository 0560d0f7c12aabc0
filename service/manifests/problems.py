"""What is wrong with the GraphQL documents of clients: everything at once, each with its place."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from service.errors import GuidepostError
from service.messages import listed


class Position(NamedTuple):
    """A place in a GraphQL document, from 1."""

    line: int
    column: int


class ManifestProblem(NamedTuple):
    """Something that is wrong with a document, or that it should not use any more."""

    source: str
    """Where the document is from: a file, or clients that registered it."""
    message: str
    id: str | None = None
    """The id of the document; None if the whole file is wrong."""
    operations: tuple[str, ...] = ()
    """The operations that it breaks, such as `query Guide`."""
    coordinate: str | None = None
    """The schema coordinate of what is used wrongly, such as `Guide.subtitle`."""
    position: Position | None = None

    def as_json(self) -> dict[str, Any]:
        """The problem as commands print it with `--json`."""
        line, column = self.position or (None, None)
        found = self._asdict()
        del found["position"]
        return {**found, "line": line, "column": column}

    @property
    def where(self) -> str:
        """The file, the operations or the id, the place and the schema coordinate."""
        place = self.position and ":".join(map(str, self.position))
        said = (self.source, ", ".join(self.operations) or self.id, place, self.coordinate)
        return ": ".join(filter(None, said))


class ManifestError(GuidepostError):
    """Documents that cannot be registered or read; none of them is."""

    def __init__(self, problems: Sequence[ManifestProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(lines(problems)))

    def as_json(self) -> dict[str, Any]:
        """The error with every problem."""
        return {**super().as_json(), "problems": [each.as_json() for each in self.problems]}


def lines(problems: Iterable[ManifestProblem]) -> list[str]:
    """Problems as lines for people."""
    return listed((each.where, each.message, each) for each in problems)
