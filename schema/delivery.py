"""Delivery rows: one row for each item and locale, with localized fields resolved.

They have one definition. In the live copy they are the rows of the table; in the working copy a
subquery resolves locales on the fly. Publishing copies the rows of that subquery into the table, so
a preview shows exactly what publishing writes.
"""

import enum
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from sqlalchemy import (
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
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from schema.aliases import aliased
from schema.attributes import References, ScalarField
from schema.entities.fields import Format
from schema.entities.live_tables import (
    LOCALE,
    RICH_TEXT_FORMS,
    entries_column,
    locale_column,
    rich_text_column,
)
from schema.model import ContentType
from schema.tables.locale import Locale


class Stage(enum.Enum):
    """Which copy of the content a query reads: the working copy or the live copy."""

    DRAFT = "DRAFT"
    LIVE = "LIVE"


def links(list_: References, stage: Stage) -> Table:
    """The link table of a list, with the columns `owner_id`, `position` and `target_id`."""
    return list_.live if stage is Stage.LIVE else list_.draft


def delivery(type_: ContentType, stage: Stage) -> FromClause:
    """The delivery rows of a content type, with the columns of its live table."""
    if stage is Stage.LIVE:
        return aliased(type_.live)
    return drafts(type_).subquery()


def drafts(type_: ContentType) -> Select[Any]:
    """The delivery rows of a content type in the working copy."""
    item = aliased(type_.draft)
    locale = aliased(cast(Table, Locale.__table__))
    columns = {column.name: column for column in item.columns}
    made: dict[str, ColumnElement[Any]] = {**columns, LOCALE: locale.c.code}
    localized = [each for each in type_.fields() if each.format.localized]
    resolved = _resolved(item, [each.name for each in localized], locale)
    for field in localized:
        made |= dict(_delivered(resolved.c[field.name], field))
        made[locale_column(field.name)] = _source(item.c[field.name], locale)
    # Not by the inheritance: a list of an older database may have the column and inherit no longer.
    for list_ in type_.relations():
        entries = entries_column(list_.name)
        is_live_only = entries in type_.live.columns and entries not in columns
        if isinstance(list_, References) and is_live_only:
            made[entries] = _own_id(columns["id"], list_)
    names = [each.name for each in type_.live.columns]
    source = item.join(locale, true())
    if localized:
        source = source.join(resolved, true())
    return select(*(made[name].label(name) for name in names)).select_from(source)


def _own_id(id_: ColumnElement[Any], list_: References) -> ColumnElement[Any]:
    """The id of the item if its list has entries of its own; else null."""
    entries = aliased(list_.draft)
    own = entries.c.owner_id == id_
    found: Select[Any] = select(literal_column("1")).where(own).correlate_except(entries)
    return case((is_there(found), id_))


def is_there(rows: Select[Any]) -> ColumnElement[bool]:
    """Whether a statement finds a row, with one index lookup for each outer row.

    Without the offset, PostgreSQL may read the whole table into a hash table instead.
    """
    return rows.offset(literal_column("0")).exists()


def _resolved(item: FromClause, names: Iterable[str], locale: FromClause) -> FromClause:
    """The values of localized columns in a locale, or in the first fallback that has a value.

    The offset makes PostgreSQL extract each value once, however many expressions use it:
    decompressing a column with long texts takes longest.
    """
    values = [_first_in_chain(item.c[each], locale).label(each) for each in names]
    found = select(*values).correlate(item, locale).offset(literal_column("0"))
    return found.lateral("resolved")


def _delivered(
    value: ColumnElement[Any], field: ScalarField
) -> Iterator[tuple[str, ColumnElement[Any]]]:
    """The columns of the live table that hold a localized field, each with its expression."""
    match field.format:
        case Format.RICH_TEXT:
            for form in RICH_TEXT_FORMS:
                yield rich_text_column(field.name, form), _form(form, value)
        case Format.LOCALIZED_LIST:
            yield field.name, _texts(value)
        case _:
            yield field.name, _whole_text(value)


def _first_in_chain(column: ColumnElement[Any], locale: FromClause) -> ColumnElement[Any]:
    """The value in the locale, or in the first fallback that has a value."""
    first = _from_fallbacks(column, locale, lambda code: _in(column, code))
    return func.coalesce(_in(column, locale.c.code), first, type_=JSONB())


def _source(column: ColumnElement[Any], locale: FromClause) -> ColumnElement[Any]:
    """The locale that `_first_in_chain` takes the value from; null if there is none."""
    own = case((_in(column, locale.c.code).is_not(None), cast_to(locale.c.code, Text())))
    return func.coalesce(own, _from_fallbacks(column, locale, lambda code: code), type_=Text())


def _from_fallbacks(
    column: ColumnElement[Any],
    locale: FromClause,
    make: Callable[[ColumnElement[Any]], ColumnElement[Any]],
) -> ColumnElement[Any]:
    """What `make` makes of the first of the locale's fallbacks in which a column has a value."""
    chain = (
        func.unnest(locale.c.fallbacks)
        .table_valued("code", with_ordinality="place", name="chain")
        .render_derived()
    )
    return (
        select(make(chain.c.code))
        .select_from(chain)
        .where(_in(column, chain.c.code).is_not(None))
        .order_by(chain.c.place)
        .limit(literal_column("1"))
        .correlate_except(chain)
        .scalar_subquery()
    )


def _in(column: ColumnElement[Any], code: ColumnElement[Any]) -> ColumnElement[Any]:
    return column.op("->", return_type=JSONB())(code)


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
