"""Deletes items from both copies.

An item that another item refers to cannot be deleted, even if only the live copy refers to it:
deleting it would change what is published, which nobody asked for. A migration is reviewed as a
whole and may publish the referring item afterwards, so there only the working copy counts.
"""

from collections.abc import Collection, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import FromClause, Select, Table, and_, delete, select

from schema.attributes import Reference, References
from schema.delivery import Stage, links
from schema.editing import Action
from schema.entities.live_tables import LOCALE
from schema.errors import ErrorCode
from schema.model import ContentType, Model
from schema.tables.redirect import Redirect
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.store import among, ids_by_type
from service.editing.edits import Edit, Items
from service.editing.history import add_revisions, states
from service.editing.releases import forget
from service.editing.unpublishing import unpublish

_REDIRECT = cast(Table, Redirect.__table__)

Ids = Sequence[UUID]


async def remove(edit: Edit, items: Items, stages: Collection[Stage] = tuple(Stage)) -> Items:
    """Delete items from both copies. Their revisions stay, and can be restored.

    Former slugs, search entries and scheduled releases of the items are removed too. Returns the
    items that were live. Raises `ContentError` if another item refers to one of them in one of the
    `stages`.
    """
    if problems := [problem for _, problem in await users(edit, items, stages)]:
        raise ContentError(problems)
    before = await states(edit, items)
    were_live = (await unpublish(edit, items)).published
    for name, ids in ids_by_type(items).items():
        draft = edit.model[name].draft
        await edit.connection.execute(delete(draft).where(among(draft.c.id, ids)))
        await edit.connection.execute(delete(_REDIRECT).where(among(_REDIRECT.c.item_id, ids)))
    if edit.knows_releases:
        await forget(edit.connection, items.values())
    await add_revisions(edit, Action.DELETE, before)
    return were_live


async def users(edit: Edit, items: Items, stages: Collection[Stage]) -> list[tuple[Key, Problem]]:
    """References from other items to these items, each as a problem with its target."""
    by_name = ids_by_type(items)
    keys: dict[UUID, Key] = {id_: key for key, id_ in items.items()}
    problems: list[tuple[Key, Problem]] = []
    for type_ in edit.model.content():
        for relation in type_.relations():
            if isinstance(relation, Reference | References) and relation.target in by_name:
                ids, own = by_name[relation.target], by_name.get(type_.name, ())
                found = await _users(edit, type_, relation, stages, ids, own)
                for id_, slug, stage in found:
                    user = f"{type_.name} {slug}"
                    message = (
                        f"{' '.join(keys[id_])}: {_REFERS[stage].format(user)} in its "
                        f"{relation.graphql_name}; {_ADVICE[stage]}"
                    )
                    problem = Problem(ErrorCode.IN_USE, (), message, item=keys[id_])
                    problems.append((keys[id_], problem))
    return problems


_REFERS = {
    Stage.DRAFT: "the {} refers to it",
    Stage.LIVE: "the live copy of the {} refers to it",
}
_ADVICE = {
    Stage.DRAFT: "remove the reference first",
    Stage.LIVE: "publish that item without the reference first",
}


async def _users(
    edit: Edit,
    type_: ContentType,
    relation: Reference | References,
    stages: Collection[Stage],
    ids: Ids,
    own: Ids,
) -> list[tuple[UUID, str, Stage]]:
    """The references by one relation: id of the target, slug of the referring item, and the stage.

    An item that refers to a target in several stages is listed once, with the first of them.
    """
    found: dict[tuple[UUID, UUID], tuple[UUID, str, Stage]] = {}
    for stage in stages:
        statement = _referring(edit.model, type_, relation, stage, ids, own)
        for id_, owner, slug in await edit.connection.execute(statement):
            found.setdefault((id_, owner), (id_, slug, stage))
    return [*found.values()]


def _referring(
    model: Model,
    type_: ContentType,
    relation: Reference | References,
    stage: Stage,
    ids: Ids,
    own: Ids,
) -> Select[Any]:
    """The statement for references by one relation in one stage, from items other than `own`.

    A row is the id of the target, and the id and slug of the referring item. In the live copy a
    reference counts only where both items are live in the same locale; elsewhere readers do not see
    it.
    """
    owner = type_.draft if stage is Stage.DRAFT else type_.live
    source: FromClause = owner
    if isinstance(relation, References):
        entries = links(relation, stage)
        source, target = source.join(entries, entries.c.owner_id == owner.c.id), entries.c.target_id
    else:
        target = owner.c[relation.column]
    if stage is Stage.LIVE:
        end = model[relation.target].live.alias()
        source = source.join(end, and_(end.c.id == target, end.c[LOCALE] == owner.c[LOCALE]))
    found = select(target, owner.c.id, owner.c.slug).distinct().select_from(source)
    return found.where(among(target, ids), ~among(owner.c.id, own)).order_by(owner.c.slug)
