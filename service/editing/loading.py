"""Saves any number of documents in the working copy, in batches.

While the database publishes one batch, a thread makes the statements that save the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from uuid import UUID

from uuid_utils.compat import uuid7

from service.documents import store
from service.documents.bulk import batches
from service.documents.checking import CheckedDocument, check_documents
from service.documents.files import DocumentFile
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.editing.edits import Edit
from service.editing.history import states
from service.editing.saving import PreparedSave, SavedItem, SavePlan, execute, plan_saves, prepare

CheckedBatch = tuple[list[CheckedDocument], list[Problem]]


async def save_many(
    edit: Edit,
    keys: Sequence[Key],
    document_of: Callable[[Key], DocumentFile],
    then: Callable[[list[SavedItem]], Awaitable[None]],
) -> None:
    """Make items what their documents say, all or none, as `save` does.

    Each document replaces the item. `document_of` returns the document of an item. `then` is called
    with the saved items of each batch, before the next one is saved. Raises `ContentError` with all
    problems of all documents.
    """
    known = await store.ids(edit.connection, edit.model, keys)
    ids: dict[Key, UUID] = {key: uuid7() for key in keys if key not in known}
    rest = {*keys}
    problems: list[Problem] = []
    saved: list[SavedItem] = []

    def ready(batch: Sequence[Key]) -> CheckedBatch:
        return check_documents([document_of(key) for key in batch], edit.model, edit.locales)

    def worked(looked: PreparedSave, following: Sequence[Key]) -> tuple[SavePlan, CheckedBatch]:
        return plan_saves(edit, looked), ready(following)

    steps = [*batches(keys), []]
    checked, wrong = ready(steps[0])
    for batch, following in pairwise(steps):
        rest.difference_update(batch)
        before = await states(edit, {key: known[key] for key in batch if key in known})
        try:
            looked = await prepare(edit, checked, wrong, before, ids=ids, rest=rest)
        except ContentError as error:
            problems += error.problems
        if problems:
            # Nothing more is saved, but the other documents are still checked.
            checked, wrong = ready(following)
            continue
        # In a thread, so that it runs while this task waits for the database.
        working = asyncio.to_thread(worked, looked, following)
        _, (now, (checked, wrong)) = await asyncio.gather(then(saved), working)
        saved = await execute(edit, now)
    if problems:
        raise ContentError(problems)
    await then(saved)
