"""Schedules publishing and unpublishing: items that are scheduled together are a release."""

from collections.abc import Collection, Mapping
from datetime import MAXYEAR, UTC, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import func, select, update

from schema.editing import Action, Follow, UnpublishedReferences
from schema.errors import ErrorCode
from schema.releases import RELEASE
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.store import versions
from service.editing.edits import Edit, Items
from service.editing.publishing import locale_codes, unpublished_references
from service.editing.releases import ReleaseRequest, grouped, keep, present, withdraw


class Times(NamedTuple):
    """When an item is to be published and unpublished; None means never."""

    publish_at: datetime | None = None
    unpublish_at: datetime | None = None


async def schedule(
    edit: Edit,
    items: Items,
    times: Times,
    references: UnpublishedReferences = UnpublishedReferences.FAIL,
    locales: Collection[str] | None = None,
    follow: Follow = Follow.PINNED,
) -> Items:
    """Schedule items together, in place of what was scheduled for them in these locales.

    Returns the items that will be published too because they are referred to. Raises `ContentError`
    for a time in the past, without a time zone or out of order, and for an unknown locale.
    """
    now = await edit.connection.scalar(select(func.clock_timestamp()))
    if problems := _problems(times, cast(datetime, now)):
        raise ContentError(problems)
    locale_codes(edit, locales)
    await withdraw(edit, items.values(), locales)
    referred_to: Items = {}
    if times.publish_at is not None:
        pinned: Mapping[Key, int] = {}
        if follow is Follow.PINNED:
            if references is UnpublishedReferences.PUBLISH_TOO:
                referred_to = await unpublished_references(edit, items)
            pinned = await versions(edit.connection, edit.model, {**referred_to, **items})
        wanted = ReleaseRequest(Action.PUBLISH, times.publish_at, references, locales)
        await keep(edit, wanted, items, referred_to, pinned)
    if times.unpublish_at is not None:
        wanted = ReleaseRequest(Action.UNPUBLISH, times.unpublish_at, references, locales)
        await keep(edit, wanted, items, {}, {})
    return referred_to


async def confirm(edit: Edit, number: int) -> Items:
    """Let a release go on, with the author of this edit as its author; returns its items.

    It is due at its time, or at once if that has passed. Raises `ContentError` if there is no
    release with this number.
    """
    values: dict[str, Any] = {
        "author": edit.author,
        "is_given_up": False,
        "is_held": False,
        "attempts": 0,
        "problems": [],
        "next_at": func.greatest(RELEASE.c.due_at, func.clock_timestamp()),
        "due_at": func.greatest(RELEASE.c.due_at, func.clock_timestamp()),
    }
    if edit.reason is not None:
        values["reason"] = edit.reason
    made = update(RELEASE).where(RELEASE.c.id == number).values(values)
    if not (await edit.connection.execute(made)).rowcount:
        message = f"there is no release {number}; `releases` lists all releases"
        raise ContentError([Problem(ErrorCode.UNKNOWN_RELEASE, ("release",), message)])
    return await present(edit, await grouped(edit.connection, number))


def _problems(times: Times, now: datetime) -> list[Problem]:
    found = []
    for name, time in zip(("at", "unpublishAt"), times, strict=True):
        if time is not None and time.tzinfo is None:
            message = f"{time.isoformat()} has no time zone; write it as in 2027-01-31T09:00:00Z"
            found.append(Problem(ErrorCode.BAD_TIME, (name,), message))
        elif time is not None and time <= now:
            message = f"{time.isoformat()} is in the past; it is {now.isoformat()} now"
            found.append(Problem(ErrorCode.BAD_TIME, (name,), message))
        elif time is not None and not _is_storable(time):
            message = f"{time.isoformat()} is too far in the future; the last year is {MAXYEAR}"
            found.append(Problem(ErrorCode.BAD_TIME, (name,), message))
    at, until = times
    if not found and at is not None and until is not None and until <= at:
        message = "is not after `at`; items are unpublished after they are published"
        found.append(Problem(ErrorCode.BAD_TIME, ("unpublishAt",), message))
    return found


def _is_storable(time: datetime) -> bool:
    """Whether a time can be converted to UTC."""
    try:
        time.astimezone(UTC)
    except OverflowError:
        return False
    return True
