"""From the working copy to the live one."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Owned, ToMany, ToOne
from schema.delivery import Stage, delivery
from schema.entities.locale import Locale
from schema.model import ContentType, Model
from service.documents.entries import Key
from service.documents.store import among, by_type
from service.errors import GuidepostError
from service.searching import index


class MissingReference(NamedTuple):
    """A reference that has to be there, to something that was never published."""

    owner: Key
    relation: str
    target: Key


class PublishError(GuidepostError):
    """Items that cannot be published; none of them was."""

    def __init__(self, missing: Sequence[MissingReference]) -> None:
        self.missing = tuple(sorted(missing))
        super().__init__(
            "\n".join(
                f"{owner[0]} {owner[1]}: its {relation}, the {target[0]} {target[1]}, is not "
                "published; publish that too"
                for owner, relation, target in self.missing
            )
        )


async def publish(
    connection: AsyncConnection, model: Model, keys: Mapping[Key, UUID]
) -> frozenset[Key]:
    """Make the live copies of these items what their working copies are; answer which changed.

    Raises `PublishError` where an item needs another that is neither live nor among them.
    """
    changed = await _changed(connection, model, keys)
    missing: list[MissingReference] = []
    ids = {name: [keys[name, slug] for slug in slugs] for name, slugs in by_type(changed).items()}
    for name, found in ids.items():
        await _publish_type(connection, model, model[name], found)
    for name, found in ids.items():
        missing += await _missing(connection, model, model[name], found)
    if missing:
        raise PublishError(missing)
    await index(connection, model, ids)
    return changed


async def _publish_type(
    connection: AsyncConnection, model: Model, type_: ContentType, ids: Sequence[UUID]
) -> None:
    draft = type_.draft
    now = update(draft).where(among(draft.c.id, ids)).values(published_at=func.now())
    await connection.execute(now)
    await _copy(connection, type_, ids)
    for relation in type_.relations():
        if isinstance(relation, Owned):
            part = model[relation.target]
            await connection.execute(delete(part.live).where(among(part.live.c.owner_id, ids)))
            await _copy(connection, part, ids, "owner_id")
        elif isinstance(relation, ToMany):
            await _copy_links(connection, relation, ids)


async def _changed(
    connection: AsyncConnection, model: Model, keys: Mapping[Key, UUID]
) -> frozenset[Key]:
    """The items that lack a live copy of the working copy's version in one locale at least."""
    locale = cast(Table, Locale.__table__)
    found: set[Key] = set()
    for name, slugs in by_type(keys).items():
        draft, live = model[name].draft, model[name].live
        current = select(live.c.id).where(
            live.c.id == draft.c.id,
            live.c.version == draft.c.version,
            live.c.locale == locale.c.code,
        )
        lacking = select(locale.c.code).where(~current.correlate(draft, locale).exists())
        statement = select(draft.c.slug).where(
            among(draft.c.slug, slugs), lacking.correlate(draft).exists()
        )
        found |= {(name, slug) for slug in await connection.scalars(statement)}
    return frozenset(found)


async def _copy(
    connection: AsyncConnection, type_: ContentType, ids: Sequence[UUID], key: str = "id"
) -> None:
    rows = delivery(type_, Stage.DRAFT)
    names = [column.name for column in type_.live.columns]
    found = select(*(rows.c[name] for name in names)).where(among(rows.c[key], ids))
    statement = insert(type_.live).from_select(names, found)
    written = {name: statement.excluded[name] for name in names if name not in {"id", "locale"}}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["id", "locale"], set_=written)
    )


async def _copy_links(
    connection: AsyncConnection, relation: ToMany, owners: Sequence[UUID]
) -> None:
    draft, live = relation.draft, relation.live
    await connection.execute(delete(live).where(among(live.c.owner_id, owners)))
    rows = select(draft).where(among(draft.c.owner_id, owners))
    names = [column.name for column in draft.columns]
    await connection.execute(insert(live).from_select(names, rows))


async def _missing(
    connection: AsyncConnection, model: Model, type_: ContentType, ids: Sequence[UUID]
) -> list[MissingReference]:
    found: list[MissingReference] = []
    for relation in type_.relations():
        if isinstance(relation, ToOne) and relation.required:
            target = model[relation.target]
            rows = await connection.execute(
                select(type_.draft.c.slug, target.draft.c.slug)
                .join(target.draft, target.draft.c.id == type_.draft.c[relation.column])
                .where(
                    among(type_.draft.c.id, ids), target.draft.c.id.not_in(select(target.live.c.id))
                )
            )
            found += [
                MissingReference((type_.name, owner), relation.graphql_name, (target.name, slug))
                for owner, slug in rows
            ]
    return found
