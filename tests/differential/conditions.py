"""`where` and `orderBy` over Python objects."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cmp_to_key
from typing import Any, NamedTuple

from schema.attributes import Owner, Reference, ScalarField, camel_case
from schema.entities.fields import Format
from schema.model import ContentType
from tests.differential.world import Item, View, World

Where = Mapping[str, Any]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, operand: value == operand,
    "in": lambda value, operand: value in operand,
    "lt": lambda value, operand: value < operand,
    "lte": lambda value, operand: value <= operand,
    "gt": lambda value, operand: value > operand,
    "gte": lambda value, operand: value >= operand,
    "contains": lambda value, operand: operand in value,
    "startsWith": lambda value, operand: value.startswith(operand),
    "endsWith": lambda value, operand: value.endswith(operand),
    "eqInsensitive": lambda value, operand: _folded(value) == _folded(operand),
    "containsInsensitive": lambda value, operand: _folded(operand) in _folded(value),
    "startsWithInsensitive": lambda value, operand: _folded(value).startswith(_folded(operand)),
    "endsWithInsensitive": lambda value, operand: _folded(value).endswith(_folded(operand)),
    "has": lambda value, operand: operand in value,
    "hasSome": lambda value, operand: not set(operand).isdisjoint(value),
    "hasEvery": lambda value, operand: set(operand) <= set(value),
}
"""What holds for a value that is there."""


def _folded(text: str) -> str:
    # The lower case of İ is an i with one more dot than that of I.
    return text.casefold().replace("i\u0307", "i")


def comparable(world: World, view: View, attribute: ScalarField) -> Any:
    """A value as it is compared: a rich text is its text."""
    value = world.value(view, attribute)
    return value["text"] if isinstance(value, Mapping) else value


def holds(world: World, view: View, where: Where) -> bool:
    """Whether everything that an input object says is so."""
    return all(_one(world, view, key, value) for key, value in where.items())


def _one(world: World, view: View, key: str, value: Any) -> bool:
    match key:
        case "and":
            return all(holds(world, view, each) for each in value)
        case "or":
            return any(holds(world, view, each) for each in value)
        case "not":
            return not holds(world, view, value)
        case "within":
            return any(holds(world, each, value) for each in _upwards(world, view))
        case "untranslated":
            lacking = world.untranslated(View(view.item, value["locale"]))
            chosen = {camel_case(each.lower()) for each in value.get("fields", ())}
            return bool(lacking & chosen if "fields" in value else lacking)
    return _named(world, view, key, value)


def _named(world: World, view: View, key: str, value: Any) -> bool:
    """What is said of an attribute."""
    item, locale = view
    attribute = item.type.named(key)
    if isinstance(attribute, ScalarField):
        found = comparable(world, view, attribute)
        return all(
            _compare(attribute, found, operator, operand) for operator, operand in value.items()
        )
    if isinstance(attribute, Reference):
        other = world.one(item, attribute)
        return other is not None and holds(world, View(other, locale), value)
    others = [View(each, locale) for each in world.many(item, attribute)]
    return all(_quantified(world, others, *each) for each in value.items())


def _upwards(world: World, view: View) -> Iterator[View]:
    """An item, and all above it."""
    known: list[Item] = []
    item: Item | None = view.item
    while item is not None and item not in known:
        yield View(item, view.locale)
        known.append(item)
        above = next(
            each
            for each in item.type.relations()
            if isinstance(each, Reference) and each.target == item.type.name
        )
        item = world.one(item, above)


def _quantified(world: World, views: Sequence[View], quantifier: str, where: Where) -> bool:
    found = [holds(world, each, where) for each in views]
    return {"some": any(found), "none": not any(found), "every": all(found)}[quantifier]


def _compare(attribute: ScalarField, value: Any, operator: str, operand: Any) -> bool:
    match operator:
        case "isNull":
            return (value is None) is operand
        case "isEmpty":
            return (not value) is operand
        case "ne":
            return not _compare(attribute, value, "eq", operand)
        case "notIn":
            return not _compare(attribute, value, "in", operand)
    if value is None:
        return False
    if attribute.format is Format.ID:
        operand = [*map(_bare, operand)] if isinstance(operand, list) else _bare(operand)
    if attribute.format is Format.DATETIME:
        operand = [*map(_instant, operand)] if isinstance(operand, list) else _instant(operand)
    return _OPERATORS[operator](value, operand)


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Key(NamedTuple):
    """One thing that rows are ordered by."""

    value: Callable[[Any], Any]
    descending: bool = False


def keys_of(world: World, type_: ContentType, orders: Sequence[Where] | None) -> list[Key]:
    """What `orderBy` says."""
    return [_key(world, type_, each) for each in orders or ()]


def _key(world: World, type_: ContentType, order: Where) -> Key:
    [(name, direction)] = order.items()
    attribute = type_.named(name)
    if isinstance(attribute, ScalarField):
        return Key(lambda view: comparable(world, view, attribute), direction == "DESC")
    assert isinstance(attribute, Reference | Owner)
    inner = _key(world, world.model[attribute.target], direction)

    def value(view: View) -> Any:
        other = world.one(view.item, attribute)
        return None if other is None else inner.value(View(other, view.locale))

    return Key(value, inner.descending)


def ordered(rows: Sequence[Any], keys: Sequence[Key]) -> list[Any]:
    """The rows in that order, others as they were."""
    return sorted(rows, key=cmp_to_key(lambda one, other: compare(keys, one, other)))


def compare(keys: Sequence[Key], one: Any, other: Any) -> int:
    """Whether one comes before (-1) or after (1) the other. What is missing is the largest."""
    for key in keys:
        mine, its = key.value(one), key.value(other)
        found = _ranked(mine, its)
        if found:
            return -found if key.descending else found
    return 0


def _ranked(one: Any, other: Any) -> int:
    if one is None or other is None:
        return (one is None) - (other is None)
    return int(one > other) - int(one < other)


def slug_key() -> Key:
    """What settles every order of items."""
    return Key(lambda view: _slug(view.item))


def _slug(item: Item) -> str:
    slug: str = item.content["slug"]
    return slug


def _bare(id_: str) -> str:
    """An id without the locale and the stage, which say nothing about the item."""
    return id_.partition(".")[0]
