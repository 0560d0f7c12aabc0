"""Records: checked documents, in the form that the code stores."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from schema.attributes import Reference, References
from schema.model import ContentType
from service.documents.problems import Path

Key = tuple[str, str]
"""The name of an item's type, and its slug."""

Values = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """An item in the form that the working copy stores. The names are those of attributes."""

    type: ContentType
    slug: str
    values: Values = field(default_factory=dict)
    references: dict[str, str | None] = field(default_factory=dict)
    """The slug that each reference leads to; None if it is not set."""
    lists: dict[str, list[str]] = field(default_factory=dict)
    """The slugs that each list of references leads to, in order."""
    parts: dict[str, list[Values]] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """The name of the type, and the slug."""
        return self.type.name, self.slug

    def targets(self) -> Iterator[tuple[Path, Key]]:
        """The items that this one refers to, each with the path of the reference."""
        for relation in self.type.relations():
            if isinstance(relation, Reference) and (found := self.references[relation.name]):
                yield (relation.graphql_name,), (relation.target, found)
            elif isinstance(relation, References):
                for index, each in enumerate(self.lists[relation.name]):
                    yield (relation.graphql_name, index), (relation.target, each)
