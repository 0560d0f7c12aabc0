"""The GraphQL input types: what can be asked of each type with `where` and `orderBy`."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import strawberry

from schema.attributes import (
    Attribute,
    Computed,
    History,
    Reference,
    Relation,
    ScalarField,
    Scheduled,
    Statuses,
)
from schema.graphql.scalars import types_of
from schema.model import ContentType, Model
from schema.planner.arguments import Direction
from schema.planner.comparisons import Operator
from schema.planner.conditions import QUANTIFIERS, ways_up
from schema.planner.formats import FORMATS

DIRECTION = strawberry.enum(
    Direction,
    description="Which way an order goes. What is missing counts as larger than anything else; "
    "texts are ordered by their code points.",
)


_NOT_STORED = (Computed, History, Scheduled, Statuses)


class InputField(NamedTuple):
    """A field of an input type."""

    name: str
    annotation: Any
    description: str | None = None


class Inputs:
    """The input types of a model's types; they refer to one another, so all are made first."""

    def __init__(self, model: Model) -> None:
        self.where = {name: type(f"{name}Where", (), {}) for name in model}
        self.order = {name: type(f"{name}OrderBy", (), {}) for name in model}
        self._lists = {name: type(f"{name}ListWhere", (), {}) for name in model}
        self._filters: dict[str, type] = {}
        for each in model.values():
            self._describe(each)

    def _describe(self, each: ContentType) -> None:
        where, lists = self.where[each.name], self._lists[each.name]
        found = each.attributes.values()
        stored = [it for it in found if not isinstance(it, _NOT_STORED)]
        fields = map(self._condition, stored)
        describe(
            where,
            f"Which {each.label} is meant; all that is said has to hold.",
            [
                *_combinations(where),
                *_ways_up(each, where),
                *fields,
            ],
        )
        quantified = [InputField(name, where, text) for name, text in QUANTIFIERS.items()]
        describe(lists, f"What the items of a list of this type are: {each.label}.", quantified)
        orders = filter(None, map(self._order, stored))
        description = "One thing to order by; give several in a list."
        describe(self.order[each.name], description, orders, one_of=True)

    def _condition(self, attribute: Attribute) -> InputField:
        if isinstance(attribute, ScalarField):
            return InputField(attribute.graphql_name, self._filter(attribute))
        if isinstance(attribute, Reference):
            return InputField(attribute.graphql_name, self.where[attribute.target])
        if isinstance(attribute, Relation):
            return InputField(attribute.graphql_name, self._lists[attribute.target])
        raise TypeError(f"{attribute} is of a kind that has no conditions")

    def _order(self, attribute: Attribute) -> InputField | None:
        if isinstance(attribute, ScalarField) and FORMATS[attribute.format].cursor_value:
            return InputField(attribute.graphql_name, DIRECTION)
        if isinstance(attribute, Reference):
            return InputField(attribute.graphql_name, self.order[attribute.target])
        return None

    def _filter(self, field: ScalarField) -> type:
        comparison = FORMATS[field.format].comparison
        operand = types_of(field).operand
        name = f"{comparison.name or operand.__name__}Filter"
        if name not in self._filters:
            label = name.removesuffix("Filter")
            self._filters[name] = describe(
                type(name, (), {}),
                f"How a value of the type {label} compares; all that is said has to hold.",
                _comparisons(comparison.operators, operand),
            )
        return self._filters[name]

    def of_types(self, name: str, description: str, types: Iterable[ContentType]) -> type:
        """An input with conditions on each of several types."""
        fields = (
            InputField(
                each.graphql_name, self.where[each.name], f"The conditions on {each.labels}."
            )
            for each in types
        )
        return describe(type(name, (), {}), description, fields)


def describe(
    cls: type, description: str, fields: Iterable[InputField], *, one_of: bool = False
) -> type:
    """Make a Strawberry input type of an empty class; every field may be left out."""
    cls.__annotations__ = {}
    for each in fields:
        # Names such as `in` and `not` are none in Python.
        name = f"{each.name}_"
        if name in cls.__annotations__:
            raise TypeError(f"{cls.__name__} has two fields called {each.name}")
        made = strawberry.field(
            name=each.name, description=each.description, default=strawberry.UNSET
        )
        cls.__annotations__[name] = each.annotation | None
        setattr(cls, name, made)
    return strawberry.input(cls, description=description, one_of=one_of)


def _combinations(where: Any) -> list[InputField]:
    return [
        InputField("and", list[where], "All of these hold."),
        InputField("or", list[where], "One of these holds at least."),
        InputField("not", where, "This does not hold."),
    ]


def _ways_up(type_: ContentType, where: Any) -> Iterable[InputField]:
    for name, way in ways_up(type_).items():
        above = f"or for one of its ancestors by `{way.graphql_name}`"
        description = f"This holds for the {type_.label} itself {above}."
        yield InputField(name, where, description)


def _comparisons(operators: Mapping[str, Operator], operand: Any) -> Iterable[InputField]:
    annotations = {"value": operand, "list": list[operand], "boolean": bool}
    for name, operator in operators.items():
        yield InputField(name, annotations[operator.operand], operator.description)
