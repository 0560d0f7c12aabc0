"""The root field `redirects`: a connection of former slugs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ARRAY, FromClause, Select, Text, any_, collate, union_all

from schema.entities.content import LOCALIZED_SLUG
from schema.entities.fields import Format
from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.arguments import Parameters, RequestedField
from schema.planner.contexts import ReadContext
from schema.planner.json import json_object, name
from schema.planner.nodes import either
from schema.planner.objects import Objects
from schema.planner.orders import OrderTerm
from schema.planner.pages import ConnectionSource, Listing
from schema.planner.redirects import is_former, leading
from schema.planner.rows import Picked, all_rows
from schema.planner.selection import Selected


def redirects(
    objects: Objects, types: Sequence[ContentType], selected: Selected, context: ReadContext
) -> Expression:
    """The connection of the former slugs of items of these types."""
    return _Redirects(objects.parameters, selected, objects, types, context).page()


@dataclass(frozen=True)
class _Redirects(Listing):
    """The former slugs of items, sorted by type and slug."""

    parameters: Parameters
    selected: Selected
    objects: Objects
    types: Sequence[ContentType]
    context: ReadContext

    @property
    def name(self) -> str:
        return "Redirect"

    def source(self) -> ConnectionSource:
        """The former slugs of all types, each with the item that has it."""
        every = [self._of(each) for each in self.types]
        if self.given("types") is not None:
            chosen = any_(self.parameters.add(self.selected, ARRAY(Text()), _types))
            names = (name(_member(each)) for each in self.types)
            every = [each.where(it == chosen) for each, it in zip(every, names, strict=True)]
        return ConnectionSource.over(union_all(*every).subquery())

    def _of(self, type_: ContentType) -> Select[Any]:
        """The former slugs of a type, as rows of `type`, `from`, `to`, `prefix` and `id`."""
        rows = all_rows(type_, self.context)
        row, found = rows.row, leading(type_, self.context.stage)
        return rows.select(
            collate(name(_member(type_)), "C").label("type"),
            found.c.slug.label("from"),
            row[LOCALIZED_SLUG].label("to"),
            name(type_.table_name).label("prefix"),
            row["id"].label("id"),
        ).where(
            found.c.item_id == row["id"],
            is_former(type_, found, row["slug"], self.context.stage),
        )

    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The type, then the former slug."""
        return [
            OrderTerm(each, columns.c[each], descending=False, format=Format.SLUG, nullable=False)
            for each in ("type", "from")
        ]

    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The JSON object of a former slug."""
        return json_object(selected.selections, partial(self._value, picked))

    def _value(self, row: Picked, selected: Selected) -> Expression:
        if selected.name == "item":
            return either(
                self.objects, self.types, selected, self.context, row["prefix"], row["id"]
            )
        return row[selected.name]


def _member(type_: ContentType) -> str:
    """The value of the enumeration `ItemType` for a type."""
    return type_.table_name.upper()


def _types(requested: RequestedField) -> list[str]:
    return [each.name for each in requested.given["types"]]
