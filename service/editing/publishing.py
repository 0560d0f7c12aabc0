"""From the working copy to the live one, and back out of it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Column, Table, Uuid, select, text

from schema.attributes import Reference, References, Relation, Status
from schema.editing import Action, UnpublishedReferences
from schema.entities.live_tables import LOCALE
from schema.errors import ErrorCode
from schema.model import ContentType, Model
from service.documents.problems import ContentError, Path, Problem, format_path
from service.documents.records import Key
from service.documents.store import among, grouped, ids_by_type, slugs_of
from service.editing.consequences import consequences, contradictions
from service.editing.edits import Edit, Items
from service.editing.history import add_revisions, complete, states
from service.editing.live import copying, references, remove_live
from service.editing.search_index import ENTRY, forget
from service.editing.statements import values_of

MANY = 100
"""How many items of a type are so many that PostgreSQL had better know before it plans on."""


LocaleCodes = tuple[str, ...]
"""Codes, in order."""


class PublishResult(NamedTuple):
    """What publishing did: the items that it copied, and those that were live already."""

    published: Mapping[Key, UUID]
    unchanged: Mapping[Key, UUID]


async def publish(
    edit: Edit,
    items: Items,
    references: UnpublishedReferences = UnpublishedReferences.FAIL,
    locales: Collection[str] | None = None,
) -> PublishResult:
    """Make the live copies of items what their working copies are, in all locales or in some.

    Lists have no language: they are published in every locale that their item is live in.
    What they refer to and was never published is a problem, is published too, or is left pending:
    such a reference shows as soon as its target is published. One that has to be there cannot wait.
    Raises `ContentError`.
    """
    publication = Publication(edit, references, locales)
    await publication.add(items)
    return await publication.end()


async def publish_again(
    edit: Edit, items: Items, were: Mapping[UUID, Mapping[str, Status]]
) -> None:
    """Publish items that were changed, where each was published as it was, by their statuses."""
    locales_of = {
        key: tuple(code for code, each in sorted(were[id_].items()) if each is Status.PUBLISHED)
        for key, id_ in items.items()
    }
    publication = Publication(edit, UnpublishedReferences.LEAVE_PENDING)
    await publication.add_each(items, locales_of)
    await publication.end()


class Clash(NamedTuple):
    """Something that only one item can have, and another has that is live still."""

    key: Key
    locale: str
    field: str
    """The first of what they share."""
    message: str


def _problem_of(clash: Clash) -> Problem:
    return Problem(ErrorCode.DUPLICATE, (), clash.message)


class Publication:
    """Publishing, of some items after the other.

    Each step may lack what comes in a later one, so what is wrong is known, and said, in the end.
    """

    def __init__(
        self,
        edit: Edit,
        references: UnpublishedReferences,
        locales: Collection[str] | None = None,
        problem_of: Callable[[Clash], Problem] = _problem_of,
    ) -> None:
        """Raises `ContentError` for an unknown locale. `problem_of` says where a clash stands."""
        self._problem_of = problem_of
        self._edit = edit
        self._references = references
        self._locales = known_locales(edit, locales)
        self._items: dict[Key, UUID] = {}
        self._copied: dict[Key, UUID] = {}
        self._in_locales = defaultdict[LocaleCodes, dict[Key, UUID]](dict)
        """What was copied, by the locales."""
        self._missing: list[_Missing] = []
        self._doubtful: set[str] = set()
        """The types of items that something was wrong with after a step."""
        self._counts = Counter[str]()
        """How many were copied of each type."""
        self._many = defaultdict[str, int](lambda: MANY)
        """More than so many of a type, and PostgreSQL counts again."""

    async def add(self, items: Items, locales: Collection[str] | None = None) -> None:
        """Publish these too, in some of the locales."""
        in_ = self._locales if locales is None else tuple(sorted(locales))
        self._items |= items
        chosen, missing = await _copy(self._edit, items, in_)
        if self._references is UnpublishedReferences.PUBLISH_TOO:
            while missing:
                targets = {each.target: each.id for each in missing}
                more, missing = await _copy(self._edit, targets, in_)
                chosen |= more
        self._missing += missing
        self._copied |= chosen
        self._in_locales[in_] |= chosen
        self._counts.update(name for name, _ in chosen)
        grown = {name: n for name, n in self._counts.items() if n > self._many[name]}
        if grown:
            # Plans for so many serve for several times as many, too.
            self._many |= {name: 4 * n for name, n in grown.items()}
            await _analyze(self._edit)
        if chosen:
            self._doubtful |= await _conclude(self._edit, chosen, in_)

    async def add_each(self, items: Items, locales: Mapping[Key, LocaleCodes]) -> None:
        """Publish these too, each in locales of its own."""
        for codes, group in _by_locales(items, locales).items():
            if codes:
                await self.add(group, codes)

    async def end(self) -> PublishResult:
        """What was published; raises `ContentError` where that cannot be so."""
        # What is live already may have been published without its references.
        ids = {*self._copied.values()}
        missing = [
            each for each in self._missing if each.owner in self._copied and each.id not in ids
        ]
        problems = [*_problems(self._edit, missing, self._references)]
        for locales, copied in self._in_locales.items() if not problems else ():
            if doubtful := {key: id_ for key, id_ in copied.items() if key[0] in self._doubtful}:
                problems += await _contradictions(self._edit, doubtful, locales, self._problem_of)
        if problems:
            # What is wrong in several locales alike is wrong once.
            raise ContentError([*dict.fromkeys(problems)])
        unchanged = {key: id_ for key, id_ in self._items.items() if key not in self._copied}
        return PublishResult(self._copied, unchanged)


async def unpublish(
    edit: Edit, items: Items, locales: Collection[str] | None = None
) -> PublishResult:
    """Take items out of the live copy, of all locales or of some; `published` has what was there.

    Raises `ContentError` where something live needs one of them.
    """
    return await unpublish_each(edit, {key: (id_, locales) for key, id_ in items.items()})


async def unpublish_each(
    edit: Edit, items: Mapping[Key, tuple[UUID, Collection[str] | None]]
) -> PublishResult:
    """The same, each of locales of its own."""
    asked = {id_: {*known_locales(edit, locales)} for id_, locales in items.values()}
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
    for codes, some in _by_locales(gone, were).items():
        for name, ids in ids_by_type(some).items():
            await remove_live(edit, edit.model[name], ids, codes)
        await forget(edit, ids_by_type(some), codes)
    return PublishResult(gone, {key: id_ for key, (id_, _) in items.items() if key not in gone})


def _by_locales(
    items: Items, locales: Mapping[Key, LocaleCodes]
) -> dict[LocaleCodes, dict[Key, UUID]]:
    found = defaultdict[LocaleCodes, dict[Key, UUID]](dict)
    for key, id_ in items.items():
        found[locales[key]][key] = id_
    return found


async def _analyze(edit: Edit) -> None:
    """Let PostgreSQL know how many rows there are now: what it knew is from before all of them.

    Who may only write content cannot, and PostgreSQL goes on without.
    """
    # Texts say nothing of how rows are found, and take long to read.
    keys = ((each, [it.name for it in each.columns if _is_key(it)]) for each in _tables(edit.model))
    names = ", ".join(f"{table.fullname} ({', '.join(columns)})" for table, columns in keys)
    await edit.connection.execute(text(f"analyze {names}"))


def _tables(model: Model) -> Iterator[Table]:
    """The tables that content is kept in, and found by."""
    yield ENTRY
    for type_ in model.values():
        yield from (type_.draft, type_.live)
        for relation in type_.relations():
            if isinstance(relation, References):
                yield from (relation.draft, relation.live)


def _is_key(column: Column[Any]) -> bool:
    return isinstance(column.type, Uuid) or column.name == LOCALE


class _Missing(NamedTuple):
    """A reference to something that was never published."""

    owner: Key
    path: Path
    target: Key
    id: UUID


def known_locales(edit: Edit, locales: Collection[str] | None) -> LocaleCodes:
    """Some locales, or all; raises `ContentError` for unknown ones, and for none at all."""
    known = ", ".join(sorted(edit.locales.codes))
    if locales is not None and not locales:
        message = f"is empty; name some of {known}, or leave it out for all"
        raise ContentError([Problem(ErrorCode.BAD_VALUE, ("locales",), message)])
    problems = [
        Problem(
            ErrorCode.UNKNOWN_LOCALE,
            ("locales", index),
            f"there is no locale {each!r}; the locales are {known}",
        )
        for index, each in enumerate(locales or ())
        if each not in edit.locales.codes
    ]
    if problems:
        raise ContentError(problems)
    return tuple(sorted(locales or edit.locales.codes))


async def _copy(
    edit: Edit, items: Items, locales: Sequence[str]
) -> tuple[dict[Key, UUID], list[_Missing]]:
    """Copy items that were changed: which, and what all of them refer to that is not live still."""
    everywhere = edit.locales.codes <= {*locales}
    copied: dict[UUID, Key] = {}
    pending: list[tuple[ContentType, Any]] = []
    groups = grouped(items)
    # In this order, there is little that is missing only until it is copied, too.
    for type_ in edit.model.by_dependency:
        if type_.name not in groups:
            continue
        group = groups[type_.name]
        statement = copying(edit.model, type_, everywhere=everywhere)
        for row in await statement.rows(edit, ids=[*group], locales=locales):
            if row["relation"] is None:
                copied[row["id"]] = (type_.name, group[row["id"]])
            else:
                pending.append((type_, row))
    owners = {id_: key for key, id_ in items.items()}
    lacking = (each for each in pending if each[1]["id"] not in copied)
    missing = await _missing(edit, owners, lacking)
    return {key: id_ for id_, key in copied.items()}, missing


async def unpublished_references(edit: Edit, items: Items) -> Items:
    """What would be published too with items, as things are: all that they lead to."""
    found: dict[Key, UUID] = {}
    rest = items
    while rest:
        pending: list[tuple[ContentType, Any]] = []
        for name, ids in ids_by_type(rest).items():
            type_ = edit.model[name]
            if statement := references(edit.model, type_):
                pending += [(type_, row) for row in await statement.rows(edit, ids=ids)]
        owners = {id_: key for key, id_ in rest.items()}
        targets = {each.target: each.id for each in await _missing(edit, owners, pending)}
        rest = {key: id_ for key, id_ in targets.items() if key not in {*found, *items}}
        found |= rest
    return found


async def _missing(
    edit: Edit, owners: Mapping[UUID, Key], rows: Iterable[tuple[ContentType, Any]]
) -> list[_Missing]:
    """What rows of copying refer to, each row with the type that it is of."""
    by_target = defaultdict[str, list[tuple[Relation, Any]]](list)
    for type_, row in rows:
        relation = cast("Relation", type_.attributes[row["relation"]])
        by_target[relation.target].append((relation, row))
    missing = []
    for name, found in by_target.items():
        slugs = await slugs_of(edit.connection, edit.model[name], {row["id"] for _, row in found})
        for relation, row in found:
            id_ = row["id"]
            # What the same load brings later is not there yet.
            if id_ in slugs:
                target = (name, slugs[id_])
                missing.append(_Missing(owners[row["owner"]], _path(relation, row), target, id_))
    return missing


def _path(relation: Relation, row: Any) -> Path:
    place = row["place"]
    return (relation.graphql_name,) if place is None else (relation.graphql_name, place - 1)


def _problems(
    edit: Edit, missing: Iterable[_Missing], references: UnpublishedReferences
) -> Iterator[Problem]:
    for each in sorted(missing):
        relation = edit.model[each.owner[0]].named(str(each.path[0]))
        needed = isinstance(relation, Reference) and relation.required
        if needed or references is UnpublishedReferences.FAIL:
            message = (
                f"{_name(each.owner)}: its {format_path(each.path)}, the {_name(each.target)}, is "
                "not published; publish that too"
            )
            yield Problem(ErrorCode.NOT_PUBLISHED, (), message)


def _name(key: Key) -> str:
    return " ".join(key)


async def _conclude(edit: Edit, copied: Items, locales: Sequence[str]) -> set[str]:
    """Do what follows from copies; answers the types of those that something is wrong with by now.

    Items that were saved before there were revisions get their documents, too.
    """
    ids = ids_by_type(copied)
    names = tuple(sorted(ids))
    statement = consequences(
        edit.model, names, knows_locales=edit.knows_releases, has_words=edit.has_words
    )
    done = {"action": Action.PUBLISH.value, "author": edit.author, "reason": edit.reason}
    rows = await statement.rows(edit, **values_of(ids), locales=locales, **done)
    unknown: dict[str, dict[UUID, int]] = {}
    doubtful: set[str] = set()
    for kind, name, owner, _, other, _ in rows:
        if kind == "unknown":
            unknown.setdefault(name, {})[UUID(owner)] = int(other)
        else:
            doubtful.add(name)
    for name, revisions in unknown.items():
        await complete(edit, edit.model[name], revisions)
    return doubtful


async def _contradictions(
    edit: Edit, items: Items, locales: Sequence[str], problem_of: Callable[[Clash], Problem]
) -> list[Problem]:
    """What is wrong with copies."""
    ids = ids_by_type(items)
    statement = contradictions(edit.model, tuple(sorted(ids)))
    if statement is None:
        return []
    rows = sorted(map(tuple, await statement.rows(edit, **values_of(ids), locales=locales)))
    absent = [row[1:] for row in rows if row[0] == "absent"]
    clashes = await _clashes(edit, items, [row[1:] for row in rows if row[0] == "doubled"])
    return [
        *(_absent(edit.model[name], *others) for name, *others in absent),
        *map(problem_of, sorted(clashes)),
    ]


def _absent(type_: ContentType, owner: str, relation: str, slug: str, locale: str) -> Problem:
    """A reference that has to be there, to what is not published in a locale of its owner's."""
    attribute = type_.attributes[relation]
    target = getattr(attribute, "target", "")
    message = (
        f"{type_.name} {owner}: its {attribute.graphql_name}, the {target} {slug}, is not "
        f"published in {locale}; publish that too"
    )
    return Problem(ErrorCode.NOT_PUBLISHED, (), message)


