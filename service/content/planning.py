"""The plan of a folder: its documents against the working copy, a batch at a time.

Only what differs is held in memory.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Status
from schema.locales import Locales
from schema.model import Model
from service.content import bases
from service.content.choosing import Choice
from service.content.folders import give_name, name_of
from service.content.plans import Item, Plan, Sides
from service.documents import store
from service.documents.bulk import BATCH, batches
from service.documents.entries import Key
from service.documents.files import Document, files_in, read_files, sorted_out
from service.documents.helpers import Helpers, helping
from service.documents.problems import ContentError, Problem
from service.documents.reading import check_documents, double
from service.documents.surroundings import cycles, doubles, targets, unknown_targets
from service.documents.values import slug
from service.documents.written import document_of
from service.editing.merging import Side
from service.editing.statuses import statuses
from service.errors import GuidepostError


class Options(NamedTuple):
    """What a folder is applied with."""

    choice: Choice = Choice()
    conflicts: Side | None = None
    deleting: bool = False
    """Whether what is gone from the folder is deleted."""
    publishing: bool = False
    confirmed: int | None = None
    """How many items somebody said are to be deleted."""
    most_deleted: float = 0.1
    """The share of what a folder brought that is deleted without anybody saying how many."""


class Source(NamedTuple):
    """Where the working copy is read."""

    connection: AsyncConnection
    model: Model
    locales: Locales


class Folder(NamedTuple):
    """A folder of documents."""

    directory: Path
    name: str | None
    """None for one that nobody gave a name yet."""
    files: Sequence[Path]
    helpers: Helpers
    """Who reads them."""


@asynccontextmanager
async def opened(directory: Path, *, naming: bool = False) -> AsyncIterator[Folder]:
    """A folder, which is given a name if it has none and that is to be.

    Raises `GuidepostError` where it holds no document.
    """
    files = files_in(directory)
    name = name_of(directory) or (give_name(directory) if naming else None)
    async with helping(many=len(files) > BATCH) as helpers:
        yield Folder(directory, name, files, helpers)


async def planned(
    source: Source, folder: Folder, options: Options, progress: Callable[[str], None]
) -> Plan:
    """What applying a folder does now. Raises `ContentError` with all that is wrong with it."""
    directory, name, files, helpers = folder
    planning = _Planning(source, options, name)
    unreadable: list[Problem] = []
    work = (helpers.call(read_files, batch) for batch in batches(files))
    async with aclosing(helpers.ahead(work)) as coming:
        async for found in coming:
            await planning.compare([*sorted_out(found, unreadable)])
            progress(f"comparing {directory}: {len(planning.files)} of {len(files)} documents")
    problems = [*unreadable, *planning.doubled]
    if problems or planning.wrong:
        # What cannot be read may be what others refer to.
        raise ContentError(problems + await planning.problems(is_whole=not unreadable))
    await planning.look_for_gone()
    missing = options.choice.missing({*planning.files, *planning.known})
    # What was to be deleted may be deleted already.
    if not options.deleting and (key := next(missing, None)):
        raise GuidepostError(f"{directory} has no {' '.join(key)}, and never had")
    return planning.plan


class _State(NamedTuple):
    """What is known of the items of a batch."""

    theirs: Mapping[Key, dict[str, Any]]
    bases: Mapping[Key, bases.Base]
    live: frozenset[Key]
    """Those of which the working copy is what is published."""


class _Planning:
    def __init__(self, source: Source, options: Options, folder: str | None) -> None:
        self._source = source
        self._options = options
        self._folder = folder
        self.plan = Plan(folder)
        self.files: dict[Key, str] = {}
        """The name of the document of each item."""
        self.known: Collection[Key] = ()
        """What the folder brought."""
        self.doubled: list[Problem] = []
        self.wrong: list[Document] = []

    async def compare(self, documents: Sequence[Document]) -> None:
        """Add to the plan what documents do."""
        chosen = {key: each for each in documents if (key := self._key(each))}
        state = await self._state(chosen)
        ours = self._ours(chosen, state.theirs)
        for key, content in ours.items():
            self._plan(key, chosen[key], content, state)

    async def look_for_gone(self) -> None:
        """Add to the plan what the folder had when it was last applied, and has no more."""
        known = await bases.owned(self._source.connection, self._folder)
        self.known, self.plan.brought = known, len(known)
        gone = sorted(key for key in known.keys() - self.files if key in self._options.choice)
        # What another folder brought, too, is that one's.
        own = [key for key in gone if len(known[key]) == 1]
        there = [key for key in own if key[0] in self._source.model]
        found: set[Key] = set()
        for batch in batches(there):
            state = await self._state(batch)
            found |= state.theirs.keys()
            for key, theirs in state.theirs.items() if self._options.deleting else ():
                sides = Sides(state.bases[key].document, theirs, None)
                self.plan.items.append(Item.of(key, None, sides, self._options.conflicts))
        self.plan.gone = [] if self._options.deleting else [key for key in gone if key in found]
        self.plan.forgotten = [key for key in gone if key not in found]

    async def problems(self, *, is_whole: bool) -> list[Problem]:
        """All that is wrong with the documents that differ from what is there."""
        connection, model, locales = self._source
        documents = self.wrong + [each.document for each in self.plan.items if each.document]
        checked, problems = check_documents(documents, model, locales)
        if is_whole:
            wanted = targets(checked)
            unknown = wanted - (await store.ids(connection, model, wanted)).keys()
            problems += await unknown_targets(connection, model, checked, unknown)
            for check in (doubles, cycles):
                problems += await check(connection, model, checked)
        return problems

    def _key(self, document: Document) -> Key | None:
        """What a document is about; None if that is not chosen, not said, or another's too."""
        key = (str(document.content.get("type")), str(document.content.get("slug")))
        if key not in self._options.choice:
            return None
        if key[0] not in self._source.model or not _is_slug(document.content.get("slug")):
            self.wrong.append(document)
            return None
        first = self.files.setdefault(key, document.name)
        if first != document.name:
            self.doubled.append(double(document, key[0], first))
            return None
        return key

    async def _state(self, keys: Sequence[Key] | Mapping[Key, Document]) -> _State:
        connection, model, _ = self._source
        known = await store.ids(connection, model, keys)
        entries = await store.load(connection, model, known)
        theirs = {key: document_of(model, entry) for key, entry in entries.items()}
        found = await statuses(self._source, known)
        live = frozenset(key for key in known if found[known[key]] is Status.PUBLISHED)
        return _State(theirs, await bases.read(connection, keys), live)

    def _ours(
        self, chosen: Mapping[Key, Document], theirs: Mapping[Key, dict[str, Any]]
    ) -> dict[Key, dict[str, Any]]:
        """What documents say, written as what is there is; those that are wrong are put aside."""
        same = {key: theirs[key] for key in theirs if _is_same(chosen[key].content, theirs[key])}
        others = [each for key, each in chosen.items() if key not in same]
        checked, problems = check_documents(others, self._source.model, self._source.locales)
        if problems:
            self.wrong += others
            return same
        made = {each.entry.key: document_of(self._source.model, each.entry) for each in checked}
        return same | made

    def _plan(self, key: Key, document: Document, ours: dict[str, Any], state: _State) -> None:
        last, theirs = state.bases.get(key), state.theirs.get(key)
        base = last and last.document
        is_known = last is not None and (not self._folder or self._folder in last.folders)
        asked = self._options.publishing and document.content.get("draft") is not True
        is_live = key in state.live
        is_same = ours == theirs
        if is_same and (base != ours or not is_known):
            self.plan.agreed.append(key)
        if is_same and (is_live or not asked):
            self.plan.unchanged += 1
            return
        sides = Sides(ours if is_same else base, theirs, ours)
        side = self._options.conflicts
        item = Item.of(key, document.file, sides, side, asked=asked, is_live=is_live)
        self.plan.items.append(item)


def _is_slug(value: object) -> bool:
    try:
        return slug(value) == value
    except ValueError:
        return False


def _is_same(content: Mapping[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether a document says to the letter what is there, and so need not be checked."""
    if not isinstance(content.get("draft", False), bool):
        return False
    ours = {key: value for key, value in content.items() if key != "draft"}
    try:
        return _letters(ours) == _letters(theirs)
    except TypeError:
        return False


def _letters(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
