"""Connections of rows of several content types."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Select, Text, any_, collate, union_all

from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.arguments import RequestedField
from schema.planner.json import name
from schema.planner.pages import ConnectionSource, Listing


class UnionListing(Listing):
    """Rows of content types, of which the argument `types` may choose some."""

    types: Sequence[ContentType]

    @abstractmethod
    def rows(self, type_: ContentType) -> Select[Any]:
        """The rows of a type."""

    def source(self) -> ConnectionSource:
        """The rows of the chosen types, or of all."""
        every = [self.rows(each) for each in self.types]
        if self.given("types") is not None:
            chosen = any_(self.parameters.add(self.selected, ARRAY(Text()), _types))
            pairs = zip(every, self.types, strict=True)
            every = [rows.where(item_type(each) == chosen) for rows, each in pairs]
        return ConnectionSource.over(union_all(*every).subquery())


def item_type(type_: ContentType) -> Expression:
    """The value of the enumeration `ItemType` for a type, as sorted text."""
    return collate(name(type_.table_name.upper()), "C")


def _types(requested: RequestedField) -> list[str]:
    return [each.name for each in requested.given["types"]]
