"""The conditions of the argument `where`.

A condition on a relation is about the rows that the relation serves: an inherited list is that of
the source, and the live copy has no unpublished items. All conditions in one `some` have to be true
of the same row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, false, or_, true
from sqlalchemy.types import TypeEngine

from schema.attributes import Attribute, Reference, Relation, ScalarField, camel_case
from schema.entities.fields import Format
from schema.errors import ErrorCode, request_error
from schema.expressions import Expression
from schema.model import ContentType, Model
from schema.planner.arguments import (
    ArgumentPath,
    Parameters,
    RequestedField,
    Rule,
    known_locale,
)
from schema.planner.comparisons import Operator, negated, operand_of
from schema.planner.compiled import CompiledOnce
from schema.planner.formats import FORMATS
from schema.planner.ids import parse_id
from schema.planner.rows import ListedRow, Row, Rows, all_rows, below, ids, reached, related
from schema.planner.selection import Selected
from schema.planner.shapes import ArgumentShape, ObjectShape, items, members
from schema.planner.sources import lacks_translation
from schema.planner.values import value_of

Condition = ColumnElement[bool]

QUANTIFIERS = {
    "some": "At least one item in the list matches.",
    "none": "No item in the list matches.",
    "every": "Every item in the list matches; true for an empty list.",
}


WITHIN = "within"

UNTRANSLATED = "untranslated"
"""The condition on texts that are missing in a locale."""


def ways_up(type_: ContentType) -> dict[str, Reference]:
    """The references of a type to itself, by the names of their conditions.

    Such a condition has to be true of the item or of one of its ancestors along the reference:
    `within` is about the first reference that a type declares, `withinRegion` about another one,
    called `region`.
    """
    found = [
        each
        for each in type_.attributes.values()
        if isinstance(each, Reference) and each.target == type_.name
    ]
    return {_way_up(each, is_first=each is found[0]): each for each in found}


def _way_up(relation: Reference, *, is_first: bool) -> str:
    return WITHIN if is_first else camel_case(f"{WITHIN}_{relation.name}")


def filtered(model: Model, parameters: Parameters, selected: Selected, rows: Rows) -> Rows:
    """The rows that meet the argument `where` of a field."""
    row = rows.row if parameters.given(selected).get("where") is None else rows.row.scanned
    return rows.narrowed(CompiledOnce(_Conditions(model, parameters, selected).where(row)))


def conditions_of_types(
    model: Model, parameters: Parameters, selected: Selected, rows: Callable[[ContentType], Rows]
) -> Iterator[tuple[ContentType, Condition]]:
    """The content types that the argument `where` of a field names, each with its condition.

    The condition is that one of the rows, which `rows` returns for the type, meets `where`.
    """
    conditions = _Conditions(model, parameters, selected)
    types = {each.graphql_name: each for each in model.content()}
    for name, where in conditions.said():
        yield types[name], conditions.some(rows(types[name]), where, ("where", name))


@dataclass(frozen=True)
class _Conditions:
    """Makes the conditions of one field; their operands become parameters."""

    model: Model
    parameters: Parameters
    selected: Selected

    def where(self, row: Row) -> Condition:
        """The condition of the field's argument `where`; true if that is left out."""
        return self._all(row, self.said(), ("where",))

    def said(self) -> ObjectShape:
        """The field's argument `where`; empty if it is left out.

        Raises `GraphQLError` if there is a variable without a value in it.
        """
        where = self.parameters.given(self.selected).get("where")
        if where is not None and (path := self._absent()):
            message = "is a variable without a value; give it one, or leave the condition out"
            raise self._error(path, message)
        return members(where)

    def _absent(self) -> ArgumentPath | None:
        """The path to a variable without a value in `where`; None if there is none."""
        found = self.parameters.shapes.absent(self.selected)
        return next((path for path in found if path[0] == "where"), None)

    def _all(self, row: Row, where: ObjectShape, path: ArgumentPath) -> Condition:
        """The conjunction of the conditions in an input object."""
        return and_(true(), *(self._one(row, key, each, (*path, key)) for key, each in where))

    def _one(self, row: Row, key: str, value: ArgumentShape, path: ArgumentPath) -> Condition:
        match key:
            case "and" | "or" | "not" if value is None:
                raise self._error(path, "is null; leave it out")
            case "and":
                return and_(true(), *self._each(row, value, path))
            case "or":
                return or_(false(), *self._each(row, value, path))
            case "not":
                return negated(self._all(row, members(value), path))
        return self._about(row, key, value, path)

    def _about(self, row: Row, key: str, value: ArgumentShape, path: ArgumentPath) -> Condition:
        """The condition on an attribute, or on the item and its ancestors."""
        if way := ways_up(row.type).get(key):
            return self._within(row, way, value, path)
        if key == UNTRANSLATED:
            return self._untranslated(row, value, path)
        attribute = row.type.named(key)
        if value is None:
            raise self._error(path, f"is null; {_instead(attribute, key)}")
        said = members(value)
        if not said and not isinstance(attribute, Reference):
            raise self._error(path, "is empty; put a condition into it, or leave it out")
        if isinstance(attribute, ScalarField):
            return self._field(row, attribute, said, path)
        if isinstance(attribute, Reference):
            return self._some(related(self.model, row, attribute), said, path)
        if isinstance(attribute, Relation):
            return self._quantified(row, attribute, said, path)
        raise TypeError(f"{row.type.name}.{key} is of a kind that has no conditions")

    def _each(self, row: Row, branches: ArgumentShape, path: ArgumentPath) -> list[Condition]:
        return [
            self._all(row, members(branch), (*path, index))
            for index, branch in enumerate(items(branches))
        ]

    def _within(
        self, row: Row, way: Reference, where: ArgumentShape, path: ArgumentPath
    ) -> Condition:
        """Whether a row, or one of its ancestors along a reference, meets a condition.

        The rows that meet it, and their descendants, are found once, as in `ListedRow.any`.
        """
        if where is None:
            raise self._error(path, "is null; leave it out")
        rows = all_rows(row.type, row.context)
        top = rows.narrowed(self._all(rows.row, members(where), path))
        return row["id"] == any_(ids(below(top, way)))

    def _untranslated(self, row: Row, said: ArgumentShape, path: ArgumentPath) -> Condition:
        """Whether a row has texts of another language in a locale."""
        if said is None:
            raise self._error(path, "is null; leave it out")
        fields = members(said).get("fields")
        if fields is None and any(key == "fields" for key, _ in members(said)):
            raise self._error((*path, "fields"), "is null; leave it out for all texts")

        def locale(requested: RequestedField) -> str:
            return known_locale(requested, str(_at(requested.given, path)["locale"]))

        def names(requested: RequestedField) -> list[str]:
            return [each.value for each in _at(requested.given, path)["fields"]]

        rows = all_rows(row.type, row.context._replace(locale=self._add(Text(), locale)))
        some = None if fields is None else self._add(ARRAY(Text()), names)
        return rows.narrowed(rows.row["id"] == row["id"]).any(lacks_translation(rows.row, some))

    def _add(self, type_: TypeEngine[Any], rule: Rule) -> Expression:
        return self.parameters.add(self.selected, type_, rule)

    def _quantified(
        self, row: Row, relation: Relation, said: ObjectShape, path: ArgumentPath
    ) -> Condition:
        makers: dict[str, Callable[[Rows | ListedRow, ObjectShape, ArgumentPath], Condition]] = {
            "some": self._some,
            "none": lambda rows, where, below: ~self._some(rows, where, below),
            "every": self._every,
        }
        conditions: list[Condition] = []
        for quantifier, where in said:
            if where is None:
                raise self._error((*path, quantifier), "is null; leave it out")
            rows = reached(self.model, row, relation)
            conditions.append(makers[quantifier](rows, members(where), (*path, quantifier)))
        return and_(true(), *conditions)

    def some(self, rows: Rows, where: ArgumentShape, path: ArgumentPath) -> Condition:
        """Whether one of the rows meets a condition."""
        if where is None:
            raise self._error(path, "is null; leave it out")
        return self._some(rows, members(where), path)

    def _some(self, rows: Rows | ListedRow, where: ObjectShape, path: ArgumentPath) -> Condition:
        return rows.any(self._all(rows.row, where, path))

    def _every(self, rows: Rows | ListedRow, where: ObjectShape, path: ArgumentPath) -> Condition:
        return ~rows.any(negated(self._all(rows.row, where, path)))

    def _field(
        self, row: Row, field: ScalarField, operands: ObjectShape, path: ArgumentPath
    ) -> Condition:
        value = value_of(self.model, row, field)
        operators = FORMATS[field.format].comparison.operators
        conditions: list[Condition] = []
        for key, operand in operands:
            place = (*path, key)
            if operand is None:
                raise self._error(place, f"is null; {_instead_of_value(field)}")
            parameter = self._parameter(row.type, field, operators[key], place)
            conditions.append(operators[key].compare(value, parameter))
        return and_(true(), *conditions)

    def _parameter(
        self, type_: ContentType, field: ScalarField, operator: Operator, path: ArgumentPath
    ) -> Expression:
        def parameter(sql_type: TypeEngine[Any], convert: Callable[[Any], Any]) -> Expression:
            def rule(requested: RequestedField) -> Any:
                operand = _at(requested.given, path)
                try:
                    return convert(_uuids(type_, operand) if field.format is Format.ID else operand)
                except ValueError as error:
                    message = f"`{_written(path)}`: {error}."
                    raise requested.error(ErrorCode.BAD_FILTER, message) from error

            return self._add(sql_type, rule)

        return operand_of(FORMATS[field.format].comparison, operator, parameter)

    def _error(self, path: ArgumentPath, message: str) -> Exception:
        nodes, place = self.selected.nodes, self.selected.path
        return request_error(ErrorCode.BAD_FILTER, f"`{_written(path)}` {message}.", nodes, place)


def _instead(attribute: Attribute, key: str) -> str:
    """The advice on what to write instead of a null."""
    if isinstance(attribute, ScalarField):
        return f"leave it out, or {_instead_of_value(attribute)}"
    if isinstance(attribute, Reference) and attribute.required:
        return "leave it out, because every item has one"
    nothing = "{}" if isinstance(attribute, Reference) else "{ some: {} }"
    return f"leave it out, or find items without one with `not: {{ {key}: {nothing} }}`"


def _instead_of_value(field: ScalarField) -> str:
    if "isNull" in FORMATS[field.format].comparison.operators:
        return "find missing values with `isNull`"
    return "give a value, because every item has one"


def _at(given: Any, path: ArgumentPath) -> Any:
    for key in path:
        given = given[key]
    return given


def _written(path: ArgumentPath) -> str:
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")


def _uuids(type_: ContentType, given: Any) -> Any:
    """The UUID in an id, or those in a list of ids; raises `ValueError` for ids of other types."""
    if isinstance(given, list):
        return [_uuids(type_, each) for each in given]
    return parse_id(str(given), [type_.table_name]).uuid
