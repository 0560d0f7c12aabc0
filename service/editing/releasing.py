"""Carries out the releases that are due.

Each release is carried out in one transaction, all or nothing. One that fails is tried again after
a pause, because what it lacks may still come. It is given up after a day, when nobody expects it
any more. A release that was scheduled with a token that has been revoked since waits until somebody
confirms it.
"""

import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, delete, except_, func, not_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schema.attributes import References
from schema.editing import Action, UnpublishedReferences
from schema.errors import ErrorCode
from schema.model import Model
from schema.releases import RELEASE, RELEASE_ITEM, is_under_way
from schema.tables.token import Token
from service.authors import SCHEDULE
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.store import among, ids_by_type
from service.editing.edits import Edit, Items, begun
from service.editing.publishing import LocaleCodes, Publication, locale_codes
from service.editing.releases import grouped, hold, present
from service.editing.unpublishing import unpublish_each
from service.editing.versions import bring_back, put_back

log = logging.getLogger(__name__)

_TOKEN = cast(Table, Token.__table__)

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
"""The pauses before a release is tried again; each is twice the one before."""
PATIENCE = timedelta(days=1)
"""The time after its due date at which a release is given up."""

_IS_DUE = (is_under_way(RELEASE), RELEASE.c.next_at <= func.clock_timestamp())


async def carry_out(engine: AsyncEngine, model: Model, say: Callable[[str], None]) -> int:
    """Carry out the release that is due first; returns 1, or 0 if none is due.

    Any number of processes may call this at once: there is one edit at a time, and a release is
    removed by the commit that carries it out. A failure is stored with the release, and passed to
    `say`.
    """
    async with engine.begin() as connection:
        if await _due(connection) is None:
            return 0
        # Take the lock before the rows: scheduling takes them in that order too.
        edit = await begun(connection, model, SCHEDULE)
        row = await _due(connection)
        if row is None:
            return 0
        token = await _token(connection, row.author)
        if token is not None and token.revoked_at is not None:
            await hold(connection, row.author)
            return 1
        try:
            async with connection.begin_nested():
                done = await _carry_out(replace(edit, author=row.author, reason=row.reason), row)
                _require_types(row.author, token, done)
                await connection.execute(delete(RELEASE).where(RELEASE.c.id == row.id))
        except Exception as error:  # noqa: BLE001  # any error: the next release has its turn
            say(f"release_{row.id} ({row.action}, due at {row.due_at}) failed: {error}")
            await connection.execute(_postponed(row, _problems_of(error)))
        return 1


def _problems_of(error: Exception) -> Sequence[Problem]:
    if isinstance(error, ContentError):
        return error.problems
    log.error("a release could not be carried out", exc_info=error)
    return [
        Problem(ErrorCode.INTERNAL, (), "an internal error; the log of the service has the details")
    ]


async def _due(connection: AsyncConnection) -> Row[Any] | None:
    statement = select(RELEASE).where(*_IS_DUE).order_by(RELEASE.c.due_at, RELEASE.c.id).limit(1)
    return (await connection.execute(statement)).one_or_none()


def _postponed(row: Row[Any], problems: Iterable[Problem]) -> Any:
    pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 16), LONGEST_PAUSE)
    now = func.clock_timestamp()
    return (
        update(RELEASE)
        .where(RELEASE.c.id == row.id)
        .values(
            attempts=RELEASE.c.attempts + 1,
            next_at=now + pause,
            is_given_up=now + pause > RELEASE.c.due_at + PATIENCE,
            problems=_said(problems),
        )
    )


