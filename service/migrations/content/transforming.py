"""`op.transform`, which changes many items by a function."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any
from uuid import UUID

from alembic.operations import Operations
from sqlalchemy import select

from schema.errors import ErrorCode
from service.documents import store
from service.documents.bulk import batches
from service.documents.document import Document
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import Edit, Items
from service.editing.history import states
from service.editing.saving import Save, save
from service.migrations.content import images
from service.migrations.content.operation import ContentOperation, operation, require_types
from service.migrations.content.publishing import publish_where_live
from service.migrations.content.steps import RunningRevision

Transformation = Callable[[dict[str, Any]], Document | None]


@operation
class TransformOp(ContentOperation):
    """Change many items by a function."""

    name = "transform"

    def __init__(self, type_: str, where: Document, function: Transformation) -> None:
        self.type, self.where, self.function = type_, where, function
        self.subject = type_

    @classmethod
    def transform(
        cls, operations: Operations, type_: str, where: Document, function: Transformation
    ) -> None:
        """Change the items whose documents have all values of `where`, or all items for `{}`.

        The function gets the whole document of an item. It returns the new document, or None to
        leave the item as it is. The item is published again in the locales in which it was
        published as it was. In locales where it had unpublished edits, only the working copy
        changes, and the terminal says so.
        """
        operations.invoke(cls(type_, where, function))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Go through the items in batches, ordered by slug."""
        require_types(edit, self.type)
        draft = edit.model[self.type].draft
        slugs = await store.slugs(edit.connection, edit.model[self.type])
        done = changed = 0
        for batch in batches(slugs):
            rows = await edit.connection.execute(
                select(draft.c.slug, draft.c.id).where(store.among(draft.c.slug, batch))
            )
            items: dict[Key, UUID] = {(self.type, slug): id_ for slug, id_ in rows}
            made = await self._transformed(edit, items)
            touched = {key: items[key] for key in made}
            await images.take(edit, step.revision, touched)
            await save(edit, [Save(UncheckedDocument(each)) for each in made.values()])
            await publish_where_live(step, edit, touched)
            done, changed = done + len(batch), changed + len(made)
            step.say(f"{self.type}: {done:,} of {len(slugs):,} items checked, {changed:,} changed")

    async def _transformed(self, edit: Edit, items: Items) -> dict[Key, Document]:
        found: dict[Key, Document] = {}
        for key, state in (await states(edit, items)).items():
            if any(state.document.get(name) != value for name, value in self.where.items()):
                continue
            try:
                made = self.function(deepcopy(dict(state.document)))
            except Exception as error:
                message = f"{' '.join(key)}: the function raised {type(error).__name__}: {error}"
                raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)]) from error
            if made is None or made == state.document:
                continue
            if not isinstance(made, Mapping):
                message = (
                    f"{' '.join(key)}: the function returned {made!r}, which is not a document"
                )
                raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)])
            if (made.get("type"), made.get("slug")) != key:
                message = f"{' '.join(key)}: type and slug cannot be changed; use op.rename"
                raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)])
            found[key] = made
        return found
