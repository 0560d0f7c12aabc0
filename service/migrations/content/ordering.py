"""Finds the operations that turn the content of a database into another, in a possible order."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import NamedTuple

from alembic.operations import MigrateOperation

from schema.attributes import Parts, Reference, References
from schema.editing import UnpublishedReferences
from schema.model import HEADER, Model
from service.documents.checking import keys
from service.documents.document import Document
from service.documents.records import Key
from service.documents.serialization import with_new_slugs
from service.documents.store import by_type
from service.documents.values import LONGEST_SLUG
from service.editing.changes import Change, applied, as_given, changes
from service.folders.printing import change_lines
from service.migrations.content.item_order import in_order, relations, targets_of
from service.migrations.content.operations import (
    DeleteOp,
    PublishOp,
    RenameOp,
    SaveOp,
    UnpublishOp,
)
from service.migrations.content.patches import patched
from service.migrations.content.uniqueness import taken


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
    """Whether its working copy is what is published, in all locales."""
    is_made: bool = False
    """Whether a migration made it."""
    required: frozenset[Key] = frozenset()
    """The items that its live copy requires."""


def operations_for(
    model: Model,
    wanted: Mapping[Key, WantedItem],
    there: Mapping[Key, There],
    renames: Mapping[Key, str],
    deleted: Collection[Key],
    held: Collection[Key] = (),
) -> list[MigrateOperation]:
    """The operations that turn the items `there` into the `wanted` ones, in a possible order.

    `renames` has new slugs by item, and `there` has the items as they are after the renames. No
    other item may need one that is `deleted`; what is dropped refers to those that are `held`.
    """
    made = _Operations(model, wanted, there, held)
    made.operations += _renaming(renames, there)
    late = made.needed_so_far(deleted)
    made.delete({*deleted} - late, is_early=True)
    made.save()
    made.make_room()
    made.publish()
    made.unpublish(late)
    made.delete(late)
    return made.operations


def _renaming(renames: Mapping[Key, str], taken: Collection[Key]) -> Iterator[RenameOp]:
    """The operations that rename items one after the other, each to a slug that is free then.

    Where slugs change places in a circle, one of the items gets another slug in between.
    """
    left = dict(sorted(renames.items()))
    while left:
        free = (key for key, new in left.items() if (key[0], new) not in left)
        key = next(free, None)
        if key is None:
            name, old = key = min(left)
            between = next(it for it in _between(old) if (name, it) not in {*taken, *left})
            left[name, between] = left.pop(key)
            yield RenameOp(*key, between)
        else:
            yield RenameOp(*key, left.pop(key))


def _between(slug: str) -> Iterator[str]:
    start = slug[: LONGEST_SLUG // 2].rstrip("-")
    return (f"{start}-moved{'-again' * number}" for number in count())


@dataclass
class _Operations:
    model: Model
    wanted: Mapping[Key, WantedItem]
    there: Mapping[Key, There]
    held: Collection[Key] = ()
    operations: list[MigrateOperation] = field(default_factory=list)

    def save(self) -> None:
        """Save the items that are new or have changed.

        Lists with items that do not exist yet are saved after all items.
        """
        known = {*self.there}
        later: dict[Key, tuple[Document, Document | None, Set[str]]] = {}
        for key in self._in_order(self.wanted):
            given, base = self._given(key)
            known.add(key)
            if given is None:
                continue
            waiting = {
                relation.graphql_name
                for relation, targets in relations(self.model, key, given)
                if any(target not in known for target in targets)
            }
            now = given.keys() - waiting
            if now or key not in self.there:
                self._add(self._saved(key, given, base, now))
            if waiting:
                later[key] = given, base, waiting
        for key, rest in later.items():
            self._add(self._saved(key, *rest))

    def _saved(self, key: Key, given: Document, base: Document | None, names: Set[str]) -> SaveOp:
        """Save some fields of an item."""
        made = _save(key, given, base, names)
        if key in self.there:
            found = (each for each in self._changes(key) if each.path[0] in names)
            made.details = [line.plain for each in found for line in change_lines(each)]
        return made

    def _add(self, made: SaveOp) -> None:
        """Add a save. Saves of a type that follow one another are one, if they are of new items.

        And if one of these items gets a unique value that another one has now.
        """
        last = self.operations[-1] if self.operations else None
        if not isinstance(last, SaveOp) or last.type != made.type:
            self.operations.append(made)
        elif made.type in {name for name, _ in self._passing_on} or not (last.bases or made.bases):
            bases = [*_bases(last), *_bases(made)]
            both = SaveOp(
                made.type, [*last.documents, *made.documents], bases if any(bases) else None
            )
            both.details = [*last.details, *made.details]
            self.operations[-1] = both
        else:
            self.operations.append(made)

    @cached_property
    def _passing_on(self) -> set[Key]:
        """The items that have a unique value now which another one gets."""
        there = {key: each.document for key, each in self.there.items()}
        wanted = {key: each.document for key, each in self.wanted.items()}
        return {owner for _, owner, _ in taken(self.model, wanted, there)}

    def make_room(self) -> None:
        """Unpublish those that are not to be published, if others are with their unique values."""
        self._unpublish(self._passing_on & self._withdrawn())

    def publish(self) -> None:
        """Publish the items that are to be published and are not, or not as they are."""
        live = {key for key, each in self.there.items() if each.is_live}
        live -= self._passing_on & self._withdrawn()
        due = by_type(key for key in self._in_order(self.wanted) if self._is_due(key))
        for name, slugs in due.items():
            keys_ = [(name, slug) for slug in slugs]
            live |= {*keys_}
            is_waiting = any(
                target not in live
                for key in keys_
                for _, targets in relations(self.model, key, self.wanted[key].document)
                for target in targets
            )
            references = (
                UnpublishedReferences.LEAVE_PENDING if is_waiting else UnpublishedReferences.FAIL
            )
            self.operations.append(PublishOp(name, slugs, references.name))

    def unpublish(self, deleted: Collection[Key]) -> None:
        """Unpublish the items that are not to be published, and are.

        Those that are `deleted` later come with them if they require one of them.
        """
        live = {key: each for key, each in self.there.items() if each.is_live}
        gone = self._withdrawn()
        while more := {key for key in live if key in deleted and live[key].required & gone} - gone:
            gone |= more
        self._unpublish(gone - (self._passing_on & self._withdrawn()))

    def _withdrawn(self) -> set[Key]:
        """The items that are published, and are not to be."""
        return {
            key
            for key, each in self.there.items()
            if each.is_live and key in self.wanted and self.wanted[key].is_draft
        }

    def _unpublish(self, gone: Collection[Key]) -> None:
        # An item that requires another one comes before it, or with it.
        order = [each.name for each in reversed([*self.model.by_dependency])]
        for name, slugs in sorted(by_type(sorted(gone)).items(), key=lambda it: order.index(it[0])):
            self.operations.append(UnpublishOp(name, slugs))

    def needed_so_far(self, deleted: Collection[Key]) -> set[Key]:
        """Those of the items that others refer to until these are saved, published or dropped."""
        found = {*deleted}.intersection(self.held)
        users = (self.there.keys() - {*deleted}) | found
        while users:
            needed = {target for key in users for target in self._targets(key)}
            users = needed.intersection(deleted) - found
            found |= users
        return found

    def _targets(self, key: Key) -> set[Key]:
        there = self.there[key]
        return {*there.required, *targets_of(self.model, key, there.document)}

    def delete(self, deleted: Collection[Key], *, is_early: bool = False) -> None:
        """Delete items, each before the items that it refers to."""
        gone = [key for key in reversed(self._in_order(self.there)) if key in deleted]
        before: set[Key] = set()
        for key in gone:
            for relation, targets in relations(self.model, key, self.there[key].document):
                if not _is_required(relation) and not before.isdisjoint(targets):
                    name = relation.graphql_name
                    base = {name: self.there[key].document[name]}
                    none: list[str] | None = [] if isinstance(relation, References) else None
                    self.operations.append(_save(key, {name: none}, base, {name}))
            before.add(key)
        for key in gone:
            values = _values(self.there[key].document)
            # Later, what is no longer declared has been dropped.
            made = DeleteOp(*key, values if is_early else _kept(self.model, key[0], values))
            made.is_early = is_early
            self.operations.append(made)

    def _in_order(self, items: Mapping[Key, WantedItem] | Mapping[Key, There]) -> list[Key]:
        return in_order(self.model, {key: each.document for key, each in items.items()})

    def _given(self, key: Key) -> tuple[Document | None, Document | None]:
        """The document that turns an item into the wanted one, and the values that it replaces.

        None for the document if nothing has to change; None for the values of a new item.
        """
        new = self.wanted[key].document
        if key not in self.there:
            return _values(new), None
        found = self._changes(key)
        base = applied({}, (each._replace(after=each.before) for each in found))
        return as_given(found) or None, base

    def _changes(self, key: Key) -> list[Change]:
        return _changes(self.model, key, self.there[key], self.wanted[key])

    def _is_due(self, key: Key) -> bool:
        there = self.there.get(key)
        is_same = there is not None and there.is_current and self._given(key)[0] is None
        return not self.wanted[key].is_draft and not is_same


def not_current(
    model: Model, wanted: Mapping[Key, WantedItem], there: Mapping[Key, There]
) -> list[Key]:
    """The items that are as they are wanted, except that not all of it is published."""
    return [
        key
        for key, each in wanted.items()
        if key in there and not each.is_draft and not there[key].is_current
        if not _changes(model, key, there[key], each)
    ]


def _changes(model: Model, key: Key, there: There, wanted: WantedItem) -> list[Change]:
    """The changes that turn an item into the wanted one."""
    known = {*keys(model[key[0]])}
    found = changes(there.document, wanted.document)
    return [each for each in found if each.path[0] in known]


def _bases(made: SaveOp) -> Sequence[Document | None]:
    return made.bases or [None] * len(made.documents)


def _values(document: Document) -> Document:
    return {name: each for name, each in document.items() if name not in HEADER}


def _kept(model: Model, type_: str, values: Document) -> Document:
    """The values of an item or a part that are declared."""
    known = {each.graphql_name: each for each in model[type_].attributes.values()}
    return {
        name: [_kept(model, each.target, it) for it in value] if isinstance(each, Parts) else value
        for name, value in values.items()
        if (each := known.get(name))
    }


def _save(key: Key, given: Document, base: Document | None, names: Set[str]) -> SaveOp:
    """The operation that saves some fields of an item."""
    name, slug = key
    document = {each: given[each] for each in given if each in names}
    if base is None:
        return SaveOp(name, [{"slug": slug, **document}])
    changed, before = patched(document, {each: base[each] for each in base if each in names})
    return SaveOp(name, [{"slug": slug, **changed}], [before])


def _is_required(relation: Reference | References) -> bool:
    return isinstance(relation, Reference) and relation.required


def held_by(tables: Model, declared: Model, there: Mapping[Key, There]) -> Iterator[Key]:
    """The items that others refer to in what is no longer declared: types, fields and lists."""
    for key, each in there.items():
        known = declared[key[0]].attributes if key[0] in declared else {}
        for relation, targets in relations(tables, key, each.document):
            if relation.name not in known:
                yield from targets


def renamed(
    model: Model, there: Mapping[Key, There], renames: Mapping[Key, str]
) -> dict[Key, There]:
    """The items of the database, as they are after the renames."""
    found: dict[Key, There] = {}
    for key, each in there.items():
        new = renames.get(key, key[1])
        document = with_new_slugs(model[key[0]], {**each.document, "slug": new}, renames)
        is_current = each.is_current and new == key[1]
        required = frozenset((name, renames.get((name, it), it)) for name, it in each.required)
        found[key[0], new] = each._replace(
            document=document, is_current=is_current, required=required
        )
    return found
