"""What can be done with a folder of documents: load it, and publish what it holds."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.model import Model
from service.database import LOCALES, locales_of
from service.documents import store
from service.documents.entries import Key
from service.documents.files import read_documents
from service.documents.problems import DocumentsError
from service.documents.reading import check_documents
from service.documents.surroundings import doubles, unknown_targets
from service.publishing import publish
from service.searching import index_what_is_missing

# Any number does, as long as nothing else locks it: one load goes on at a time.
_LOCK = text("select pg_advisory_xact_lock(7136002)")


class Loaded(NamedTuple):
    """What a load did, in numbers of items."""

    created: int
    changed: int
    unchanged: int
    published: int


async def load_content(
    engine: AsyncEngine,
    model: Model,
    directory: Path,
    *,
    publishing: bool,
    progress: Callable[[str], None],
) -> Loaded:
    """Make the content be what the documents in a folder say, in one transaction.

    Documents are the whole truth about their items, and say nothing of others. With `publishing`
    all of them are published but those marked as drafts. Raises `DocumentsError` or
    `PublishError`, and has written nothing then.
    """
    progress(f"reading {directory}")
    documents, problems = read_documents(directory)
    async with engine.begin() as connection:
        await connection.execute(_LOCK)
        locales = locales_of(
            (row.code, row.is_default) for row in await connection.execute(text(LOCALES))
        )
        checked, wrong = check_documents(documents, model, locales)
        if problems + wrong:
            raise DocumentsError(problems + wrong)
        problems = await unknown_targets(connection, model, checked)
        problems += await doubles(connection, model, checked)
        if problems:
            raise DocumentsError(problems)
        progress(f"saving {len(checked)} documents")
        saved = await store.save(connection, model, [each.entry for each in checked])
        published: frozenset[Key] = frozenset()
        if publishing:
            progress("publishing")
            keys = [each.entry.key for each in checked if not each.is_draft]
            published = await publish(connection, model, await store.ids(connection, model, keys))
            await index_what_is_missing(connection, model)
    return Loaded(len(saved.created), len(saved.changed), len(saved.unchanged), len(published))
