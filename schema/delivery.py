"""What is delivered of an item: one row for each locale, localized fields resolved.

There is one definition of it. For the live copy it is the table itself; for the working copy it is
a subquery that resolves locales on the fly. Publishing copies the second into the first, so what
preview shows is what publishing makes.
"""

import enum
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    case,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from schema.attributes import STATUS, Field, Status, ToMany
from schema.entities.fields import Format
from schema.entities.locale import Locale
from schema.entities.schedule import Schedule
from schema.entities.twins import LOCALE, RICH_TEXT_FORMS, entries_column, rich_text_column
from schema.model import ContentType


class Stage(enum.Enum):
    """Which of the two copies of the content: the working copy, or what is published."""

    DRAFT = "DRAFT"
    LIVE = "LIVE"


def links(list_: ToMany, stage: Stage) -> Table:
    """The entries of a list: `owner_id`, `position` and `target_id`."""
    return list_.live if stage is Stage.LIVE else list_.draft


def delivery(type_: ContentType, stage: Stage) -> FromClause:
    """The delivered rows of a type, with the columns of its live table."""
    if stage is Stage.LIVE:
        return type_.live.alias()
    item = type_.draft.alias()
    locale = cast(Table, Locale.__table__).alias()
    columns = {column.name: column for column in item.columns}
    made: dict[str, ColumnElement[Any]] = {**columns, LOCALE: locale.c.code}
    for field in type_.fields():
        if field.format.localized:
            made |= dict(_resolved(columns[field.name], field, locale))
    for list_ in type_.relations():
        if isinstance(list_, ToMany) and list_.inheritance is not None:
            made[entries_column(list_.name)] = _own_id(columns["id"], list_)
    names = [each.name for each in type_.live.columns]
    if STATUS in type_.attributes:
        made[STATUS] = _status(item, type_.live)
        names.append(STATUS)
    return (
        select(*(made[name].label(name) for name in names))
        .select_from(item.join(locale, true()))
        .subquery()
    )


def _status(item: FromClause, published: Table) -> ColumnElement[Any]:
    """How an item is to what is published of it: a name of `schema.attributes.Status`."""
    one: Select[Any] = select(literal_column("1"))
    schedule = cast(Table, Schedule.__table__).alias()
    due = one.where(
        schedule.c.item_id == item.c.id,
        schedule.c.action == literal_column("'PUBLISH'"),
        schedule.c.problem.is_(None),
    )
    live = published.alias()
    copies = one.where(live.c.id == item.c.id)
    older = copies.where(live.c.version != item.c.version)
    return case(
        (due.correlate_except(schedule).exists(), _name(Status.SCHEDULED)),
        (~copies.correlate_except(live).exists(), _name(Status.DRAFT)),
        (older.correlate_except(live).exists(), _name(Status.CHANGED)),
        else_=_name(Status.PUBLISHED),
    )


def _name(status: Status) -> ColumnElement[str]:
    return literal_column(f"'{status.name}'", Text())


def _own_id(id_: Column[Any], list_: ToMany) -> ColumnElement[Any]:
    """The id of an item with entries of its own on a list; null of one without."""
    entries = list_.draft.alias()
    own = entries.c.owner_id == id_
    any_own = select(literal_column("1")).where(own).correlate_except(entries).exists()
    return case((any_own, id_))


def _resolved(
    column: Column[Any], field: Field, locale: FromClause
) -> Iterator[tuple[str, ColumnElement[Any]]]:
    """The columns that a localized field is delivered as."""
    match field.format:
        case Format.RICH_TEXT:
            for form in RICH_TEXT_FORMS:
                found = _first_in_chain(column, locale, partial(_form, form))
                yield rich_text_column(field.name, form), found
        case Format.LOCALIZED_LIST:
            yield field.name, _first_in_chain(column, locale, _texts)
        case _:
            yield field.name, _first_in_chain(column, locale, _whole_text)


def _first_in_chain(
    column: Column[Any],
    locale: FromClause,
    read: Callable[[ColumnElement[Any]], ColumnElement[Any]],
) -> ColumnElement[Any]:
    """What is read of the value in the locale, or in the first of its fallbacks that has one."""
    codes = func.array_prepend(locale.c.code, locale.c.fallbacks)
    chain = (
        func.unnest(codes)
        .table_valued("code", with_ordinality="place", name="chain")
        .render_derived()
    )
    value = column.op("->", return_type=JSONB())(chain.c.code)
    return (
        select(read(value))
        .select_from(chain)
        .where(value.is_not(None))
        .order_by(chain.c.place)
        .limit(literal_column("1"))
        .correlate_except(chain)
        .scalar_subquery()
    )


def _form(form: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
    return value.op("->>", return_type=Text())(literal_column(f"'{form}'", Text()))


def _whole_text(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return value.op("#>>", return_type=Text())(literal_column("'{}'"))


def _texts(value: ColumnElement[Any]) -> ColumnElement[Any]:
    items = (
        func.jsonb_array_elements_text(value)
        .table_valued("value", with_ordinality="place", name="items")
        .render_derived()
    )
    gathered = func.array_agg(aggregate_order_by(items.c.value, items.c.place))
    return select(gathered).select_from(items).correlate_except(items).scalar_subquery()
