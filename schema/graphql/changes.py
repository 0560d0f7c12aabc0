"""The GraphQL types of what was done to items, and what it changed."""

from datetime import datetime
from typing import Any

from strawberry.scalars import ID, JSON

from schema.graphql.enumerations import ACTION
from schema.graphql.field_specs import Described, connection, describe
from schema.graphql.scalars import LocaleCode

_VALUES = (
    Described("path", list[str], "Where it is: a field, and the locale of a text."),
    Described("before", JSON | None, "As documents have it; null if it was not there."),
    Described("after", JSON | None, "As documents have it; null if it is not there."),
)

CHANGE: Any = describe(
    type("Change", (), {}),
    "A value that is different. A text is one in each locale; a list is one value.",
    _VALUES,
)
ITEM_CHANGE: Any = describe(
    type("ItemChange", (), {}),
    "A value that is different, and whose it is.",
    [
        Described("type", str, "The item's type."),
        Described("slug", str, "The item's slug."),
        *_VALUES,
    ],
)

REVISION: Any = describe(
    type("Revision", (), {}),
    "One thing that was done to an item.",
    [
        Described("id", ID, "The same for good; `restore` and `diff` take it."),
        Described("type", str, "The item's type."),
        Described("slug", str, "The item's slug, then."),
        Described("version", int, "The item's version after it."),
        Described("action", ACTION, "What was done."),
        Described(
            "locales",
            list[LocaleCode] | None,
            "The locales in which it was published, or unpublished; null for anything else.",
        ),
        Described("author", str, "Who did it: the name of a token, or of a program."),
        Described("reason", str | None, "Why."),
        Described("at", datetime, "When."),
        Described("changes", list[CHANGE], "What was changed of the item."),
        Described("document", JSON, "The item, as a document; of one deleted, as it was before."),
    ],
)
REVISIONS: Any = connection("Revision", "revisions", REVISION)
