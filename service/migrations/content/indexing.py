"""Whether search entries are still in step with the live copy after its tables have changed."""

from collections.abc import Callable, Set
from typing import NamedTuple

from sqlalchemy import Connection, text

from schema.entities.live_tables import entries_column
from schema.model import Model

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


def live_columns(connection: Connection) -> frozenset[LiveColumn]:
    """The columns that decide on the texts of items, as they are now."""
    return frozenset(LiveColumn(*row) for row in connection.execute(_COLUMNS))


def are_outdated(
    connection: Connection,
    before: Set[LiveColumn],
    model: Callable[[], Model],
    has_come_back: bool,
) -> bool:
    """Whether entries made when the columns were those `before` have texts that are not served.

    An added column has no text but what operations on content save in it, unless it inherits or
    content `has_come_back` with it.
    """
    if has_come_back:
        return bool(connection.scalar(_KEEPS_ENTRIES))
    after = live_columns(connection)
    if before == after or not _has_entries(connection):
        return False
    return bool(before - after) or _inherits(model(), after - before)


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
