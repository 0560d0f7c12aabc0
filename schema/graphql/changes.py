"""The GraphQL types of what was done to items, and what it changed."""

from datetime import datetime
from typing import Any

from strawberry.scalars import ID, JSON

from schema.graphql.enumerations import ACTION
from schema.graphql.field_specs import Described, connection, describe
from schema.graphql.scalars import LocaleCode

_VALUES = (
    Described(
        "path",
        list[str],
        "The path to the value: its field and, in a localized text, its locale, such as "
        '`["title", "en"]`.',
    ),
    Described(
        "before",
        JSON | None,
        "The value before the change, as in a document; null if there was none.",
    ),
    Described(
        "after", JSON | None, "The value after the change, as in a document; null if there is none."
    ),
)

CHANGE: Any = describe(
    type("Change", (), {}),
    "A value that changed. A localized text has one value in each locale; a list, also a list of "
    "parts, is one value.",
    _VALUES,
)
ITEM_CHANGE: Any = describe(
    type("ItemChange", (), {}),
    "A value that changed, and the item that it belongs to.",
    [
        Described("type", str, "The name of the item's content type."),
        Described("slug", str, "The slug of the item."),
        *_VALUES,
    ],
)

REVISION: Any = describe(
    type("Revision", (), {}),
    "The record of one action on an item.",
    [
        Described("id", ID, "A unique id, for `restore` and `diff`."),
        Described("type", str, "The name of the item's content type."),
        Described("slug", str, "The slug that the item had at that time."),
        Described(
            "version",
            int,
            "The version of the item after the action; the last one if the item was deleted.",
        ),
        Described("action", ACTION, "The action."),
        Described(
            "locales",
            list[LocaleCode] | None,
            "The locales in which the item was published or unpublished; null for other actions.",
        ),
        Described("author", str, "The name of the token, or of the program, that did it."),
        Described("reason", str | None, "The reason that the author gave; null if none."),
        Described("at", datetime, "When the action happened."),
        Described(
            "changes",
            list[CHANGE],
            "The values that the action changed in the working copy; empty if it changed none.",
        ),
        Described(
            "document",
            JSON,
            "The item as a document, after the action; if the item was deleted, before it.",
        ),
    ],
)
REVISIONS: Any = connection("Revision", "revisions", REVISION)
