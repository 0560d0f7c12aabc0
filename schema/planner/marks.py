"""The marks of items in an answer; see `schema.planner.tags`."""

from collections.abc import Collection, Iterator, Sequence
from typing import cast

from schema.attributes import Attribute, Computed, Provenance, Relation
from schema.delivery import Stage
from schema.model import ContentType, Model
from schema.planner.json import Mark
from schema.planner.rows import Row
from schema.planner.selection import TYPENAME, Selected


def marks(model: Model, row: Row, selections: Sequence[Selected]) -> Iterator[Mark]:
    """The mark of the item of a row, if rows with marks are read, and of what it inherits from."""
    if row.stage is not Stage.LIVE:
        return
    if row.context.is_shown and not row.type.is_part:
        yield f"{row.type.table_name}_", row["id"]
    selected = {row.type.named(each.name).name for each in selections if each.name != TYPENAME}
    for via in sorted(_lenders(row.type, selected) - selected):
        lender = model[cast(Relation, row.type.attributes[via]).target]
        yield f"{lender.table_name}_", row[f"{via}_id"]


def _lenders(type_: ContentType, selected: Collection[str]) -> set[str]:
    """The references to the items that selected attributes inherit from."""
    found = (each for name in selected for each in _read(type_, type_.attributes[name]))
    sources = (each.inheritance for each in found)
    return {each.via for each in sources if each is not None}


def _read(type_: ContentType, attribute: Attribute) -> Iterator[Attribute]:
    """The attributes whose values an attribute is made of."""
    match attribute:
        case Computed(needs=needs):
            yield from (type_.attributes[each] for each in needs)
        case Provenance():
            yield from type_.texts
        case _:
            yield attribute
