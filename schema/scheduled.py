"""The GraphQL types of what is to be published, or unpublished, later."""

from datetime import datetime
from typing import Any

from strawberry.scalars import ID

from schema.described import PAGE, Argument, Described, connection, describe
from schema.enumerations import ACTION, CODE, REFERENCES, RELEASE_STATE
from schema.scalars import LocaleCode

PROBLEM: Any = describe(
    type("ReleaseProblem", (), {}),
    "Why a release could not be carried out.",
    [
        Described("code", CODE, "What kind of problem it is."),
        Described("message", str, "What is wrong, and what would be right."),
    ],
)
_STATE = Described("state", RELEASE_STATE, "How it is with it.")
_PROBLEMS = Described(
    "problems", list[PROBLEM], "Why it could not be carried out when it was tried last."
)
ITEM_SCHEDULE: Any = describe(
    type("ItemSchedule", (), {}),
    "What is to happen to an item in a locale.",
    [
        Described("at", datetime | None, "When it is to be published; null if it is not."),
        Described(
            "unpublish_at", datetime | None, "When it is to be unpublished; null if it is not."
        ),
        Described(
            "version", int | None, "The version to be published; null for the one there is by then."
        ),
        _STATE._replace(description="How it is with that; of several, the state that is worst."),
        _PROBLEMS,
        Described("releases", list[ID], "The ids of the releases that it is part of."),
    ],
)


def releases_field(node: Any, locale: Argument) -> Described:
    """The root field that lists releases, whose items are of the type `node`."""
    item: Any = describe(
        type("ReleaseItem", (), {}),
        "An item that a release is about.",
        [
            Described("type", str, "The item's type."),
            Described("item", node | None, "The item, as it is in the working copy now."),
            Described(
                "version", int | None, "The version to be published; null for the one by then."
            ),
            Described("locales", list[LocaleCode] | None, "In these only; null for all."),
            Described(
                "is_reference", bool, "Whether it is published because another item refers to it."
            ),
        ],
    )
    release = describe(
        type("Release", (), {}),
        "Items that are published, or unpublished, together at an instant: all, or none.",
        [
            Described("id", ID, "The same for good; `confirm` takes it."),
            Described("action", ACTION, "`PUBLISH` or `UNPUBLISH`."),
            Described("at", datetime, "When it is due."),
            _STATE,
            _PROBLEMS,
            Described("attempts", int, "How often it was tried in vain."),
            Described("next_attempt_at", datetime | None, "When it is tried again by itself."),
            Described("references", REFERENCES, "What becomes of references; see `publish`."),
            Described("author", str, "Who answers for it: the name of a token."),
            Described("reason", str | None, "Why."),
            Described("items", list[item], "What it is about."),
        ],
    )
    states: Any = RELEASE_STATE
    return Described(
        "releases",
        connection("Release", "releases", release),
        "What is to be published or unpublished, and what could not be; what is due first comes "
        "first. Takes the scope `preview`.",
        (
            Argument("states", list[states] | None, "In one of these; in any if left out."),
            *PAGE,
            locale,
        ),
    )
