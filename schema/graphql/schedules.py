"""The GraphQL types of releases, and of the schedules of items."""

from datetime import datetime
from typing import Any

from strawberry.scalars import ID

from schema.graphql.enumerations import ACTION, CODE, REFERENCES, RELEASE_STATE
from schema.graphql.field_specs import PAGE, Argument, FieldSpec, connection, describe
from schema.graphql.scalars import LocaleCode

PROBLEM: Any = describe(
    type("ReleaseProblem", (), {}),
    "A reason why a release could not be carried out.",
    [
        FieldSpec("code", CODE, "The kind of problem."),
        FieldSpec("message", str, "What is wrong, and what would be right, in English."),
    ],
)
_STATE = FieldSpec("state", RELEASE_STATE, "The state of the release.")
_PROBLEMS = FieldSpec(
    "problems", list[PROBLEM], "Why the last attempt failed; empty if no attempt has failed."
)
ITEM_SCHEDULE: Any = describe(
    type("ItemSchedule", (), {}),
    "What is scheduled for an item in one locale.",
    [
        FieldSpec(
            "at",
            datetime | None,
            "When the item will be published; null if no publication is scheduled.",
        ),
        FieldSpec(
            "unpublish_at",
            datetime | None,
            "When the item will be unpublished; null if that is not scheduled.",
        ),
        FieldSpec(
            "version",
            int | None,
            "The version that will be published; null if it is the latest one at that time, or if "
            "no publication is scheduled.",
        ),
        _STATE._replace(
            description="The state of the item's releases. If they differ, the first "
            "of FAILED, HELD, RETRYING and SCHEDULED."
        ),
        _PROBLEMS,
        FieldSpec(
            "releases", list[ID], "The ids of the releases that include the item in this locale."
        ),
    ],
)


def releases_field(node: Any, locale: Argument) -> FieldSpec:
    """The root field `releases`; `node` is the type of the items in a release."""
    item: Any = describe(
        type("ReleaseItem", (), {}),
        "An item of a release.",
        [
            FieldSpec("type", str, "The name of the item's content type."),
            FieldSpec(
                "item",
                node | None,
                "The item as it is in the working copy now; null if it no longer exists.",
            ),
            FieldSpec(
                "version",
                int | None,
                "The version that will be published; null if it is the latest one at that time, or "
                "if the release unpublishes.",
            ),
            FieldSpec(
                "locales",
                list[LocaleCode] | None,
                "The locales in which the item is published or unpublished; null for all locales.",
            ),
            FieldSpec(
                "is_reference",
                bool,
                "Whether the item is included only because another item of the release refers to "
                "it, by `references: PUBLISH_TOO`.",
            ),
        ],
    )
    release = describe(
        type("Release", (), {}),
        "Items that are published, or unpublished, together at a scheduled time, all or none.",
        [
            FieldSpec("id", ID, "A unique id, for `confirm`."),
            FieldSpec("action", ACTION, "What the release does: `PUBLISH` or `UNPUBLISH`."),
            FieldSpec("at", datetime, "When the release is due."),
            _STATE,
            _PROBLEMS,
            FieldSpec("attempts", int, "The number of failed attempts."),
            FieldSpec(
                "next_attempt_at",
                datetime | None,
                "When the next attempt is made; null unless the state is RETRYING.",
            ),
            FieldSpec(
                "references",
                REFERENCES,
                "What happens to references to items that are not published.",
            ),
            FieldSpec(
                "author",
                str,
                "The name of the token that scheduled the release, or confirmed it last.",
            ),
            FieldSpec("reason", str | None, "The reason that the author gave; null if none."),
            FieldSpec("items", list[item], "The items of the release."),
        ],
    )
    states: Any = RELEASE_STATE
    return FieldSpec(
        "releases",
        connection("Release", "releases", release),
        "Releases that are still to be carried out, or have failed, in the order in which they are "
        "due. Requires the scope `preview`.",
        (
            Argument(
                "states",
                list[states] | None,
                "Return only releases in these states. Default: all states.",
            ),
            *PAGE,
            locale,
        ),
    )
