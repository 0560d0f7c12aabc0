"""The operations on content that migrations call: `op.save`, `op.publish` and others."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from alembic.operations import Operations

from schema.delivery import Stage
from schema.editing import Mode, UnpublishedReferences
from schema.errors import ErrorCode
from service.documents import store
from service.documents.document import Document
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.editing.deleting import remove
from service.editing.edits import Edit
from service.editing.history import states
from service.editing.locales import add_locale
from service.editing.publishing import publish
from service.editing.renaming import rename
from service.editing.saving import Save, save
from service.editing.unpublishing import unpublish
from service.migrations.content import images
from service.migrations.content.operation import (
    DELETE,
    ContentOperation,
    RevisionDocument,
    items_of,
    operation,
    require_types,
    subject_of,
)
from service.migrations.content.steps import RunningRevision

_NAMESPACE = UUID("3f6c1b52-6d0e-5c0b-9d3a-52a5f6f1c7e4")


@operation
class SaveOp(ContentOperation):
    """Create or change items."""

    name = "save"

    def __init__(self, type_: str, documents: Sequence[Document]) -> None:
        self.type = type_
        self.documents = documents
        self.subject = subject_of(type_, [each.get("slug") for each in documents])

    @classmethod
    def save(
        cls, operations: Operations, type_: str, document: Document | Sequence[Document]
    ) -> None:
        """Create or change an item, or several items that may refer to each other.

        A document says what is to change, as in a mutation: a field that it leaves out stays, and
        None removes a value. Saving does not publish; use `op.publish`. A new item gets the same id
        in every database.
        """
        documents = [document] if isinstance(document, Mapping) else [*document]
        operations.invoke(cls(type_, documents))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Save the items, all or none."""
        require_types(edit, self.type)
        keys = [(self.type, str(each.get("slug"))) for each in self.documents]
        known = await store.ids(edit.connection, edit.model, keys)
        before = await states(edit, known)
        await images.take(edit, step.revision, known, before)
        gone = await images.deleted(edit, step.revision, self.type)
        new = {
            key: gone.get(key[1]) or await _new_id(step, edit, key)
            for key in keys
            if key not in known
        }
        given = [RevisionDocument({**each, "type": self.type}) for each in self.documents]
        saves = [Save(each, Mode.MERGE) for each in given]
        await save(edit, saves, ids=new, before=before)
        made = {key: id_ for key, id_ in new.items() if id_ not in gone.values()}
        await images.take_new(edit, step.revision, made)


@operation
class DeleteOp(ContentOperation):
    """Delete an item."""

    name = DELETE

    def __init__(self, type_: str, slug: str) -> None:
        self.type, self.slug = type_, slug
        self.subject = f"{type_} {slug}"

    @classmethod
    def delete(cls, operations: Operations, type_: str, slug: str) -> None:
        """Delete an item from both copies. Nothing in the working copy may refer to it."""
        operations.invoke(cls(type_, slug))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Delete the item."""
        items = await items_of(edit, self.type, [self.slug])
        await images.take(edit, step.revision, items)
        await remove(edit, items, [Stage.DRAFT])


@operation
class RenameOp(ContentOperation):
    """Give an item another slug."""

    name = "rename"

    def __init__(self, type_: str, old: str, new: str) -> None:
        self.type, self.old, self.new = type_, old, new
        self.subject = f"{type_} {old} to {new}"

    @classmethod
    def rename(cls, operations: Operations, type_: str, old: str, new: str) -> None:
        """Give an item another slug; references to it stay.

        Once it is published under the new slug, the old one is a former slug that still finds it.
        """
        operations.invoke(cls(type_, old, new))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Rename the item."""
        items = await items_of(edit, self.type, [self.old])
        await images.take(edit, step.revision, items)
        await rename(edit, (self.type, self.old), self.new)


@operation
class PublishOp(ContentOperation):
    """Publish items."""

    name = "publish"

    def __init__(self, type_: str, slugs: Sequence[str], references: str = "FAIL") -> None:
        self.type, self.slugs, self.references = type_, slugs, references
        self.subject = subject_of(type_, slugs)

    @classmethod
    def publish(
        cls,
        operations: Operations,
        type_: str,
        slugs: str | Sequence[str],
        references: str = "FAIL",
    ) -> None:
        """Publish items as they are in the working copy, in all locales.

        A reference to an unpublished item is a problem. With `references="LEAVE_PENDING"` it shows
        as soon as that item is published.
        """
        operations.invoke(cls(type_, [slugs] if isinstance(slugs, str) else [*slugs], references))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Publish the items."""
        possible = (UnpublishedReferences.FAIL.name, UnpublishedReferences.LEAVE_PENDING.name)
        if self.references not in possible:
            message = f"references={self.references!r} is not valid; use {' or '.join(possible)}"
            raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)])
        items = await items_of(edit, self.type, self.slugs)
        await images.take(edit, step.revision, items)
        await publish(edit, items, UnpublishedReferences[self.references])


@operation
class UnpublishOp(ContentOperation):
    """Unpublish items."""

    name = "unpublish"

    def __init__(self, type_: str, slugs: Sequence[str]) -> None:
        self.type, self.slugs = type_, slugs
        self.subject = subject_of(type_, slugs)

    @classmethod
    def unpublish(cls, operations: Operations, type_: str, slugs: str | Sequence[str]) -> None:
        """Remove items from the live copy, in all locales. No live item may require them."""
        operations.invoke(cls(type_, [slugs] if isinstance(slugs, str) else [*slugs]))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Unpublish the items."""
        items = await items_of(edit, self.type, self.slugs)
        await images.take(edit, step.revision, items)
        await unpublish(edit, items)


@operation
class AddLocaleOp(ContentOperation):
    """Add a locale."""

    name = "add_locale"

    def __init__(self, code: str, fallback: str) -> None:
        self.code, self.fallback = code, fallback
        self.subject = code

    @classmethod
    def add_locale(cls, operations: Operations, code: str, fallback: str) -> None:
        """Add a locale that serves the texts of `fallback` where its own are missing."""
        operations.invoke(cls(code, fallback))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Add the locale."""
        await add_locale(edit, self.code, self.fallback)
        await images.take_locale(edit, step.revision, uuid5(_NAMESPACE, self.code), self.code)


async def _new_id(step: RunningRevision, edit: Edit, key: Key) -> UUID:
    """The id of an item that a migration creates. It is the same in every database."""
    name = "/".join((step.revision, *key))
    while await images.is_taken(edit, step.revision, key[0], id_ := uuid5(_NAMESPACE, name)):
        # The migration has made an item with this slug before, and renamed it.
        name += "/again"
    return id_
