"""Any number of documents into the working copy, a batch at a time.

Markdown is rendered by processes of their own, a batch ahead of what the database is given.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from schema.attributes import Owned
from schema.entities.fields import Format
from schema.model import ContentType, Model
from service.documents import store
from service.documents.bulk import BATCH, batches
from service.documents.entries import Key
from service.documents.markdown import Forms
from service.documents.problems import ContentError, Problem
from service.documents.rendering import Renderers, rendering
from service.editing.edits import Edit
from service.editing.saving import Save, save


async def save_many(
    edit: Edit,
    keys: Sequence[Key],
    saves: Iterable[Save],
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Make items be what documents say, all or none, as `save` does. Raises `ContentError`.

    `keys` are the items that the documents are about, in their order.
    """
    known = await store.ids(edit.connection, edit.model, keys)
    ids: dict[Key, UUID] = {key: uuid7() for key in keys if key not in known}
    rest = {*keys}
    problems: list[Problem] = []
    done = 0
    async with AsyncExitStack() as stack:
        # A few texts are rendered when they are written.
        renderers = await stack.enter_async_context(rendering()) if len(keys) > BATCH else None
        coming = _with_forms(renderers, edit.model, saves)
        # Where saving fails, nobody waits for the next ones any more.
        await stack.enter_async_context(aclosing(coming))
        async for batch, forms in coming:
            rest -= {*keys[done : done + len(batch)]}
            try:
                await save(edit, batch, ids=ids, rest=rest, forms=forms)
            except ContentError as error:
                # The others are looked at too; nobody commits any of it.
                problems += error.problems
            done += len(batch)
            progress(done)
    if problems:
        raise ContentError(problems)


async def _with_forms(
    renderers: Renderers | None, model: Model, saves: Iterable[Save]
) -> AsyncGenerator[tuple[list[Save], Mapping[str, Forms]]]:
    """Batches with the forms of their texts; those of the next are made meanwhile."""

    def start(batch: list[Save]) -> tuple[list[Save], asyncio.Task[Mapping[str, Forms]]]:
        return batch, asyncio.create_task(_forms(renderers, model, batch))

    coming: tuple[list[Save], asyncio.Task[Mapping[str, Forms]]] | None = None
    try:
        for batch in batches(saves):
            now, coming = coming, start(batch)
            if now:
                yield now[0], await now[1]
        if coming:
            yield coming[0], await coming[1]
    finally:
        if coming:
            coming[1].cancel()


async def _forms(
    renderers: Renderers | None, model: Model, batch: Sequence[Save]
) -> Mapping[str, Forms]:
    if renderers is None:
        return {}
    texts = dict.fromkeys(text for each in batch for text in _texts(model, each))
    return await renderers.render([*texts])


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
