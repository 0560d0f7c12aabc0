"""The operations on content that migrations call: `op.save`, `op.publish` and others."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID, uuid5

from alembic.operations import Operations

from schema.delivery import Stage
from schema.editing import Mode, UnpublishedReferences
from schema.errors import ErrorCode
from schema.model import HEADER, OLD_SLUG
from service.documents.checking import keys, unknown_field
from service.documents.document import Document
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.editing.deleting import remove
from service.editing.edits import Edit, Items
from service.editing.merging import Side
from service.editing.publishing import LocaleCodes
from service.editing.renaming import rename
from service.editing.saving import Save, save
from service.editing.unpublishing import unpublish
from service.migrations.content import images
from service.migrations.content.frozen import thawed
from service.migrations.content.merging import Wish, wishes, without_conflicts
from service.migrations.content.operation import (
    DELETE,
    ContentOperation,
    RevisionDocument,
    folder_of,
    items_of,
    operation,
    require_types,
    subject_of,
)
from service.migrations.content.publishing import locales_to_publish, publish_in
from service.migrations.content.resolutions import Deciding, MigrationConflict
from service.migrations.content.steps import RunningRevision
from service.migrations.content.view import ContentView


@operation
class SaveOp(ContentOperation):
    """Create or change items."""

    name = "save"

    def __init__(
        self,
        type_: str,
        documents: Sequence[Document],
        bases: Sequence[Document | None] | None = None,
    ) -> None:
        self.type = type_
        self.documents = documents
        self.bases = bases
        self.file: Path | None = None
        """Where the documents stand, if it is not in the source of the revision."""
        self.subject = subject_of(type_, [each.get("slug") for each in documents])

    @classmethod
    def save(
        cls,
        operations: Operations,
        type_: str,
        document: Document | Sequence[Document] | str,
        base: Document | Sequence[Document | None] | None = None,
    ) -> None:
        """Create or change an item, or several items that may refer to each other.

        A document says what is to change, as in a mutation: a field that it leaves out stays, and
        None removes a value. Very many documents stand in a JSON file beside the revision, which a
        string names. `base` has the values that are replaced, or a list of those for a list of
        documents, with None for new items; without it, they are what earlier migrations left. Where
        somebody else has changed one of these values, to another one, there is a conflict. Saving
        does not publish; use `op.publish`. A new item gets the same id in every database.
        """
        if isinstance(document, str):
            documents: Sequence[Document] = thawed(folder_of(operations) / document)
        else:
            documents = [document] if isinstance(document, Mapping) else [*document]
        bases = [base] if isinstance(base, Mapping) else base and [*base]
        operations.invoke(cls(type_, documents, bases))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Save the items, all or none."""
        require_types(edit, self.type)
        self._require_fields(edit)
        view = step.view(edit)
        made_again = await view.deleted(self.type)
        wanted, before = await wishes(step.deciding, view, self.wishes(), made_again)
        await images.take(edit, step.revision, {key: it.id for key, it in before.items()}, before)
        new = {
            each.key: made_again.get(each.key[1]) or await _new_id(step, edit, each.key)
            for each in wanted
            if each.key not in before
        }
        saves = [
            Save(RevisionDocument({**document, "type": key[0], "slug": key[1]}), Mode.MERGE)
            for key, document, _ in wanted
        ]
        await save(edit, saves, ids=new, before=before)
        made = {key: id_ for key, id_ in new.items() if id_ not in made_again.values()}
        await images.take_new(edit, step.revision, made)

    def _require_fields(self, edit: Edit) -> None:
        """Raise `ContentError` for fields that do not exist, also if they have no value."""
        known = [*HEADER, *keys(edit.model[self.type])]
        problems = [
            RevisionDocument({**each, "type": self.type}).problem(
                ErrorCode.UNKNOWN_FIELD, (name,), unknown_field(name, known)
            )
            for each in self.documents
            for name in each
            if name not in known
        ]
        problems += [
            RevisionDocument({**each, "type": self.type}).problem(
                ErrorCode.BAD_VALUE, (OLD_SLUG,), "op.save renames nothing; use op.rename before it"
            )
            for each in self.documents
            if OLD_SLUG in each
        ]
        if problems:
            raise ContentError(problems)

    def wishes(self) -> list[Wish]:
        """What it wants of each item; raises `ContentError`."""
        bases: Sequence[Document | None] = self.bases or [None] * len(self.documents)
        if len(bases) != len(self.documents):
            message = (
                f"base has {len(bases)} documents for {len(self.documents)}; give one for each, in "
                "the same order"
            )
            raise ContentError([Problem(ErrorCode.BAD_VALUE, ("base",), message)])
        return [
            Wish((self.type, str(each.get("slug"))), each, base)
            for each, base in zip(self.documents, bases, strict=True)
        ]


