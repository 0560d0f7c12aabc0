"""From the working copy to the live one, and back out of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from schema.attributes import Owned, ToMany, ToOne
from schema.delivery import Stage, delivery
from schema.editing import Action, Code, References
from schema.entities.locale import Locale
from schema.model import ContentType
from service.documents import store
from service.documents.entries import Entry, Key
from service.documents.problems import ContentError, Path, Problem, written
from service.documents.store import among, by_type
from service.documents.written import document_of
from service.editing.edits import Edit, Items
from service.editing.history import State, record, states
from service.editing.searching import forget, index


class Published(NamedTuple):
    """What publishing did: the items that it copied, and those that were live already."""

    published: Mapping[Key, UUID]
    unchanged: Mapping[Key, UUID]


async def publish(
    edit: Edit,
    items: Items,
    references: References = References.FAIL,
    locales: Collection[str] | None = None,
) -> Published:
    """Make the live copies of items what their working copies are, in all locales or in some.

    What they refer to and was never published is a problem, is published too, or is left pending:
    such a reference shows as soon as its target is published. One that has to be there cannot wait.
    Raises `ContentError`.
    """
    asked = _known(edit, locales)
    chosen = await _changed(edit, items, asked)
    entries = await store.load(edit.connection, edit.model, chosen)
    while missing := await _never_published(edit, entries):
        if references is not References.PUBLISH_TOO:
            problems = [*_problems(missing, entries, references)]
            if problems:
                raise ContentError(problems)
            break
        more = await store.ids(edit.connection, edit.model, {each.target for each in missing})
        chosen |= more
        entries |= await store.load(edit.connection, edit.model, more)
    by_name = {
        name: [chosen[name, slug] for slug in slugs] for name, slugs in by_type(chosen).items()
    }
    for name, ids in by_name.items():
        await _publish_type(edit, edit.model[name], ids, asked if locales else None)
    if problems := [each async for each in _absent(edit, by_name, asked)]:
        raise ContentError(problems)
    await _record(edit, Action.PUBLISH, chosen, entries)
    await index(edit, by_name)
    return Published(chosen, {key: id_ for key, id_ in items.items() if key not in chosen})


async def unpublish(edit: Edit, items: Items) -> Published:
    """Take items out of the live copy; `published` has those that were there.

    Raises `ContentError` where something live needs one of them.
    """
    found: dict[Key, UUID] = {}
    for name, group in _grouped(items).items():
        live = edit.model[name].live
        ids = set(await edit.connection.scalars(select(live.c.id).where(among(live.c.id, group))))
        found |= {(name, slug): id_ for id_, slug in group.items() if id_ in ids}
    by_name = {
        name: [found[name, slug] for slug in slugs] for name, slugs in by_type(found).items()
    }
    if problems := [each async for each in _needed(edit, found, by_name)]:
        raise ContentError(problems)
    await record(edit, Action.UNPUBLISH, await states(edit, found))
    for name, gone in by_name.items():
        await _remove(edit, edit.model[name], gone)
    await forget(edit, by_name)
    return Published(found, {key: id_ for key, id_ in items.items() if key not in found})


class _Missing(NamedTuple):
    """A reference to something that was never published."""

    owner: Key
    path: Path
    target: Key


def _known(edit: Edit, locales: Collection[str] | None) -> list[str]:
    known = ", ".join(sorted(edit.locales.codes))
    problems = [
        Problem(
            Code.UNKNOWN_LOCALE,
            ("locales", index),
            f"there is no locale {each!r}; the locales are {known}",
        )
        for index, each in enumerate(locales or ())
        if each not in edit.locales.codes
    ]
    if problems:
        raise ContentError(problems)
    return sorted(locales or edit.locales.codes)


async def _changed(edit: Edit, items: Items, locales: Sequence[str]) -> dict[Key, UUID]:
    """The items that lack a live copy of the working copy's version in one of the locales."""
    locale = cast(Table, Locale.__table__)
    found: dict[Key, UUID] = {}
    for name, group in _grouped(items).items():
        draft, live = edit.model[name].draft, edit.model[name].live
        current = select(live.c.id).where(
            live.c.id == draft.c.id,
            live.c.version == draft.c.version,
            live.c.locale == locale.c.code,
        )
        lacking = select(locale.c.code).where(
            among(locale.c.code, locales), ~current.correlate(draft, locale).exists()
        )
        statement = select(draft.c.id).where(
            among(draft.c.id, group), lacking.correlate(draft).exists()
        )
        for id_ in await edit.connection.scalars(statement):
            found[name, group[id_]] = id_
    return found


async def _never_published(edit: Edit, entries: Mapping[Key, Entry]) -> list[_Missing]:
    """What items refer to that is neither live nor among them."""
    wanted = {key for entry in entries.values() for _, key in entry.targets()} - entries.keys()
    live: set[Key] = set()
    for name, slugs in by_type(wanted).items():
        type_ = edit.model[name]
        statement = select(type_.draft.c.slug).where(
            among(type_.draft.c.slug, slugs),
            select(type_.live.c.id).where(type_.live.c.id == type_.draft.c.id).exists(),
        )
        live |= {(name, slug) for slug in await edit.connection.scalars(statement)}
    missing = wanted - live
    return [
        _Missing(owner, path, target)
        for owner, entry in entries.items()
        for path, target in entry.targets()
        if target in missing
    ]


def _problems(
    missing: Iterable[_Missing], entries: Mapping[Key, Entry], references: References
) -> Iterator[Problem]:
    for each in sorted(missing):
        relation = entries[each.owner].type.named(str(each.path[0]))
        needed = isinstance(relation, ToOne) and relation.required
        if needed or references is References.FAIL:
            message = (
                f"{_name(each.owner)}: its {written(each.path)}, the {_name(each.target)}, is not "
                "published; publish that too"
            )
            yield Problem(Code.NOT_PUBLISHED, (), message)


