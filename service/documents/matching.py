"""Which entry of an old list an entry of a new one is: by what it says, not by where it stands."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

KeyFields = Sequence[str]
"""The fields that tell maps in a list apart."""


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same: `1.0` is `1`, and not `true`."""
    return frozen(one) == frozen(other)


def matches(old: Sequence[Any], new: Sequence[Any], key: KeyFields = ()) -> list[int | None]:
    """For each new entry the place of the old one that it is, if it is one.

    That is one that says the same; or a map with the same values of the key. Where there is no key
    it is the map that is most alike, if at least half of what either says is the same.
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
    """New and old places of maps that are one in two states, the surest first."""
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
    """Which part of two values is the same, from 0 to 1."""
    ours, theirs = {*_leaves(one)}, {*_leaves(other)}
    return len(ours & theirs) / min(len(ours), len(theirs))


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[Hashable]:
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    else:
        yield path, frozen(value)


def frozen(value: Any) -> Hashable:
    """What equals the same of another value if both say the same."""
    match value:
        case Mapping():
            return "map", frozenset((frozen(key), frozen(each)) for key, each in value.items())
        case list():
            return "list", tuple(map(frozen, value))
        case bool():
            return "bool", value
    return value  # type: ignore[no-any-return]  # a scalar
