"""The field `statuses`: the publication status of an item in each locale."""

from typing import Any, cast

from sqlalchemy import ColumnElement, Table, select

from schema.aliases import aliased
from schema.attributes import Status
from schema.delivery import Stage
from schema.entities.live_tables import LOCALE
from schema.planner.json import json_list, json_object
from schema.planner.rows import Row
from schema.planner.selection import Selected
from schema.statuses import name_of, status
from schema.tables.locale import Locale


def statuses(row: Row, selected: Selected) -> ColumnElement[Any]:
    """The JSON list of an item's statuses; in the live copy, only where it is published."""
    published = row.type.live
    if row.stage is Stage.LIVE:
        source: Any = aliased(published)
        code, found = source.c[LOCALE], name_of(Status.PUBLISHED)
        condition = source.c.id == row["id"]
    else:
        source = aliased(cast(Table, Locale.__table__))
        code = source.c.code
        found = status(published, row["id"], row["version"], code)
        condition = code.is_not(None)
    values = {"locale": code, "status": found}
    made = json_object(selected.selections, lambda each: values[each.name])
    listed = select(json_list(made, [code])).select_from(source).where(condition)
    return listed.correlate_except(source).scalar_subquery()
