"""What a migration does to the version of what readers see; see `schema.tables.change`."""

from sqlalchemy import Connection, text

_CAN = "select to_regprocedure('service.watch()') is not null"
_WATCH = "select service.watch(), service.note_everything()"


def watch(connection: Connection) -> None:
    """Note changes in live tables that are new, and that the migration may have changed anything.

    A database that is older than the version of its content has nothing to note it in.
    """
    if connection.scalar(text(_CAN)):
        connection.execute(text(_WATCH))
