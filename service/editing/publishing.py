"""Publishing: copies items from the working copy into the live copy, and removes them from it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Column, Table, Uuid, text

from schema.attributes import Reference, References, Relation, Status
from schema.editing import Action, UnpublishedReferences
from schema.entities.live_tables import LOCALE
from schema.errors import ErrorCode
from schema.model import ContentType, Model
from service.documents.problems import ContentError, Path, Problem, format_path
from service.documents.records import Key
from service.documents.store import grouped, ids_by_type, slugs_of
from service.editing.consequences import consequences, contradictions
from service.editing.edits import Edit, Items
from service.editing.history import complete
from service.editing.live import copying, references
from service.editing.search_index import ENTRY
from service.editing.statements import values_of

MANY = 100
"""Above this many copied items of a type, PostgreSQL gets new statistics for its plans."""


LocaleCodes = tuple[str, ...]
"""Codes of locales, sorted."""


class PublishResult(NamedTuple):
    """The items that publishing copied, and those that were live already as they are.

    For unpublishing, the items that it removed, and those that were not live.
    """

    published: Mapping[Key, UUID]
    unchanged: Mapping[Key, UUID]


async def publish(
    edit: Edit,
    items: Items,
    references: UnpublishedReferences = UnpublishedReferences.FAIL,
    locales: Collection[str] | None = None,
) -> PublishResult:
    """Publish items as they are in the working copy, in all locales or in the given ones.

    Lists have no language: they are published in every locale in which their item is live.
    `references` says what happens with references to items that were never published: they are a
    problem, their targets are published too, or they stay pending until the target is published. A
    required reference cannot be pending. Raises `ContentError`.
    """
    publication = Publication(edit, references, locales)
    await publication.add(items)
    return await publication.end()


async def publish_again(
    edit: Edit, items: Items, were: Mapping[UUID, Mapping[str, Status]]
) -> None:
    """Publish changed items again, in the locales in which they were `PUBLISHED` before the change.

    `were` has their statuses before the change, by id and locale.
    """
    locales_of = {
        key: tuple(code for code, each in sorted(were[id_].items()) if each is Status.PUBLISHED)
        for key, id_ in items.items()
    }
    publication = Publication(edit, UnpublishedReferences.LEAVE_PENDING)
    await publication.add_each(items, locales_of)
    await publication.end()


class Clash(NamedTuple):
    """A value that has to be unique, and that another live item has too."""

    key: Key
    locale: str
    field: str
    """The first of the fields that they share."""
    message: str


def _problem_of(clash: Clash) -> Problem:
    return Problem(ErrorCode.DUPLICATE, (), clash.message, item=clash.key)


class Publication:
    """Publishes items in several steps.

    One step may lack what a later step publishes, so `end` is what finds and raises the problems.
    """

    def __init__(
        self,
        edit: Edit,
        references: UnpublishedReferences,
        locales: Collection[str] | None = None,
        problem_of: Callable[[Clash], Problem] = _problem_of,
    ) -> None:
        """Raise `ContentError` for an unknown locale. `problem_of` turns a clash into a problem."""
        self._problem_of = problem_of
        self._edit = edit
        self._references = references
        self._locales = locale_codes(edit, locales)
        self._items: dict[Key, UUID] = {}
        self._copied: dict[Key, UUID] = {}
        self._in_locales = defaultdict[LocaleCodes, dict[Key, UUID]](dict)
        """The copied items, by the locales that they were copied in."""
        self._missing: list[_Missing] = []
        self._doubtful: set[str] = set()
        """The types of which an item had a problem after its step."""
        self._counts = Counter[str]()
        """The number of copied items, by type."""
        self._many = defaultdict[str, int](lambda: MANY)
        """The number of copied items of a type above which PostgreSQL gets new statistics."""

    async def add(self, items: Items, locales: Collection[str] | None = None) -> None:
        """Publish more items, in `locales` or else in the locales of the publication."""
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
            # A plan for this many rows is still good for several times as many.
            self._many |= {name: 4 * n for name, n in grown.items()}
            await _analyze(self._edit)
        if chosen:
            self._doubtful |= await _conclude(self._edit, chosen, in_)

    async def add_each(self, items: Items, locales: Mapping[Key, LocaleCodes]) -> None:
        """Publish more items, each in its own locales."""
        for codes, group in by_locales(items, locales).items():
            if codes:
                await self.add(group, codes)

    async def end(self) -> PublishResult:
        """Finish publishing; returns what was published.

        Raises `ContentError` if a reference or a unique value has a problem after all steps.
        """
        # Items that were live already may have been published with pending references; those may
        # stay.
        ids = {*self._copied.values()}
        missing = [
            each for each in self._missing if each.owner in self._copied and each.id not in ids
        ]
        problems = [*_problems(self._edit, missing, self._references)]
        for locales, copied in self._in_locales.items() if not problems else ():
            if doubtful := {key: id_ for key, id_ in copied.items() if key[0] in self._doubtful}:
                problems += await _contradictions(self._edit, doubtful, locales, self._problem_of)
        if problems:
            # A problem that several locales share is listed once.
            raise ContentError([*dict.fromkeys(problems)])
        unchanged = {key: id_ for key, id_ in self._items.items() if key not in self._copied}
        return PublishResult(self._copied, unchanged)


def by_locales(
    items: Items, locales: Mapping[Key, LocaleCodes]
) -> dict[LocaleCodes, dict[Key, UUID]]:
    """Items grouped by their locales."""
    found = defaultdict[LocaleCodes, dict[Key, UUID]](dict)
    for key, id_ in items.items():
        found[locales[key]][key] = id_
    return found


async def _analyze(edit: Edit) -> None:
    """Update PostgreSQL's statistics, which are from before all these rows were written.

    A role that may only write content is not allowed to; PostgreSQL then goes on without.
    """
    # Texts do not help to plan how rows are found, and take long to read.
    keys = ((each, [it.name for it in each.columns if _is_key(it)]) for each in _tables(edit.model))
    names = ", ".join(f"{table.fullname} ({', '.join(columns)})" for table, columns in keys)
    await edit.connection.execute(text(f"analyze {names}"))


def _tables(model: Model) -> Iterator[Table]:
    """The tables of content, and of the entries for search."""
    yield ENTRY
    for type_ in model.values():
        yield from (type_.draft, type_.live)
        for relation in type_.relations():
            if isinstance(relation, References):
                yield from (relation.draft, relation.live)


def _is_key(column: Column[Any]) -> bool:
    return isinstance(column.type, Uuid) or column.name == LOCALE


class _Missing(NamedTuple):
    """A reference to an item that was never published."""

    owner: Key
    path: Path
    target: Key
    id: UUID


def locale_codes(edit: Edit, locales: Collection[str] | None) -> LocaleCodes:
    """The given locales, or all of them, sorted.

    Raises `ContentError` for unknown locales and for an empty collection.
    """
    known = ", ".join(sorted(edit.locales.codes))
    if locales is not None and not locales:
        message = f"is empty; name at least one of {known}, or leave it out for all"
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
    """Copy the items that have changed; returns them, and the references to items not live yet."""
    everywhere = edit.locales.codes <= {*locales}
    copied: dict[UUID, Key] = {}
    pending: list[tuple[ContentType, Any]] = []
    groups = grouped(items)
    # In this order, few targets are missing only because they are copied later.
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
    """The items that publishing these would publish too: unpublished ones that they lead to."""
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
    """The references in rows of `copying`. Each row comes with the type of its owner."""
    by_target = defaultdict[str, list[tuple[Relation, Any]]](list)
    for type_, row in rows:
        relation = cast("Relation", type_.attributes[row["relation"]])
        by_target[relation.target].append((relation, row))
    missing = []
    for name, found in by_target.items():
        slugs = await slugs_of(edit.connection, edit.model[name], {row["id"] for _, row in found})
        for relation, row in found:
            id_ = row["id"]
            # A target that the same load saves later is not there yet.
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
            yield Problem(ErrorCode.NOT_PUBLISHED, (), message, item=each.owner)


def _name(key: Key) -> str:
    return " ".join(key)


async def _conclude(edit: Edit, copied: Items, locales: Sequence[str]) -> set[str]:
    """Run `consequences` for copied items; returns the types of the items with a problem so far.

    Items that were saved before there were revisions get their documents into the new revision.
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
    """The problems with copied items, now that all steps are done."""
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
    """The problem of a required reference whose target is not live in a locale of its owner."""
    attribute = type_.attributes[relation]
    target = getattr(attribute, "target", "")
    message = (
        f"{type_.name} {owner}: its {attribute.graphql_name}, the {target} {slug}, is not "
        f"published in {locale}; publish that too"
    )
    return Problem(ErrorCode.NOT_PUBLISHED, (), message, item=(type_.name, owner))


async def _clashes(
    edit: Edit, items: Items, rows: Sequence[tuple[str, str, str, str, str]]
) -> list[Clash]:
    """The clashes in rows of the kind `doubled`.

    Both items may be live under the same slug, so messages name the other item by its working copy.
    """
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
            f"{_name(keys[UUID(owner)])}: the live copy of {slugs[UUID(other)]} has the same "
            f"{names}; publish the changes of that item too, or unpublish it",
        )
        for _, owner, names, other, locale in rows
    ]
