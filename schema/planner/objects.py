"""Rows as the JSON objects and lists that a selection asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, case

from schema.entities.fields import Format
from schema.entities.twins import RICH_TEXT_FORMS, rich_text_column
from schema.model import Computed, Field, Model, Relation, Reverse, ToOne
from schema.planner.arguments import Parameters
from schema.planner.computations import place_of
from schema.planner.conditions import filtered
from schema.planner.connections import Items
from schema.planner.groups import Groups
from schema.planner.ids import written
from schema.planner.json import json_object, name
from schema.planner.lists import listed
from schema.planner.rows import Related, Row, Rows, related
from schema.planner.selection import TYPENAME, Selected

Selections = Sequence[Selected]


@dataclass(frozen=True)
class Objects:
    """Makes expressions that answer selections on rows; gathers the parameters that they need."""

    model: Model
    parameters: Parameters

    def one(self, rows: Rows, selections: Selections) -> ColumnElement[Any]:
        """The object of the only row there can be; null where there is none."""
        return rows.select(self.object(rows.row, selections)).scalar_subquery()

    def many(self, rows: Rows, selected: Selected) -> ColumnElement[Any]:
        """A list over the rows."""
        return listed(self.model, self.parameters, selected, rows, self.object)

    def page(self, rows: Related, selected: Selected) -> ColumnElement[Any]:
        """A connection over the rows."""
        return Items(self.model, self.parameters, selected, rows, self.object).page()

    def groups(self, rows: Related, selected: Selected, units: Sequence[str]) -> ColumnElement[Any]:
        """A connection over groups of the rows."""

        def found() -> Rows:
            return filtered(self.model, self.parameters, selected, rows())

        return Groups(self.model, self.parameters, selected, found, self.object, units).page()

    def object(self, row: Row, selections: Selections) -> ColumnElement[Any]:
        """The object of a row."""
        return json_object((each.key, self._value(row, each)) for each in selections)

    def _value(self, row: Row, selected: Selected) -> ColumnElement[Any]:
        if selected.name == TYPENAME:
            return name(row.type.name)
        attribute = row.type.named(selected.name)
        match attribute:
            case Field():
                return self._field(row, attribute, selected)
            case Computed():
                return place_of(self.model, self.parameters, row, attribute, selected)
            case ToOne():
                return self._other(row, attribute, selected.selections)
            case Reverse():
                return self.page(lambda: related(self.model, row, attribute), selected)
            case Relation():
                return self.many(related(self.model, row, attribute), selected)
        raise TypeError(f"{attribute} is of a kind that cannot be selected")

    def _other(self, row: Row, relation: ToOne, selections: Selections) -> ColumnElement[Any]:
        """The object at the other end of a to-one relation."""
        other = row.joins.to(self.model, row, relation)
        made = self.object(other, selections)
        return made if relation.required else case((other["id"].is_not(None), made))

    def _field(self, row: Row, field: Field, selected: Selected) -> ColumnElement[Any]:
        if field.inheritance is None:
            return _own_value(row, field, selected)
        via = cast(ToOne, row.type.attributes[field.inheritance.via])
        lent = cast(Field, self.model.lent(row.type, field.inheritance))
        fallback = _own_value(row.joins.to(self.model, row, via), lent, selected)
        own = _own_value(row, field, selected)
        return case((row[field.name].is_not(None), own), else_=fallback)


def _own_value(row: Row, field: Field, selected: Selected) -> ColumnElement[Any]:
    column = row[field.name]
    match field.format:
        case Format.ID:
            return written(row.type.table_name, column)
        case Format.RICH_TEXT:
            made = json_object((each.key, _form(row, field, each)) for each in selected.selections)
            return case((column.is_not(None), made))
        case _:
            return column


def _form(row: Row, field: Field, selected: Selected) -> ColumnElement[Any]:
    if selected.name == TYPENAME:
        return name("RichText")
    if selected.name not in RICH_TEXT_FORMS:
        raise TypeError(f"rich text has no form called {selected.name}")
    return row[rich_text_column(field.name, selected.name)]
