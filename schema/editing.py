"""The words for writing content, which GraphQL and the service share."""

import enum


class Mode(enum.Enum):
    """What becomes of what a document does not say: it stays, or the document is all there is."""

    MERGE = "MERGE"
    REPLACE = "REPLACE"


class OnConflict(enum.Enum):
    """What becomes of a document that was written for another version of its item.

    MERGE makes the changes that nobody else made differently, where it is known what was changed.
    """

    FAIL = "FAIL"
    MERGE = "MERGE"


class UnpublishedReferences(enum.Enum):
    """What to do about references to items that are not published in any locale.

    FAIL refuses to publish, PUBLISH_TOO publishes these items as well, and LEAVE_PENDING leaves the
    references out until their targets are published. A required reference cannot wait: its target
    has to be published in every locale of the item. What is published in some locales only stays
    so whatever is chosen here, and is left out in the others.
    """

    FAIL = "FAIL"
    PUBLISH_TOO = "PUBLISH_TOO"
    LEAVE_PENDING = "LEAVE_PENDING"


class Action(enum.Enum):
    """What was done to an item."""

    SAVE = "SAVE"
    PUBLISH = "PUBLISH"
    UNPUBLISH = "UNPUBLISH"
    RESTORE = "RESTORE"
    DELETE = "DELETE"


class Follow(enum.Enum):
    """Which version of its items a release publishes.

    Of an item that is edited in between, PINNED publishes what there was when it was scheduled, and
    LATEST what there is at the instant.
    """

    PINNED = "PINNED"
    LATEST = "LATEST"


class ReleaseState(enum.Enum):
    """The state of a release. One that was carried out is gone; its revisions remain."""

    SCHEDULED = "It is not due yet."
    RETRYING = "It could not be carried out yet, and is tried again by itself, for a day."
    HELD = "The token that it was scheduled with was revoked; `confirm` lets it go on."
    FAILED = "It could not be carried out, and is not tried again, except with `confirm`."
