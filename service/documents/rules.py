"""Checks without the database for what the database would refuse of an item and its parts.

A problem that is found here has a place in the document.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import UniqueConstraint

from schema.entities.relations import ASCENDING
from schema.model import ContentType
from service.documents.problems import Path
from service.documents.records import Values

Broken = Iterator[tuple[Path, str]]
"""Problems: the path below the item or part, and the message."""


def broken_orders(type_: ContentType, values: Values) -> Broken:
    """Values of an item or a part that have to be in ascending order and are not."""
    for constraint in type_.draft.constraints:
        if names := constraint.info.get(ASCENDING):
            smaller, larger = (values[name] for name in names)
            low, high = (type_.attributes[name].graphql_name for name in names)
            if smaller is not None and larger is not None and smaller > larger:
                yield (low,), f"{smaller} is greater than the {high}; it may be at most {larger}"


def duplicate_parts(part: ContentType, parts: Sequence[Values]) -> Broken:
    """Parts of one owner that share values which have to be unique."""
    for names in unique(part):
        seen: set[Sequence[object]] = set()
        for index, values in enumerate(parts):
            key = tuple(values[name] for name in names)
            if None not in key and key in seen:
                said = " and ".join(f"{name} {values[name]}" for name in names)
                yield (index,), f"the list already has one with {said}; it may have only one"
            seen.add(key)


def unique(part: ContentType) -> Iterator[list[str]]:
    """The columns of each unique constraint on the parts of an owner."""
    for constraint in part.draft.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [each.name for each in constraint.columns if each.name != "owner_id"]
