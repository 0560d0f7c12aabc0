"""The GraphQL types of full-text search."""

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import reduce
from operator import or_
from typing import Annotated, Any

import strawberry

from schema.graphql.field_specs import PAGE, Argument, Described, connection
from schema.graphql.inputs import Inputs
from schema.model import ContentType

_EDGE = (
    Described(
        "rank",
        float,
        "How well it fits; more is better. From 1 on it is called as the text says, from 0 on it "
        "has the words; below that a name begins with the last word, and below -1 a letter of a "
        "name differs.",
    ),
    Described(
        "snippet", str, "Where the words are in it: HTML in which nothing is markup but `<mark>`."
    ),
)

_TEXT = Argument(
    "text",
    str,
    'Words that all have to be there; `or` between two for one of them, `"in quotes"` for words '
    "next to each other as they are, `-` before one that may not be there. Capital letters and "
    "accents do not matter.",
)


def search_field(
    objects: Mapping[str, type],
    content: Sequence[ContentType],
    inputs: Inputs,
    scene: Sequence[Argument],
) -> Described:
    """The root field that searches items of these types."""
    where: Any = inputs.of_types(
        "SearchWhere",
        "Which items are found, by their types; of a type that is not named, all are.",
        content,
    )
    items: Any = reduce(or_, (objects[each.name] for each in content))
    description = "An item that search can find."
    result = Annotated[items, strawberry.union("SearchResult", description=description)]
    members = {each.table_name.upper(): each.table_name for each in content}
    make: Any = Enum
    types: Any = strawberry.enum(make("SearchType", members), description="What search can find.")
    return Described(
        "search",
        connection("Search", "hits", result, edge=_EDGE),
        "Published items by the words in them, the best first: titles count more than the names of "
        "what an item relates to, and these more than its other texts. After those come names that "
        "begin with the last word, and names with a letter more, less or another in a word.",
        (
            _TEXT,
            Argument("types", list[types] | None, "Of these types only."),
            Argument("where", where | None, "Only those for which this holds."),
            *PAGE,
            *scene,
        ),
    )
