"""The context of a read: the locale and the stage, which ids name too, and what it depends on."""

from typing import NamedTuple

from sqlalchemy import ColumnElement

from schema.delivery import Stage
from schema.model import ContentType
from schema.planner.tags import Scanned


class ReadContext(NamedTuple):
    """The locale and the stage that rows are read in."""

    locale: ColumnElement[str]
    stage: Stage
    suffix: ColumnElement[str]
    """The end of the ids of these rows; see `schema.planner.ids`."""
    scanned: Scanned
    """The types of which the plan looks through all items."""
    is_shown: bool = False
    """Whether each row that matters has a mark in the answer; see `schema.planner.tags`."""

    @property
    def shown(self) -> "ReadContext":
        """The same context for rows with marks."""
        return self._replace(is_shown=True)

    @property
    def open(self) -> "ReadContext":
        """The same context for rows that are looked through."""
        return self._replace(is_shown=False)

    def scan(self, type_: ContentType) -> None:
        """Note that items of a type are looked through, unless they are shown."""
        if not self.is_shown:
            self.scanned.scan(type_)
