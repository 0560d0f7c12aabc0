"""GraphQL types as Strawberry reads them, made of descriptions."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from schema.attributes import camel_case
from schema.planner.pages import DEFAULT_PAGE, MAXIMUM_PAGE


class Argument(NamedTuple):
    """An argument of a derived field."""

    name: str
    type: Any
    description: str


PAGE = (
    Argument(
        "first",
        int | None,
        f"How many from the beginning, {MAXIMUM_PAGE} at most; {DEFAULT_PAGE} if left out.",
    ),
    Argument("after", str | None, "Begin behind this cursor."),
    Argument("last", int | None, f"How many from the end, {MAXIMUM_PAGE} at most."),
    Argument("before", str | None, "End before this cursor."),
)


@strawberry.type(description="Where a page lies in its connection.")
class PageInfo:
    """The type that Relay's cursor connections specification prescribes."""

    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(description="Whether some come before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last edge; pass it as `after` for the next page."
    )


class Described(NamedTuple):
    """A field of a derived type."""

    name: str
    annotation: Any
    description: str | None
    arguments: tuple[Argument, ...] = ()


def describe(cls: type, description: str, fields: Iterable[Described]) -> type:
    """Make a Strawberry type of an empty class."""
    cls.__annotations__ = {}
    for each in fields:
        if each.name in cls.__annotations__:
            raise TypeError(f"{cls.__name__} has two fields called {each.name}")
        made = strawberry.field(name=camel_case(each.name), description=each.description)
        made.arguments = [_argument(argument) for argument in each.arguments]
        cls.__annotations__[each.name] = each.annotation
        setattr(cls, each.name, made)
    return strawberry.type(cls, description=description)


def _argument(argument: Argument) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=argument.name,
        graphql_name=argument.name,
        type_annotation=StrawberryAnnotation(argument.type),
        description=argument.description,
        default=strawberry.UNSET,
    )


def connection(
    name: str, label: str, node: Any, more: Iterable[Described] = (), edge: Iterable[Described] = ()
) -> type:
    """The connection of a node's type, called `name`; `label` is what its nodes are to people."""
    made: Any = describe(
        type(f"{name}Edge", (), {}),
        f"One of the {label} in a connection.",
        [
            Described("cursor", str, "Its place in this order."),
            *edge,
            Described("node", node, "What there is."),
        ],
    )
    return describe(
        type(f"{name}Connection", (), {}),
        f"A page of {label}.",
        [
            Described("nodes", list[node], "Those of the page."),
            Described("edges", list[made], "Those of the page with their cursors."),
            Described("page_info", PageInfo, "Where the page lies."),
            Described("total_count", int, "How many there are on all pages."),
            *more,
        ],
    )
