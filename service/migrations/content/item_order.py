"""Items in an order in which they can be saved: each after those that it refers to."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from schema.attributes import Reference, References
from schema.model import Model
from service.documents.document import Document
from service.documents.records import Key


def in_order(model: Model, documents: Mapping[Key, Document]) -> list[Key]:
    """Items by type and slug, but each after the items that it refers to, as far as possible.

    In a cycle, references that can be null are ignored.
    """
    made = _Order(model, documents)
    for type_ in model.by_dependency:
        for key in sorted(each for each in documents if each[0] == type_.name):
            made.add(key, frozenset())
    return [*made.found]


@dataclass
class _Order:
    model: Model
    documents: Mapping[Key, Document]
    found: dict[Key, None] = field(default_factory=dict)

    def add(self, key: Key, on_the_way: Set[Key]) -> None:
        """Add an item after those that it refers to, without those `on_the_way` to it."""
        if key in self.found or key in on_the_way or key not in self.documents:
            return
        way = on_the_way | {key}
        for relation, target in self._references(key):
            if relation.required or not self._requires(target, way):
                self.add(target, way)
        self.found[key] = None

    def _references(self, key: Key) -> Iterator[tuple[Reference, Key]]:
        for relation, targets in relations(self.model, key, self.documents.get(key, {})):
            if isinstance(relation, Reference):
                yield relation, targets[0]

    def _requires(self, key: Key, some: Set[Key]) -> bool:
        """Whether an item is one of some, or requires one, itself or by way of others."""
        due, seen = [key], set[Key]()
        while due:
            seen.add(last := due.pop())
            due += {it for each, it in self._references(last) if each.required} - seen
        return not some.isdisjoint(seen)


def targets_of(model: Model, key: Key, document: Document) -> Iterator[Key]:
    """The items that a document refers to."""
    for _, targets in relations(model, key, document):
        yield from targets


def relations(
    model: Model, key: Key, document: Document
) -> Iterator[tuple[Reference | References, list[Key]]]:
    """The items that a document refers to, by relation."""
    for relation in model[key[0]].relations():
        value = document.get(relation.graphql_name)
        if value and isinstance(relation, Reference | References):
            slugs: Sequence[str] = [value] if isinstance(value, str) else value
            yield relation, [(relation.target, slug) for slug in slugs]
