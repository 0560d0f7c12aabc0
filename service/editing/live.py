"""The live copy: every way to change what readers see.

Publishing copies items from the working copy with one statement. Everything else removes rows, or
puts back rows that were there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    all_,
    any_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    union,
    union_all,
    update,
)
from sqlalchemy import (
    cast as cast_to,
)
from sqlalchemy.dialects.postgresql import insert

from schema.attributes import Parts, Reference, References
from schema.delivery import Stage, delivery, is_there
from schema.entities.content import LOCALIZED_SLUG
from schema.entities.live_tables import LOCALE, entries_column
from schema.model import ContentType, Model
from schema.tables.locale import Locale
from schema.tables.redirect import Redirect
from service.documents.bulk import inserting
from service.documents.instants import INSTANT
from service.documents.store import among
from service.editing.edits import Edit
from service.editing.statements import Statement

IDS: Any = bindparam("ids", type_=ARRAY(Uuid()))
LOCALES: Any = bindparam("locales", type_=ARRAY(Text()))

_REDIRECT = cast(Table, Redirect.__table__)
_KEY = ("id", "locale")
"""The primary key of a row of `live`."""

IdArray = ColumnElement[Any]
"""Any of the ids of the items that are copied.

They are an array, for which PostgreSQL never guesses a number so large that it would read a whole
table.
"""


@lru_cache(maxsize=64)
def copying(model: Model, type_: ContentType, *, everywhere: bool) -> Statement:
    """Copy those of the items `ids` whose version is not live in one of `locales`.

    `everywhere` means that there are no other locales than these.

    The rows have the columns `owner`, `relation`, `place` and `id`. Where `relation` is null, `id`
    is an item that was copied. The other rows are references to items that were not live in any
    locale: `owner` is the referring item, `id` its target, and `place` the position in a list, from
    1.

    It is one statement, so all its parts see the live copy as it was before, and no row is written
    twice.
    """
    changed = _changed(type_).cte("changed")
    copied = select(
        cast_to(null(), Uuid()).label("owner"),
        cast_to(null(), Text()).label("relation"),
        cast_to(null(), Integer()).label("place"),
        changed.c.id,
    )
    ids = any_(func.array(select(changed.c.id).scalar_subquery()))
    steps = enumerate(_steps(model, type_, ids, everywhere))
    return Statement(
        union_all(copied, *_pending(model, type_)).add_cte(
            *(each.cte(f"step_{number}") for number, each in steps)
        )
    )


@lru_cache(maxsize=64)
def references(model: Model, type_: ContentType) -> Statement | None:
    """The references of the items `ids` to items that are not live in any locale.

    The rows are those of `copying`. None if the type has no relations to other items.
    """
    pending = [*_pending(model, type_)]
    return Statement(union_all(*pending)) if pending else None


def _changed(type_: ContentType) -> Select[Any]:
    locale = cast(Table, Locale.__table__)
    draft, live = type_.draft, type_.live
    current = (
        live.c.id == draft.c.id,
        live.c.version == draft.c.version,
        live.c.locale == locale.c.code,
    )
    lacking = select(locale.c.code).where(locale.c.code == any_(LOCALES), _lacks(live, *current))
    return select(draft.c.id).where(draft.c.id == any_(IDS), lacking.correlate(draft).exists())


def _pending(model: Model, type_: ContentType) -> Iterator[Select[Any]]:
    draft = type_.draft
    for relation in type_.relations():
        place: ColumnElement[Any] = cast_to(null(), Integer())
        if isinstance(relation, References):
            links = relation.draft
            owner, place, target = links.c.owner_id, links.c.position, links.c.target_id
        elif isinstance(relation, Reference):
            owner, target = draft.c.id, draft.c[relation.column]
        else:
            continue
        name, live = literal_column(f"'{relation.name}'", Text()), model[relation.target].live
        yield select(
            owner.label("owner"), name.label("relation"), place.label("place"), target.label("id")
        ).where(owner == any_(IDS), target.is_not(None), _lacks(live, live.c.id == target))


def _steps(model: Model, type_: ContentType, ids: IdArray, everywhere: bool) -> Iterator[Any]:
    draft = type_.draft
    yield update(draft).where(draft.c.id == ids).values(published_at=INSTANT)
    yield from _redirected(type_, ids)
    yield _copied(type_, "id", ids)
    lists = [each for each in type_.relations() if isinstance(each, References)]
    inherited = [each for each in lists if each.inheritance]
    if inherited and not everywhere:
        yield _owned(type_, inherited, ids)
    for each in type_.relations():
        if isinstance(each, Parts):
            yield _removed(model[each.target], ids)
            yield _copied(model[each.target], "owner_id", ids)
    for list_ in lists:
        yield _unlinked(list_, ids)
        yield _linked(list_, ids)


def _copied(type_: ContentType, key: str, ids: IdArray) -> Any:
    """Copy items, or the parts of items, in these locales."""
    rows = delivery(type_, Stage.DRAFT)
    made: dict[str, Any] = {column.name: rows.c[column.name] for column in type_.live.columns}
    if "published_at" in made:
        made["published_at"] = INSTANT
    found = select(*made.values()).where(rows.c[key] == ids, rows.c.locale == any_(LOCALES))
    if type_.is_part:
        # An item differs at least in its version, but most of its parts have not changed.
        live = type_.live
        here = (live.c[name] == made[name] for name in _KEY)
        same = (live.c[name].is_not_distinct_from(value) for name, value in made.items())
        found = found.where(_lacks(live, *here, *same))
    statement = insert(type_.live).from_select([*made], found)
    written = {
        name: _kept(type_.live.c[name], value)
        for name, value in statement.excluded.items()
        if name not in _KEY
    }
    return statement.on_conflict_do_update(index_elements=_KEY, set_=written)


def _kept(column: Column[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The new value of a column; a text that has not changed keeps the value that is stored.

    PostgreSQL would compress and store it again otherwise.
    """
    return case((column == value, column), else_=value) if isinstance(column.type, Text) else value


