"""Makes the plan of a folder: compares its documents with the working copy, in batches.

Only items that differ are kept in memory.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Status
from schema.locales import Locales
from schema.model import Model
from service.documents import store
from service.documents.bulk import BATCH, batches
from service.documents.checking import CheckedDocument, check_documents, duplicate
from service.documents.copies import (
    Copies,
    Sources,
    delivered,
    located,
    published,
    untyped,
)
from service.documents.files import (
    DocumentFile,
    files_in,
    read_files,
    read_renaming,
    sorted_out,
)
from service.documents.integrity import cycles, duplicates, targets, unknown_targets
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.serialization import document_of
from service.documents.values import is_slug
from service.documents.workers import Workers, workers
from service.editing.former_slugs import Renames, former_slugs, renames
from service.editing.merging import Side
from service.editing.statuses import statuses_by_locale
from service.errors import GuidepostError
from service.folders import bases
from service.folders.choosing import Choice
from service.folders.identity import give_name, name_of
from service.folders.items import (
    LIVE,
    OF_THE_LIVE_COPY,
    PUBLISHED,
    Item,
    Publishing,
    Sides,
    as_base,
    with_live,
    working_copy,
)
from service.folders.locale_file import refuse_other_locales
from service.folders.plans import FolderPlan


class Options(NamedTuple):
    """How a folder is applied."""

    choice: Choice = Choice()
    conflicts: Side | None = None
    deleting: bool = False
    """Whether items that are gone from the folder are deleted."""
    publishing: bool = False
    confirmed: int | None = None
    """The number of deletions that the user confirmed."""
    most_deleted: float = 0.1
    """The share of the items brought by the folder that may be deleted without a confirmation."""


class ReadTransaction(NamedTuple):
    """A transaction that reads the working copy."""

    connection: AsyncConnection
    model: Model
    locales: Locales


class Folder(NamedTuple):
    """A folder of documents that is open."""

    directory: Path
    name: str | None
    """None for a folder that has no name yet."""
    files: Sequence[Path]
    pool: Workers
    """The processes that read the files."""


@asynccontextmanager
async def opened(directory: Path, choice: Choice, *, naming: bool = False) -> AsyncIterator[Folder]:
    """Open a folder for the chosen items; with `naming`, give it a name if it has none.

    Raises `GuidepostError` if it has no documents.
    """
    files = [each for each in files_in(directory) if choice.may_be_in(each)]
    name = name_of(directory) or (give_name(directory) if naming else None)
    async with workers(many=len(files) > BATCH) as pool:
        yield Folder(directory, name, files, pool)


async def renames_in(source: ReadTransaction, folder: Folder, choice: Choice) -> Renames:
    """What the documents of a folder rename.

    Former keys are only those whose merge bases have not followed yet.
    """
    found: list[DocumentFile] = []
    work = (folder.pool.call(read_renaming, batch) for batch in batches(folder.files))
    async with aclosing(folder.pool.ahead(work)) as coming:
        async for some in coming:
            found += some
    named = former_slugs(source.model, found)
    said = [each for each in named if each.key in choice or each.old in choice]
    known = await bases.read(source.connection, {key for it in said for key in (it.key, it.old)})
    renamed = await renames(source.connection, source.model, said, known)
    former = {
        new: old
        for new, old in renamed.former.items()
        if old in renamed.slugs or (new not in known and old in known)
    }
    return replace(renamed, former=former)


async def planned(
    source: ReadTransaction,
    folder: Folder,
    options: Options,
    renamed: Renames,
    progress: Callable[[str], None],
) -> FolderPlan:
    """The plan of a folder. Raises `ContentError` with every problem of its documents.

    The items in `renamed` have their new slugs already. Raises `GuidepostError` if an item was
    chosen that the folder has not and never had.
    """
    directory, name, files, pool = folder
    refuse_other_locales(directory, source.locales)
    options = options._replace(choice=options.choice.following(renamed.former))
    planning = _Planning(source, options, name, renamed)
    unreadable: list[Problem] = []
    work = (pool.call(read_files, batch) for batch in batches(files))
    async with aclosing(pool.ahead(work)) as coming:
        async for found in coming:
            await planning.compare([*sorted_out(found, unreadable)])
            progress(f"comparing {directory}: {len(planning.files)} of {len(files)} documents")
    problems = [*unreadable, *planning.doubled, *renamed.problems]
    if problems or planning.wrong:
        # A file that cannot be read may be the target of a reference.
        raise ContentError(problems + await planning.problems(is_whole=not unreadable))
    await planning.look_for_gone()
    former = renamed.former.values()
    missing = options.choice.missing({*planning.files, *planning.known, *former})
    # An item that is to be deleted may be deleted already.
    if not options.deleting and (key := next(missing, None)):
        raise GuidepostError(f"{directory} has no {' '.join(key)}, and never had")
    return planning.plan


class _State(NamedTuple):
    """What the database has of the items of a batch."""

    theirs: Mapping[Key, dict[str, Any]]
    bases: Mapping[Key, bases.MergeBase]
    ids: Mapping[Key, UUID]
    statuses: Mapping[Key, Mapping[str, Status]]
    """The status of each item in each locale."""

    def published(self, key: Key) -> frozenset[str]:
        """The locales in which an item is published."""
        return self._where(key, Status.PUBLISHED, Status.CHANGED)

    def current(self, key: Key) -> frozenset[str]:
        """The locales in which the working copy of an item is what is published."""
        return self._where(key, Status.PUBLISHED)

    def _where(self, key: Key, *wanted: Status) -> frozenset[str]:
        found = self.statuses.get(key, {})
        return frozenset(code for code, status in found.items() if status in wanted)


class _Said(NamedTuple):
    """What a document says, in the form in which the database's own documents are written."""

    document: dict[str, Any]
    published: frozenset[str] | None
    """The locales in which the document is to be published; None means all."""
    live: Copies
    """What is to be published in other locales."""
    places: Mapping[str, int]
    """The index under `live` of what is to be published, by locale."""
    sources: Sources
    """The locales that its texts come from, by the locale that they are served in."""


