"""`op.transform`, which changes many items by a function."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any
from uuid import UUID

from alembic.operations import Operations
from sqlalchemy import select

from schema.editing import UnpublishedReferences
from schema.errors import ErrorCode
from schema.model import ContentType
from service.documents import store
from service.documents.bulk import batches
from service.documents.checking import keys, unknown_field
from service.documents.document import Document
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.values import said
from service.editing.edits import Edit
from service.editing.history import states
from service.editing.saving import Save, save
from service.messages import shortened
from service.migrations.content import images
from service.migrations.content.operation import (
    ContentOperation,
    RevisionDocument,
    operation,
    require_types,
)
from service.migrations.content.publishing import locales_where_live, publish_in
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
        require_fields(edit.model[self.type], self.where)
        draft = edit.model[self.type].draft
        slugs = await store.slugs(edit.connection, edit.model[self.type])
        done = changed = 0
        problems: list[Problem] = []
        for batch in batches(slugs):
            rows = await edit.connection.execute(
                select(draft.c.slug, draft.c.id).where(store.among(draft.c.slug, batch))
            )
            items: dict[Key, UUID] = {(self.type, slug): id_ for slug, id_ in rows}
            there = {key: it.document for key, it in (await states(edit, items)).items()}
            made = self.transformed(there, problems)
            touched = {key: items[key] for key in made}
            await images.take(edit, step.revision, touched)
            try:
                await save(edit, [Save(RevisionDocument(each)) for each in made.values()])
            except ContentError as error:
                problems += error.problems
            if problems:
                continue  # to find the problems of the other items
            view = step.view(edit)
            locales = await locales_where_live(step.deciding, view, touched)
            pending = UnpublishedReferences.LEAVE_PENDING
            await publish_in(edit, touched, locales, pending)
            done, changed = done + len(batch), changed + len(made)
            step.say(f"{self.type}: {done:,} of {len(slugs):,} items checked, {changed:,} changed")
        if problems:
            raise ContentError(problems)

    def transformed(
        self, documents: Mapping[Key, Document], problems: list[Problem]
    ) -> dict[Key, Document]:
        """The new documents of items; problems of the function are added to `problems`."""
        found: dict[Key, Document] = {}
        for key, document in documents.items():
            if any(document.get(name) != value for name, value in self.where.items()):
                continue
            try:
                made = self.function(deepcopy(dict(document)))
                if made is not None and made != document:
                    found[key] = _document(key, made)
            except ContentError as error:
                problems += error.problems
            except Exception as error:  # noqa: BLE001  # whatever the function raises
                what = shortened(" ".join(str(error).split()))
                message = f"the function raised {type(error).__name__}: {what}"
                problems.append(_problem(key, message))
        return found


def _document(key: Key, made: object) -> Document:
    """What the function returned for an item; raises `ContentError` if it is no document of it."""
    if not isinstance(made, Mapping):
        message = f"the function returned {said(made)}, which is not a document"
    elif (made.get("type"), made.get("slug")) != key:
        message = "type and slug cannot be changed; use op.rename"
    else:
        return made
    raise ContentError([_problem(key, message)])


def require_fields(type_: ContentType, where: Document) -> None:
    """Raise `ContentError` if a condition is on a field that documents of the type do not have."""
    known = ["type", "slug", *keys(type_)]
    problems = [
        Problem(ErrorCode.UNKNOWN_FIELD, ("where", name), unknown_field(name, known))
        for name in where
        if name not in known
    ]
    if problems:
        raise ContentError(problems)


def _problem(key: Key, message: str) -> Problem:
    return Problem(ErrorCode.BAD_VALUE, (), message, item=key)