def _redirected(type_: ContentType, ids: IdArray) -> Iterator[Any]:
    """Let slugs lead to items: those of their locales, and those under which they were live.

    The slugs of locales that they had before lead to them already. A slug that is the own slug of
    an item leads nowhere else.
    """
    draft, live, holder = type_.draft, type_.live, type_.draft.alias()
    type_name = literal_column(f"'{type_.table_name}'", Text())
    is_held = select(holder.c.id).where(holder.c.slug == live.c.slug).correlate_except(holder)
    former = select(live.c.slug, live.c.id).where(live.c.id == ids, ~is_held.exists())
    slugs = union(former, *_localized_slugs(type_, ids)).subquery("slugs")
    leading = select(type_name, slugs.c.slug, slugs.c.id)
    statement = insert(_REDIRECT).from_select(["type", "slug", "item_id"], leading)
    yield statement.on_conflict_do_update(
        index_elements=["type", "slug"], set_={"item_id": statement.excluded.item_id}
    )
    own = select(draft.c.slug).where(draft.c.id == ids)
    yield delete(_REDIRECT).where(_REDIRECT.c.type == type_name, _REDIRECT.c.slug.in_(own))


def _localized_slugs(type_: ContentType, ids: IdArray) -> Iterator[Select[Any]]:
    """The slugs that items have in these locales besides their own, with the items."""
    if LOCALIZED_SLUG in type_.draft.columns:
        rows = delivery(type_, Stage.DRAFT)
        slug = rows.c[LOCALIZED_SLUG]
        found = select(slug.label("slug"), rows.c.id).where(slug != rows.c.slug)
        yield found.where(rows.c.id == ids, rows.c.locale == any_(LOCALES))


def _removed(part: ContentType, ids: IdArray) -> Any:
    rows, draft = part.live, part.draft
    return delete(rows).where(
        rows.c.owner_id == ids,
        rows.c.locale == any_(LOCALES),
        _lacks(draft, draft.c.id == rows.c.id),
    )


def _unlinked(list_: References, ids: IdArray) -> Any:
    live, draft = list_.live, list_.draft
    same_place = (draft.c.owner_id == live.c.owner_id) & (draft.c.position == live.c.position)
    return delete(live).where(live.c.owner_id == ids, _lacks(draft, same_place))


