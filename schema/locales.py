"""The locales that content is served in, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Locales:
    """The codes that are known, and the one served where a request names none."""

    codes: frozenset[str]
    default: str
