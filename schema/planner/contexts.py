"""The context of a read: the locale and the stage, which ids name too."""

from typing import NamedTuple

from sqlalchemy import ColumnElement

from schema.delivery import Stage


class ReadContext(NamedTuple):
    """The locale and the stage that rows are read in."""

    locale: ColumnElement[str]
    stage: Stage
    suffix: ColumnElement[str]
    """The end of the ids of these rows; see `schema.planner.ids`."""
