"""The operations on content that revisions have: `op.save`, `op.publish` and the like.

They are carried out in the transaction of the revision, after the schema operations before them,
through the one way to write content. What each changes is kept, and put back by a downgrade.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid5

from alembic.operations import MigrateOperation, Operations
from alembic.util import CommandError
from sqlalchemy import select

from schema.attributes import Status
from schema.editing import Code, Mode, References
from service.content_migrations import images
from service.content_migrations.steps import ATTACHED, Attached, Step
from service.documents import store
from service.documents.entries import Key
from service.documents.given import Given
from service.documents.problems import ContentError, Problem
from service.documents.reading import nearest
from service.editing.deleting import remove
from service.editing.edits import Edit, Items
from service.editing.history import states
from service.editing.locales import add_locale
from service.editing.publishing import publish, unpublish
from service.editing.renaming import rename
from service.editing.saving import Save, save
from service.errors import GuidepostError

Document = Mapping[str, Any]
Transformation = Callable[[dict[str, Any]], Document | None]
Class = TypeVar("Class", bound="type[ContentOperation]")

_NAMESPACE = UUID("3f6c1b52-6d0e-5c0b-9d3a-52a5f6f1c7e4")


class ContentOperation(MigrateOperation):
    """Something that a revision does to content."""

    name: ClassVar[str]
    subject: str
    """What it is about, for messages."""

    async def run(self, step: Step, edit: Edit) -> None:
        """Do it; raises `ContentError`."""
        raise NotImplementedError

    def reverse(self) -> MigrateOperation:
        """Nothing that a downgrade would have to say."""
        return UndoneOp()

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """What `alembic check` says."""
        return (self.name, self.subject)


class UndoneOp(MigrateOperation):
    """What a downgrade does of itself."""


def _operation(cls: Class) -> Class:
    Operations.register_operation(cls.name)(cls)
    Operations.implementation_for(cls)(_carry_out)
    return cls


def _carry_out(operations: Operations, operation: ContentOperation) -> None:
    context = operations.migration_context
    called = f"op.{operation.name} of {operation.subject}"
    if context.as_sql:
        raise CommandError(
            f"{called} looks at what is in the database, and cannot be printed as SQL; "
            "upgrade the database itself, or print the revisions before and after this one"
        )
    attached = context.opts.get(ATTACHED)
    step = attached.step if isinstance(attached, Attached) else None
    if step is None:
        raise CommandError(
            f"{called}: alembic/env.py has to call service.content_migrations.attach"
        )
    try:
        step.run(partial(operation.run, step))
    except ContentError as error:
        lines = "\n".join(f"  {each}" for each in error.problems)
        raise GuidepostError(f"revision {step.revision}: {called}:\n{lines}") from error


@_operation
class SaveOp(ContentOperation):
    """Create items or change them."""

    name = "save"

    def __init__(self, type_: str, documents: Sequence[Document]) -> None:
        self.type = type_
        self.documents = documents
        self.subject = " ".join([type_, *(str(each.get("slug")) for each in documents)])

    @classmethod
    def save(
        cls, operations: Operations, type_: str, document: Document | Sequence[Document]
    ) -> None:
        """Create an item or change it, or several that may refer to one another.

        A document says what is to be different, as in a mutation: what it leaves out stays, and
        None takes a value away. What is saved is published by `op.publish` only. A new item gets
        the same id wherever the revision runs.
        """
        documents = [document] if isinstance(document, Mapping) else [*document]
        operations.invoke(cls(type_, documents))

    async def run(self, step: Step, edit: Edit) -> None:
        """Save them in one go."""
        _hold_to_types(edit, self.type)
        keys = [(self.type, str(each.get("slug"))) for each in self.documents]
        known = await store.ids(edit.connection, edit.model, keys)
        await images.take(edit, step.revision, known)
        gone = await images.deleted(edit, step.revision, self.type)
        new = {
            key: gone.get(key[1]) or await _new_id(step, edit, key)
            for key in keys
            if key not in known
        }
        given = [Given({**each, "type": self.type}) for each in self.documents]
        await save(edit, [Save(each, Mode.MERGE) for each in given], ids=new)
        made = {key: id_ for key, id_ in new.items() if id_ not in gone.values()}
        await images.take_new(edit, step.revision, made)


@_operation
class DeleteOp(ContentOperation):
    """Delete an item."""

    name = "delete"

    def __init__(self, type_: str, slug: str) -> None:
        self.type, self.slug = type_, slug
        self.subject = f"{type_} {slug}"

    @classmethod
    def delete(cls, operations: Operations, type_: str, slug: str) -> None:
        """Delete an item, a published one too; nothing may refer to it any more."""
        operations.invoke(cls(type_, slug))

    async def run(self, step: Step, edit: Edit) -> None:
        """Delete it."""
        items = await _items(edit, self.type, [self.slug])
        await images.take(edit, step.revision, items)
        await remove(edit, items)


@_operation
class RenameOp(ContentOperation):
    """Give an item another slug."""

    name = "rename"

    def __init__(self, type_: str, old: str, new: str) -> None:
        self.type, self.old, self.new = type_, old, new
        self.subject = f"{type_} {old} to {new}"

    @classmethod
    def rename(cls, operations: Operations, type_: str, old: str, new: str) -> None:
        """Give an item another slug; whatever refers to it goes on to.

        When that is published, the old one leads to the item still.
        """
        operations.invoke(cls(type_, old, new))

    async def run(self, step: Step, edit: Edit) -> None:
        """Rename it."""
        items = await _items(edit, self.type, [self.old])
        await images.take(edit, step.revision, items)
        await rename(edit, (self.type, self.old), self.new)


@_operation
class PublishOp(ContentOperation):
    """Publish items."""

    name = "publish"

    def __init__(self, type_: str, slugs: Sequence[str], references: str = "FAIL") -> None:
        self.type, self.slugs, self.references = type_, slugs, references
        self.subject = " ".join([type_, *slugs])

    @classmethod
    def publish(
        cls,
        operations: Operations,
        type_: str,
        slugs: str | Sequence[str],
        references: str = "FAIL",
    ) -> None:
        """Publish items as they are now, in all locales.

        References to what is not published are a problem or, with LEAVE_PENDING, show as soon as
        that is published.
        """
        operations.invoke(cls(type_, [slugs] if isinstance(slugs, str) else [*slugs], references))

    async def run(self, step: Step, edit: Edit) -> None:
        """Publish them."""
        possible = (References.FAIL.name, References.LEAVE_PENDING.name)
        if self.references not in possible:
            message = f"references={self.references!r}: say one of {', '.join(possible)}"
            raise ContentError([Problem(Code.BAD_VALUE, (), message)])
        items = await _items(edit, self.type, self.slugs)
        await images.take(edit, step.revision, items)
        await publish(edit, items, References[self.references])


@_operation
class UnpublishOp(ContentOperation):
    """Take items out of what is published."""

    name = "unpublish"

    def __init__(self, type_: str, slugs: Sequence[str]) -> None:
        self.type, self.slugs = type_, slugs
        self.subject = " ".join([type_, *slugs])

    @classmethod
    def unpublish(cls, operations: Operations, type_: str, slugs: str | Sequence[str]) -> None:
        """Take items out of what is published; nothing that is published may need them."""
        operations.invoke(cls(type_, [slugs] if isinstance(slugs, str) else [*slugs]))

    async def run(self, step: Step, edit: Edit) -> None:
        """Take them out."""
        items = await _items(edit, self.type, self.slugs)
        await images.take(edit, step.revision, items)
        await unpublish(edit, items)


@_operation
class AddLocaleOp(ContentOperation):
    """Serve content in one more locale."""

    name = "add_locale"

    def __init__(self, code: str, fallback: str) -> None:
        self.code, self.fallback = code, fallback
        self.subject = code

    @classmethod
    def add_locale(cls, operations: Operations, code: str, fallback: str) -> None:
        """Serve content in one more locale, whose missing texts are those of another."""
        operations.invoke(cls(code, fallback))

    async def run(self, step: Step, edit: Edit) -> None:
        """Add it."""
        await add_locale(edit, self.code, self.fallback)
        await images.take_locale(edit, step.revision, uuid5(_NAMESPACE, self.code), self.code)


@_operation
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
        """Change many items: those whose documents have the values of `where`, {} for all.

        The function takes an item's whole document and answers what it is to be, or None to leave
        it. An item that was published as it was is published again; one with edits that are not
        published is changed in the working copy only, and said on the terminal.
        """
        operations.invoke(cls(type_, where, function))

    async def run(self, step: Step, edit: Edit) -> None:
        """Go through them in batches, in the order of their slugs."""
        _hold_to_types(edit, self.type)
        draft = edit.model[self.type].draft
        slugs = await store.slugs(edit.connection, edit.model[self.type])
        done = changed = 0
        left: list[str] = []
        for batch in images.batches(slugs):
            rows = await edit.connection.execute(
                select(draft.c.slug, draft.c.id).where(store.among(draft.c.slug, batch))
            )
            items: dict[Key, UUID] = {(self.type, slug): id_ for slug, id_ in rows}
            made = await self._transformed(edit, items)
            touched = {key: items[key] for key in made}
            statuses = await images.statuses(edit, touched)
            await images.take(edit, step.revision, touched)
            await save(edit, [Save(Given(each)) for each in made.values()])
            live = {key: id_ for key, id_ in touched.items() if statuses[id_] is Status.PUBLISHED}
            await publish(edit, live, References.LEAVE_PENDING)
            left += [key[1] for key, id_ in touched.items() if statuses[id_] is Status.CHANGED]
            done, changed = done + len(batch), changed + len(made)
            step.say(f"{self.type}: {done:,} of {len(slugs):,} looked at, {changed:,} changed")
        if left:
            step.say(
                f"{self.type}: not published again, for they have edits that are not published: "
                f"{', '.join(left)}"
            )

    async def _transformed(self, edit: Edit, items: Items) -> dict[Key, Document]:
        found: dict[Key, Document] = {}
        for key, state in (await states(edit, items)).items():
            if any(state.document.get(name) != value for name, value in self.where.items()):
                continue
            try:
                made = self.function(deepcopy(state.document))
            except Exception as error:
                message = f"{' '.join(key)}: the function raised {type(error).__name__}: {error}"
                raise ContentError([Problem(Code.BAD_VALUE, (), message)]) from error
            if made is None or made == state.document:
                continue
            if not isinstance(made, Mapping):
                message = f"{' '.join(key)}: the function answered {made!r}, which is no document"
                raise ContentError([Problem(Code.BAD_VALUE, (), message)])
            if (made.get("type"), made.get("slug")) != key:
                message = f"{' '.join(key)}: type and slug cannot be changed; use op.rename"
                raise ContentError([Problem(Code.BAD_VALUE, (), message)])
            found[key] = made
        return found


async def _new_id(step: Step, edit: Edit, key: Key) -> UUID:
    """The id of an item that a revision makes, the same wherever it runs."""
    name = "/".join((step.revision, *key))
    while await images.is_taken(edit, step.revision, key[0], id_ := uuid5(_NAMESPACE, name)):
        # It made one with this slug before, and renamed that.
        name += "/again"
    return id_


def _hold_to_types(edit: Edit, name: str) -> None:
    known = [each.name for each in edit.model.content()]
    if name not in known:
        hint = nearest(name, known) or f"; the types are {', '.join(known)}"
        raise ContentError([Problem(Code.UNKNOWN_TYPE, (), f"there is no type {name!r}{hint}")])


async def _items(edit: Edit, name: str, slugs: Sequence[str]) -> dict[Key, UUID]:
    """Items that have to be there."""
    _hold_to_types(edit, name)
    found = await store.ids(edit.connection, edit.model, [(name, slug) for slug in slugs])
    if missing := [slug for slug in slugs if (name, slug) not in found]:
        known = await store.slugs(edit.connection, edit.model[name])
        raise ContentError(
            [
                Problem(Code.UNKNOWN_ITEM, (), f"there is no {name} {slug!r}{nearest(slug, known)}")
                for slug in missing
            ]
        )
    return found
