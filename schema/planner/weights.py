"""How much there is to plan in a selection, before any of it is planned.

Planning takes as long as its statement has pieces: columns, functions, joins, subqueries. What each
field comes to is known, within a factor of two, from its type. Root fields of one shape are planned
once.

    a value             1; more where it is looked up, or is computed
    an object           6, and what is selected of it
    a list              20, and what is selected of an item
    a connection        25, and what is selected of it
    an item of any type 5 for each type, and what is selected of that
    an argument         3, and 4 for each member of the objects in it; more for those that are looked up
    an order            1 more for each pair of keys: a cursor has them all
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from graphql import get_named_type, get_nullable_type, is_list_type

from schema.planner.arguments import Request, arguments
from schema.planner.selection import Selected
from schema.planner.templates import shape_of

ROOT = 20
VALUE = 1
COMPUTED = 5
OBJECT = 6
LIST = 20
CONNECTION = 25
ANY = 5
CONDITION = 4
ARGUMENT = 3
PAIR = 1
ALSO = 4
"""One more root field of a shape that there is already."""

LOOKED_UP = {
    "id": 2,
    "status": 14,
    "formerSlugs": 14,
    "schedule": 25,
    "totalCount": 5,
    "hasNextPage": 10,
    "hasPreviousPage": 10,
    "startCursor": 10,
    "endCursor": 10,
    "cursor": 10,
    "snippet": 15,
    "groups": 40,
    "aggregate": 15,
    "search": 80,
    "releases": 40,
    "diff": 40,
}
"""What fields come to that are more than what is selected of them, whatever they are fields of."""


class Weight(NamedTuple):
    """How much there is to plan, and where most of it is."""

    total: int
    most: tuple[str, ...] = ()
    """The path to the field that more than half of it is for, as deep as there is one."""


def weigh(selections: Sequence[Selected], request: Request) -> Weight:
    """How much there is to plan in the root fields of an operation."""
    different = {shape_of(each, request): each for each in selections}
    weights = [(ROOT + _weight(each, request), each) for each in different.values()]
    total = sum(weight for weight, _ in weights) + ALSO * (len(selections) - len(different))
    return Weight(int(total), _most(weights, total / 2, request))


def _most(
    weights: Sequence[tuple[float, Selected]], half: float, request: Request
) -> tuple[str, ...]:
    """The path to what more than half of it is for, or else to the heaviest root field."""
    weight, heaviest = max(weights, default=(0.0, None), key=lambda each: each[0])
    if heaviest is None:
        return ()
    below = [(_weight(each, request), each) for each in _below(heaviest)]
    deeper = weight > half and any(each > half for each, _ in below)
    return _most(below, half, request) if deeper else heaviest.path


def _weight(selected: Selected, request: Request) -> float:
    """How much one field comes to."""
    own = LOOKED_UP.get(selected.name, 0) + _kind(selected) + _arguments(selected, request)
    return own + sum(_weight(each, request) for each in _below(selected))


def _kind(selected: Selected) -> int:
    if selected.definition is None:
        return VALUE
    type_ = get_named_type(selected.definition.type).name
    if selected.possible:
        return ANY * len(selected.possible)
    if not selected.selections:
        return COMPUTED if selected.definition.args else VALUE
    if is_list_type(get_nullable_type(selected.definition.type)):
        return LIST
    return CONNECTION if type_.endswith("Connection") else OBJECT


def _arguments(selected: Selected, request: Request) -> float:
    given = arguments(selected, request)
    pairs = len(given.get("orderBy") or ()) ** 2
    return ARGUMENT * len(given) + sum(_said(each) for each in given.values()) + PAIR * pairs


def _said(value: Any) -> int:
    """How much there is in the objects of an argument."""
    if isinstance(value, dict):
        return sum(CONDITION + LOOKED_UP.get(key, 0) + _said(each) for key, each in value.items())
    if isinstance(value, list):
        return sum(CONDITION * isinstance(each, dict) + _said(each) for each in value)
    return 0


def _below(selected: Selected) -> Iterator[Selected]:
    yield from selected.selections
    for selections in selected.possible.values():
        yield from selections
