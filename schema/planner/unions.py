"""Connections of rows of several content types, sorted by the type and a slug.

A page reads no more rows than it may show, by an index of each type. So every branch of the union
has the page's bounds, order and length of its own.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ARRAY,
    FromClause,
    Integer,
    Select,
    Text,
    any_,
    case,
    collate,
    literal_column,
    union_all,
)

from schema.delivery import Stage
from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.arguments import RequestedField
from schema.planner.contexts import ReadContext
from schema.planner.json import name
from schema.planner.orders import OrderTerm
from schema.planner.pages import Bounds, ConnectionSource, Listing, inside

_FIRST, _LAST = (literal_column(each, Text()) for each in ("''", "'~'"))
"""Before and after every slug, by code points."""


class UnionListing(Listing):
    """Rows of content types, of which the argument `types` may choose some."""

    types: Sequence[ContentType]
    context: ReadContext

    @abstractmethod
    def rows(self, type_: ContentType) -> Select[Any]:
        """The rows of a type."""

    @abstractmethod
    def sorted_by(self, columns: Mapping[str, Expression]) -> list[OrderTerm]:
        """The sort keys: the type, the slug, and what tells rows with the same slug apart."""

    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The sort keys."""
        return self.sorted_by(dict(columns.c))

    def source(self) -> ConnectionSource:
        """The rows of the chosen types, or of all."""
        return ConnectionSource.over(union_all(*self._every()).subquery())

    def window(self, bounds: Bounds, size: int, *, backward: bool) -> ConnectionSource | None:
        """The first rows of each type within bounds; drafts have no index by which to find them."""
        if self.context.stage is Stage.DRAFT:
            return None
        every = (_nearest(self, each, bounds, size, backward) for each in self._every())
        return ConnectionSource.over(union_all(*every).subquery())

    def _every(self) -> Iterator[Select[Any]]:
        every = zip(map(self.rows, self.types), self.types, strict=True)
        if self.given("types") is None:
            yield from (rows for rows, _ in every)
            return
        yield from (rows.where(item_type(each) == self._chosen) for rows, each in every)

    @cached_property
    def _chosen(self) -> Expression:
        return any_(self.parameters.add(self.selected, ARRAY(Text()), _types))


def _nearest(
    listing: UnionListing, rows: Select[Any], bounds: Bounds, size: int, backward: bool
) -> Select[Any]:
    """The first rows of one type within bounds; a statement in parentheses."""
    columns = {str(each.name): getattr(each, "element", each) for each in rows.selected_columns}
    keys = listing.sorted_by(columns)
    # The type is the same in all rows, and PostgreSQL takes no constant in ORDER BY.
    order = [key.reversed if backward else key for key in keys[1:]]
    nearest = (
        rows.where(*_ranges(keys, bounds), *inside(keys, bounds))
        .order_by(*(key.clause for key in order))
        .limit(literal_column(str(size), Integer()))
    )
    return nearest.subquery().select()


def _ranges(keys: Sequence[OrderTerm], bounds: Bounds) -> Iterator[Expression]:
    """A range of slugs that has all rows of one type within bounds; an index knows where it is."""
    type_, slug, *_ = keys
    for side, (of_type, at, *_) in bounds.items():
        is_same = (type_.value == of_type, at)
        if side in {"after", "from"}:
            yield slug.value >= collate(case(is_same, (type_.value > of_type, _FIRST)), "C")
        else:
            yield slug.value <= collate(case(is_same, (type_.value < of_type, _LAST)), "C")


def item_type(type_: ContentType) -> Expression:
    """The value of the enumeration `ItemType` for a type, as sorted text."""
    return collate(name(type_.table_name.upper()), "C")


def _types(requested: RequestedField) -> list[str]:
    return [each.name for each in requested.given["types"]]