def _linked(list_: References, ids: IdArray) -> Any:
    live, draft = list_.live, list_.draft
    names = ["owner_id", "position", "target_id"]
    same = (live.c[name] == draft.c[name] for name in names)
    found = select(*(draft.c[name] for name in names))
    changed = found.where(draft.c.owner_id == ids, _lacks(live, *same))
    statement = insert(live).from_select(names, changed)
    return statement.on_conflict_do_update(
        index_elements=names[:2], set_={"target_id": statement.excluded.target_id}
    )


def _owned(type_: ContentType, lists: Iterable[References], ids: IdArray) -> Any:
    """In the other locales, update which of the lists with inheritance are the items' own."""
    live = type_.live
    values = {
        entries_column(each.name): case((is_there(_entries(each, live)), live.c.id))
        for each in lists
    }
    differs = (live.c[name].is_distinct_from(value) for name, value in values.items())
    others = (live.c.id == ids, live.c.locale != all_(LOCALES))
    return update(live).where(*others, or_(*differs)).values(values)


def _lacks(table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that a table has no row for which the conditions hold."""
    rows: Select[Any] = select(literal_column("1")).select_from(table).where(*conditions)
    return ~is_there(rows.correlate_except(table))


def _entries(list_: References, owners: Table) -> Select[Any]:
    entries = list_.draft
    return select(entries.c.owner_id).where(entries.c.owner_id == owners.c.id)


def live_tables(edit: Edit, type_: ContentType) -> Iterator[tuple[Table, str]]:
    """The tables with live rows of a type, each with the column that holds the items' ids."""
    yield type_.live, "id"
    for relation in type_.relations():
        if isinstance(relation, References):
            yield relation.live, "owner_id"
        elif isinstance(relation, Parts):
            yield edit.model[relation.target].live, "owner_id"


async def remove_live(
    edit: Edit, type_: ContentType, ids: Sequence[UUID], locales: Sequence[str]
) -> None:
    """Remove items from the live copy in these locales.

    Lists are stored once for all locales; they are removed with the last locale of their item.
    """
    live = type_.live
    for table, column in reversed([*live_tables(edit, type_)]):
        gone = delete(table).where(among(table.c[column], ids))
        if LOCALE in table.c:
            await edit.connection.execute(gone.where(among(table.c[LOCALE], locales)))
    for relation in type_.relations():
        if isinstance(relation, References):
            owner = relation.live.c.owner_id
            left = select(live.c.id).where(live.c.id == owner).correlate(relation.live)
            gone = delete(relation.live).where(among(owner, ids), ~left.exists())
            await edit.connection.execute(gone)


async def live_rows(edit: Edit, type_: ContentType, id_: UUID) -> dict[str, list[Any]]:
    """The live rows of an item as JSON, its lists and parts included, by table."""
    found: dict[str, list[Any]] = {}
    for table, column in live_tables(edit, type_):
        rows = select(func.to_jsonb(table.table_valued())).where(table.c[column] == id_)
        found[str(table.name)] = [*await edit.connection.scalars(rows)]
    return found


async def put_back_live_rows(
    edit: Edit, type_: ContentType, id_: UUID, rows: Mapping[str, list[Any]]
) -> None:
    """Replace the live rows of an item with rows as `live_rows` returns them, dated as of now.

    The tables may have changed since: columns that the rows do not know keep their values.
    """
    tables = [*live_tables(edit, type_)]
    now_there = await live_rows(edit, type_, id_)
    for table, column in reversed(tables):
        await edit.connection.execute(delete(table).where(table.c[column] == id_))
    for table, _ in tables:
        if before := _fitting(table, rows.get(table.name, ()), now_there[table.name]):
            await edit.connection.execute(inserting(table, before))
    now = update(type_.live).where(type_.live.c.id == id_)
    await edit.connection.execute(now.values(published_at=INSTANT))


def _fitting(table: Table, rows: Iterable[Any], there: Iterable[Any]) -> list[Any]:
    """Rows with the columns of a table, where missing values are those of the rows `there`."""

    def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row.get(str(each.name)) for each in table.primary_key)

    others = {key(row): row for row in there}
    whole = ({**others.get(key(row), {}), **row} for row in rows)
    return [{str(each.name): row.get(str(each.name)) for each in table.columns} for row in whole]
