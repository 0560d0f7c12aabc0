"""Finds the old entry of a list that a new entry corresponds to: by content, not by position."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

KeyFields = Sequence[str]
"""The fields that identify the maps in a list."""


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in a document: `1.0` equals `1`, but not `true`."""
    return frozen(one) == frozen(other)


def matches(old: Sequence[Any], new: Sequence[Any], key: KeyFields = ()) -> list[int | None]:
    """For each new entry, the index of the old entry that it corresponds to; None if it is new.

    An entry corresponds to one that is the same, or to a map with the same values in the fields
    `key`. Without a key it corresponds to the most similar map, if that shares at least half the
    values of the smaller one.
    """
    found: list[int | None] = [None] * len(new)
    places = defaultdict(list)
    for place in reversed(range(len(old))):
        places[frozen(old[place])].append(place)
    for number, each in enumerate(new):
        if same_places := places[frozen(each)]:
            found[number] = same_places.pop()
    for number, place in _alike(old, new, found, key):
        if found[number] is None and place not in found:
            found[number] = place
    return found


def _alike(
    old: Sequence[Any], new: Sequence[Any], found: Sequence[int | None], key: KeyFields
) -> Iterator[tuple[int, int]]:
    """Pairs of a new and an old index of maps that correspond, the most similar first."""
    left = [place for place in range(len(old)) if place not in found]
    pairs = [
        (number, place)
        for number, place in enumerate(found)
        if place is None
        for place in left
        if isinstance(new[number], Mapping) and isinstance(old[place], Mapping)
    ]
    if key:
        yield from (pair for pair in pairs if _has_key(new[pair[0]], old[pair[1]], key))
        return
    likeness = {pair: _likeness(new[pair[0]], old[pair[1]]) for pair in pairs}
    yield from sorted(
        (each for each in pairs if likeness[each] >= 0.5), key=lambda each: -likeness[each]
    )


def _has_key(new: Mapping[str, Any], old: Mapping[str, Any], key: KeyFields) -> bool:
    return all(name in old and same(new.get(name), old[name]) for name in key)


def _likeness(one: Any, other: Any) -> float:
    """The share of values that two values have in common, from 0 to 1."""
    ours, theirs = {*_leaves(one)}, {*_leaves(other)}
    return len(ours & theirs) / min(len(ours), len(theirs))


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[Hashable]:
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    else:
        yield path, frozen(value)


def frozen(value: Any) -> Hashable:
    """A hashable form of a value; equal for two values that are the `same`."""
    match value:
        case Mapping():
            return "map", frozenset((frozen(key), frozen(each)) for key, each in value.items())
        case list():
            return "list", tuple(map(frozen, value))
        case bool():
            return "bool", value
    return value  # type: ignore[no-any-return]  # a scalar