@operation
class DeleteOp(ContentOperation):
    """Delete an item."""

    name = DELETE

    def __init__(self, type_: str, slug: str, base: Document | None = None) -> None:
        self.type, self.slug, self.base = type_, slug, base
        self.subject = f"{type_} {slug}"
        self.is_early = False
        """Whether it comes before items are saved, in a generated migration."""

    @classmethod
    def delete(
        cls, operations: Operations, type_: str, slug: str, base: Document | None = None
    ) -> None:
        """Delete an item from both copies. Nothing in the working copy may refer to it.

        `base` is the document of the item; without it, what earlier migrations left of it. Where
        somebody else has changed the item, there is a conflict. An item that is gone is fine.
        """
        operations.invoke(cls(type_, slug, base))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Delete the item."""
        require_types(edit, self.type)
        view = step.view(edit)
        left = await self.items(step.deciding, view)
        await images.take(edit, step.revision, left)
        await remove(edit, left, [Stage.DRAFT])

    async def items(self, deciding: Deciding, view: ContentView) -> dict[Key, UUID]:
        """The item, unless others have changed it."""
        found = await items_of(deciding, view, self.type, [self.slug], gone_is_fine=True)
        return await without_conflicts(deciding, view, found, self.base)


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
        require_types(edit, self.type)
        items = await self.items(step.deciding, step.view(edit))
        await images.take(edit, step.revision, items)
        for key in items:
            await rename(edit, key, self.new)

    async def items(self, deciding: Deciding, view: ContentView) -> dict[Key, UUID]:
        """The item, unless others have renamed it."""
        found = await items_of(deciding, view, self.type, [self.old])
        return {key: id_ for key, id_ in found.items() if self._is_decided(deciding, key)}

    def _is_decided(self, deciding: Deciding, key: Key) -> bool:
        """Whether an item gets the slug of this operation, though others may have renamed it."""
        if key[1] in (self.old, self.new):
            return True
        side = deciding.force.of(key, (self.type, self.old), (self.type, self.new))
        if side is None:
            subject = f"{self.type} {self.old}"
            conflict = MigrationConflict(subject, "slug", self.old, key[1], self.new)
            deciding.conflicts.append(conflict)
        return side is Side.OURS


@operation
class PublishOp(ContentOperation):
    """Publish items."""

    name = "publish"

    def __init__(
        self, type_: str, slugs: Sequence[str], references: str = "FAIL", edits: str = "HOLD"
    ) -> None:
        self.type, self.slugs, self.references, self.edits = type_, slugs, references, edits
        self.subject = subject_of(type_, slugs)

    @classmethod
    def publish(
        cls,
        operations: Operations,
        type_: str,
        slugs: str | Sequence[str],
        references: str = "FAIL",
        edits: str = "HOLD",
    ) -> None:
        """Publish items as they are in the working copy, in all locales.

        A reference to an unpublished item is a problem. With `references="LEAVE_PENDING"` it shows
        as soon as that item is published.

        Nothing is published that others wrote: an item stays as it is in a locale in which that
        would show an edit that nobody has published, or in which somebody unpublished it. The
        terminal says so. With `edits="PUBLISH"`, such edits are published too.
        """
        slugs = [slugs] if isinstance(slugs, str) else [*slugs]
        operations.invoke(cls(type_, slugs, references, edits))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Publish the items."""
        known = [
            each.name for each in (UnpublishedReferences.FAIL, UnpublishedReferences.LEAVE_PENDING)
        ]
        _require("references", self.references, known)
        _require("edits", self.edits, ["HOLD", "PUBLISH"])
        require_types(edit, self.type)
        view = step.view(edit)
        items = await items_of(step.deciding, view, self.type, self.slugs)
        await images.take(edit, step.revision, items)
        locales = await self.locales(step.deciding, view, items)
        await publish_in(edit, items, locales, UnpublishedReferences[self.references])

    async def locales(
        self, deciding: Deciding, view: ContentView, items: Items
    ) -> dict[Key, LocaleCodes]:
        """The locales in which items are published."""
        if self.edits == "PUBLISH":
            return dict.fromkeys(items, tuple(sorted(view.locales.codes)))
        return await locales_to_publish(deciding, view, items)


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
        require_types(edit, self.type)
        view = step.view(edit)
        items = await items_of(step.deciding, view, self.type, self.slugs, gone_is_fine=True)
        await images.take(edit, step.revision, items)
        await unpublish(edit, items)
        step.deciding.unpublished.update(items.values())


def _require(name: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        message = f"{name}={given!r} is not valid; use {' or '.join(known)}"
        raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)])


async def _new_id(step: RunningRevision, edit: Edit, key: Key) -> UUID:
    """The id of an item that a migration creates. It is the same in every database."""
    name = "/".join((step.revision, *key))
    while await images.is_taken(edit, step.revision, key[0], id_ := uuid5(images.NAMESPACE, name)):
        # The migration has made an item with this slug before, and renamed it.
        name += "/again"
    return id_
