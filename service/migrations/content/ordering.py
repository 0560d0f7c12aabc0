"""Finds the operations that turn the content of a database into another, in a possible order."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from alembic.operations import MigrateOperation

from schema.attributes import Reference, References
from schema.editing import UnpublishedReferences
from schema.model import HEADER, Model
from service.documents.checking import keys
from service.documents.document import Document
from service.documents.records import Key
from service.documents.store import by_type
from service.editing.changes import applied, as_given, changes
from service.migrations.content.operations import DeleteOp, PublishOp, RenameOp, SaveOp
from service.migrations.content.patches import patched


class WantedItem(NamedTuple):
    """What an item is to be."""

    document: Document
    is_draft: bool


class There(NamedTuple):
    """What an item is in the database."""

    document: Document
    is_live: bool
    """Whether anything of it is published."""
    is_current: bool
    """Whether its working copy is what is published."""


def operations_for(
    model: Model,
    wanted: Mapping[Key, WantedItem],
    there: Mapping[Key, There],
    renames: Mapping[Key, str],
    *,
    delete: bool,
) -> list[MigrateOperation]:
    """The operations that turn the items `there` into the `wanted` ones, in a possible order.

    `renames` has new slugs by item. Only with `delete` are items deleted that are not wanted.
    """
    there = _renamed(model, there, renames)
    made = _Operations(model, wanted, there)
    made.operations += [RenameOp(name, old, new) for (name, old), new in sorted(renames.items())]
    made.save()
    made.publish()
    if delete:
        made.delete()
    return made.operations


@dataclass
class _Operations:
    model: Model
    wanted: Mapping[Key, WantedItem]
    there: Mapping[Key, There]
    operations: list[MigrateOperation] = field(default_factory=list)

    def save(self) -> None:
        """Save the items that are new or have changed.

        Lists with items that do not exist yet are saved after all items.
        """
        known = {*self.there}
        later: list[SaveOp] = []
        for key in _in_order(self.model, self.wanted):
            given, base = self._given(key)
            known.add(key)
            if given is None:
                continue
            waiting = {
                relation.graphql_name
                for relation, targets in _relations(self.model, key, given)
                if any(target not in known for target in targets)
            }
            now = given.keys() - waiting
            if now or key not in self.there:
                self._add(_save(key, given, base, now))
            if waiting:
                later.append(_save(key, given, base, waiting))
        self.operations += later

    def _add(self, save: SaveOp) -> None:
        """Add an operation; new items of a type that follow one another are saved by one."""
        last = self.operations[-1] if self.operations else None
        if isinstance(last, SaveOp) and last.type == save.type and not (last.bases or save.bases):
            self.operations[-1] = SaveOp(save.type, [*last.documents, *save.documents])
        else:
            self.operations.append(save)

    def publish(self) -> None:
        """Publish the items that are to be published and are not, or not as they are."""
        live = {key for key, each in self.there.items() if each.is_live}
        due = by_type(key for key in _in_order(self.model, self.wanted) if self._is_due(key))
        for name, slugs in due.items():
            keys_ = [(name, slug) for slug in slugs]
            live |= {*keys_}
            is_waiting = any(
                target not in live
                for key in keys_
                for _, targets in _relations(self.model, key, self.wanted[key].document)
                for target in targets
            )
            references = (
                UnpublishedReferences.LEAVE_PENDING if is_waiting else UnpublishedReferences.FAIL
            )
            self.operations.append(PublishOp(name, slugs, references.name))

    def delete(self) -> None:
        """Delete the items that are not wanted, each before the items that it refers to."""
        gone = [
            key for key in reversed(_in_order(self.model, self.there)) if key not in self.wanted
        ]
        before: set[Key] = set()
        for key in gone:
            for relation, targets in _relations(self.model, key, self.there[key].document):
                if isinstance(relation, References) and not before.isdisjoint(targets):
                    name = relation.graphql_name
                    base = {name: self.there[key].document[name]}
                    self.operations.append(_save(key, {name: []}, base, {name}))
            before.add(key)
        self.operations += [DeleteOp(*key, _values(self.there[key].document)) for key in gone]

    def _given(self, key: Key) -> tuple[Document | None, Document | None]:
        """The document that turns an item into the wanted one, and the values that it replaces.

        None for the document if nothing has to change; None for the values of a new item.
        """
        new = self.wanted[key].document
        if key not in self.there:
            return _values(new), None
        known = {*keys(self.model[key[0]])}
        old = self.there[key].document
        found = [each for each in changes(old, new) if each.path[0] in known]
        base = applied({}, (each._replace(after=each.before) for each in found))
        return as_given(found) or None, base

    def _is_due(self, key: Key) -> bool:
        there = self.there.get(key)
        is_same = there is not None and there.is_current and self._given(key)[0] is None
        return not self.wanted[key].is_draft and not is_same


def _values(document: Document) -> Document:
    return {name: each for name, each in document.items() if name not in HEADER}


def _save(key: Key, given: Document, base: Document | None, names: Set[str]) -> SaveOp:
    """The operation that saves some fields of an item."""
    name, slug = key
    document = {each: given[each] for each in given if each in names}
    if base is None:
        return SaveOp(name, [{"slug": slug, **document}])
    changed, before = patched(document, {each: base[each] for each in base if each in names})
    return SaveOp(name, [{"slug": slug, **changed}], [before])


def _in_order(model: Model, documents: Mapping[Key, WantedItem] | Mapping[Key, There]) -> list[Key]:
    """Items by type and slug, but each after the items that it refers to, as far as possible."""
    found: dict[Key, None] = {}

    def visit(key: Key, on_the_way: frozenset[Key]) -> None:
        if key in found or key in on_the_way or key not in documents:
            return
        for relation, targets in _relations(model, key, documents[key].document):
            if isinstance(relation, Reference):
                visit(targets[0], on_the_way | {key})
        found[key] = None

    for type_ in model.by_dependency:
        for key in sorted(each for each in documents if each[0] == type_.name):
            visit(key, frozenset())
    return [*found]


def _relations(
    model: Model, key: Key, document: Document
) -> Iterator[tuple[Reference | References, list[Key]]]:
    """The items that a document refers to, by relation."""
    for relation in model[key[0]].relations():
        value = document.get(relation.graphql_name)
        if value and isinstance(relation, Reference | References):
            slugs: Sequence[str] = [value] if isinstance(value, str) else value
            yield relation, [(relation.target, slug) for slug in slugs]


def _renamed(
    model: Model, there: Mapping[Key, There], renames: Mapping[Key, str]
) -> dict[Key, There]:
    """The items of the database, as they are after the renames."""
    found: dict[Key, There] = {}
    for key, each in there.items():
        document = dict(each.document)
        new = renames.get(key, key[1])
        document["slug"] = new
        for relation, targets in _relations(model, key, document):
            slugs = [renames.get(target, target[1]) for target in targets]
            document[relation.graphql_name] = (
                slugs if isinstance(relation, References) else slugs[0]
            )
        is_current = each.is_current and new == key[1]
        found[key[0], new] = each._replace(document=document, is_current=is_current)
    return found
