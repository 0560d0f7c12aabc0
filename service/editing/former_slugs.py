"""Which items documents rename: those that they name by a former slug, or by their id.

A document names a slug that its item had before under `renamedFrom`, and that stays true when the
item has been renamed. So an item is renamed only if there is an item under the former slug, and
none under the new one, or one that is renamed itself. An item that had the former slug at any time
is what the document means, whoever has that slug now.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.errors import ErrorCode, ProblemCode
from schema.model import OLD_SLUG, Model
from schema.tables.revision import Revision
from service.documents import store
from service.documents.problems import Problem
from service.documents.records import Key
from service.documents.unchecked import LocatedDocument
from service.documents.values import is_slug

_REVISION = cast(Table, Revision.__table__)
_Had = Collection[tuple[UUID, str]]
"""Slugs that items have had, with the ids of the items."""


class FormerSlug(NamedTuple):
    """A document, and what its item was called before."""

    document: LocatedDocument
    key: Key
    old: Key
    is_named_by_id: bool = False
    """Whether the item was named by its id: then it is the one that is called `old` now."""

    def problem(self, code: ProblemCode, message: str) -> Problem:
        """A problem with what the document says of its item."""
        path = "id" if self.is_named_by_id else OLD_SLUG
        return self.document.problem(code, (path,), message)


@dataclass(frozen=True)
class Renames:
    """What documents rename."""

    slugs: Mapping[Key, str] = field(default_factory=dict)
    """The new slugs of items that are to be renamed."""
    former: Mapping[Key, Key] = field(default_factory=dict)
    """The former keys of items that are renamed, or were before, by their new keys."""
    problems: Sequence[Problem] = ()


def former_slugs(model: Model, documents: Iterable[LocatedDocument]) -> Iterator[FormerSlug]:
    """The former slugs that documents name; without those that are not written right."""
    for each in documents:
        name, slug, old = (each.content.get(key) for key in ("type", "slug", OLD_SLUG))
        if isinstance(name, str) and name in model and is_slug(slug) and is_slug(old):
            yield FormerSlug(each, (name, str(slug)), (name, str(old)))


async def renames(
    connection: AsyncConnection,
    model: Model,
    said: Iterable[FormerSlug],
    known: Collection[Key] = (),
) -> Renames:
    """What is to be renamed, all at once. With problems, nothing is.

    `known` are items that had their new slugs, whatever has happened to them since.
    """
    unique: dict[Key, FormerSlug] = {}
    for each in said:
        # Two documents about one item are a problem of their own.
        unique.setdefault(each.key, each)
    if not unique:
        return Renames()
    found = [*unique.values()]
    items = await store.ids(connection, model, {key for it in found for key in it[1:3]})
    had = await _had(connection, items, found)
    wanted = [each for each in found if _is_to_be_done(each, items, had)]
    done = [each for each in found if (items.get(each.key), each.old[1]) in had]
    gone = [each for each in found if not items.keys() & {each.key, each.old}]
    lost = [each for each in gone if each.key not in known]
    problems = [
        *_twice(wanted),
        *_taken(wanted, items),
        *await _renamed_by_others(connection, model, lost),
    ]
    if problems:
        return Renames(problems=problems)
    slugs = {each.old: each.key[1] for each in wanted if each.key != each.old}
    return Renames(slugs, {each.key: each.old for each in (*done, *wanted)})


def _is_to_be_done(said: FormerSlug, items: Mapping[Key, UUID], had: _Had) -> bool:
    if said.old not in items:
        return False
    return said.is_named_by_id or (items.get(said.key), said.old[1]) not in had


async def _had(
    connection: AsyncConnection, items: Mapping[Key, UUID], said: Sequence[FormerSlug]
) -> set[tuple[UUID, str]]:
    """The former slugs in question that the items under the new slugs have had."""
    new = [items[each.key] for each in said if each.key in items]
    statement = select(_REVISION.c.item_id, _REVISION.c.slug).where(
        store.among(_REVISION.c.item_id, new),
        store.among(_REVISION.c.slug, [each.old[1] for each in said]),
    )
    return {(row[0], row[1]) for row in await connection.execute(statement)} if new else set()


def _twice(wanted: Sequence[FormerSlug]) -> Iterator[Problem]:
    """Problems with items that would get two slugs."""
    first: dict[Key, FormerSlug] = {}
    for each in wanted:
        other = first.setdefault(each.old, each)
        if other is not each:
            message = (
                f"{other.document.name} names the {' '.join(each.old)} too; an item has one slug, "
                "so name it in one document"
            )
            yield each.problem(ErrorCode.DUPLICATE, message)


def _taken(wanted: Sequence[FormerSlug], items: Mapping[Key, UUID]) -> Iterator[Problem]:
    """Problems with new slugs that other items have, and keep."""
    left = [*wanted]
    while True:
        leaving = {each.old for each in left}
        taken = [each for each in left if each.key in items and each.key not in leaving]
        if not taken:
            return
        left = [each for each in left if each not in taken]
        for each in taken:
            name, old = each.old
            never = "" if each.is_named_by_id else ", which never had this slug"
            rest = "" if each.is_named_by_id else f", or leave `{OLD_SLUG}` out"
            message = (
                f"there is a {name} {old!r} and another {name} {each.key[1]!r}{never}; choose "
                f"another slug{rest}"
            )
            yield each.problem(ErrorCode.DUPLICATE, message)


async def _renamed_by_others(
    connection: AsyncConnection, model: Model, lost: Sequence[FormerSlug]
) -> list[Problem]:
    """Problems with items that others gave another slug than the new one."""
    problems = []
    for each in lost:
        if now := await _now(connection, model, each.old):
            message = (
                f"the {each.old[0]} {each.old[1]!r} is called {now!r} now; write "
                f"`{OLD_SLUG}: {now}` to rename it, or leave it out to make another item"
            )
            problems.append(each.problem(ErrorCode.CONFLICT, message))
    return problems


async def _now(connection: AsyncConnection, model: Model, key: Key) -> str | None:
    """The slug that the item has now which had this one last; None if it is gone."""
    last = (
        select(_REVISION.c.item_id)
        .where(_REVISION.c.type == key[0], _REVISION.c.slug == key[1])
        .order_by(_REVISION.c.id.desc())
        .limit(1)
    )
    draft = model[key[0]].draft
    found = select(draft.c.slug).where(draft.c.id == last.scalar_subquery())
    slug: str | None = await connection.scalar(found)
    return slug
