"""Items as data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from schema.attributes import Reference, References
from schema.model import ContentType
from service.documents.problems import Path

Key = tuple[str, str]
"""What an item is known by: the name of its type and its slug."""

Values = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """An item as data: what a document says, in the form that the working copy keeps."""

    type: ContentType
    slug: str
    values: Values = field(default_factory=dict)
    references: dict[str, str | None] = field(default_factory=dict)
    """The slug at the end of each to-one relation."""
    lists: dict[str, list[str]] = field(default_factory=dict)
    """The slugs at the end of each to-many relation, in order."""
    parts: dict[str, list[Values]] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What the item is known by."""
        return self.type.name, self.slug

    def targets(self) -> Iterator[tuple[Path, Key]]:
        """What the item refers to, and where in its document."""
        for relation in self.type.relations():
            if isinstance(relation, Reference) and (found := self.references[relation.name]):
                yield (relation.graphql_name,), (relation.target, found)
            elif isinstance(relation, References):
                for index, each in enumerate(self.lists[relation.name]):
                    yield (relation.graphql_name, index), (relation.target, each)
