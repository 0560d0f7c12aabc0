"""The GraphQL types of full-text search."""

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import reduce
from operator import or_
from typing import Annotated, Any

import strawberry

from schema.graphql.enumerations import with_values
from schema.graphql.field_specs import PAGE, Argument, FieldSpec, connection
from schema.graphql.inputs import Inputs
from schema.model import ContentType
from schema.planner.search import LONGEST_TEXT

_EDGE = (
    FieldSpec(
        "rank",
        float,
        "How well the item matches; higher is better. 1 or more: its title equals the text of the "
        "search. 0 to 1: it contains the words. -1 to 0: a word of its title or of a related name "
        "starts with the last word. Below -1: a word of its title differs by one letter.",
    ),
    FieldSpec(
        "snippet",
        str,
        "An excerpt of the item around the words that were found, as HTML; the only markup in it "
        "is `<mark>`.",
    ),
)

_TEXT = Argument(
    "text",
    str,
    f"The words to search for, {LONGEST_TEXT:,} characters at most. `java spring` finds items with "
    'both words, `java or kotlin` items with one of them, `"spring boot"` items with these words '
    "next to each other, and `java -php` items without `php`. Case and accents are ignored.",
)


def search_field(
    objects: Mapping[str, type],
    content: Sequence[ContentType],
    inputs: Inputs,
    scene: Sequence[Argument],
) -> FieldSpec:
    """The root field `search`, which finds items of these content types."""
    where: Any = inputs.of_types(
        "SearchWhere",
        "Conditions for each content type. Items of types that are left out are not filtered.",
        content,
    )
    items: Any = reduce(or_, (objects[each.name] for each in content))
    description = "An item that `search` can find."
    result = Annotated[items, strawberry.union("SearchResult", description=description)]
    members = {each.table_name.upper(): each.table_name for each in content}
    labels = {each.table_name.upper(): each.labels for each in content}
    make: Any = Enum
    types: Any = with_values(
        strawberry.enum(
            make("SearchType", members), description="The types of items that `search` can find."
        ),
        lambda name: f"{labels[name].capitalize()}.",
    )
    return FieldSpec(
        "search",
        connection("Search", "search results", result, edge=_EDGE),
        "Finds items by the words in them, the best match first. A word counts most in the title, "
        "less in the name of a related item, and least in another text. After the items that "
        "contain all words come those with a name in which a word only starts with the last one, "
        "and then those with a title in which a word differs by one letter.",
        (
            _TEXT,
            Argument(
                "types", list[types] | None, "Return only items of these types. Default: all types."
            ),
            Argument("where", where | None, "Return only items that meet these conditions."),
            *PAGE,
            *scene,
        ),
    )
