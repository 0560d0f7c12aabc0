"""Puts items of the working copy back to an older version, while that is published.

Publishing copies from the working copy. To publish an older version, the working copy is set to
that version, and afterwards to what it was. This is one transaction, so nobody else sees it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, select, update

from schema.attributes import Parts, References
from schema.errors import ErrorCode
from schema.tables.revision import Revision
from service.documents import store, storing
from service.documents.checking import check_documents
from service.documents.problems import ContentError, Problem, format_path
from service.documents.records import Key, Record
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import Edit, Items
from service.editing.history import ItemState, states

_REVISION = cast(Table, Revision.__table__)


class PastVersion(NamedTuple):
    """An item in an older version, and as it is now."""

    record: Record
    targets: Mapping[Key, UUID]
    """The ids of the items that the older version refers to."""
    version: int
    at: datetime
    now: ItemState
    targets_now: Mapping[Key, UUID]
    updated_at: datetime


async def put_back(edit: Edit, items: Items, versions: Mapping[UUID, int]) -> list[PastVersion]:
    """Set items to the given versions; returns those whose version was another one.

    References lead to the items that they led to then, whatever their slugs are now. Raises
    `ContentError` if such an item was deleted, or if no revision has the version any more.
    """
    # Read all of them first: slugs can mean other items once the first one is put back.
    found = [
        await _then(edit, key, state, versions[state.id])
        for key, state in (await states(edit, items)).items()
        if versions.get(state.id, state.version) != state.version
    ]
    for each in found:
        await write(edit, [each.record], {**each.targets, each.record.key: each.now.id})
        await _date(edit, each, each.version, each.at)
    return found


async def bring_back(edit: Edit, items: Iterable[PastVersion]) -> None:
    """Undo `put_back`."""
    for each in items:
        now = each.now
        await write(edit, [now.record], {**each.targets_now, now.record.key: now.id})
        await _date(edit, each, each.now.version, each.updated_at)


async def _then(edit: Edit, key: Key, state: ItemState, version: int) -> PastVersion:
    revision = await _revision(edit, state.id, version)
    if revision is None or not revision.document:
        message = f"the revision of version {version} no longer exists; schedule the item again"
        raise ContentError([_of(key, Problem(ErrorCode.CONFLICT, (), message))])
    checked, problems = check_documents(
        [UncheckedDocument(revision.document)], edit.model, edit.locales
    )
    if problems:
        raise ContentError([_of(key, each) for each in problems])
    [record] = (each.record for each in checked)
    draft = edit.model[key[0]].draft
    updated_at = select(draft.c.updated_at).where(draft.c.id == state.id)
    return PastVersion(
        record,
        await _targets(edit, key, record, revision.at),
        version,
        revision.at,
        state,
        await store.ids(edit.connection, edit.model, [each for _, each in state.record.targets()]),
        cast(datetime, await edit.connection.scalar(updated_at)),
    )


async def _revision(edit: Edit, id_: UUID, version: int) -> Any:
    """The revision that made a version; it has the date of the version."""
    statement = (
        select(_REVISION.c.document, _REVISION.c.at)
        .where(_REVISION.c.item_id == id_, _REVISION.c.version == version)
        .order_by(_REVISION.c.id)
        .limit(1)
    )
    return (await edit.connection.execute(statement)).one_or_none()


async def _targets(edit: Edit, key: Key, record: Record, at: datetime) -> dict[Key, UUID]:
    """The ids of the items that a record referred to at an instant."""
    known: dict[Key, UUID] = {}
    problems = []
    now = await store.ids(edit.connection, edit.model, [target for _, target in record.targets()])
    for path, target in record.targets():
        # The slug may belong to another item now, which nobody asked for.
        id_ = await _had_slug(edit, target, at) or now.get(target)
        if id_ and await store.slugs_of(edit.connection, edit.model[target[0]], [id_]):
            known[target] = id_
        else:
            message = f"its {format_path(path)}, the {' '.join(target)}, was deleted since then"
            problems.append(_of(key, Problem(ErrorCode.UNKNOWN_ITEM, (), message)))
    if problems:
        raise ContentError(problems)
    return known


async def _had_slug(edit: Edit, key: Key, at: datetime) -> UUID | None:
    """The item that had a slug at an instant; None if no revision tells."""
    statement = (
        select(_REVISION.c.item_id)
        .where(_REVISION.c.type == key[0], _REVISION.c.slug == key[1], _REVISION.c.at <= at)
        .order_by(_REVISION.c.id.desc())
        .limit(1)
    )
    return await edit.connection.scalar(statement)


async def write(edit: Edit, records: Sequence[Record], ids: Items) -> None:
    """Write records over items, whatever the items are now; each gets a new version.

    `ids` has the ids of the items and of everything that the records refer to.
    """
    now = {each.key: _blank(each) for each in records}
    for statement in storing.storing(edit.model, records, now, storing.Known(ids, {})).statements:
        await edit.connection.execute(statement)


def _blank(record: Record) -> Record:
    """A record that differs from this one in everything, so that all of it is written."""
    lists: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for relation in record.type.relations():
        if isinstance(relation, References):
            lists[relation.name] = None
        elif isinstance(relation, Parts):
            parts[relation.name] = None
    return Record(record.type, "", {}, {}, lists, parts)


async def _date(edit: Edit, item: PastVersion, version: int, at: datetime) -> None:
    draft = item.record.type.draft
    made = update(draft).where(draft.c.id == item.now.id)
    await edit.connection.execute(made.values(version=version, updated_at=at))


def _of(key: Key, problem: Problem) -> Problem:
    where = f"{format_path(problem.path)}: " if problem.path else ""
    return Problem(problem.code, (), f"{' '.join(key)}: {where}{problem.message}")