def _name(key: Key) -> str:
    return " ".join(key)


async def _publish_type(
    edit: Edit, type_: ContentType, ids: Sequence[UUID], locales: Sequence[str] | None
) -> None:
    draft = type_.draft
    now = update(draft).where(among(draft.c.id, ids)).values(published_at=func.now())
    await edit.connection.execute(now)
    await _copy(edit, type_, ids, locales)
    for relation in type_.relations():
        if isinstance(relation, Owned):
            part = edit.model[relation.target]
            old = delete(part.live).where(*_rows(part.live.c, "owner_id", ids, locales))
            await edit.connection.execute(old)
            await _copy(edit, part, ids, locales, "owner_id")
        elif isinstance(relation, ToMany):
            await _copy_links(edit, relation, ids)


def _rows(
    columns: Any, key: str, ids: Sequence[UUID], locales: Sequence[str] | None
) -> Iterator[ColumnElement[bool]]:
    yield among(columns[key], ids)
    if locales is not None:
        yield among(columns["locale"], locales)


async def _copy(
    edit: Edit,
    type_: ContentType,
    ids: Sequence[UUID],
    locales: Sequence[str] | None,
    key: str = "id",
) -> None:
    rows = delivery(type_, Stage.DRAFT)
    names = [column.name for column in type_.live.columns]
    found = select(*(rows.c[name] for name in names)).where(*_rows(rows.c, key, ids, locales))
    statement = insert(type_.live).from_select(names, found)
    written_ = {name: statement.excluded[name] for name in names if name not in {"id", "locale"}}
    await edit.connection.execute(
        statement.on_conflict_do_update(index_elements=["id", "locale"], set_=written_)
    )


async def _copy_links(edit: Edit, relation: ToMany, owners: Sequence[UUID]) -> None:
    draft, live = relation.draft, relation.live
    await edit.connection.execute(delete(live).where(among(live.c.owner_id, owners)))
    rows = select(draft).where(among(draft.c.owner_id, owners))
    names = [column.name for column in draft.columns]
    await edit.connection.execute(insert(live).from_select(names, rows))


async def _absent(edit: Edit, by_name: Mapping[str, Sequence[UUID]], locales: Sequence[str]) -> Any:
    """References that have to be there, to what is not published in a locale of their owner's."""
    for name, ids in by_name.items():
        type_ = edit.model[name]
        for relation in type_.relations():
            if isinstance(relation, ToOne) and relation.required:
                target = edit.model[relation.target]
                end = target.live.alias()
                column = type_.live.c[relation.column]
                is_there = select(end.c.id).where(
                    end.c.id == column, end.c.locale == type_.live.c.locale
                )
                statement = (
                    select(type_.live.c.slug, target.draft.c.slug, type_.live.c.locale)
                    .join(target.draft, target.draft.c.id == column)
                    .where(
                        *_rows(type_.live.c, "id", ids, locales),
                        ~is_there.correlate(type_.live).exists(),
                    )
                    .order_by(type_.live.c.slug, type_.live.c.locale)
                )
                for owner, slug, locale in await edit.connection.execute(statement):
                    message = (
                        f"{type_.name} {owner}: its {relation.graphql_name}, the {target.name} "
                        f"{slug}, is not published in {locale}; publish that too"
                    )
                    yield Problem(Code.NOT_PUBLISHED, (), message)


async def _record(edit: Edit, action: Action, items: Items, entries: Mapping[Key, Entry]) -> None:
    versions = await store.versions(edit.connection, edit.model, items)
    done = {
        key: State(items[key], versions[key], document_of(edit.model, entry))
        for key, entry in entries.items()
    }
    await record(edit, action, done)


async def _needed(edit: Edit, items: Items, by_name: Mapping[str, Sequence[UUID]]) -> Any:
    """What is live and needs one of these items."""
    slugs = {id_: key for key, id_ in items.items()}
    for type_ in edit.model.content():
        for relation in type_.relations():
            if isinstance(relation, ToOne) and relation.required and relation.target in by_name:
                column = type_.live.c[relation.column]
                statement = (
                    select(type_.live.c.slug, column)
                    .where(
                        among(column, by_name[relation.target]),
                        ~among(type_.live.c.id, by_name.get(type_.name, ())),
                    )
                    .distinct()
                    .order_by(type_.live.c.slug)
                )
                for owner, id_ in await edit.connection.execute(statement):
                    message = (
                        f"{_name(slugs[id_])}: it is the {relation.graphql_name} of the "
                        f"{type_.name} {owner}, which is published; unpublish that too"
                    )
                    yield Problem(Code.IN_USE, (), message)


async def _remove(edit: Edit, type_: ContentType, ids: Sequence[UUID]) -> None:
    for relation in type_.relations():
        if isinstance(relation, ToMany):
            owned = among(relation.live.c.owner_id, ids)
            await edit.connection.execute(delete(relation.live).where(owned))
        elif isinstance(relation, Owned):
            part = edit.model[relation.target].live
            await edit.connection.execute(delete(part).where(among(part.c.owner_id, ids)))
    await edit.connection.execute(delete(type_.live).where(among(type_.live.c.id, ids)))


def _grouped(items: Items) -> dict[str, dict[UUID, str]]:
    found: dict[str, dict[UUID, str]] = {}
    for (name, slug), id_ in items.items():
        found.setdefault(name, {})[id_] = slug
    return found
