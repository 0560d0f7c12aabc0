"""The root field `sitemap`: a connection of the pages that items can have, in all locales."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ARRAY, FromClause, Select, Text, any_, case, cast, union_all

from schema.delivery import Stage
from schema.entities.content import LOCALIZED_SLUG
from schema.entities.fields import Format
from schema.expressions import Expression
from schema.model import ContentType, Model
from schema.planner.arguments import Parameters, RequestedField
from schema.planner.contexts import ReadContext
from schema.planner.formats import comparable
from schema.planner.ids import format_id
from schema.planner.json import json_list, json_object, name
from schema.planner.orders import OrderTerm
from schema.planner.pages import ConnectionSource, Listing
from schema.planner.rows import Picked, in_every_locale
from schema.planner.selection import Selected
from schema.planner.translations import is_complete, suffix


def sitemap(
    model: Model,
    parameters: Parameters,
    types: Sequence[ContentType],
    selected: Selected,
    context: ReadContext,
) -> Expression:
    """The connection of the pages of these types."""
    return _Sitemap(parameters, selected, model, types, context.stage).page()


@dataclass(frozen=True)
class _Sitemap(Listing):
    """Items of the requested types in the locales in which they are complete."""

    parameters: Parameters
    selected: Selected
    model: Model
    types: Sequence[ContentType]
    stage: Stage

    @property
    def name(self) -> str:
        return "Sitemap"

    def source(self) -> ConnectionSource:
        """One row for each page."""
        ends = suffix(self.parameters, self.selected, self.stage)
        pages = [self._pages(each, ends) for each in self.types]
        if self.given("types") is not None:
            chosen = any_(self.parameters.add(self.selected, ARRAY(Text()), _types))
            names = (name(_member(each)) for each in self.types)
            pages = [each.where(it == chosen) for each, it in zip(pages, names, strict=True)]
        return ConnectionSource.over(union_all(*pages).subquery())

    def _pages(self, type_: ContentType, ends: Callable[[Expression], Expression]) -> Select[Any]:
        """The pages of the items of a type."""
        rows = in_every_locale(type_, self.stage, ends)
        row = rows.row
        return rows.select(
            name(_member(type_)).label("type"),
            row["id"].label("item_id"),
            row[LOCALIZED_SLUG].label("slug"),
            cast(row["locale"], Text()).label("locale"),
            row["published_at" if self.stage is Stage.LIVE else "updated_at"].label("changed_at"),
            format_id(type_.table_name, row["id"], row.context.suffix).label("nodeId"),
        ).where(is_complete(self.model, row))

    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The type, the slug and the locale; and the item, should two share a slug for a while."""
        names = (("type", Format.TEXT), ("slug", Format.TEXT), ("locale", Format.TEXT))
        texts = [
            OrderTerm(key, comparable(columns.c[key], format_), False, format_, nullable=False)
            for key, format_ in names
        ]
        id_ = OrderTerm("id", columns.c.item_id, False, Format.ID, nullable=False)
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
                    (picked["type"] == name(_member(it)), self._of(it, picked, selected))
                    for it in self.types
                )
                return case(*of_types)
        return picked[selected.name]

    def _of(self, type_: ContentType, picked: Picked, selected: Selected) -> Expression:
        """The JSON list of an item's pages in all locales."""
        ends = suffix(self.parameters, self.selected, self.stage)
        every = in_every_locale(type_, self.stage, ends)
        row = every.row
        values = {"locale": row["locale"], "slug": row[LOCALIZED_SLUG]}
        made = json_object(selected.selections, lambda each: values[each.name])
        rows = every.narrowed(row["id"] == picked["item_id"])
        complete = rows.narrowed(is_complete(self.model, row))
        return complete.select(json_list(made, [every.order])).scalar_subquery()


def _member(type_: ContentType) -> str:
    """The value of the enumeration `ItemType` for a type."""
    return type_.table_name.upper()


def _types(requested: RequestedField) -> list[str]:
    return [each.name for each in requested.given["types"]]
