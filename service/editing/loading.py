"""Any number of documents into the working copy, a batch at a time.

Markdown is rendered by processes of their own, a batch ahead of what the database is given.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from schema.attributes import Owned
from schema.entities.fields import Format
from schema.model import ContentType, Model
from service.documents import store
from service.documents.entries import Key
from service.documents.markdown import Forms
from service.documents.problems import ContentError, Problem
from service.documents.rendering import Renderers, rendering
from service.editing.edits import Edit
from service.editing.saving import Save, key_of, save

BATCH = 500
"""How many documents are held at once, in all the forms that they take."""


async def save_many(
    edit: Edit, saves: Sequence[Save], progress: Callable[[int], None] = lambda _: None
) -> None:
    """Make items be what documents say, all or none, as `save` does. Raises `ContentError`."""
    batches = [saves[start : start + BATCH] for start in range(0, len(saves), BATCH)]
    keys = [[key for each in batch if (key := key_of(edit, each))] for batch in batches]
    known = await store.ids(edit.connection, edit.model, (key for batch in keys for key in batch))
    ids: dict[Key, UUID] = {key: uuid7() for batch in keys for key in batch if key not in known}
    rest = {key for batch in keys for key in batch}
    problems: list[Problem] = []
    done = 0
    async with _rendered(edit.model, batches) as rendered:
        for batch, mine in zip(batches, keys, strict=True):
            rest -= {*mine}
            try:
                await save(edit, batch, ids=ids, rest=rest, forms=await anext(rendered))
            except ContentError as error:
                # The others are looked at too; nobody commits any of it.
                problems += error.problems
            done += len(batch)
            progress(done)
    if problems:
        raise ContentError(problems)


@asynccontextmanager
async def _rendered(
    model: Model, batches: Sequence[Sequence[Save]]
) -> AsyncIterator[AsyncIterator[Mapping[str, Forms]]]:
    """The forms of the texts of each batch; those of a few are rendered when they are written."""
    if len(batches) < 2:
        yield _nothing(batches)
        return
    async with rendering() as renderers:
        yield _ahead(renderers, model, batches)


async def _nothing(batches: Iterable[object]) -> AsyncIterator[Mapping[str, Forms]]:
    for _ in batches:
        yield {}


async def _ahead(
    renderers: Renderers, model: Model, batches: Sequence[Sequence[Save]]
) -> AsyncIterator[Mapping[str, Forms]]:
    def start(batch: Sequence[Save]) -> asyncio.Task[Mapping[str, Forms]]:
        texts = dict.fromkeys(text for each in batch for text in _texts(model, each))
        return asyncio.create_task(renderers.render([*texts]))

    coming = start(batches[0])
    for following in batches[1:]:
        found, coming = await coming, start(following)
        yield found
    yield await coming


def _texts(model: Model, save_: Save) -> Iterator[str]:
    """The Markdown in a document, as it will be kept; what is wrong with it is said elsewhere."""
    content = save_.document.content
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
