"""Fields of GraphQL types as data, and Strawberry types made from them."""

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
        f"The maximum number of results, from the start of the list: 0 to {MAXIMUM_PAGE}. Default: "
        f"{DEFAULT_PAGE}, unless `last` is given.",
    ),
    Argument("after", str | None, "Return only results after this cursor."),
    Argument(
        "last",
        int | None,
        f"The maximum number of results, from the end of the list: 0 to {MAXIMUM_PAGE}. Not "
        "together with `first`.",
    ),
    Argument("before", str | None, "Return only results before this cursor."),
)


@strawberry.type(
    description="Whether there are pages before and after a page, and cursors to ask for them."
)
class PageInfo:
    """The type that Relay's cursor connections specification prescribes."""

    has_next_page: bool = strawberry.field(description="Whether results follow after this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether there are results before this page."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first result on the page; null if the page is empty. Pass "
        "it as `before`, with `last`, to get the previous page."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last result on the page; null if the page is empty. Pass it "
        "as `after` to get the next page."
    )


class FieldSpec(NamedTuple):
    """A field of a derived type."""

    name: str
    annotation: Any
    description: str | None
    arguments: tuple[Argument, ...] = ()


def describe(cls: type, description: str, fields: Iterable[FieldSpec]) -> type:
    """Turn an empty class into a Strawberry type; raises `TypeError` for a duplicate field."""
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
    name: str, label: str, node: Any, more: Iterable[FieldSpec] = (), edge: Iterable[FieldSpec] = ()
) -> type:
    """The type `<name>Connection`, with its edge type; `label` is the plural of its nodes."""
    made: Any = describe(
        type(f"{name}Edge", (), {}),
        f"One of the {label} on a page, with its cursor.",
        [
            FieldSpec(
                "cursor",
                str,
                "An opaque string that marks this result, for `after` and `before`. It is only "
                "valid with the same sort keys.",
            ),
            *edge,
            FieldSpec("node", node, "The result that the cursor marks."),
        ],
    )
    return describe(
        type(f"{name}Connection", (), {}),
        f"A page of {label}.",
        [
            FieldSpec("nodes", list[node], f"The {label} on this page."),
            FieldSpec("edges", list[made], f"The {label} on this page, each with its cursor."),
            FieldSpec(
                "page_info",
                PageInfo,
                "Whether there are pages before and after this one, and cursors to ask for them.",
            ),
            FieldSpec("total_count", int, f"The number of {label} on all pages."),
            *more,
        ],
    )
