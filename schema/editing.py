"""The enumerations that describe changes to content, for GraphQL and the service."""

import enum


class Mode(enum.Enum):
    """What happens to fields that a document leaves out: MERGE keeps them, REPLACE clears them."""

    MERGE = "MERGE"
    REPLACE = "REPLACE"


class OnConflict(enum.Enum):
    """What happens if a change is based on another version of the item than the current one.

    FAIL returns the error CONFLICT. MERGE does a three-way merge, with the version that the change
    is based on as the merge base; it returns the error only if both sides changed a value
    differently, or if that version is not known.
    """

    FAIL = "FAIL"
    MERGE = "MERGE"


class UnpublishedReferences(enum.Enum):
    """What happens to references to items that are not published in any locale.

    FAIL refuses to publish. PUBLISH_TOO also publishes these items. LEAVE_PENDING hides the
    references until these items are published. A required reference cannot be hidden: its target
    has to be published in every locale in which the item is published. A target that is published
    in some locales only is not published in others, whichever value is chosen: there, references to
    it are hidden.
    """

    FAIL = "FAIL"
    PUBLISH_TOO = "PUBLISH_TOO"
    LEAVE_PENDING = "LEAVE_PENDING"


class Action(enum.Enum):
    """An action on an item."""

    SAVE = "SAVE"
    PUBLISH = "PUBLISH"
    UNPUBLISH = "UNPUBLISH"
    RESTORE = "RESTORE"
    DELETE = "DELETE"


class Follow(enum.Enum):
    """Which version of its items a release publishes.

    PINNED is the version that the item has when it is scheduled, even if it is edited afterwards.
    LATEST is the version that it has when the release is carried out.
    """

    PINNED = "PINNED"
    LATEST = "LATEST"


class ReleaseState(enum.Enum):
    """The state of a release. Once it is carried out, only its revisions remain."""

    SCHEDULED = "It is not due yet, or was not attempted yet."
    RETRYING = "The last attempt failed. It is retried automatically until a day after it was due."
    HELD = "The token of its author was revoked. It waits until somebody calls `confirm`."
    FAILED = "All attempts failed. It is not retried unless somebody calls `confirm`."
