"""Ids as clients see them: they name an item as it was read.

`guide_0192…` is a guide as it is published, in the default locale. Other locales and the working
copy are named at the end: `guide_0192….nl`, `guide_0192….DRAFT`, `guide_0192….nl.DRAFT`. So a cache
that goes by ids keeps languages and stages apart, and an id alone finds what was read.
"""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Text

from schema.delivery import Stage
from schema.planner.json import name


class Id(NamedTuple):
    """A parsed id."""

    prefix: str
    """The name of the type's table."""
    uuid: UUID
    locale: str | None = None
    """None for the default locale."""
    stage: Stage = Stage.LIVE


def format_id(
    prefix: str, uuid: ColumnElement[UUID], suffix: ColumnElement[str] | None = None
) -> ColumnElement[str]:
    """An id as clients see it; without a suffix, the one that is the same wherever it is read."""
    bare = name(f"{prefix}_").concat(uuid.cast(Text()))
    return bare if suffix is None else bare.concat(suffix)


def suffix_of(locale: str, stage: Stage, default: str) -> str:
    """The end of ids that are read in a locale and at a stage."""
    named = "" if locale == default else f".{locale}"
    return named if stage is Stage.LIVE else f"{named}{_DRAFT}"


def is_of_draft(text: str) -> bool:
    """Whether a text, if it is an id, names the working copy."""
    return text.endswith(_DRAFT)


_DRAFT = f".{Stage.DRAFT.name}"


def parse_number(text: str, prefix: str) -> int:
    """The number in an id such as `revision_1`; raises `ValueError` for any other text."""
    found, _, number = text.rpartition("_")
    if found == prefix and number.isascii() and number.isdecimal() and len(number) < 19:
        return int(number)
    raise ValueError(f"{text!r} is not the id of a {prefix}; such ids look like {prefix}_1")


def parse_id(text: str, prefixes: Collection[str]) -> Id:
    """Parse an id; raises `ValueError` unless it is one of these prefixes and a UUID."""
    rest, stage = (text[: -len(_DRAFT)], Stage.DRAFT) if is_of_draft(text) else (text, Stage.LIVE)
    bare, _, locale = rest.partition(".")
    prefix, _, uuid = bare.rpartition("_")
    if prefix in prefixes and not rest.endswith("."):
        try:
            return Id(prefix, UUID(uuid), locale or None, stage)
        except ValueError:
            pass
    known = ", ".join(f"{each}_" for each in prefixes)
    raise ValueError(f"{text!r} is not an id that fits here; such ids begin with {known}")
