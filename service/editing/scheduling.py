"""Publishing and unpublishing later, at an instant."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import MAXYEAR, UTC, datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Row, Table, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schema.editing import Action, Code, References
from schema.entities.schedule import Schedule
from schema.entities.token import Token
from schema.model import Model
from service.authors import SCHEDULE
from service.documents.entries import Key
from service.documents.problems import ContentError, Problem
from service.documents.store import among
from service.editing.edits import Edit, Items, begun
from service.editing.publishing import publish, unpublish

_SCHEDULE = cast(Table, Schedule.__table__)
_TOKEN = cast(Table, Token.__table__)

"""Who does what is due; what it leaves behind names who set it."""
BATCH = 20
"""How many are carried out in one transaction."""


_IS_DUE = (_SCHEDULE.c.problem.is_(None), _SCHEDULE.c.due_at <= func.clock_timestamp())


class Times(NamedTuple):
    """When something is to happen to an item; never, where it is None."""

    publish_at: datetime | None = None
    unpublish_at: datetime | None = None


async def schedule(
    edit: Edit, items: Items, times: Times, references: References = References.FAIL
) -> None:
    """Set what is to happen to items, in place of what was set before.

    Raises `ContentError` for a time in the past, without a zone, or out of order.
    """
    now = await edit.connection.scalar(select(func.clock_timestamp()))
    if problems := _problems(times, cast(datetime, now)):
        raise ContentError(problems)
    ids = [*items.values()]
    await edit.connection.execute(delete(_SCHEDULE).where(among(_SCHEDULE.c.item_id, ids)))
    rows = [
        {
            "item_id": id_,
            "action": action.value,
            "type": name,
            "due_at": due_at,
            "references": references.value,
            "author": edit.author,
            "reason": edit.reason,
        }
        for (name, _), id_ in items.items()
        for action, due_at in zip((Action.PUBLISH, Action.UNPUBLISH), times, strict=True)
        if due_at is not None
    ]
    if rows:
        await edit.connection.execute(insert(_SCHEDULE), rows)


def _problems(times: Times, now: datetime) -> list[Problem]:
    found = []
    for name, time in zip(("at", "unpublishAt"), times, strict=True):
        if time is not None and time.tzinfo is None:
            message = f"{time.isoformat()} has no time zone; write it as in 2027-01-31T09:00:00Z"
            found.append(Problem(Code.BAD_TIME, (name,), message))
        elif time is not None and time <= now:
            message = f"{time.isoformat()} is in the past; it is {now.isoformat()} now"
            found.append(Problem(Code.BAD_TIME, (name,), message))
        elif time is not None and not _is_storable(time):
            message = f"{time.isoformat()} is too far away; the last year is {MAXYEAR}"
            found.append(Problem(Code.BAD_TIME, (name,), message))
    at, until = times
    if not found and at is not None and until is not None and until <= at:
        message = "is not after `at`; something is published before it is unpublished"
        found.append(Problem(Code.BAD_TIME, ("unpublishAt",), message))
    return found


def _is_storable(time: datetime) -> bool:
    """Whether it is a time in UTC too."""
    try:
        time.astimezone(UTC)
    except OverflowError:
        return False
    return True


async def carry_out(engine: AsyncEngine, model: Model, say: Callable[[str], None]) -> int:
    """Do what is due by now, in order; how much that was.

    Any number of processes may do this at once: one of them edits at a time, and what is done is
    gone with the same commit.
    """
    async with engine.begin() as connection:
        if not await connection.scalar(select(exists().where(*_IS_DUE))):
            return 0
        # The lock before the rows: whoever sets times takes them in that order too.
        edit = await begun(connection, model, SCHEDULE)
        due = await _due(connection)
        for row in due:
            try:
                async with connection.begin_nested():
                    await _carry_out(replace(edit, author=row.author, reason=row.reason), row)
            except ContentError as error:
                say(f"{row.action} of {row.type} {row.item_id}, due at {row.due_at}: {error}")
                await connection.execute(_this(update(_SCHEDULE).values(problem=str(error)), row))
        return len(due)


async def _due(connection: AsyncConnection) -> list[Row[Any]]:
    order = (_SCHEDULE.c.due_at, _SCHEDULE.c.item_id)
    statement = select(_SCHEDULE).where(*_IS_DUE).order_by(*order).limit(BATCH)
    return list(await connection.execute(statement))


async def _carry_out(edit: Edit, row: Row[Any]) -> None:
    await edit.connection.execute(_this(delete(_SCHEDULE), row))
    if row.type not in edit.model:
        message = f"there is no type {row.type} any more"
        raise ContentError([Problem(Code.UNKNOWN_TYPE, (), message)])
    draft = edit.model[row.type].draft
    slug = await edit.connection.scalar(select(draft.c.slug).where(draft.c.id == row.item_id))
    items: dict[Key, UUID] = {(row.type, slug): row.item_id} if slug else {}
    if row.action == Action.PUBLISH.value:
        done = await publish(edit, items, References(row.references))
        await _hold_to_types(edit, done.published)
    else:
        await unpublish(edit, items)


async def _hold_to_types(edit: Edit, published: Iterable[Key]) -> None:
    """Raise `ContentError` for what the token that this was set with may not publish.

    Which references have to be published too is known when it is due, and not before.
    """
    statement = select(_TOKEN.c.types).where(_TOKEN.c.name == edit.author)
    types = await edit.connection.scalar(statement)
    others = sorted(key for key in published if types is not None and key[0] not in types)
    if others:
        said = ", ".join(" ".join(key) for key in others)
        message = f"the token {edit.author!r} may not publish {said}, to which it refers"
        raise ContentError([Problem(Code.NOT_PUBLISHED, (), message)])


def _this(statement: Any, row: Row[Any]) -> Any:
    return statement.where(_SCHEDULE.c.item_id == row.item_id, _SCHEDULE.c.action == row.action)
