"""Whether an answer is still what readers see, as the database says it now.

Who publishes, and has been told so, and then reads, reads what was published: through any worker
and any instance. So each answer that was kept is checked after its request has arrived, by a tiny
statement that all requests share which arrived before it was sent. While one is under way, the next
one gathers those that come meanwhile.
"""

from asyncio import Future
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from schema.planner.answers import Version
from schema.planner.tags import Tag, item_tag, slug_tag, type_tag
from service.coalescing import Coalesced
from service.database.pools import Reader

VERSION = "select version, mark from service.content_version"
MARK = "select mark from service.change where version = $1 limit 1"
CHANGES = """
    select version, kind, type, item_id, slugs from service.change
    where version > $1 and version <= $2 order by version limit $3
"""

MOST_CHANGES = 2_000
"""Above this many changes at once, all answers are made anew."""
MOST_TAGS = 50_000
"""How many tags are remembered with the version that touched them last."""

EVERYTHING = "EVERYTHING"


class LoggedChange(NamedTuple):
    """A row of `schema.tables.change`."""

    version: int
    kind: str
    type: str | None
    item_id: Any
    slugs: list[str] | None


def touched_by(changes: Iterable[LoggedChange]) -> Iterator[tuple[int, Tag | None]]:
    """The tags that changes touch, each with its version; None stands for all tags."""
    for each in changes:
        if each.kind == EVERYTHING or each.type is None:
            yield each.version, None
            continue
        yield each.version, type_tag(each.type)
        yield each.version, item_tag(each.type, each.item_id)
        for slug in each.slugs or ():
            yield each.version, slug_tag(each.type, slug)


class Dated(Protocol):
    """Something that was made at a version of the content."""

    tags: frozenset[Tag] | None
    """What it depends on; None if that is not known, so that any change may touch it."""
    version: Version
    era: int
    """The era of `Freshness` in which it was begun."""
    right_at: Version | None
    """The newest version for which it was found to be right since."""


class Freshness:
    """What the database says of the version of the content."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._checking = Coalesced(self._check)
        self._touched: OrderedDict[Tag, int] = OrderedDict()
        self._floor = 0
        """What was made before this version cannot be checked any more."""
        self.known = Version(-1, 0)
        """The version at the last check."""
        self.era = 0
        """Rises when the database turns out to have another past than the one that was known."""
        self.checks = 0

    async def close(self) -> None:
        """End the check that is under way."""
        await self._checking.close()

    def ask(self) -> "Future[None]":
        """A check that begins after this call; raises `DatabaseError` when awaited, if it fails."""
        return self._checking.ask()

    def is_right(self, answer: Dated) -> bool:
        """Whether an answer is still right at the known version."""
        number = answer.version.number
        if answer.tags is None:
            return answer.version == self.known
        if answer.era != self.era or number < self._floor:
            return False
        if answer.right_at is not self.known:
            touched = self._touched
            if any(touched.get(tag, 0) > number for tag in answer.tags):
                return False
            # It may be newer than what is known.
            answer.right_at = max(self.known, answer.version)
        return True

    async def _check(self) -> None:
        self.checks += 1
        [(number, mark)] = await self._reader.rows(VERSION)
        now = Version(number, mark)
        if now == self.known:
            return
        if now.number > self.known.number and await self._was_known():
            await self._learn(now)
        else:
            self.era += 1
            self._touched.clear()
            self._floor = now.number
        self.known = now

    async def has_had(self, version: Version) -> bool:
        """Whether the content has been at a version, or may have been: the log begins after it."""
        found = await self._reader.rows(MARK, version.number)
        return not found or found[0][0] == version.mark

    async def _was_known(self) -> bool:
        """Whether the known version is of the database's past, with all changes since."""
        found = await self._reader.rows(MARK, self.known.number)
        return bool(found) and found[0][0] == self.known.mark

    async def _learn(self, now: Version) -> None:
        rows = await self._reader.rows(CHANGES, self.known.number, now.number, MOST_CHANGES + 1)
        if len(rows) > MOST_CHANGES:
            self._touched.clear()
            self._floor = now.number
            return
        for number, tag in touched_by(LoggedChange(*row) for row in rows):
            if tag is None:
                self._touched.clear()
                self._floor = number
            else:
                self._touched[tag] = number
                self._touched.move_to_end(tag)
        while len(self._touched) > MOST_TAGS:
            _, self._floor = self._touched.popitem(last=False)
