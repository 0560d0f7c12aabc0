"""What the database would refuse of an item's parts, said where it stands."""

from collections.abc import Iterator, Sequence

from sqlalchemy import UniqueConstraint

from schema.entities.relations import ASCENDING
from schema.model import ContentType
from service.documents.entries import Values
from service.documents.problems import Path

Broken = Iterator[tuple[Path, str]]
"""The path within the list of parts, and the message."""


def broken_rules(part: ContentType, parts: Sequence[Values]) -> Broken:
    """Hold the parts to the constraints of their table."""
    for constraint in part.draft.constraints:
        if names := constraint.info.get(ASCENDING):
            yield from _ascending(part, parts, *names)
        if isinstance(constraint, UniqueConstraint):
            yield from _unique(parts, [each.name for each in constraint.columns])


def _ascending(part: ContentType, parts: Sequence[Values], low: str, high: str) -> Broken:
    place, bound = (part.attributes[name].graphql_name for name in (low, high))
    for index, values in enumerate(parts):
        smaller, larger = values[low], values[high]
        if smaller is not None and larger is not None and smaller > larger:
            yield (index, place), f"{smaller} is over the {bound}, {larger}; it can be that at most"


def _unique(parts: Sequence[Values], columns: Sequence[str]) -> Broken:
    names = [name for name in columns if name != "owner_id"]
    seen: set[Sequence[object]] = set()
    for index, values in enumerate(parts):
        key = tuple(values[name] for name in names)
        if None not in key and key in seen:
            said = " and ".join(f"{name} {values[name]}" for name in names)
            yield (index,), f"there is one with {said} already"
        seen.add(key)
