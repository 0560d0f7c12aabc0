"""The weight of a selection: an estimate of the work of planning it, made before planning.

The time to plan is proportional to the number of elements in the statement: columns, functions,
joins, subqueries. The type of a field gives its weight, within a factor of two. Root fields of the
same shape are planned once.

    a value             1; more if it is looked up or computed
    an object           6, plus its selection
    a list              20, plus the selection on an item
    a connection        25, plus its selection
    an item of any type 5 for each type, plus the selection on that type
    an argument         3, plus 4 for each member of the objects in it, or more if it is looked up
    sort keys           1 more for each pair of keys: the condition of a cursor has all pairs
"""

from collections.abc import Iterator, Sequence

from graphql import get_named_type, get_nullable_type, is_list_type

from schema.planner.arguments import PlanInput, Shapes
from schema.planner.selection import Selected
from schema.planner.shapes import ArgumentShape, ListShape, ObjectShape, Structural, items
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
ITEM = 0.5
"""A structural value, such as a trait to group by, each time that it is named."""
ALSO = 4
"""A root field that has the same shape as another one."""

PER_PAGE = {
    "totalCount": 5,
    "hasNextPage": 10,
    "hasPreviousPage": 10,
    "startCursor": 10,
    "endCursor": 10,
    "cursor": 10,
    "snippet": 15,
}
"""The extra weights of fields that are planned once for each page, whatever their aliases."""

LOOKED_UP = {
    "id": 2,
    "status": 14,
    "formerSlugs": 10,
    "provenance": 10,
    "translations": 20,
    "isComplete": 15,
    "sitemap": 160,
    "alternates": 160,
    "untranslated": 30,
    "schedule": 25,
    "groups": 40,
    "aggregate": 15,
    "search": 80,
    "releases": 40,
    "redirects": 190,
    "diff": 40,
}
"""The extra weights of fields by name, whatever type they are fields of."""


def weigh(selections: Sequence[Selected], input_: PlanInput) -> int:
    """The weight of the root selection of an operation."""
    shapes = Shapes(input_)
    different = {shape_of(each, shapes): each for each in selections}
    total = sum(ROOT + _weight(each, shapes) for each in different.values())
    return int(total + ALSO * (len(selections) - len(different)))


def heaviest(selections: Sequence[Selected], input_: PlanInput) -> tuple[str, ...]:
    """The path to the deepest field that has more than half of the weight.

    If there is none, the path to the heaviest root field.
    """
    shapes = Shapes(input_)
    half = sum(_weight(each, shapes) for each in selections) / 2
    path: tuple[str, ...] = ()
    while selections:
        weights = [_weight(each, shapes) for each in selections]
        most = max(weights)
        if path and most <= half:
            break
        found = selections[weights.index(most)]
        path, selections = found.path, [*_below(found)]
    return path


def _weight(selected: Selected, shapes: Shapes) -> float:
    """The weight of a field with everything below it."""
    own = LOOKED_UP.get(selected.name, 0) + _kind(selected) + _arguments(shapes.of(selected))
    below = [*_below(selected)]
    per_page = sum(PER_PAGE.get(name, 0) for name in {each.name for each in below})
    return own + per_page + sum(_weight(each, shapes) for each in below)


def _kind(selected: Selected) -> int:
    if selected.definition is None:
        return VALUE
    if selected.possible:
        return ANY * len(selected.possible)
    if not selected.selections:
        return COMPUTED if selected.definition.args else VALUE
    if is_list_type(get_nullable_type(selected.definition.type)):
        return LIST
    is_page = get_named_type(selected.definition.type).name.endswith("Connection")
    return CONNECTION if is_page else OBJECT


def _arguments(given: ObjectShape) -> float:
    pairs = len(items(given.get("orderBy"))) ** 2
    return sum(ARGUMENT + _said(each) for _, each in given) + PAIR * pairs


def _said(shape: ArgumentShape) -> float:
    """The weight of the value of an argument."""
    match shape:
        case ObjectShape():
            return sum(CONDITION + LOOKED_UP.get(key, 0) + _said(each) for key, each in shape)
        case ListShape():
            return sum(CONDITION * isinstance(each, ObjectShape) + _said(each) for each in shape)
    return ITEM * isinstance(shape, Structural)


def _below(selected: Selected) -> Iterator[Selected]:
    yield from selected.selections
    for selections in selected.possible.values():
        yield from selections
