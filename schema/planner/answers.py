"""What a statement of the planner returns, and its parts.

It is the JSON of `data` in which, between two tabs each, there are the marks of items and the
placeholders of computed fields; then comes, behind a last tab, the version of the content. There
are no other tabs: PostgreSQL writes none between values, and escapes those in texts.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from sqlalchemy import Table, func, select

from schema.aliases import aliased
from schema.attributes import Computed
from schema.expressions import Expression
from schema.planner.computations import PLACE, computed
from schema.planner.json import Json, name
from schema.planner.tags import Tag, tags_of
from schema.tables.content_version import ContentVersion

_VERSION = cast(Table, ContentVersion.__table__)


class Version(NamedTuple):
    """A version of the content; see `schema.tables.content_version`."""

    number: int
    mark: int

    def __str__(self) -> str:
        """The version as in headers: `17-8f3a09c26b1d4e57`."""
        return f"{self.number}-{self.mark % 2**64:016x}"

    @classmethod
    def read(cls, text: str) -> "Version":
        """The version that a text says; raises `ValueError` for any other text."""
        number, _, mark = text.partition("-")
        if not (number.isdecimal() and number.isascii() and len(number) < 19 and len(mark) == 16):
            raise ValueError(f"{text!r} is not a version; versions look like {Version(17, 0)}")
        signed = int(mark, 16)
        return cls(int(number), signed - 2**64 if signed >= 2**63 else signed)


class Answer(NamedTuple):
    """The parts of what a statement returns."""

    data: bytes
    """The JSON of `data`."""
    items: frozenset[Tag] | None
    """The tags of the items with marks; None if no item has one."""
    version: Version


def with_version(answer: Expression) -> Expression:
    """What a statement returns, from the JSON with its marks."""
    stored = aliased(_VERSION)
    version = select(func.concat(stored.c.version, name(" "), stored.c.mark)).select_from(stored)
    return func.concat(answer, name("\t"), version.scalar_subquery(), type_=Json())


def read_answer(written: bytes, computations: Sequence[Computed], *, is_marked: bool) -> Answer:
    """The parts of what a statement returned."""
    data, _, version = written.rpartition(b"\t")
    items = None
    if is_marked or computations:
        pieces = data.split(b"\t")
        between = pieces[1::2]
        pieces[1::2] = [computed(each, computations) for each in between]
        data = b"".join(pieces)
        if is_marked:
            items = tags_of(each for each in between if not each.startswith(PLACE))
    return Answer(data, items, _version(version))


@lru_cache(maxsize=16)
def _version(written: bytes) -> Version:
    number, mark = written.split(b" ")
    return Version(int(number), int(mark))
