"""Says in `live` who has the entries of a list, where the list has just begun to inherit.

Nothing else does: an item has not changed if its list inherits where it is empty.
"""

from sqlalchemy import Connection, text

from schema.entities.content import LIVE
from schema.entities.live_tables import entries_column
from service.migrations.content.dropped import TableName, quote

_HAS_TABLE = text("select to_regclass(:name) is not null")
_FILL = """
    update {table} as item set {column} = item.id
    where {column} is null and exists (select from {entries} where owner_id = item.id)
"""


def fill_entries(connection: Connection, table: TableName, column: str) -> None:
    """Fill a column that has just been added to `live`, if it is one of `entries_column`."""
    name = column.removesuffix(entries_column(""))
    entries = TableName(LIVE, f"{table.name}_{name}")
    is_of_list = table.schema == LIVE and name != column
    if is_of_list and connection.scalar(_HAS_TABLE, {"name": str(entries)}):
        names = {"table": table, "column": quote(column), "entries": entries}
        connection.execute(text(_FILL.format(**names)))
