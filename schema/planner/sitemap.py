"""The root field `sitemap`: a connection of the pages that items can have, in all locales."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from sqlalchemy import Select, Text, case, cast

from schema.delivery import Stage
from schema.entities.content import LOCALIZED_SLUG
from schema.entities.fields import Format
from schema.expressions import Expression
from schema.model import ContentType, Model
from schema.planner.arguments import Parameters
from schema.planner.contexts import ReadContext
from schema.planner.formats import comparable
from schema.planner.ids import format_id
from schema.planner.json import json_list, json_object
from schema.planner.orders import OrderTerm
from schema.planner.rows import Picked, in_every_locale
from schema.planner.selection import Selected
from schema.planner.translations import is_complete, suffix
from schema.planner.unions import UnionListing, item_type


def sitemap(
    model: Model,
    parameters: Parameters,
    types: Sequence[ContentType],
    selected: Selected,
    context: ReadContext,
) -> Expression:
    """The connection of the pages of these types."""
    return _Sitemap(parameters, selected, model, types, context).page()


@dataclass(frozen=True)
class _Sitemap(UnionListing):
    """Items of the requested types in the locales in which they are complete."""

    parameters: Parameters
    selected: Selected
    model: Model
    types: Sequence[ContentType]
    context: ReadContext

    @property
    def name(self) -> str:
        return "Sitemap"

    @cached_property
    def _suffix(self) -> Callable[[Expression], Expression]:
        return suffix(self.parameters, self.selected, self.context.stage)

    def rows(self, type_: ContentType) -> Select[Any]:
        """The pages of the items of a type."""
        rows = in_every_locale(type_, self.context, self._suffix)
        row = rows.row
        changed_at = "published_at" if row.stage is Stage.LIVE else "updated_at"
        return rows.select(
            item_type(type_).label("type"),
            row["id"].label("item_id"),
            row[LOCALIZED_SLUG].label("slug"),
            cast(row["locale"], Text()).label("locale"),
            row[changed_at].label("changed_at"),
            format_id(type_.table_name, row["id"], row.context.suffix).label("nodeId"),
        ).where(is_complete(self.model, row))

    def sorted_by(self, columns: Mapping[str, Expression]) -> list[OrderTerm]:
        """The type, the slug and the locale; and the item, should two share a slug for a while."""
        text = Format.TEXT
        texts = [
            OrderTerm(key, comparable(columns[key], text), False, text, nullable=False)
            for key in ("type", "slug", "locale")
        ]
        id_ = OrderTerm("id", columns["item_id"], False, Format.ID, nullable=False)
        return [*texts, id_]

    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The JSON object of a page."""
        return json_object(selected.selections, partial(self._value, picked))

    def _value(self, picked: Picked, selected: Selected) -> Expression:
        match selected.name:
            case "lastModified":
                return picked["changed_at"]
            case "alternates":
                of_types = (
                    (picked["type"] == item_type(it), self._of(it, picked, selected))
                    for it in self.types
                )
                return case(*of_types)
        return picked[selected.name]

    def _of(self, type_: ContentType, picked: Picked, selected: Selected) -> Expression:
        """The JSON list of an item's pages in all locales."""
        every = in_every_locale(type_, self.context, self._suffix)
        row = every.row
        values = {"locale": row["locale"], "slug": row[LOCALIZED_SLUG]}
        made = json_object(selected.selections, lambda each: values[each.name])
        rows = every.narrowed(row["id"] == picked["item_id"])
        complete = rows.narrowed(is_complete(self.model, row))
        return complete.select(json_list(made, [every.order])).scalar_subquery()
