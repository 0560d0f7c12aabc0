"""The shapes of arguments: what is equal in all requests that share a plan.

A shape has the objects, lists and nulls of arguments, and the values that decide what a statement
looks like: sort directions, traits to group by, and stages, also those that ids name.
`Unseen.VALUE` replaces every other value. Plans are cached under shapes and made from the same
shapes, so no other value can become part of a plan.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from schema.delivery import Stage
from schema.planner.ids import is_of_draft


class Structural(Enum):
    """An enumeration whose values decide what a statement looks like."""


class Unseen(Enum):
    """Stands for a value that is only known when it is bound."""

    VALUE = "VALUE"


class DraftIds(Enum):
    """Stands for texts that, if they are ids, name the working copy: a text, or texts of a list."""

    ALL = "ALL"
    SOME = "SOME"


class ListShape(tuple["ArgumentShape", ...]):
    """The shapes of a list's items, if these are objects or structural, or if there are none."""

    __slots__ = ()


class ObjectShape(tuple[tuple[str, "ArgumentShape"], ...]):
    """The names and shapes of an object's members, in the order of the object."""

    __slots__ = ()

    def get(self, name: str) -> "ArgumentShape":
        """The shape of a member; None if it is null or left out."""
        return next((each for key, each in self if key == name), None)


ArgumentShape = ObjectShape | ListShape | Structural | Stage | DraftIds | Unseen | None
"""The shape of a value; None is the shape of null. Shapes can be compared and hashed."""


def shape(value: Any) -> ArgumentShape:
    """The shape of a coerced value; the shape of a shape is itself."""
    match value:
        case dict():
            return ObjectShape([(key, shape(each)) for key, each in value.items()])
        case ObjectShape() | ListShape():
            return value
        case [] | [dict() | ObjectShape() | Structural(), *_]:
            return ListShape([shape(each) for each in value])
        case None | Unseen() | Structural() | Stage() | DraftIds():
            return value
    return _of_texts(value if isinstance(value, list) else [value])


def _of_texts(values: Sequence[Any]) -> ArgumentShape:
    """The shape of values of which at most the stage that ids name decides anything."""
    drafts = [
        each is DraftIds.ALL or (isinstance(each, str) and is_of_draft(each)) for each in values
    ]
    if not any(drafts):
        return Unseen.VALUE
    return DraftIds.ALL if all(drafts) else DraftIds.SOME


def members(found: ArgumentShape) -> ObjectShape:
    """The members of an object; none if it is null or left out.

    Raises `TypeError` for anything else, which the GraphQL schema excludes.
    """
    if isinstance(found, ObjectShape):
        return found
    if found is None:
        return ObjectShape()
    raise TypeError(f"{found!r} is no object")


def items(found: ArgumentShape) -> ListShape:
    """The items of a list of objects or structural values; none if it is null or left out.

    Raises `TypeError` for anything else, which the GraphQL schema excludes.
    """
    if isinstance(found, ListShape):
        return found
    if found is None:
        return ListShape()
    raise TypeError(f"{found!r} is no list of objects, nor of structural values")
