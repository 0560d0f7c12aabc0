"""Ids as clients see them: the name of the type and a UUID, such as `guide_0192…`."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Text

from schema.planner.json import name


class Id(NamedTuple):
    """A parsed id."""

    prefix: str
    """The name of the type's table."""
    uuid: UUID


def format_id(prefix: str, uuid: ColumnElement[UUID]) -> ColumnElement[str]:
    """An id as clients see it."""
    return name(f"{prefix}_").concat(uuid.cast(Text()))


def parse_number(text: str, prefix: str) -> int:
    """The number in an id such as `revision_1`; raises `ValueError` for any other text."""
    found, _, number = text.rpartition("_")
    if found == prefix and number.isascii() and number.isdecimal() and len(number) < 19:
        return int(number)
    raise ValueError(f"{text!r} is not the id of a {prefix}; such ids look like {prefix}_1")


def parse_id(text: str, prefixes: Collection[str]) -> Id:
    """Parse an id; raises `ValueError` unless it is one of these prefixes and a UUID."""
    prefix, _, uuid = text.rpartition("_")
    if prefix in prefixes:
        try:
            return Id(prefix, UUID(uuid))
        except ValueError:
            pass
    known = ", ".join(f"{each}_" for each in prefixes)
    raise ValueError(f"{text!r} is not an id that fits here; such ids begin with {known}")
