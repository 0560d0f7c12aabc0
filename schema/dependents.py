"""Which items show another one: the way back from what changed to the pages that it is on.

It is one step long, because content refers to content in circles and any number of steps would lead
to everything: an item shows what it refers to, the entries of its lists, and the entries of the
lists that it inherits. Texts and parts that it inherits come with the item that it refers to.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, select

from schema.attributes import InheritedList, Reference, References, Relation
from schema.entities.live_tables import entries_column
from schema.model import ContentType, Model

IDS: Any = bindparam("ids", type_=ARRAY(Uuid()))
"""The parameter of `owners`: the ids of the items that are shown."""


class Dependents(NamedTuple):
    """The items of a type that show items of another type by one of their relations."""

    type: ContentType
    relation: Relation
    owners: Select[Any]
    """Their ids in the live copy, given `ids` of what they show."""


def dependents(model: Model, shown: ContentType) -> Iterator[Dependents]:
    """Every way in which items show those of a type."""
    for type_ in model.content():
        for relation in type_.relations():
            if relation.target == shown.name:
                owners = [*_owners(model, type_, relation)]
                yield from (Dependents(type_, relation, each) for each in owners)


def _owners(model: Model, type_: ContentType, relation: Relation) -> Iterator[Select[Any]]:
    live = type_.live
    match relation:
        case Reference():
            yield select(live.c.id).where(live.c[relation.column] == any_(IDS))
        case References():
            yield select(relation.live.c.owner_id).where(relation.live.c.target_id == any_(IDS))
    if isinstance(relation, References | InheritedList) and relation.inheritance is not None:
        lent = model.inherited(type_, relation.inheritance)
        via = type_.attributes[relation.inheritance.via]
        if isinstance(lent, References) and isinstance(via, Reference):
            lenders = select(lent.live.c.owner_id).where(lent.live.c.target_id == any_(IDS))
            found = select(live.c.id).where(live.c[via.column].in_(lenders))
            entries = entries_column(relation.name)
            yield found.where(live.c[entries].is_(None)) if entries in live.columns else found
