"""Whether search entries are still in step with the live copy after its tables have changed."""

from collections.abc import Callable, Set
from typing import NamedTuple

from sqlalchemy import Connection, text

from schema.entities.comments import Comments, are_kept
from schema.entities.live_tables import entries_column
from schema.model import Model
from service.migrations.content.table_comments import table_comments

_COLUMNS = text(
    "select relname, attname, atttypid from pg_attribute"
    " join pg_class on pg_class.oid = attrelid join pg_type on pg_type.oid = atttypid"
    " where relnamespace = to_regnamespace('live') and relkind = 'r' and relname <> 'search_entry'"
    " and attnum > 0 and not attisdropped and typcategory not in ('D', 'N')"
)
_KEEPS_ENTRIES = text("select to_regclass('live.search_entry') is not null")
_HAS_ENTRIES = text("select exists (select from live.search_entry)")


class LiveColumn(NamedTuple):
    """A column of the live copy that decides on the texts of items: no date, and no number."""

    table: str
    name: str
    type: int


class Indexed(NamedTuple):
    """What decides on the texts that search finds items by."""

    columns: frozenset[LiveColumn]
    comments: Comments
    """They say which texts are URLs, and what is inherited."""


def indexed(connection: Connection) -> Indexed:
    """What decides on the texts of items, as it is now."""
    columns = frozenset(LiveColumn(*row) for row in connection.execute(_COLUMNS))
    return Indexed(columns, table_comments(connection))


def are_outdated(
    connection: Connection,
    before: Indexed,
    model: Callable[[], Model],
    has_come_back: bool,
) -> bool:
    """Whether entries made with what was there `before` have texts that are not served.

    An added column has no text but what operations on content save in it, unless it inherits or
    content `has_come_back` with it.
    """
    if has_come_back:
        return bool(connection.scalar(_KEEPS_ENTRIES))
    after = indexed(connection)
    if before == after or not _has_entries(connection):
        return False
    gone, added = before.columns - after.columns, after.columns - before.columns
    return bool(gone) or _have_changed(before, after) or _inherits(model(), added)


def _have_changed(before: Indexed, after: Indexed) -> bool:
    """Whether comments of what stays say something else; the first ones do not."""
    stays = {(each.table, name) for each in before.columns for name in (each.name, None)}
    return are_kept(before.comments) and any(
        before.comments.get(each) != after.comments.get(each) for each in stays
    )


def _has_entries(connection: Connection) -> bool:
    return bool(connection.scalar(_KEEPS_ENTRIES) and connection.scalar(_HAS_ENTRIES))


def _inherits(model: Model, added: Set[LiveColumn]) -> bool:
    names = {(each.table, each.name) for each in added}
    return any(
        attribute.inheritance is not None and (type_.live.name, column) in names
        for type_ in model.values()
        for attribute in type_.attributes.values()
        for column in (attribute.name, entries_column(attribute.name))
    )
