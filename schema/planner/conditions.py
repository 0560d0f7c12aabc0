"""`where`: which rows.

A condition on a relation is one on the rows that the relation is served with: an inherited list is
the lender's, and what is not published is not there. Two conditions of one `some` hold for the same
row.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import ListValueNode, ObjectValueNode, ValueNode, VariableNode
from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.types import TypeEngine

from schema.attributes import Attribute, Field, Relation, ToOne
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
        if where is not None and (path := self._absent()):
            message = "is a variable without a value; give it one, or leave the condition out"
            raise self._error(path, message)
        return self._all(row, where, ("where",)) if where else true()

    def _absent(self) -> Path | None:
        """Where a variable stands inside of the argument that the request has no value for.

        GraphQL would leave it out, and what somebody forgot to fill would answer everything.
        """
        arguments = self.selected.nodes[0].arguments or ()
        [node] = (each.value for each in arguments if each.name.value == "where")
        given = self.parameters.request.variables.coerced
        if isinstance(node, VariableNode):
            return None
        absent = (
            path for path, each in _variables(node, ("where",)) if each.name.value not in given
        )
        return next(absent, None)

    def _all(self, row: Row, where: Where, path: Path) -> Condition:
        """What an input object says holds altogether."""
        return and_(
            true(), *(self._one(row, key, each, (*path, key)) for key, each in where.items())
        )

    def _one(self, row: Row, key: str, value: Any, path: Path) -> Condition:
        match key:
            case "and" | "or" | "not" if value is None:
                raise self._error(path, "is null; leave it out")
            case "and":
                return and_(true(), *self._each(row, value, path))
            case "or":
                return or_(false(), *self._each(row, value, path))
            case "not":
                return negated(self._all(row, value, path))
        return self._about(row, key, value, path)

    def _about(self, row: Row, key: str, value: Any, path: Path) -> Condition:
        """What is said about an attribute."""
        attribute = row.type.named(key)
        if value is None:
            raise self._error(path, f"is null; {_instead(attribute, key)}")
        if not value and not isinstance(attribute, ToOne):
            raise self._error(path, "says nothing; put a condition into it, or leave it out")
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


def _instead(attribute: Attribute, key: str) -> str:
    """What says what somebody may have meant by a null."""
    if isinstance(attribute, Field):
        return "leave it out, or ask for what is missing with `isNull`"
    nothing = "{}" if isinstance(attribute, ToOne) else "{ some: {} }"
    return f"leave it out, or ask for what has none with `not: {{ {key}: {nothing} }}`"


def _variables(node: ValueNode, path: Path) -> Iterator[tuple[Path, VariableNode]]:
    """The variables in a value, each with the place where it stands."""
    match node:
        case VariableNode():
            yield path, node
        case ListValueNode():
            for index, each in enumerate(node.values):
                yield from _variables(each, (*path, index))
        case ObjectValueNode():
            for field in node.fields:
                yield from _variables(field.value, (*path, field.name.value))


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
