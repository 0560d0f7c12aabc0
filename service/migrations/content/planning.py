"""What the operations on content would do, carried out on documents in memory."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from schema.dependents import dependents
from service.documents.document import Document
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.store import slugs_of
from service.editing.changes import merged
from service.editing.edits import Items
from service.editing.merging import Side
from service.migrations.content.locale_images import LOCALE, texts_in
from service.migrations.content.locales import (
    AddLocaleOp,
    ChangeLocaleOp,
    LocaleOperation,
    RemoveLocaleOp,
    RenameLocaleOp,
)
from service.migrations.content.merging import wishes
from service.migrations.content.operation import ContentOperation, items_of
from service.migrations.content.operations import (
    DeleteOp,
    PublishOp,
    RenameOp,
    SaveOp,
    UnpublishOp,
)
from service.migrations.content.planned import PlannedChange, PlannedContent
from service.migrations.content.publishing import locales_where_live
from service.migrations.content.renaming import (
    RenameFieldOp,
    RenameTypeOp,
    RenameValueOp,
    RenamingOperation,
)
from service.migrations.content.resolutions import Deciding
from service.migrations.content.transforming import TransformOp


async def plan_operation(
    deciding: Deciding, content: PlannedContent, operation: ContentOperation
) -> None:
    """Carry out an operation on planned content; what is wrong with it becomes a note."""
    called = f"op.{operation.name} of {operation.subject}"
    plan = _PLANS.get(type(operation))
    if plan is None:
        deciding.say(called)
        return
    try:
        await plan(deciding, content, operation)
    except ContentError as error:
        for each in error.problems:
            deciding.say(f"{called}: {each}")


async def pages(
    connection: AsyncConnection, content: PlannedContent, seen: Sequence[PlannedChange]
) -> list[Key]:
    """The items whose readers see something else: those that are `seen`, and that show them."""
    found = {each.key: None for each in seen}
    model, names = content.stored.edit.model, content.names
    for name in dict.fromkeys(each.key[0] for each in seen):
        ids = [each.id for each in seen if each.key[0] == name]
        type_, _ = names.stored((name, ""))
        for shown in dependents(model, model[type_]) if type_ in model else ():
            owners = {*await connection.scalars(shown.owners, {"ids": ids})}
            slugs = await slugs_of(connection, shown.type, owners)
            keys = ((shown.type.name, slug) for slug in sorted(slugs.values()))
            found |= {names.now(key): None for key in keys}
    return [*found]


async def _save(deciding: Deciding, content: PlannedContent, operation: SaveOp) -> None:
    gone = await content.deleted(operation.type)
    wanted, before = await wishes(deciding, content, operation.wishes(), gone)
    await content.take({key: state.id for key, state in before.items()})
    for key, document, _ in wanted:
        state = before.get(key)
        id_ = state.id if state else gone.get(key[1]) or content.made(key)
        await content.take({key: id_})
        whole = state.document if state else {"type": key[0], "slug": key[1]}
        content.put(key, id_, merged(whole, {**document, "slug": key[1]}))


async def _delete(deciding: Deciding, content: PlannedContent, operation: DeleteOp) -> None:
    items = await operation.items(deciding, content)
    await content.take(items)
    for key, id_ in items.items():
        content.put(key, id_, None)


async def _rename(deciding: Deciding, content: PlannedContent, operation: RenameOp) -> None:
    items = await operation.items(deciding, content)
    await content.take(items)
    for key, document in (await _documents(content, items)).items():
        content.move(key, (key[0], operation.new), items[key], document)


async def _publish(deciding: Deciding, content: PlannedContent, operation: PublishOp) -> None:
    items = await items_of(deciding, content, operation.type, operation.slugs)
    await content.take(items)
    locales = await operation.locales(deciding, content, items)
    for key, document in (await _documents(content, items)).items():
        content.publish(items[key], document, locales[key])


async def _unpublish(deciding: Deciding, content: PlannedContent, operation: UnpublishOp) -> None:
    found = items_of(deciding, content, operation.type, operation.slugs, gone_is_fine=True)
    items = await found
    await content.take(items)
    for id_ in items.values():
        content.unpublish(id_)
    deciding.unpublished.update(items.values())


async def _transform(deciding: Deciding, content: PlannedContent, operation: TransformOp) -> None:
    slugs = await content.slugs(operation.type)
    items = await content.ids([(operation.type, slug) for slug in slugs])
    problems: list[Problem] = []
    made = operation.transformed(await _documents(content, items), problems)
    touched = {key: items[key] for key in made}
    await content.take(touched)
    locales = await locales_where_live(deciding, content, touched)
    for key, document in made.items():
        content.put(key, items[key], document)
        content.publish(items[key], document, locales[key])
    if problems:
        raise ContentError(problems)


async def _set_locales(
    deciding: Deciding, content: PlannedContent, operation: LocaleOperation
) -> None:
    content.planned_locales.set(operation.wanted(deciding, await content.definitions()))


async def _remove_locale(
    deciding: Deciding, content: PlannedContent, operation: RemoveLocaleOp
) -> None:
    code, now = operation.code, await content.definitions()
    if code in now:
        operation.check(now)
        side = deciding.force.of((LOCALE, code))
        texts = await content.texts_in(code)
        if texts and side is None:
            deciding.conflicts += texts_in(code, texts)
        elif side is not Side.THEIRS or not texts:
            content.planned_locales.set({code: None})


async def _rename_locale(_: Deciding, content: PlannedContent, operation: RenameLocaleOp) -> None:
    await content.definitions()
    content.rename_locale(operation.old, operation.new)


async def _rename_names(
    deciding: Deciding, content: PlannedContent, operation: RenamingOperation
) -> None:
    content.rename(operation)
    deciding.say(f"renames {operation.subject}")


async def _documents(content: PlannedContent, items: Items) -> Mapping[Key, Document]:
    return {key: state.document for key, state in (await content.states(items)).items()}


_PLANS: dict[type[ContentOperation], Callable[[Deciding, PlannedContent, Any], Awaitable[None]]] = {
    SaveOp: _save,
    DeleteOp: _delete,
    RenameOp: _rename,
    PublishOp: _publish,
    UnpublishOp: _unpublish,
    TransformOp: _transform,
    AddLocaleOp: _set_locales,
    ChangeLocaleOp: _set_locales,
    RemoveLocaleOp: _remove_locale,
    RenameLocaleOp: _rename_locale,
    RenameTypeOp: _rename_names,
    RenameFieldOp: _rename_names,
    RenameValueOp: _rename_names,
}
