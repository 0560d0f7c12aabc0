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
        "The path to the value: the name of its field and, in a localized text, the locale. For "
        'example, `["title", "en"]`.',
    ),
    FieldSpec(
        "before",
        JSON | None,
        "The value before the change, in the form that it has in a document, with slugs for "
        "references; null if there was none.",
    ),
    FieldSpec(
        "after",
        JSON | None,
        "The value after the change, in the form that it has in a document, with slugs for "
        "references; null if there is none.",
    ),
)

CHANGE: Any = describe(
    type("Change", (), {}),
    "A value that changed. A localized text has a value for each locale. A list is a single value, "
    "whatever changed in it.",
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
    "The record of one action on one item, in its history.",
    [
        FieldSpec("id", ID, "A unique id, for `restore` and `diff`."),
        FieldSpec("type", str, "The name of the item's content type."),
        FieldSpec("slug", str, "The slug that the item had at that time."),
        FieldSpec(
            "version",
            int,
            "The version of the item after the action; if the action deleted it, its last version.",
        ),
        FieldSpec("action", ACTION, "What was done to the item."),
        FieldSpec(
            "locales",
            list[LocaleCode] | None,
            "The locales in which the item was published or unpublished; null for other actions, "
            "and if they are not known.",
        ),
        FieldSpec(
            "author",
            str,
            "Who did it: the name of a token, `guidepost content apply`, or `migration` and the id "
            "of a migration.",
        ),
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
            "The whole item as a document, with slugs for references and a map of locales for each "
            "text: as it was after the action, or, if the action deleted it, before.",
        ),
    ],
)
REVISIONS: Any = connection("Revision", "revisions", REVISION)