async def _clashes(
    edit: Edit, items: Items, rows: Sequence[tuple[str, str, str, str, str]]
) -> list[Clash]:
    """What rows say that is doubled. Both may have one slug live, so they go by the other."""
    keys = {id_: key for key, id_ in items.items()}
    others = defaultdict[str, set[UUID]](set)
    for name, _, _, other, _ in rows:
        others[name].add(UUID(other))
    slugs: dict[UUID, str] = {}
    for name, ids in others.items():
        slugs |= await slugs_of(edit.connection, edit.model[name], ids)
    return [
        Clash(
            keys[UUID(owner)],
            locale,
            names.split(" and ")[0],
            f"{_name(keys[UUID(owner)])}: {slugs[UUID(other)]}, which is published, has this "
            f"{names}; publish what was changed of that too, or unpublish it",
        )
        for _, owner, names, other, locale in rows
    ]


async def _needed(edit: Edit, items: Items, gone: Mapping[Key, LocaleCodes]) -> Any:
    """What stays live and needs one of these items in a locale that it goes from."""
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
                        f"{_name(slugs[id_])}: it is the {relation.graphql_name} of the "
                        f"{type_.name} {owner}, which is published; unpublish that too"
                    )
                    yield Problem(ErrorCode.IN_USE, (), message)
