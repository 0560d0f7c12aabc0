"""What can be done with a folder of documents: load it, and publish what it holds."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from schema.editing import References
from schema.model import Model
from service.documents.entries import Key
from service.documents.files import read_documents
from service.documents.problems import ContentError, Problem
from service.documents.reading import check_documents
from service.editing.edits import editing
from service.editing.publishing import publish
from service.editing.saving import Save, save
from service.editing.searching import index_what_is_missing

AUTHOR = "guidepost content load"


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
    all of them are published but those marked as drafts. Raises `ContentError`, and has written
    nothing then.
    """
    progress(f"reading {directory}")
    problems: list[Problem] = []
    documents = [*read_documents(directory, problems)]
    async with editing(engine, model, AUTHOR) as edit:
        if problems:
            _, wrong = check_documents(documents, model, edit.locales)
            raise ContentError(problems + wrong)
        progress(f"saving {len(documents)} documents")
        saved = await save(edit, [Save(each) for each in documents])
        published: Mapping[Key, UUID] = {}
        if publishing:
            progress("publishing")
            items = {each.key: each.id for each in saved if not each.is_draft}
            published = (await publish(edit, items, References.LEAVE_PENDING)).published
            await index_what_is_missing(edit)
    created = sum(each.is_new for each in saved)
    changed = sum(bool(each.changes) and not each.is_new for each in saved)
    return Loaded(created, changed, len(saved) - created - changed, len(published))
