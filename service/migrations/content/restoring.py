"""The operation on rows that squashed migrations call: `op.restore_rows`.

A file beside the revision has the rows that the squashed migrations left, as a list of

    {"table": "draft.hub", "rows": [{"id": "0192…", "created_at": "now", …}, …]}

in an order in which foreign keys find what they refer to. A column that a row leaves out is null.
If all rows leave it out, it has its default. PostgreSQL reads `now` as the time of the transaction:
the rows are made when they are restored.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from alembic.operations import MigrateOperation, Operations
from alembic.util import CommandError
from sqlalchemy import Connection, text

from schema.entities.content import LIVE
from service.migrations.content.operation import folder_of
from service.migrations.content.steps import ATTACHED, Attached

RestoredRows = Sequence[Mapping[str, Any]]

_COUNTED = text(
    "select quote_ident(attname) as name, quote_literal(pg_get_serial_sequence(:table, attname))"
    " as sequence from pg_attribute"
    " where attrelid = cast(:table as regclass) and attnum > 0 and not attisdropped"
    " and pg_get_serial_sequence(:table, attname) is not null"
)


@Operations.register_operation("restore_rows")
class RestoreRowsOp(MigrateOperation):
    """Restore rows that squashed migrations left."""

    def __init__(self, file: str) -> None:
        self.file = file

    @classmethod
    def restore_rows(cls, operations: Operations, file: str) -> None:
        """Insert the rows in a JSON file beside the revision, as squashed migrations left them.

        Search entries are not among them: they are made from what is live then.
        """
        operations.invoke(cls(file))


@Operations.implementation_for(RestoreRowsOp)
def _restore(operations: Operations, operation: RestoreRowsOp) -> None:
    tables = read_rows(folder_of(operations) / operation.file)
    context = operations.migration_context
    is_live = any(name.partition(".")[0] == LIVE for name, _ in tables)
    if context.as_sql and is_live:
        raise CommandError(
            f"op.restore_rows of {operation.file} restores published content, which is indexed for "
            "search by Guidepost, and cannot be printed as SQL; migrate the database itself"
        )
    attached = context.opts.get(ATTACHED)
    if is_live and isinstance(attached, Attached) and attached.step:
        attached.step.has_restored = True
    for name, rows in tables:
        operations.execute(_inserting(name, rows))
        if not context.as_sql:
            _go_on_counting(operations.get_bind(), name)


def read_rows(file: Path) -> list[tuple[str, RestoredRows]]:
    """The rows in a file, by table; raises `CommandError`."""
    try:
        # Numbers stay as they are written: no float has all digits of a numeric.
        found = json.loads(file.read_text("utf-8"), parse_int=_number, parse_float=_number)
        return [(each["table"], each["rows"]) for each in found]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CommandError(
            f"{file} cannot be read: {error!r}; it belongs to its revision, as a list of tables "
            "with their rows in JSON"
        ) from error


def _number(digits: str) -> orjson.Fragment:
    return orjson.Fragment(digits)


def _inserting(table: str, rows: RestoredRows) -> Any:
    """A statement that inserts rows, with the values of identity columns."""
    columns = ", ".join(_quoted(each) for each in dict.fromkeys(key for row in rows for key in row))
    return text(
        f"insert into {table} ({columns}) overriding system value"  # noqa: S608  # names of ours
        f" select {columns} from jsonb_populate_recordset(null::{table}, cast(:rows as jsonb))"
    ).bindparams(rows=orjson.dumps([*rows]).decode())


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _go_on_counting(connection: Connection, table: str) -> None:
    """Let columns that count go on after the highest value."""
    for each in connection.execute(_COUNTED, {"table": table}).all():
        connection.execute(
            text(
                f"select setval({each.sequence}, max({each.name}))"  # noqa: S608  # names of ours
                f" from {table} having max({each.name}) is not null"
            )
        )
