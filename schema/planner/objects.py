"""Rows as the JSON objects and lists that a selection asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from sqlalchemy import ColumnElement, Text, case, func
from sqlalchemy import cast as cast_to

from schema.attributes import (
    Computed,
    History,
    InheritedList,
    LookedUp,
    Provenance,
    ReadAs,
    Reading,
    Reference,
    Relation,
    Reverse,
    ScalarField,
    Scheduled,
    Statuses,
    Translations,
)
from schema.delivery import Stage
from schema.entities.fields import Format
from schema.entities.live_tables import RICH_TEXT_FORMS, rich_text_column
from schema.errors import ErrorCode, request_error
from schema.expressions import Expression
from schema.model import Model
from schema.planner.arguments import Parameters
from schema.planner.computations import place_of
from schema.planner.conditions import filtered
from schema.planner.connections import ItemConnection
from schema.planner.groups import Groups
from schema.planner.ids import format_id
from schema.planner.json import json_object, name
from schema.planner.lists import listed
from schema.planner.marks import marks
from schema.planner.revisions import RevisionConnection
from schema.planner.rows import Row, Rows, related
from schema.planner.schedules import schedule
from schema.planner.selection import TYPENAME, Selected
from schema.planner.statuses import statuses
from schema.planner.translations import provenance, translations

Selections = Sequence[Selected]


@dataclass(frozen=True)
class Objects:
    """Makes the JSON of selections on rows, and collects the parameters that it needs."""

    model: Model
    parameters: Parameters

    def one(self, rows: Rows, selections: Selections) -> ColumnElement[Any]:
        """The object of at most one row; null if there is none."""
        return rows.select(self.object(rows.row, selections)).scalar_subquery()

    def many(self, row: Row, relation: Relation, selected: Selected) -> ColumnElement[Any]:
        """The list at the other end of a relation.

        If the row is a joined one, or the list is inherited, several rows share the list. It is a
        lateral join then, whose results PostgreSQL can memoize.
        """
        if isinstance(relation, InheritedList):
            via = cast(Reference, row.type.attributes[relation.inheritance.via])
            inherited = cast(Relation, self.model.inherited(row.type, relation.inheritance))
            return self.many(row.joins.to(self.model, row, via), inherited, selected)
        rows = related(self.model, row.shown, relation)
        found = listed(self.model, self.parameters, selected, rows, self.object)
        is_shared = row.is_joined or relation.inheritance is not None
        return row.joins.value(found) if is_shared else found.scalar_subquery()

    def page(self, rows: Rows, selected: Selected) -> ColumnElement[Any]:
        """A connection over the rows."""
        return ItemConnection(self.model, self.parameters, selected, rows, self.object).page()

    def groups(self, rows: Rows, selected: Selected, units: Sequence[str]) -> ColumnElement[Any]:
        """A connection over groups of the rows."""
        found = filtered(self.model, self.parameters, selected, rows)
        return Groups(self.model, self.parameters, selected, found, self.object, units).page()

    def object(self, row: Row, selections: Selections) -> ColumnElement[Any]:
        """The object of a row."""
        is_marked = self.parameters.shapes.is_marked
        marked = [*marks(self.model, row, selections)] if is_marked else ()
        return json_object(selections, partial(self._value, row), marked)

    def _value(self, row: Row, selected: Selected) -> ColumnElement[Any]:
        attribute = row.type.named(selected.name)
        match attribute:
            case ScalarField():
                return self._field(row, attribute, selected)
            case Computed():
                return place_of(self.model, self.parameters, row, attribute, selected)
            case Reference():
                return self._other(row, attribute, selected.selections)
            case Provenance() | Statuses() | Translations() | Scheduled() | History() | Reverse():
                return self._looked_up(row, attribute, selected)
            case ReadAs():
                return _read_as(row, attribute.reading)
            case Relation():
                return self.many(row, attribute, selected)
        raise TypeError(f"{attribute} is of a kind that cannot be selected")

    def _other(self, row: Row, relation: Reference, selections: Selections) -> ColumnElement[Any]:
        """The object at the other end of a to-one relation; null if there is none."""
        other = row.joins.to(self.model, row, relation)
        made = self.object(other, selections)
        return made if relation.required else case((other["id"].is_not(None), made))

    def _looked_up(self, row: Row, attribute: LookedUp | Reverse, selected: Selected) -> Expression:
        match attribute:
            case Provenance():
                return provenance(self.model, row, selected)
            case Translations():
                return translations(self.model, self.parameters, row, selected)
            case Statuses():
                return statuses(row, selected)
            case Scheduled():
                _require_drafts(row, selected)
                return schedule(row, selected)
            case History():
                _require_drafts(row, selected)
                return self._revisions(row, selected)
            case Reverse():
                return self.page(related(self.model, row.open, attribute), selected)

    def _revisions(self, row: Row, selected: Selected) -> ColumnElement[Any]:
        return RevisionConnection(
            self.parameters, selected, lambda rows: rows.c.item_id == row["id"]
        ).page()

    def _field(self, row: Row, field: ScalarField, selected: Selected) -> ColumnElement[Any]:
        if field.inheritance is None:
            return _own_value(row, field, selected)
        via = cast(Reference, row.type.attributes[field.inheritance.via])
        inherited = cast(ScalarField, self.model.inherited(row.type, field.inheritance))
        fallback = _own_value(row.joins.to(self.model, row, via), inherited, selected)
        return func.coalesce(_own_value(row, field, selected), fallback)


def _require_drafts(row: Row, selected: Selected) -> None:
    if row.stage is Stage.LIVE:
        message = f"Only the working copy has `{selected.name}`; read it with `stage: DRAFT`."
        raise request_error(ErrorCode.BAD_STAGE, message, selected.nodes, selected.path)


def _read_as(row: Row, reading: Reading) -> ColumnElement[Any]:
    match reading:
        case Reading.ITEM_ID:
            return format_id(row.type.table_name, row["id"])
        case Reading.LOCALE:
            return row["locale"]
        case Reading.STAGE:
            return cast_to(name(row.stage.name), Text())


def _own_value(row: Row, field: ScalarField, selected: Selected) -> ColumnElement[Any]:
    match field.format:
        case Format.ID:
            return format_id(row.type.table_name, row[field.name], row.context.suffix)
        case Format.RICH_TEXT:
            return _rich_text(row, field, selected.selections)
        case _:
            return row[field.name]


def _rich_text(row: Row, field: ScalarField, selections: Selections) -> ColumnElement[Any]:
    forms = [each.name for each in selections if each.name != TYPENAME]
    # Either all forms are null or none, so one that is selected tells; no other one has to be read.
    column = row[rich_text_column(field.name, forms[0] if forms else RICH_TEXT_FORMS[0])]
    made = json_object(selections, partial(_form, row, field))
    return case((column.is_not(None), made))


def _form(row: Row, field: ScalarField, selected: Selected) -> ColumnElement[Any]:
    return row[rich_text_column(field.name, selected.name)]
