"""Items out of both copies."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, delete, select

from schema.attributes import ToMany, ToOne
from schema.editing import Action, Code
from schema.entities.redirect import Redirect
from schema.entities.schedule import Schedule
from schema.model import ContentType
from service.documents.entries import Key
from service.documents.problems import ContentError, Problem
from service.documents.store import among, ids_by_type
from service.editing.edits import Edit, Items
from service.editing.history import record, states
from service.editing.publishing import unpublish

_REDIRECT = cast(Table, Redirect.__table__)
_SCHEDULE = cast(Table, Schedule.__table__)


async def remove(edit: Edit, items: Items) -> Items:
    """Delete items, published ones too; their revisions stay, and can be restored.

    Answers those that were live. Raises `ContentError` where something refers to one of them.
    """
    if problems := [problem for _, problem in await users(edit, items)]:
        raise ContentError(problems)
    before = await states(edit, items)
    were_live = (await unpublish(edit, items)).published
    for name, ids in ids_by_type(items).items():
        draft = edit.model[name].draft
        await edit.connection.execute(delete(draft).where(among(draft.c.id, ids)))
        await edit.connection.execute(delete(_REDIRECT).where(among(_REDIRECT.c.item_id, ids)))
        await edit.connection.execute(delete(_SCHEDULE).where(among(_SCHEDULE.c.item_id, ids)))
    await record(edit, Action.DELETE, before)
    return were_live


async def users(edit: Edit, items: Items) -> list[tuple[Key, Problem]]:
    """What refers to one of these items and is none of them, each with that item."""
    by_name = ids_by_type(items)
    keys: dict[UUID, Key] = {id_: key for key, id_ in items.items()}
    problems: list[tuple[Key, Problem]] = []
    for type_ in edit.model.content():
        for relation in type_.relations():
            if isinstance(relation, ToOne | ToMany) and relation.target in by_name:
                found = _referring(type_, relation, by_name[relation.target])
                own = by_name.get(type_.name, ())
                statement = found.where(~among(type_.draft.c.id, own)).order_by(type_.draft.c.slug)
                for owner, id_ in await edit.connection.execute(statement):
                    message = (
                        f"{' '.join(keys[id_])}: the {relation.graphql_name} of the {type_.name} "
                        f"{owner} refers to it; change that first"
                    )
                    problems.append((keys[id_], Problem(Code.IN_USE, (), message)))
    return problems


def _referring(type_: ContentType, relation: ToOne | ToMany, ids: Sequence[UUID]) -> Select[Any]:
    """The slugs of items of a type that refer to one of these, with its id."""
    draft = type_.draft
    if isinstance(relation, ToOne):
        column = draft.c[relation.column]
        return select(draft.c.slug, column).where(among(column, ids))
    links = relation.draft
    return (
        select(draft.c.slug, links.c.target_id)
        .join(links, links.c.owner_id == draft.c.id)
        .where(among(links.c.target_id, ids))
    )
