"""Saves documents in the working copy."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Executable

from schema.editing import Action, Mode, OnConflict
from schema.errors import ErrorCode
from schema.model import HEADER
from service.documents import store, storing
from service.documents.checking import CheckedDocument, check_documents, keys, unknown_field
from service.documents.document import Document
from service.documents.files import DocumentFile
from service.documents.integrity import cycles, duplicates, targets, unknown_targets
from service.documents.problems import ContentError, Path, Problem, format_path
from service.documents.records import Key, Record
from service.documents.serialization import document_of
from service.documents.unchecked import UncheckedDocument
from service.editing.changes import Change, applied, changes, common, merged
from service.editing.edits import Edit, Items
from service.editing.former_slugs import FormerSlug, former_slugs, renames
from service.editing.history import (
    ItemState,
    documents_at,
    last_versions,
    revision_statements,
    states,
)
from service.editing.renaming import set_slugs


@dataclass(frozen=True)
class Save:
    """A document to save, and how."""

    document: DocumentFile | UncheckedDocument
    mode: Mode = Mode.REPLACE
    expected_version: int | None = None
    """The version of the item that the document was written for; 0 if the item was not there."""
    on_conflict: OnConflict = OnConflict.FAIL
    path: Path = ()
    """Where `expected_version` stands in the input, for problems."""
    key: Key | None = None
    """The item, by the slug that it has now, if it was named by its id."""


class SavedItem(NamedTuple):
    """An item as it is after a save; without changes if it was like that before."""

    key: Key
    id: UUID
    version: int
    changes: list[Change]


class SavePlan(NamedTuple):
    """The statements that save documents, and what they will have saved."""

    statements: list[Executable]
    saved: list[SavedItem]
    """The items after the statements, in the order of the documents."""


async def save(
    edit: Edit,
    saves: Sequence[Save],
    *,
    action: Action = Action.SAVE,
    ids: Items | None = None,
    before: Mapping[Key, ItemState] | None = None,
) -> list[SavedItem]:
    """Make items what their documents say, all or none; returns them in the order of the documents.

    Items may refer to each other and to items that are there. `ids` has ids for new items; the
    others get a new one. `before` has the items as they are now, if the caller knows them. Items
    that the documents name by another slug, or by their ids, are renamed. Raises `ContentError`
    with every problem.
    """
    renamed = await _renamed(edit, saves)
    keys = [_key(edit, each) for each in saves]
    if before is None:
        known = await store.ids(edit.connection, edit.model, filter(None, keys))
        before = await states(edit, known)
    before = {key: _under(state, renamed.get(key, key[1])) for key, state in before.items()}
    now = [before.get(key) if key else None for key in keys]
    bases = await _bases(edit, saves, now)
    # In a thread, because much Markdown takes longer to check than the event loop may be blocked.
    checked, problems = await asyncio.to_thread(_read, edit, saves, now, bases)
    looked = await prepare(edit, checked, problems, before, ids=ids or {})
    return await execute(edit, await asyncio.to_thread(plan_saves, edit, looked, action))


def _under(state: ItemState, slug: str) -> ItemState:
    """An item with the slug that it had before."""
    return state._replace(record=replace(state.record, slug=slug))


async def _renamed(edit: Edit, saves: Sequence[Save]) -> dict[Key, str]:
    """Write the new slugs of items that the documents rename; returns the old ones.

    The versions and the revisions are left to the save.
    """
    named = [
        FormerSlug(each.document, key, each.key, is_named_by_id=True)
        for each in saves
        if each.key and (key := _key(edit, each))
    ]
    documents = (each.document for each in saves if not each.key)
    said = [*named, *former_slugs(edit.model, documents)]
    found = await renames(edit.connection, edit.model, said)
    if found.problems:
        raise ContentError(found.problems)
    await set_slugs(edit, found.slugs)
    return {(name, new): old for (name, old), new in found.slugs.items()}


def _read(
    edit: Edit,
    saves: Sequence[Save],
    now: Sequence[ItemState | None],
    bases: Mapping[UUID, Document],
) -> tuple[list[CheckedDocument], list[Problem]]:
    """Check the documents, merged with what is there; returns every problem too."""
    problems: list[Problem] = []
    documents = [
        _merged(each, state, bases, problems) for each, state in zip(saves, now, strict=True)
    ]
    checked, wrong = check_documents(documents, edit.model, edit.locales)
    unknown = (each for save_ in saves for each in _unknown_without_value(edit, save_))
    return checked, [*problems, *wrong, *unknown]


def _unknown_without_value(edit: Edit, save_: Save) -> Iterator[Problem]:
    """Problems with fields that do not exist and have no value, which merging leaves out."""
    key, document = _key(edit, save_), save_.document
    if key is None or isinstance(document, DocumentFile):
        return
    known = [*HEADER, *keys(edit.model[key[0]])]
    for name, value in document.content.items():
        if name not in known and value in (None, []):
            message = unknown_field(name, known)
            yield document.problem(ErrorCode.UNKNOWN_FIELD, (name,), message)


class PreparedSave(NamedTuple):
    """Documents that can be saved, with the items before, and what their references lead to."""

    records: list[Record]
    before: Mapping[Key, ItemState]
    known: storing.Known


async def prepare(
    edit: Edit,
    checked: Sequence[CheckedDocument],
    problems: Sequence[Problem],
    before: Mapping[Key, ItemState],
    *,
    ids: Items,
    rest: Collection[Key] = (),
) -> PreparedSave:
    """Look up what saving documents needs. `before` has their items as they are now.

    The record of an item that is renamed has its old slug there. `rest` are items that the same
    transaction saves later, and that may have other values then. Raises `ContentError` with the
    given problems and those that the database knows of.
    """
    known = {**ids, **{key: state.id for key, state in before.items()}}
    wanted = targets(checked)
    known |= await store.ids(edit.connection, edit.model, wanted - known.keys())
    unfitting = await _unfitting(edit, checked, wanted - known.keys(), rest)
    if problems or unfitting:
        raise ContentError([*problems, *unfitting])
    records = [each.record for each in checked]
    # A new item, and a renamed one, continue the versions of an item that had its slug before: a
    # version number never means two documents.
    versions = {key: state.version for key, state in before.items()}
    new = [each.key for each in records if each.key not in before or _old_slug(before, each.key)]
    for key, version in (await last_versions(edit, new)).items():
        versions[key] = max(version, versions.get(key, 0))
    return PreparedSave(records, before, storing.Known(known, versions))


def plan_saves(edit: Edit, prepared: PreparedSave, action: Action = Action.SAVE) -> SavePlan:
    """The statements of a save.

    This takes long for many documents, and does not use the database.
    """
    records, before, known = prepared
    current = {key: state.record for key, state in before.items()}
    stored = storing.storing(edit.model, records, current, known)
    touched = stored.created | stored.changed
    after = {
        each.key: ItemState(
            stored.ids[each.key],
            known.versions.get(each.key, 0) + 1,
            document_of(edit.model, each),
            each,
        )
        if each.key in touched
        else before[each.key]
        for each in records
    }
    made = {
        key: changes(before[key].document if key in before else {}, state.document)
        for key, state in after.items()
    }
    for key, found in made.items():
        if old := _old_slug(before, key):
            found.insert(0, Change(("slug",), old, key[1]))
    recorded = {key: state for key, state in after.items() if key in touched}
    statements = [*stored.statements, *revision_statements(edit, action, recorded, made)]
    saved = [SavedItem(key, it.id, it.version, made[key]) for key, it in after.items()]
    return SavePlan(statements, saved)


def _old_slug(before: Mapping[Key, ItemState], key: Key) -> str | None:
    """The slug that an item had before, if it has another one now."""
    slug = before[key].record.slug if key in before else key[1]
    return None if slug == key[1] else slug


async def execute(edit: Edit, plan: SavePlan) -> list[SavedItem]:
    """Run the statements of a plan; returns the saved items."""
    for statement in plan.statements:
        await edit.connection.execute(statement)
    return plan.saved


def _key(edit: Edit, save_: Save) -> Key | None:
    """The key that a document claims, if it has one; whether it is right is checked later."""
    name, slug = save_.document.content.get("type"), save_.document.content.get("slug")
    if isinstance(name, str) and isinstance(slug, str) and name in edit.model:
        return name, slug
    return None


async def _bases(
    edit: Edit, saves: Sequence[Save], now: Sequence[ItemState | None]
) -> dict[UUID, Document]:
    """The older documents that these were written for, by id, where the item has changed since."""
    wanted = {
        state.id: each.expected_version or 0
        for each, state in zip(saves, now, strict=True)
        if state and _is_stale(each, state)
    }
    return await documents_at(edit, wanted)


def _is_stale(save_: Save, state: ItemState | None) -> bool:
    version = state.version if state else 0
    return save_.expected_version is not None and save_.expected_version != version


def _merged(
    save_: Save,
    state: ItemState | None,
    bases: Mapping[UUID, Document],
    problems: list[Problem],
) -> DocumentFile | UncheckedDocument:
    """The document to save: what is given, merged with what is there.

    Problems with its expected version are added to `problems`.
    """
    if not _is_stale(save_, state):
        return _with(save_, _intended(save_, state.document if state else {}))
    base = bases.get(state.id) if state else None
    if state is None or base is None:
        current = state.document if state else {}
        intended = _intended(save_, current)
        differing = {
            "different from the document": [each.path for each in changes(current, intended)]
        }
        problems.append(_conflict(save_, state, differing))
        return _with(save_, intended)
    theirs, ours = changes(base, state.document), changes(base, _intended(save_, base))
    both = common(theirs, ours)
    if both or save_.on_conflict is OnConflict.FAIL:
        differing = {"changed since": [each.path for each in theirs], "changed by both": both}
        problems.append(_conflict(save_, state, differing))
    return _with(save_, applied(state.document, ours))


def _intended(save_: Save, base: Document) -> Document:
    """The whole document that is meant, if the item is `base`."""
    return merged(base if save_.mode is Mode.MERGE else {}, save_.document.content)


def _with(save_: Save, content: Document) -> DocumentFile | UncheckedDocument:
    if isinstance(save_.document, DocumentFile):
        return save_.document  # it knows its lines, and is not merged
    return replace(save_.document, content=content)


def _conflict(
    save_: Save, state: ItemState | None, differing: Mapping[str, Sequence[Path]]
) -> Problem:
    if state is None:
        message = (
            f"the item does not exist, but version {save_.expected_version} was expected; expect "
            "version 0 to create it"
        )
        return Problem(ErrorCode.CONFLICT, save_.path, message)
    message = f"the item has version {state.version}, not {save_.expected_version}"
    for said, paths in differing.items():
        if paths:
            message += f"; {said}: {', '.join(map(format_path, paths))}"
    return Problem(
        ErrorCode.CONFLICT, save_.path, f"{message}. Read the item again before you change it"
    )


async def _unfitting(
    edit: Edit, checked: Sequence[CheckedDocument], unknown: Collection[Key], rest: Collection[Key]
) -> list[Problem]:
    """Problems with references, unique values and cycles, checked against the database."""
    found = await unknown_targets(edit.connection, edit.model, checked, unknown)
    for check in (duplicates, cycles):
        found += await check(edit.connection, edit.model, checked, rest)
    return found
