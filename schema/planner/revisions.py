"""Connections of revisions, and the root field `diff`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    case,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from schema.entities.fields import Format
from schema.errors import ErrorCode
from schema.expressions import Expression
from schema.model import HEADER
from schema.planner.arguments import Parameters, RequestedField
from schema.planner.ids import parse_number
from schema.planner.json import NULL, json_list, json_object, name
from schema.planner.orders import OrderTerm
from schema.planner.pages import ConnectionSource, Listing
from schema.planner.rows import Picked
from schema.planner.selection import Selected
from schema.tables.revision import Revision

PREFIX = "revision"
"""The prefix of the ids of revisions."""

_REVISION = cast(Table, Revision.__table__)


@dataclass(frozen=True)
class RevisionConnection(Listing):
    """The revisions that meet a condition, newest first."""

    parameters: Parameters
    selected: Selected
    condition: Callable[[FromClause], ColumnElement[bool]]

    @property
    def name(self) -> str:
        return "Revision"

    def source(self) -> ConnectionSource:
        """The rows of the table that meet the condition."""
        rows = _REVISION.alias()

        def statement(*columns: Expression) -> Select[Any]:
            found: Select[Any] = select(*columns).select_from(rows).where(self.condition(rows))
            return found.correlate_except(rows)

        return ConnectionSource(statement, rows)

    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The id, descending: newest first."""
        return [
            OrderTerm("id", columns.c.id, descending=True, format=Format.INTEGER, nullable=False)
        ]

    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The JSON object of a revision."""
        return json_object(selected.selections, partial(_value, picked))


def _value(row: Picked, selected: Selected) -> Expression:
    match selected.name:
        case "id":
            return name(f"{PREFIX}_").concat(row["id"].cast(Text()))
        case "changes":
            return _changes(row["changes"], selected.selections)
    return row[selected.name]


def _changes(changes: Expression, selections: Sequence[Selected]) -> Expression:
    each = (
        func.jsonb_array_elements(changes)
        .table_valued("value", with_ordinality="place", name="change")
        .render_derived()
    )
    values = {
        key: each.c.value.op("->", return_type=JSONB())(name(key))
        for key in ("path", "before", "after")
    }
    made = select(json_list(change(values, selections), [each.c.place])).select_from(each)
    return made.correlate_except(each).scalar_subquery()


def change(values: Mapping[str, Expression], selections: Sequence[Selected]) -> Expression:
    """The JSON object of a change; `values` are those of its fields."""
    return json_object(selections, lambda each: values[each.name])


def difference(parameters: Parameters, selected: Selected) -> Expression:
    """The values that differ between two revisions, as `service.editing.changes` compares them.

    Null if one of the revisions does not exist.
    """
    documents = {argument: _document(parameters, selected, argument) for argument in ("from", "to")}
    old, new = (_values(document).subquery() for document in documents.values())
    before, after = (
        case((func.jsonb_typeof(each.c.value) != name("null"), each.c.value)) for each in (old, new)
    )
    values = {"path": func.coalesce(new.c.path, old.c.path), "before": before, "after": after}
    both = old.join(new, old.c.path == new.c.path, full=True)
    made = (
        select(json_list(change(values, selected.selections), [values["path"]]))
        .select_from(both)
        .where(old.c.value.is_distinct_from(new.c.value))
        .correlate_except(both)
        .scalar_subquery()
    )
    are_there = [each.is_not(None) for each in documents.values()]
    return case((are_there[0] & are_there[1], made), else_=NULL)


def _document(parameters: Parameters, selected: Selected, argument: str) -> Expression:
    def number(requested: RequestedField) -> int:
        try:
            return parse_number(requested.given[argument], PREFIX)
        except ValueError as error:
            raise requested.error(ErrorCode.BAD_ID, f"`{argument}`: {error}.") from error

    rows = _REVISION.alias()
    key = parameters.add(selected, BigInteger(), number)
    return select(rows.c.document).where(rows.c.id == key).correlate_except(rows).scalar_subquery()


def _values(document: Expression) -> Select[Any]:
    """The values in a document, as rows of `path` and `value`: see `service.editing.changes`.

    A map of locales has one for each locale; any other field is one value.
    """
    field = func.jsonb_each(document).table_valued("key", "value", name="field").render_derived()
    is_map = func.jsonb_typeof(field.c.value) == name("object")
    single = func.jsonb_build_object(name(""), field.c.value)
    of_locales = case((is_map, field.c.value), else_=single)
    text = (
        func.jsonb_each(of_locales)
        .table_valued("locale", "value", name="text")
        .render_derived()
        .lateral()
    )
    key, locale = field.c.key.cast(Text()), text.c.locale.cast(Text())
    path = case((is_map, array([key, locale])), else_=array([key]))
    return (
        select(path.label("path"), text.c.value.cast(JSONB()).label("value"))
        .select_from(field.join(text, true()))
        .where(key.not_in([name(each) for each in HEADER]))
    )
