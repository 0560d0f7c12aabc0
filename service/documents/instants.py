"""When a change is made."""

from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, func, literal_column, select

from schema.tables.revision import Revision

_REVISION = cast(Table, Revision.__table__)
_LAST = select(func.max(_REVISION.c.at) + literal_column("interval '1 microsecond'"))
_NOW = func.greatest(func.clock_timestamp(), _LAST.scalar_subquery())

INSTANT: ColumnElement[datetime] = select(
    select(_NOW.label("at")).cte("instant").c.at
).scalar_subquery()
"""The instant of a change, the same wherever a statement has it, and after that of all before.

`now()` is the beginning of the transaction, which may have waited long for others to commit.
Changes are made one at a time, so the clock's time is in the order of their commits, except where
the clock went back; hence the last revision's.
"""
