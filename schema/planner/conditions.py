"""`where`: which rows.

A condition on a relation is one on the rows that the relation is served with: an inherited list is
the lender's, and what is not published is not there. Two conditions of one `some` hold for the same
row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.types import TypeEngine

from schema.attributes import Field, Relation, ToOne
from schema.entities.fields import Format
from schema.model import ContentType, Model
from schema.planner.arguments import Argued, Parameters
from schema.planner.comparisons import COMPARISONS, Operator, negated, operand_of
from schema.planner.ids import read
from schema.planner.rows import Row, Rows, related
from schema.planner.selection import Selected
from schema.planner.values import value_of

Path = tuple[str | int, ...]
Where = Mapping[str, Any]
Condition = ColumnElement[bool]
Expression = ColumnElement[Any]

QUANTIFIERS = {
    "some": "One item at least is so.",
    "none": "No item is so.",
    "every": "All items are so; also where there are none.",
}


def filtered(model: Model, parameters: Parameters, selected: Selected, rows: Rows) -> Rows:
    """The rows that the argument `where` of a field lets through."""
    return rows.narrowed(_Conditions(model, parameters, selected).where(rows.row))


@dataclass(frozen=True)
class _Conditions:
    """Makes the conditions of one field; its values become parameters."""

    model: Model
    parameters: Parameters
    selected: Selected

    def where(self, row: Row) -> Condition:
        """The condition that the field's argument `where` is; none where it is left out."""
        where = self.parameters.given(self.selected).get("where")
        return self._all(row, where, ("where",)) if where else true()

    def _all(self, row: Row, where: Where, path: Path) -> Condition:
        """What an input object says holds altogether."""
        return and_(
            true(), *(self._one(row, key, each, (*path, key)) for key, each in where.items())
        )

    def _one(self, row: Row, key: str, value: Any, path: Path) -> Condition:
        if value is None:
            raise self._error(
                path, "is null; leave it out, or ask for what is missing with `isNull`"
            )
        match key:
            case "and":
                return and_(true(), *self._each(row, value, path))
            case "or":
                return or_(false(), *self._each(row, value, path))
            case "not":
                return negated(self._all(row, value, path))
        attribute = row.type.named(key)
        if isinstance(attribute, Field):
            return self._field(row, attribute, value, path)
        if isinstance(attribute, ToOne):
            return self._some(related(self.model, row, attribute), value, path)
        if isinstance(attribute, Relation):
            return self._quantified(row, attribute, value, path)
        raise TypeError(f"{row.type.name}.{key} is of a kind that has no conditions")

    def _each(self, row: Row, branches: list[Where], path: Path) -> list[Condition]:
        return [self._all(row, branch, (*path, index)) for index, branch in enumerate(branches)]

    def _quantified(self, row: Row, relation: Relation, value: Where, path: Path) -> Condition:
        makers: dict[str, Callable[[Rows, Where, Path], Condition]] = {
            "some": self._some,
            "none": lambda rows, where, below: ~self._some(rows, where, below),
            "every": self._every,
        }
        conditions: list[Condition] = []
        for quantifier, where in value.items():
            if where is None:
                raise self._error((*path, quantifier), "is null; leave it out")
            rows = related(self.model, row, relation)
            conditions.append(makers[quantifier](rows, where, (*path, quantifier)))
        return and_(true(), *conditions)

    def _some(self, rows: Rows, where: Where, path: Path) -> Condition:
        return rows.any(self._all(rows.row, where, path))

    def _every(self, rows: Rows, where: Where, path: Path) -> Condition:
        return ~rows.any(negated(self._all(rows.row, where, path)))

    def _field(self, row: Row, field: Field, operands: Where, path: Path) -> Condition:
        value = value_of(self.model, row, field)
        operators = COMPARISONS[field.format].operators
        conditions: list[Condition] = []
        for key, operand in operands.items():
            place = (*path, key)
            if operand is None:
                raise self._error(place, "is null; ask for what is missing with `isNull`")
            parameter = self._parameter(row.type, field, operators[key], place)
            conditions.append(operators[key].compare(value, parameter))
        return and_(true(), *conditions)

    def _parameter(
        self, type_: ContentType, field: Field, operator: Operator, path: Path
    ) -> Expression:
        def parameter(sql_type: TypeEngine[Any], convert: Callable[[Any], Any]) -> Expression:
            def rule(argued: Argued) -> Any:
                operand = _at(argued.given, path)
                try:
                    return convert(_uuids(type_, operand) if field.format is Format.ID else operand)
                except ValueError as error:
                    raise argued.error("BAD_FILTER", f"`{_written(path)}`: {error}.") from error

            return self.parameters.add(self.selected, sql_type, rule)

        return operand_of(field.format, operator, parameter)

    def _error(self, path: Path, message: str) -> Exception:
        argued = Argued(self.selected, {}, self.parameters.request.locales)
        return argued.error("BAD_FILTER", f"`{_written(path)}` {message}.")


def _at(given: Any, path: Path) -> Any:
    for key in path:
        given = given[key]
    return given


def _written(path: Path) -> str:
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")


def _uuids(type_: ContentType, given: Any) -> Any:
    """The UUID in an id, or those in a list of ids; `ValueError` for ids of other types."""
    if isinstance(given, list):
        return [_uuids(type_, each) for each in given]
    return read(str(given), [type_.table_name]).uuid
