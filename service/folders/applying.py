"""Applies folders: carries out a plan in one transaction, or only tries it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from schema.editing import UnpublishedReferences
from schema.errors import ErrorCode
from schema.model import Model
from service.authors import APPLYING
from service.database.failures import translated_errors
from service.documents import store
from service.documents.bulk import batches
from service.documents.files import DocumentFile
from service.documents.problems import ContentError, Path, Problem
from service.documents.records import Key
from service.documents.serialization import document_of
from service.editing.deleting import remove
from service.editing.edits import Edit, Items, begun, editing, known_locales
from service.editing.loading import save_many
from service.editing.publishing import Clash, Publication
from service.editing.renaming import refuse_taken, rename_all
from service.editing.saving import SavedItem
from service.editing.search_index import index_what_is_missing
from service.folders import bases
from service.folders.items import LIVE, Item, PlannedAction, as_base, working_copy
from service.folders.live_copies import put_live
from service.folders.planning import (
    Folder,
    Options,
    ReadTransaction,
    opened,
    planned,
    renames_in,
)
from service.folders.plans import FolderPlan

Progress = Callable[[str], None]


class ApplyResult(NamedTuple):
    """The plan that was carried out, and the items that were published."""

    plan: FolderPlan
    published: Items

    def as_json(self) -> dict[str, Any]:
        """The result as `guidepost content apply --json` prints it."""
        published = [{"type": name, "slug": slug} for name, slug in self.published]
        return {**self.plan.as_json(), "published": published}


async def plan(
    engine: AsyncEngine,
    model: Model,
    directory: FilePath,
    options: Options,
    progress: Progress,
) -> FolderPlan:
    """What applying a folder would do. Raises `ContentError` if it could not be done.

    A plan that does something, and has no conflicts, is tried in a transaction that is rolled back.
    Only that part holds the edit lock, unless something is renamed.
    """
    async with opened(directory, options.choice) as folder:
        with translated_errors():
            async with engine.connect() as connection:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                source = ReadTransaction(connection, model, await known_locales(connection))
                renamed = await renames_in(source, folder, options.choice)
                if not renamed.former:
                    found = await planned(source, folder, options, renamed, progress)
                    if not found.can_be_tried:
                        return found
            # The transaction is never committed.
            async with engine.connect() as connection:
                edit = await begun(connection, model, APPLYING)
                if renamed.former:
                    found = await _planned(edit, folder, options, progress)
                if found.can_be_tried:
                    progress("trying it")
                    await _carry_out(edit, found, options, progress)
    return found


async def _planned(edit: Edit, folder: Folder, options: Options, progress: Progress) -> FolderPlan:
    """Rename what the documents rename, and plan the rest."""
    source = ReadTransaction(edit.connection, edit.model, edit.locales)
    renamed = await renames_in(source, folder, options.choice)
    await rename_all(edit, renamed.slugs)
    await bases.follow(edit.connection, edit.model, renamed, folder.name)
    return await planned(source, folder, options, renamed, progress)


async def apply(
    engine: AsyncEngine,
    model: Model,
    directory: FilePath,
    options: Options,
    progress: Progress,
) -> ApplyResult:
    """Make the content what the documents of a folder say, in one transaction.

    What others changed since the folder was last applied stays. Raises `ContentError` if there is a
    conflict or another problem, and `ManyDeletionsError` if many items would be deleted; nothing is
    written then.
    """
    async with (
        opened(directory, options.choice, naming=True) as folder,
        editing(engine, model, APPLYING) as edit,
    ):
        found = await _planned(edit, folder, options, progress)
        found.refuse_conflicts()
        found.refuse_deletions(options.most_deleted, options.confirmed)
        progress("writing")
        published = await _carry_out(edit, found, options, progress)
        progress("committing")
        return ApplyResult(found, published)


async def _carry_out(edit: Edit, plan: FolderPlan, options: Options, progress: Progress) -> Items:
    """Carry out a plan; returns the items that were published."""
    gone = [each.key for each in plan.done(PlannedAction.DELETE)]
    referred_to = await _remove_what_can_go_first(edit, gone)
    written = {each.key: each for each in plan.done(PlannedAction.CREATE, PlannedAction.UPDATE)}
    every = {each.key: each for each in plan.items}
    publication = Publication(
        edit, UnpublishedReferences.LEAVE_PENDING, problem_of=_standing_in(every)
    )
    everywhere = tuple(sorted(edit.locales.codes))
    locales = {
        each.key: everywhere if each.locales is None else tuple(sorted(each.locales))
        for each in plan.items
        if each.publishes
    }
    # Each item comes after the items that it refers to, so few references lack their target.
    order = {each.name: place for place, each in enumerate(edit.model.by_dependency)}
    keys = sorted(written, key=lambda key: order[key[0]])
    others = {key: written[key] for key in keys if written[key].puts_live}
    done = 0

    async def then(saved: list[SavedItem]) -> None:
        nonlocal done
        done += len(saved)
        progress(f"writing: {done} of {len(keys)}")
        wanted = (each for each in saved if each.key in locales and each.key not in others)
        await publication.add_each({each.key: each.id for each in wanted}, locales)
        await _note(edit, plan, options, (written[each.key] for each in saved))

    await save_many(edit, keys, lambda key: _document(written[key]), then)
    # Everything that these refer to is saved now, under its final slug.
    for some in batches(others.items()):
        await put_live(edit, publication, dict(some))
    rest = locales.keys() - (written.keys() - others.keys())
    for batch in batches((await store.ids(edit.connection, edit.model, rest)).items()):
        await publication.add_each(dict(batch), locales)
    published = (await publication.end()).published
    if options.publishing and not published:
        await index_what_is_missing(edit)
    await remove(edit, await store.ids(edit.connection, edit.model, referred_to))
    await _refuse_taken(edit, every)
    await _note_rest(edit, plan, options, written.keys())
    return published


async def _refuse_taken(edit: Edit, items: Mapping[Key, Item]) -> None:
    """Raise `ContentError` if an item was given a slug that another one has in some locale.

    Only now: the other one may have given it up, or be gone, whatever came first.
    """

    def problem_of(key: Key, message: str) -> Problem:
        document = items[key].document
        if document is None:
            raise TypeError(f"there is no document of {key}")
        return document.problem(ErrorCode.DUPLICATE, ("slug",), message)

    renamed = [key for key, each in items.items() if each.renamed_from is not None]
    await refuse_taken(edit, await store.ids(edit.connection, edit.model, renamed), problem_of)


def _standing_in(items: Mapping[Key, Item]) -> Callable[[Clash], Problem]:
    """A function that turns a clash into a problem with the document of its item."""

    def problem_of(clash: Clash) -> Problem:
        item = items.get(clash.key)
        document = item and item.document
        if not item or not document:
            return Problem(ErrorCode.DUPLICATE, (), clash.message)
        place = item.places.get(clash.locale)
        path: Path = (clash.field,) if place is None else (LIVE, place, clash.field)
        return document.problem(ErrorCode.DUPLICATE, path, clash.message)

    return problem_of


def _document(item: Item) -> DocumentFile:
    """The document to save for an item, without the live copy."""
    document = item.document
    if document is None:
        raise TypeError(f"there is no document of {item.key}")
    return replace(document, content=working_copy(item.merge.document or {}))


async def _remove_what_can_go_first(edit: Edit, gone: Sequence[Key]) -> list[Key]:
    """Delete items before the documents are saved; returns those that have to wait until after it.

    A saved item may take the place of a deleted one, as a guide under a new slug does. A type with
    an item that something refers to waits, since saving may remove that reference.
    """
    left: list[Key] = []
    for name, slugs in store.by_type(gone).items():
        keys = [(name, slug) for slug in slugs]
        try:
            await remove(edit, await store.ids(edit.connection, edit.model, keys))
        except ContentError:
            left += keys
    return left


async def _note(edit: Edit, plan: FolderPlan, options: Options, items: Iterable[Item]) -> None:
    """Store what the folder says of items, as the merge base of the next apply."""
    documents = {
        each.key: as_base(each.sides.ours or {}, each.noted if options.publishing else None)
        for each in items
        if each.file
    }
    await bases.note(edit.connection, documents, plan.folder)


async def _note_rest(
    edit: Edit, plan: FolderPlan, options: Options, noted: Collection[Key]
) -> None:
    """Store the merge bases of items that were not written, and forget the items that are gone."""
    for batch in batches(each for each in plan.items if each.key not in noted):
        await _note(edit, plan, options, batch)
    for keys in batches(plan.agreed):
        known = await store.ids(edit.connection, edit.model, keys)
        records = await store.load(edit.connection, edit.model, known)
        documents = {
            key: {**document_of(edit.model, record), **plan.agreed[key]}
            for key, record in records.items()
        }
        await bases.note(edit.connection, documents, plan.folder)
    gone = [each.key for each in plan.items if each.file is None]
    await bases.forget(edit.connection, [*gone, *plan.forgotten], plan.folder)
