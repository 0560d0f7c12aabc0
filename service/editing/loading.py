"""Any number of documents into the working copy, a batch at a time.

While the database works on one, the next is checked, and its Markdown rendered by helpers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from schema.attributes import Owned
from schema.entities.fields import Format
from schema.model import ContentType, Model
from service.documents import store
from service.documents.bulk import batches
from service.documents.entries import Key
from service.documents.helpers import Helpers
from service.documents.markdown import render_all
from service.documents.problems import ContentError, Problem
from service.documents.reading import check_documents
from service.editing.edits import Edit
from service.editing.saving import Ahead, Look, Save, SavedItem, Work, done, look, work


async def save_many(
    edit: Edit,
    keys: Sequence[Key],
    save_of: Callable[[Key], Save],
    helpers: Helpers,
    then: Callable[[list[SavedItem]], Awaitable[None]],
) -> None:
    """Make items be what documents say, all or none, as `save` does.

    Each document replaces what is there. `then` is called with what was saved of each batch. Raises
    `ContentError` with everything that is wrong.
    """
    known = await store.ids(edit.connection, edit.model, keys)
    ids: dict[Key, UUID] = {key: uuid7() for key in keys if key not in known}
    rest = {*keys}
    problems: list[Problem] = []

    async def prepared(batch: Sequence[Key]) -> tuple[Sequence[Key], list[Save], Ahead]:
        saves = [save_of(key) for key in batch]
        documents = [each.document for each in saves]
        texts = {text for each in documents for text in _texts(edit.model, each.content)}
        forms = await helpers.call(render_all, texts)
        checked = check_documents(documents, edit.model, edit.locales)
        return batch, saves, Ahead(*checked, forms, rest)

    async def worked(looked: Look) -> Work:
        return work(edit, looked)

    saved: list[SavedItem] = []
    async with aclosing(helpers.ahead(map(prepared, batches(keys)))) as coming:
        async for batch, saves, ahead in coming:
            rest.difference_update(batch)
            try:
                looked = await look(edit, saves, ids=ids, ahead=ahead)
            except ContentError as error:
                # The others are looked at too.
                problems += error.problems
            if not problems:
                # While the database is busy with the last ones.
                _, now = await asyncio.gather(then(saved), worked(looked))
                saved = await done(edit, now)
    if problems:
        raise ContentError(problems)
    await then(saved)


def _texts(model: Model, content: Mapping[str, Any]) -> Iterator[str]:
    """The Markdown in a document, as it will be kept; what is wrong with it is said elsewhere."""
    type_ = model.get(str(content.get("type")))
    if type_ is not None:
        yield from _texts_of(type_, content)
        for relation in type_.relations():
            parts = content.get(relation.graphql_name)
            if isinstance(relation, Owned) and isinstance(parts, list):
                for part in parts:
                    yield from _texts_of(model[relation.target], part)


def _texts_of(type_: ContentType, content: Any) -> Iterator[str]:
    for field in type_.written():
        if field.format is Format.RICH_TEXT and isinstance(content, Mapping):
            texts = content.get(field.graphql_name)
            if isinstance(texts, Mapping):
                yield from (text.strip() for text in texts.values() if isinstance(text, str))
