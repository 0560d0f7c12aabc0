"""The shapes of arguments: what requests have in common that share a plan.

A shape says which objects, lists and nulls there are, and the values that a statement is made by:
directions, groupings, the copy of the content. Of any other value it says that there is one. Plans
are kept under shapes and made from the same shapes, so nothing else can become part of a plan.
"""

from enum import Enum
from typing import Any, Union

from schema.delivery import Stage


class Structural(Enum):
    """An enumeration whose values decide what a statement looks like."""


class Unseen(Enum):
    """What stands for a value, which is not known before it is bound."""

    VALUE = "VALUE"


class ItemShapes(tuple["Shape", ...]):
    """The shapes of a list's items, where these are objects or structural; or of a list of none."""

    __slots__ = ()


class Members(tuple[tuple[str, "Shape"], ...]):
    """The names of an object's members, in its order, and their shapes."""

    __slots__ = ()

    def get(self, name: str) -> "Shape":
        """The shape of a member; None also where it is left out."""
        return next((each for key, each in self if key == name), None)


Shape = Union[Members, ItemShapes, Structural, Stage, Unseen, None]  # noqa: UP007  # refers to itself
"""None is null. Shapes can be compared and hashed."""


def shape(value: Any) -> Shape:
    """The shape of a coerced value; that of a shape is itself."""
    match value:
        case dict():
            return Members([(key, shape(each)) for key, each in value.items()])
        case Members() | ItemShapes():
            return value
        case [] | [dict() | Members() | Structural(), *_]:
            return ItemShapes([shape(each) for each in value])
        case None | Unseen() | Structural() | Stage():
            return value
    return Unseen.VALUE


def members(found: Shape) -> Members:
    """The members of what the schema says is an object; none where it is null or left out."""
    if isinstance(found, Members):
        return found
    if found is None:
        return Members()
    raise TypeError(f"{found!r} is no object")


def items(found: Shape) -> ItemShapes:
    """The items of what the schema says is a list of such; none where it is null or left out."""
    if isinstance(found, ItemShapes):
        return found
    if found is None:
        return ItemShapes()
    raise TypeError(f"{found!r} is no list of objects, nor of structural values")