def _said(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [{"code": each.code.name, "message": each.message} for each in problems]


async def _token(connection: AsyncConnection, name: str) -> Any:
    """The `types` and `revoked_at` of the author's token; None if the author is not a token."""
    columns = (_TOKEN.c.types, _TOKEN.c.revoked_at)
    statement = select(*columns).where(_TOKEN.c.name == name)
    return (await connection.execute(statement)).one_or_none()


async def _carry_out(edit: Edit, release: Row[Any]) -> Items:
    """Carry out a release; returns the items that were published."""
    groups = await grouped(edit.connection, release.id)
    unknown = [name for name in groups if name not in edit.model]
    if unknown:
        problems = [
            Problem(ErrorCode.UNKNOWN_TYPE, (), f"the content type {name} no longer exists")
            for name in unknown
        ]
        raise ContentError(problems)
    if release.action == Action.PUBLISH.value:
        return await _publish(edit, release, groups)
    await _unpublish(edit, release, groups)
    return {}


async def _publish(edit: Edit, release: Row[Any], groups: Mapping[str, list[Row[Any]]]) -> Items:
    rows = [row for group in groups.values() for row in group]
    pinned = {row.item_id: row.version for row in rows if row.version is not None}
    items = await present(edit, groups)
    now = await put_back(edit, items, pinned)
    # The targets that were to be published with it are items of the release, each in its version. A
    # target that was withdrawn since is not published in whatever state it is in now.
    references = UnpublishedReferences(release.references)
    if pinned and references is UnpublishedReferences.PUBLISH_TOO:
        references = UnpublishedReferences.FAIL
    publication = Publication(edit, references)
    # Items that were put back may have other slugs now.
    items = await present(edit, groups)
    by_locales = defaultdict[LocaleCodes, dict[Key, UUID]](dict)
    newer = await _newer(edit, groups)
    locales = {row.item_id: locale_codes(edit, row.locales) for row in rows}
    for key, id_ in items.items():
        codes = tuple(code for code in locales[id_] if code not in newer[id_])
        by_locales[codes][key] = id_
    if problems := [each async for each in _other_lists(edit, by_locales, newer)]:
        raise ContentError(problems)
    for codes, group in sorted(by_locales.items()):
        if codes:
            await publication.add(group, codes)
    published = (await publication.end()).published
    await bring_back(edit, now)
    return published


async def _newer(edit: Edit, groups: Mapping[str, list[Row[Any]]]) -> dict[UUID, set[str]]:
    """The locales of each item in which a version is live that is newer than the pinned one."""
    found = defaultdict[UUID, set[str]](set)
    for name, group in groups.items():
        pinned = {row.item_id: row.version for row in group if row.version is not None}
        live = edit.model[name].live
        statement = select(live.c.id, live.c.locale, live.c.version).where(among(live.c.id, pinned))
        for id_, code, version in await edit.connection.execute(statement):
            if version > pinned[id_]:
                found[id_].add(code)
    return found


async def _other_lists(
    edit: Edit, by_locales: Mapping[LocaleCodes, Items], newer: Mapping[UUID, Collection[str]]
) -> AsyncIterator[Problem]:
    """A problem for each item whose lists would change where a newer version of it is live.

    Lists have no language, so publishing an older version elsewhere would change them there too.
    """
    keys = {
        id_: key
        for codes, group in by_locales.items()
        for key, id_ in group.items()
        if codes and newer[id_]
    }
    for name, ids in ids_by_type({key: id_ for id_, key in keys.items()}).items():
        for relation in edit.model[name].relations():
            if not isinstance(relation, References):
                continue
            for id_ in await edit.connection.scalars(_owners_of_others(relation, ids)):
                message = (
                    f"{' '.join(keys[id_])}: a newer version with other {relation.graphql_name} "
                    f"is published in {', '.join(sorted(newer[id_]))}, and lists have to be the "
                    "same in all locales; schedule it again"
                )
                yield Problem(ErrorCode.CONFLICT, (), message)


def _owners_of_others(list_: References, ids: Collection[UUID]) -> Select[Any]:
    """Those of these items whose list differs between the working copy and the live copy."""
    draft, live = (
        select(each.c.owner_id, each.c.position, each.c.target_id).where(
            among(each.c.owner_id, ids)
        )
        for each in (list_.draft, list_.live)
    )
    different = union(except_(draft, live), except_(live, draft)).subquery()
    return select(different.c.owner_id).distinct()


async def _unpublish(edit: Edit, release: Row[Any], groups: Mapping[str, list[Row[Any]]]) -> None:
    locales = {row.item_id: row.locales for group in groups.values() for row in group}
    items = await present(edit, groups)
    await unpublish_each(edit, {key: (id_, locales[id_]) for key, id_ in items.items()})
    # A release that was to publish these items earlier, and failed so far, is given up.
    item = RELEASE_ITEM
    about = select(item.c.release_id).where(among(item.c.item_id, items.values()))
    message = (
        "the items could not be published before they were unpublished at "
        f"{release.due_at.isoformat()}"
    )
    late = (
        RELEASE.c.id.in_(about),
        RELEASE.c.action == Action.PUBLISH.value,
        RELEASE.c.attempts > 0,
        not_(RELEASE.c.is_given_up),
        RELEASE.c.due_at < release.due_at,
    )
    said = func.jsonb_build_object("code", ErrorCode.BAD_TIME.name, "message", message)
    given_up = {"is_given_up": True, "problems": RELEASE.c.problems.concat(said)}
    await edit.connection.execute(update(RELEASE).where(*late).values(given_up))


def _require_types(author: str, token: Any, published: Iterable[Key]) -> None:
    """Raise `ContentError` if the author's token may not publish a type that was published.

    Which references are published too may only be known when the release is due.
    """
    types = token.types if token is not None else None
    others = sorted(key for key in published if types is not None and key[0] not in types)
    if others:
        said = ", ".join(" ".join(key) for key in others)
        message = f"the token {author!r} may not publish {said}, which the items refer to"
        raise ContentError([Problem(ErrorCode.NOT_PUBLISHED, (), message)])