class _Planning:
    def __init__(
        self, source: ReadTransaction, options: Options, folder: str | None, renamed: Renames
    ) -> None:
        self._renamed = {(name, new): old for (name, old), new in renamed.slugs.items()}
        """The slugs that renamed items had before, by their new keys."""
        self._source = source
        self._options = options
        self._folder = folder
        self.plan = FolderPlan(folder)
        self.files: dict[Key, str] = {}
        """The name of the document of each item."""
        self.known: Collection[Key] = ()
        """What the folder brought."""
        self.doubled: list[Problem] = []
        self.wrong: list[DocumentFile] = []

    async def compare(self, documents: Sequence[DocumentFile]) -> None:
        """Compare documents with what is there, and add what differs to the plan."""
        chosen = {key: each for each in documents if (key := self._key(each))}
        state = await self._state(chosen)
        ours = self._ours(chosen, state.theirs)
        copies = await self._copies(state, ours)
        for key, said in ours.items():
            self._plan(key, chosen[key], said, state, copies.get(key, {}))

    async def look_for_gone(self) -> None:
        """Add to the plan the items that the folder had at its last apply, and has no longer."""
        known = await bases.owned(self._source.connection, self._folder)
        self.known, self.plan.brought = known, len(known)
        gone = sorted(key for key in known.keys() - self.files if key in self._options.choice)
        # An item that another folder brought too belongs to that folder now.
        own = [key for key in gone if len(known[key]) == 1]
        there = [key for key in own if key[0] in self._source.model]
        found: set[Key] = set()
        for batch in batches(there):
            state = await self._state(batch)
            found |= state.theirs.keys()
            for key, theirs in state.theirs.items() if self._options.deleting else ():
                sides = Sides(working_copy(state.bases[key].document), theirs, None)
                self.plan.items.append(Item.of(key, None, sides, self._options.conflicts))
        self.plan.gone = [] if self._options.deleting else [key for key in gone if key in found]
        self.plan.forgotten = [key for key in gone if key not in found]

    async def problems(self, *, is_whole: bool) -> list[Problem]:
        """Every problem with the documents that differ from what is there.

        References are checked only if the folder `is_whole`: all its files could be read.
        """
        connection, model, locales = self._source
        documents = self.wrong + [each.document for each in self.plan.items if each.document]
        checked, problems = check_documents(documents, model, locales)
        if is_whole:
            wanted = targets(checked)
            unknown = wanted - (await store.ids(connection, model, wanted)).keys()
            problems += await unknown_targets(connection, model, checked, unknown)
            for check in (duplicates, cycles):
                problems += await check(connection, model, checked)
        return problems

    def _key(self, document: DocumentFile) -> Key | None:
        """The item of a document; None if it is not chosen, not named right, or another's too.

        A document that is not named right is added to `wrong`, a second one about an item to
        `doubled`.
        """
        key = (str(document.content.get("type")), str(document.content.get("slug")))
        if key not in self._options.choice:
            return None
        if key[0] not in self._source.model or not is_slug(document.content.get("slug")):
            self.wrong.append(document)
            return None
        first = self.files.setdefault(key, document.name)
        if first != document.name:
            self.doubled.append(duplicate(document, key[0], first))
            return None
        return key

    async def _state(self, keys: Sequence[Key] | Mapping[Key, DocumentFile]) -> _State:
        connection, model, _ = self._source
        known = await store.ids(connection, model, keys)
        records = await store.load(connection, model, known)
        theirs = {key: document_of(model, record) for key, record in records.items()}
        found = await statuses_by_locale(self._source, known)
        statuses = {key: found[id_] for key, id_ in known.items()}
        return _State(theirs, await bases.read(connection, keys), known, statuses)

    async def _copies(self, state: _State, ours: Mapping[Key, _Said]) -> Mapping[Key, Copies]:
        """The live copies of items whose documents have `live`, or that others changed."""
        connection, model, locales = self._source
        ids = {
            key: id_
            for key, id_ in state.ids.items()
            if key in ours and (ours[key].live or self._is_of_both(key, ours[key], state))
        }
        return await published(connection, model, ids, locales) if ids else {}

    def _is_of_both(self, key: Key, said: _Said, state: _State) -> bool:
        """Whether an item that is to be published holds changes that others made."""
        last, theirs = state.bases.get(key), state.theirs.get(key)
        before = working_copy(last.document) if last else None
        is_current = self._asked(said) <= state.current(key)
        return not is_current and theirs not in (said.document, before)

    def _asked(self, said: _Said) -> frozenset[str]:
        """The locales in which an item is to be published as its document says."""
        if not self._options.publishing:
            return _NONE
        return self._source.locales.codes if said.published is None else said.published

    def _ours(
        self, chosen: Mapping[Key, DocumentFile], theirs: Mapping[Key, dict[str, Any]]
    ) -> dict[Key, _Said]:
        """What the documents say; if one has a problem, those that differ go to `wrong`."""
        same = {key: theirs[key] for key in theirs if _is_same(chosen[key].content, theirs[key])}
        others = [each for key, each in chosen.items() if key not in same]
        found = {
            key: _Said(document, _NONE if chosen[key].content.get("draft") else None, {}, {}, {})
            for key, document in same.items()
        }
        checked, problems = check_documents(others, self._source.model, self._source.locales)
        if problems:
            self.wrong += others
            return found
        return found | {each.record.key: self._said(each) for each in checked}

    def _said(self, checked: CheckedDocument) -> _Said:
        _, model, locales = self._source
        places = {code: place for place, each in enumerate(checked.live) for code in each.locales}
        written = [untyped(document_of(model, each.record)) for each in checked.live]
        live = {
            code: delivered(written[place], locales.chain(code)) for code, place in places.items()
        }
        sources = {
            code: located(written[place], locales.chain(code)) for code, place in places.items()
        }
        return _Said(document_of(model, checked.record), checked.published, live, places, sources)

    def _plan(
        self, key: Key, document: DocumentFile, said: _Said, state: _State, copies: Copies
    ) -> None:
        last, theirs = state.bases.get(key), state.theirs.get(key)
        ours, base = said.document, last and last.document
        is_known = last is not None and (not self._folder or self._folder in last.folders)
        is_publishing, asked = self._options.publishing, self._asked(said)
        live = said.live if is_publishing else {}
        if is_publishing and (still := state.published(key) - asked - live.keys()):
            self.plan.still_published[key] = sorted(still)
        is_same, current = ours == theirs, state.current(key)
        there = {code: copy for code, copy in copies.items() if code in live}
        old = self._renamed.get(key)
        if is_same and asked <= current and there == live and old is None:
            self.plan.unchanged += 1
            more = as_base(with_live({}, live), asked if is_publishing else None)
            noted = base if base is None or is_publishing else working_copy(base)
            if noted != {**ours, **more} or not is_known:
                self.plan.agreed[key] = more
            return
        sides = Sides(working_copy(base) if base else base, theirs, ours)
        if is_same:
            sides = sides._replace(base=ours)
        if live:
            before = self._copies_before(base, there, live)
            sides = Sides(*map(_with_live, sides, (before, there, live)))
        side = self._options.conflicts
        hidden = self._hidden(theirs or {}, copies)
        published = state.published(key)
        # The folder asked for these locales before, and somebody else unpublished the item since.
        unpublished = _published_before(base) & asked - published if theirs else _NONE
        every = self._source.locales.codes
        publishing = Publishing(
            asked, unpublished, published, current, every, said.places, hidden, said.sources
        )
        self.plan.items.append(
            Item.of(key, document.file, sides, side, publishing=publishing, renamed_from=old)
        )

    def _hidden(self, theirs: Mapping[str, Any], copies: Copies) -> dict[str, set[str]]:
        """For each live copy, the fields in which the working copy differs from it."""
        whole, locales = untyped(theirs), self._source.locales
        shown = {code: delivered(whole, locales.chain(code)) for code in copies}
        return {
            code: {name for name in copy | shown[code] if copy.get(name) != shown[code].get(name)}
            for code, copy in copies.items()
        }

    def _copies_before(self, base: Mapping[str, Any] | None, there: Copies, live: Copies) -> Copies:
        """What was published when the folder was last applied, in the locales of `live`."""
        if base is None:
            return {}
        kept = base.get(LIVE, {})
        whole = untyped(working_copy(base))
        # In some locales the document itself may have been published.
        codes = there.keys() | _published_before(base)
        itself = {code: delivered(whole, self._source.locales.chain(code)) for code in codes}
        return {code: copy for code, copy in (itself | kept).items() if code in live}


_NONE = frozenset[str]()


def _published_before(base: Mapping[str, Any] | None) -> frozenset[str]:
    """The locales in which the folder wanted an item published, as anything, at its last apply."""
    return frozenset({*base.get(PUBLISHED, ()), *base.get(LIVE, ())}) if base else _NONE


def _with_live(document: Mapping[str, Any] | None, live: Copies) -> dict[str, Any] | None:
    return None if document is None else with_live(document, live)


def _is_same(content: Mapping[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether a document is literally what is there; it need not be checked then."""
    is_plain = content.keys().isdisjoint(OF_THE_LIVE_COPY)
    if not is_plain or not isinstance(content.get("draft", False), bool):
        return False
    ours = {key: value for key, value in content.items() if key != "draft"}
    try:
        return _letters(ours) == _letters(theirs)
    except TypeError:
        return False


def _letters(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
