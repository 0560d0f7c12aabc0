"""Who did what no token did: the names that the history has for Guidepost's own programs."""

import unicodedata

ANONYMOUS = "anonymous"
APPLYING = "guidepost content apply"
SCHEDULE = "schedule"

_PROGRAMS = frozenset({ANONYMOUS, "guidepost", "migration", SCHEDULE})
"""The first words of them all."""


def migration(revision: str) -> str:
    """The author of what a revision does."""
    return f"migration {revision}"


def looks_like_a_program(name: str) -> bool:
    """Whether people would take somebody of this name for one of Guidepost's programs."""
    first, *_ = unicodedata.normalize("NFKC", name).casefold().split() or [""]
    return first in _PROGRAMS
