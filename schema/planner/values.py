"""The values of fields in conditions and sort keys."""

from typing import Any, cast

from sqlalchemy import ColumnElement, func

from schema.attributes import ScalarField
from schema.entities.fields import Format
from schema.entities.live_tables import rich_text_column
from schema.model import Model
from schema.planner.formats import comparable
from schema.planner.rows import Row, related


def value_of(model: Model, row: Row, field: ScalarField) -> ColumnElement[Any]:
    """The value of a field, or else the inherited one; rich text without its markup."""
    own = _own(row, field)
    if field.inheritance is None:
        return own
    inherited = cast(ScalarField, model.inherited(row.type, field.inheritance))
    source = related(model, row, row.type.attributes[field.inheritance.via])
    return func.coalesce(own, source.select(_own(source.row, inherited)).scalar_subquery())


def _own(row: Row, field: ScalarField) -> ColumnElement[Any]:
    name = field.name
    if field.format is Format.RICH_TEXT:
        name = rich_text_column(name, "text")
    return comparable(row[name], field.format)
