"""The root field `redirects`: a connection of former slugs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Select

from schema.entities.content import LOCALIZED_SLUG
from schema.entities.fields import Format
from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.arguments import Parameters
from schema.planner.contexts import ReadContext
from schema.planner.json import json_object, name
from schema.planner.nodes import either
from schema.planner.objects import Objects
from schema.planner.orders import OrderTerm
from schema.planner.rows import Picked, all_rows
from schema.planner.selection import Selected
from schema.planner.slugs import is_former, leading
from schema.planner.unions import UnionListing, item_type


def redirects(
    objects: Objects, types: Sequence[ContentType], selected: Selected, context: ReadContext
) -> Expression:
    """The connection of the former slugs of items of these types."""
    return _Redirects(objects.parameters, selected, objects, types, context).page()


@dataclass(frozen=True)
class _Redirects(UnionListing):
    """The former slugs of items, sorted by type and slug."""

    parameters: Parameters
    selected: Selected
    objects: Objects
    types: Sequence[ContentType]
    context: ReadContext

    @property
    def name(self) -> str:
        return "Redirect"

    def rows(self, type_: ContentType) -> Select[Any]:
        """The former slugs of a type, as rows of `type`, `from`, `to`, `prefix` and `id`."""
        rows = all_rows(type_, self.context)
        row, found = rows.row, leading(type_, self.context.stage)
        return rows.select(
            item_type(type_).label("type"),
            found.c.slug.label("from"),
            row[LOCALIZED_SLUG].label("to"),
            name(type_.table_name).label("prefix"),
            row["id"].label("id"),
        ).where(
            found.c.item_id == row["id"],
            is_former(type_, found, row["slug"], self.context.stage),
        )

    def sorted_by(self, columns: Mapping[str, Expression]) -> list[OrderTerm]:
        """The type, then the former slug."""
        return [
            OrderTerm(each, columns[each], descending=False, format=Format.SLUG, nullable=False)
            for each in ("type", "from")
        ]

    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The JSON object of a former slug."""
        return json_object(selected.selections, partial(self._value, picked))

    def _value(self, row: Picked, selected: Selected) -> Expression:
        if selected.name == "item":
            return either(
                self.objects, self.types, selected, self.context.shown, row["prefix"], row["id"]
            )
        return row[selected.name]
