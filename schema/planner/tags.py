"""What an answer depends on: its tags.

An answer that was made at a version of the content is still right at a later one if no change in
between has touched one of its tags. The tags are

- types, where items are looked through: by lists, conditions, orders, aggregates and searches;
- the ids of the other items in the answer, and of those that they inherit from. The statement
  writes each into the answer as a mark between two tabs, which is taken out again;
- a type with a slug, where an item is looked up by its slug, and ids that are looked up.

An item that comes or goes touches the items that refer to it, too, so curated lists and references
need no tags for the items that they leave out. A change of everything, such as one of the locales,
touches every answer. `schema.tables.change` has the changes.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from schema.attributes import Owner
from schema.entities.content import snake_case
from schema.model import ContentType

Tag = bytes

MOST_IDS = 200
"""Above this many ids of a type, the tag of the type stands for them."""


def type_tag(name: str) -> Tag:
    """The tag of all items of the type with this table: `guide`."""
    return name.encode()


def item_tag(name: str, id_: UUID) -> Tag:
    """The tag of an item of the type with this table, which is also its mark: `guide_0192…`."""
    return f"{name}_{id_}".encode()


def slug_tag(name: str, slug: str) -> Tag:
    """The tag of what a slug leads to: `guide/backend-developer-belgium`."""
    return f"{name}/{slug}".encode()


def looked_up_tag(type_: ContentType, id_: UUID) -> Tag:
    """The tag of an item, or part of one, that is looked up by its id, even if there is none."""
    return scanned_tag(type_) if type_.is_part else item_tag(type_.table_name, id_)


def scanned_tag(type_: ContentType) -> Tag:
    """The tag of all items of a type; a part changes with the item that has it."""
    owners = (each.target for each in type_.attributes.values() if isinstance(each, Owner))
    return type_tag(snake_case(next(owners, type_.name)))


def tags_of(marks: Iterable[Tag]) -> frozenset[Tag]:
    """The tags of items, from their marks."""
    items = frozenset(marks)
    if len(items) <= MOST_IDS:
        return items
    by_type = defaultdict[Tag, set[Tag]](set)
    for each in items:
        by_type[each.rpartition(b"_")[0]].add(each)
    groups = (ids if len(ids) <= MOST_IDS else {name} for name, ids in by_type.items())
    return frozenset[Tag]().union(*groups)


class Scanned(set[Tag]):
    """The tags of the types of which items are looked through."""

    def scan(self, type_: ContentType) -> None:
        """Note that items of a type are looked through."""
        self.add(scanned_tag(type_))
