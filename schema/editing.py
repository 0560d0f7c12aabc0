"""The enumerations that describe changes to content, for GraphQL and the service."""

import enum
from typing import Self


class DescribedEnum(enum.Enum):
    """An enumeration whose members have a value, and a description for the GraphQL schema."""

    description: str

    def __new__(cls, value: str, description: str = "") -> Self:
        """Make a member. A call such as `Mode("MERGE")` looks one up, and has no description."""
        member = object.__new__(cls)
        member._value_ = value
        member.description = description
        return member


class Mode(DescribedEnum):
    """What happens to fields that a document leaves out."""

    MERGE = "MERGE", "They keep their values."
    REPLACE = "REPLACE", "They are cleared."


class OnConflict(DescribedEnum):
    """What happens if a change is based on another version of the item than the current one."""

    FAIL = "FAIL", "The mutation fails with the error `CONFLICT`."
    MERGE = (
        "MERGE",
        (
            "The change is merged with the changes since that version. The mutation fails with "
            "`CONFLICT` only if both sides changed the same value to different ones, if no "
            "revision has that version, or if the item was deleted."
        ),
    )


class UnpublishedReferences(DescribedEnum):
    """What happens to references to items that are not published in any locale.

    A reference to an item that is published in some locales is allowed, and hidden in the others.
    A required reference is never hidden: its target has to be published in every locale in which
    the item itself is.
    """

    FAIL = "FAIL", "Nothing is published. The error is `NOT_PUBLISHED`."
    PUBLISH_TOO = "PUBLISH_TOO", "The items are published too."
    LEAVE_PENDING = (
        "LEAVE_PENDING",
        "The references are hidden until the items are published; an error if one is required.",
    )


class Action(DescribedEnum):
    """What is done to an item."""

    SAVE = "SAVE", "It is created or changed in the working copy."
    PUBLISH = "PUBLISH", "It is copied from the working copy to the live copy."
    UNPUBLISH = "UNPUBLISH", "It is removed from the live copy."
    RESTORE = "RESTORE", "Its working copy is put back to what it was after a revision."
    DELETE = "DELETE", "It is deleted from both copies."


class Follow(DescribedEnum):
    """Which version of its items a release publishes."""

    PINNED = "PINNED", "The version that an item has when it is scheduled, whatever is saved later."
    LATEST = "LATEST", "The version that an item has when the release is carried out."


class ReleaseState(DescribedEnum):
    """The state of a release.

    A release that was carried out has none: it is removed, and the revisions of its items remain.
    """

    SCHEDULED = "SCHEDULED", "It is not due yet, or was not attempted yet."
    RETRYING = (
        "RETRYING",
        "The last attempt failed. It is retried automatically until a day after it was due.",
    )
    HELD = "HELD", "The token of its author was revoked. It waits until somebody calls `confirm`."
    FAILED = "FAILED", "All attempts failed. It is not retried unless somebody calls `confirm`."
