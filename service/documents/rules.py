"""What the database would refuse of an item or of its parts, said where it stands."""

from collections.abc import Iterator, Sequence

from sqlalchemy import UniqueConstraint

from schema.entities.relations import ASCENDING
from schema.model import ContentType
from service.documents.problems import Path
from service.documents.records import Values

Broken = Iterator[tuple[Path, str]]
"""Where, below what was given, and the message."""


def broken_orders(type_: ContentType, values: Values) -> Broken:
    """Values of an item, or of a part, that have to ascend and do not."""
    for constraint in type_.draft.constraints:
        if names := constraint.info.get(ASCENDING):
            smaller, larger = (values[name] for name in names)
            low, high = (type_.attributes[name].graphql_name for name in names)
            if smaller is not None and larger is not None and smaller > larger:
                yield (low,), f"{smaller} is over the {high}, {larger}; it can be that at most"


def duplicate_parts(part: ContentType, parts: Sequence[Values]) -> Broken:
    """Parts that share what only one of an owner's may have."""
    for names in unique(part):
        seen: set[Sequence[object]] = set()
        for index, values in enumerate(parts):
            key = tuple(values[name] for name in names)
            if None not in key and key in seen:
                said = " and ".join(f"{name} {values[name]}" for name in names)
                yield (index,), f"there is one with {said} already"
            seen.add(key)


def unique(part: ContentType) -> Iterator[list[str]]:
    """The columns of a part in which no two of an owner's may be the same."""
    for constraint in part.draft.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [each.name for each in constraint.columns if each.name != "owner_id"]
