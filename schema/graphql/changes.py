"""The GraphQL types of revisions, and of the changes in them."""

from datetime import datetime
from typing import Any

from strawberry.scalars import ID, JSON

from schema.graphql.enumerations import ACTION
from schema.graphql.field_specs import FieldSpec, connection, describe
from schema.graphql.scalars import LocaleCode

_VALUES = (
    FieldSpec(
        "path",
        list[str],
        "The path to the value: its field and, in a localized text, its locale, such as "
        '`["title", "en"]`.',
    ),
    FieldSpec(
        "before",
        JSON | None,
        "The value before the change, as in a document; null if there was none.",
    ),
    FieldSpec(
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
        FieldSpec("type", str, "The name of the item's content type."),
        FieldSpec("slug", str, "The slug of the item."),
        *_VALUES,
    ],
)

REVISION: Any = describe(
    type("Revision", (), {}),
    "The record of one action on an item.",
    [
        FieldSpec("id", ID, "A unique id, for `restore` and `diff`."),
        FieldSpec("type", str, "The name of the item's content type."),
        FieldSpec("slug", str, "The slug that the item had at that time."),
        FieldSpec(
            "version",
            int,
            "The version of the item after the action; the last one if the item was deleted.",
        ),
        FieldSpec("action", ACTION, "The action."),
        FieldSpec(
            "locales",
            list[LocaleCode] | None,
            "The locales in which the item was published or unpublished; null for other actions.",
        ),
        FieldSpec("author", str, "The name of the token, or of the program, that did it."),
        FieldSpec("reason", str | None, "The reason that the author gave; null if none."),
        FieldSpec("at", datetime, "When the action happened."),
        FieldSpec(
            "changes",
            list[CHANGE],
            "The values that the action changed in the working copy; empty if it changed none.",
        ),
        FieldSpec(
            "document",
            JSON,
            "The item as a document, after the action; if the item was deleted, before it.",
        ),
    ],
)
REVISIONS: Any = connection("Revision", "revisions", REVISION)
