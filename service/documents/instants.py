"""The instant of a change."""

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
"""The instant of a change: the same everywhere in a statement, and later than every earlier change.

`now()` is the start of the transaction, which may have waited long for other edits. There is one
edit at a time, so the clock follows the order of commits, unless it was set back; the instant of
the last revision covers that.
"""
