"""The shapes of arguments: what requests have in common that share a plan.

A shape says which objects, lists and nulls there are, and the values that a statement is made by:
directions, groupings, the copy of the content. Of any other value it says that there is one. Plans
are kept under shapes and made from the same shapes, so nothing else can become part of a plan.
"""

from enum import Enum
from typing import Any

from schema.delivery import Stage


class Structural(Enum):
    """An enumeration whose values decide what a statement looks like."""


class Unseen(Enum):
    """What stands for a value, which is not known before it is bound."""

    VALUE = "VALUE"


class ListShape(tuple["ArgumentShape", ...]):
    """The shapes of a list's items, where these are objects or structural; or of a list of none."""

    __slots__ = ()


class ObjectShape(tuple[tuple[str, "ArgumentShape"], ...]):
    """The names of an object's members, in its order, and their shapes."""

    __slots__ = ()

    def get(self, name: str) -> "ArgumentShape":
        """The shape of a member; None also where it is left out."""
        return next((each for key, each in self if key == name), None)


ArgumentShape = ObjectShape | ListShape | Structural | Stage | Unseen | None
"""None is null. Shapes can be compared and hashed."""


def shape(value: Any) -> ArgumentShape:
    """The shape of a coerced value; that of a shape is itself."""
    match value:
        case dict():
            return ObjectShape([(key, shape(each)) for key, each in value.items()])
        case ObjectShape() | ListShape():
            return value
        case [] | [dict() | ObjectShape() | Structural(), *_]:
            return ListShape([shape(each) for each in value])
        case None | Unseen() | Structural() | Stage():
            return value
    return Unseen.VALUE


def members(found: ArgumentShape) -> ObjectShape:
    """The members of what the schema says is an object; none where it is null or left out."""
    if isinstance(found, ObjectShape):
        return found
    if found is None:
        return ObjectShape()
    raise TypeError(f"{found!r} is no object")


def items(found: ArgumentShape) -> ListShape:
    """The items of what the schema says is a list of such; none where it is null or left out."""
    if isinstance(found, ListShape):
        return found
    if found is None:
        return ListShape()
    raise TypeError(f"{found!r} is no list of objects, nor of structural values")
