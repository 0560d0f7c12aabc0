"""Keeps the entries of full-text search in step with the live copy."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, any_, delete, exists, func, or_, select, union
from sqlalchemy.dialects.postgresql import insert

from schema.delivery import Stage
from schema.model import ContentType, Model
from schema.planner.words import affected, entries
from schema.tables.search_entry import SearchEntry
from service.documents.store import among
from service.editing.edits import Edit
from service.editing.statements import Statement, ids_of, values_of

ENTRY = cast(Table, SearchEntry.__table__)


async def forget(
    edit: Edit, removed: Mapping[str, Sequence[UUID]], locales: Collection[str]
) -> None:
    """Remove the entries of items that are no longer live in these locales.

    The entries of items that name them are updated.
    """
    for ids in removed.values():
        gone = delete(ENTRY).where(among(ENTRY.c.id, ids), among(ENTRY.c.locale, locales))
        await edit.connection.execute(gone)
    for statement in _renewing(edit.model, tuple(sorted(removed)), edit.has_words):
        await statement.rows(edit, **values_of(removed))


async def forget_locale(edit: Edit, code: str) -> None:
    """Remove all entries in a locale."""
    await edit.connection.execute(delete(ENTRY).where(ENTRY.c.locale == code))


async def index_what_is_missing(edit: Edit) -> None:
    """Make the missing entries of live items, in a database that is older than the entries."""
    for type_ in edit.model.content():
        if await edit.connection.scalar(select(_lacking(type_).exists())):
            await _missing(edit.model, type_, edit.has_words).rows(edit)


async def index_again(edit: Edit) -> None:
    """Bring all entries in step with the live copy, after its tables have changed."""
    types = [*edit.model.content()]
    gone = [ENTRY.c.type.not_in([each.table_name for each in types])]
    gone += [(ENTRY.c.type == each.table_name) & ~_is_live(each) for each in types]
    await edit.connection.execute(delete(ENTRY).where(or_(*gone)))
    for type_ in types:
        every = _renewed(edit.model, type_, select(type_.live.c.id), edit.has_words)
        await Statement(every).rows(edit)


def renewals(model: Model, names: Iterable[str], has_words: bool) -> Iterator[Any]:
    """Statements that update the search entries of changed items, and of the items that name them.

    Each statement writes the entries of one type; its parameters are `ids_of` each of `names`, the
    types of the changed items. `has_words` is as in `Edit`.
    """
    for type_ in model.content():
        ids = [
            statement.where(column == any_(ids_of(name)))
            for name in names
            for statement, column in affected(model, type_, model[name])
        ]
        if type_.name in names:
            ids.append(select(type_.live.c.id).where(type_.live.c.id == any_(ids_of(type_.name))))
        if ids:
            yield _renewed(model, type_, union(*ids), has_words)


@lru_cache(maxsize=256)
def _renewing(model: Model, names: tuple[str, ...], has_words: bool) -> list[Statement]:
    return [Statement(each) for each in renewals(model, names, has_words)]


@lru_cache(maxsize=64)
def _missing(model: Model, type_: ContentType, has_words: bool) -> Statement:
    return Statement(_renewed(model, type_, _lacking(type_), has_words))


def _lacking(type_: ContentType) -> Select[Any]:
    """The ids of live items without an entry, in any of their locales."""
    live = type_.live
    entry = exists().where(ENTRY.c.id == live.c.id, ENTRY.c.locale == live.c.locale)
    return select(live.c.id).where(~entry)


def _is_live(type_: ContentType) -> Any:
    """Whether the item of an entry is live in the entry's locale."""
    live = type_.live
    return exists().where(live.c.id == ENTRY.c.id, live.c.locale == ENTRY.c.locale)


def _renewed(model: Model, type_: ContentType, ids: Any, has_words: bool) -> Any:
    """Write the entries that are missing, or whose text has changed."""
    kept = ENTRY.alias()
    made = entries(model, type_, Stage.LIVE, kept, has_words=has_words)
    names = ["id", "locale", "type", "vector", "text"]
    # An array, for which PostgreSQL never guesses a number that is far too large.
    found = made.statement.where(
        made.id == any_(func.array(ids.scalar_subquery())),
        kept.c.text.is_distinct_from(made.text),
    )
    statement = insert(ENTRY).from_select(names, found)
    return statement.on_conflict_do_update(
        index_elements=["id", "locale"],
        set_={name: statement.excluded[name] for name in names[2:]},
    )
