"""Where texts come from: the locale that was read, or one of its fallbacks."""

from typing import cast

from sqlalchemy import false, func, literal_column, or_
from sqlalchemy.sql.elements import ColumnElement

from schema.attributes import Reference, ScalarField
from schema.entities.live_tables import locale_column
from schema.expressions import Expression
from schema.model import Model
from schema.planner.json import name
from schema.planner.rows import Row


def source(model: Model, row: Row, field: ScalarField) -> Expression:
    """The locale that a text is taken from, as it is served; null if there is no text."""
    own = row[locale_column(field.name)]
    if field.inheritance is None:
        return own
    via = cast(Reference, row.type.attributes[field.inheritance.via])
    lent = model.inherited(row.type, field.inheritance)
    return func.coalesce(own, row.joins.to(model, row, via)[locale_column(lent.name)])


def lacks_translation(row: Row, fields: Expression | None = None) -> ColumnElement[bool]:
    """Whether one of the row's own texts is in another language than the row.

    `fields` is an array of names, if only the texts of some fields matter.
    """
    foreign = (_is_foreign(row, each, fields) for each in row.type.texts)
    return func.coalesce(or_(false(), *foreign), false())


def _is_foreign(row: Row, field: ScalarField, fields: Expression | None) -> ColumnElement[bool]:
    language = _language(row["locale"])
    is_foreign: ColumnElement[bool] = _language(row[locale_column(field.name)]) != language
    return is_foreign if fields is None else is_foreign & (name(field.name) == func.any(fields))


def _language(locale: Expression) -> Expression:
    """The language of a locale: of `nl-BE`, `nl`."""
    return func.split_part(locale, literal_column("'-'"), literal_column("1"))
