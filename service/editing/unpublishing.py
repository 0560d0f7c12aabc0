"""Items out of the live copy; the working copy keeps them."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from schema.attributes import Reference
from schema.editing import Action
from schema.errors import ErrorCode
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.store import among, grouped, ids_by_type
from service.editing.edits import Edit, Items
from service.editing.history import add_revisions, states
from service.editing.live import remove_live
from service.editing.publishing import LocaleCodes, PublishResult, by_locales, locale_codes
from service.editing.search_index import forget


async def unpublish(
    edit: Edit, items: Items, locales: Collection[str] | None = None
) -> PublishResult:
    """Remove items from the live copy, in all locales or in the given ones.

    `published` in the result has the items that were removed. Raises `ContentError` if an item that
    stays live requires one of them.
    """
    return await unpublish_each(edit, {key: (id_, locales) for key, id_ in items.items()})


async def unpublish_each(
    edit: Edit, items: Mapping[Key, tuple[UUID, Collection[str] | None]]
) -> PublishResult:
    """Unpublish items as `unpublish` does, each in its own locales; None means all."""
    asked = {id_: {*locale_codes(edit, locales)} for id_, locales in items.values()}
    were: dict[Key, LocaleCodes] = {}
    for name, group in grouped({key: id_ for key, (id_, _) in items.items()}).items():
        live = edit.model[name].live
        statement = select(live.c.id, live.c.locale).where(among(live.c.id, group))
        for id_, code in await edit.connection.execute(statement.order_by(live.c.locale)):
            if code in asked[id_]:
                were[name, group[id_]] = (*were.get((name, group[id_]), ()), code)
    gone = {key: items[key][0] for key in were}
    if problems := [each async for each in _needed(edit, gone, were)]:
        raise ContentError(problems)
    await add_revisions(edit, Action.UNPUBLISH, await states(edit, gone), locales=were)
    for codes, some in by_locales(gone, were).items():
        for name, ids in ids_by_type(some).items():
            await remove_live(edit, edit.model[name], ids, codes)
        await forget(edit, ids_by_type(some), codes)
    return PublishResult(gone, {key: id_ for key, (id_, _) in items.items() if key not in gone})


async def _needed(edit: Edit, items: Items, gone: Mapping[Key, LocaleCodes]) -> Any:
    """The items that stay live and require one of these in a locale from which it is removed.

    Each of them is a problem.
    """
    slugs = {id_: key for key, id_ in items.items()}
    by_name = ids_by_type(items)
    going = {(items[key], code) for key, locales in gone.items() for code in locales}
    for type_ in edit.model.content():
        for relation in type_.relations():
            if isinstance(relation, Reference) and relation.required and relation.target in by_name:
                column = type_.live.c[relation.column]
                statement = (
                    select(type_.live.c.slug, column, type_.live.c.id, type_.live.c.locale)
                    .where(among(column, by_name[relation.target]))
                    .order_by(type_.live.c.slug)
                )
                rows = await edit.connection.execute(statement)
                users = (
                    (owner, id_)
                    for owner, id_, owner_id, code in rows
                    if (id_, code) in going and (owner_id, code) not in going
                )
                for owner, id_ in dict.fromkeys(users):
                    message = (
                        f"{' '.join(slugs[id_])}: it is the {relation.graphql_name} of the "
                        f"{type_.name} {owner}, which is published; unpublish that too"
                    )
                    yield Problem(ErrorCode.IN_USE, (), message, item=slugs[id_])
