"""The GraphQL types of what is to be published, or unpublished, later."""

from datetime import datetime
from typing import Any

from strawberry.scalars import ID

from schema.graphql.enumerations import ACTION, CODE, REFERENCES, RELEASE_STATE
from schema.graphql.field_specs import PAGE, Argument, Described, connection, describe
from schema.graphql.scalars import LocaleCode

PROBLEM: Any = describe(
    type("ReleaseProblem", (), {}),
    "Why a release could not be carried out.",
    [
        Described("code", CODE, "What kind of problem it is."),
        Described("message", str, "What is wrong, and what would be right."),
    ],
)
_STATE = Described("state", RELEASE_STATE, "Its state.")
_PROBLEMS = Described(
    "problems", list[PROBLEM], "Why it could not be carried out when it was tried last."
)
ITEM_SCHEDULE: Any = describe(
    type("ItemSchedule", (), {}),
    "What is scheduled for an item in a locale.",
    [
        Described("at", datetime | None, "When it is to be published; null if it is not."),
        Described(
            "unpublish_at", datetime | None, "When it is to be unpublished; null if it is not."
        ),
        Described("version", int | None, "The version to be published; null if it follows edits."),
        _STATE._replace(
            description="The state of its releases; the worst of them, if there are several."
        ),
        _PROBLEMS,
        Described("releases", list[ID], "The ids of the releases that it is part of."),
    ],
)


def releases_field(node: Any, locale: Argument) -> Described:
    """The root field that lists releases, whose items are of the type `node`."""
    item: Any = describe(
        type("ReleaseItem", (), {}),
        "An item of a release.",
        [
            Described("type", str, "The item's type."),
            Described("item", node | None, "The item, as it is in the working copy now."),
            Described(
                "version", int | None, "The version to be published; null if it follows edits."
            ),
            Described(
                "locales",
                list[LocaleCode] | None,
                "The locales that it is published in; null for all.",
            ),
            Described(
                "is_reference", bool, "Whether it is published because another item refers to it."
            ),
        ],
    )
    release = describe(
        type("Release", (), {}),
        "Items that are published, or unpublished, together at an instant: all, or none.",
        [
            Described("id", ID, "Its id, which `confirm` takes."),
            Described("action", ACTION, "`PUBLISH` or `UNPUBLISH`."),
            Described("at", datetime, "When it is due."),
            _STATE,
            _PROBLEMS,
            Described("attempts", int, "The number of failed attempts."),
            Described("next_attempt_at", datetime | None, "When it is tried again by itself."),
            Described("references", REFERENCES, "How references are treated; see `publish`."),
            Described("author", str, "The name of the token that scheduled or confirmed it."),
            Described("reason", str | None, "Why."),
            Described("items", list[item], "Its items."),
        ],
    )
    states: Any = RELEASE_STATE
    return Described(
        "releases",
        connection("Release", "releases", release),
        "Scheduled releases, and those that failed, by the time when they are due. Requires the "
        "scope `preview`.",
        (
            Argument("states", list[states] | None, "In one of these; in any if left out."),
            *PAGE,
            locale,
        ),
    )
