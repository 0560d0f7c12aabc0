"""The GraphQL input types of `where` and `orderBy`, for each content type."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple

import strawberry

from schema.attributes import (
    Attribute,
    Computed,
    History,
    Provenance,
    ReadAs,
    Reference,
    Relation,
    ScalarField,
    Scheduled,
    Statuses,
    Translations,
    camel_case,
)
from schema.entities.fields import Format
from schema.graphql.enumerations import with_values
from schema.graphql.scalars import LocaleCode, types_of
from schema.model import ContentType, Model
from schema.planner.arguments import Direction
from schema.planner.comparisons import Operator
from schema.planner.conditions import QUANTIFIERS, UNTRANSLATED, ways_up
from schema.planner.formats import FORMATS

DIRECTION: Any = with_values(
    strawberry.enum(
        Direction,
        description="The direction of a sort. Null sorts as if it were larger than every value: "
        "last with ASC, first with DESC. Texts sort by Unicode code point, so `Z` comes before "
        "`a`.",
    ),
    {"ASC": "The smallest value first.", "DESC": "The largest value first."}.__getitem__,
)


_NOT_STORED = (Computed, History, Provenance, ReadAs, Scheduled, Statuses, Translations)


class InputField(NamedTuple):
    """A field of an input type."""

    name: str
    annotation: Any
    description: str | None = None
    required: bool = False


class Inputs:
    """The input types of a model.

    They refer to one another, so all classes are made first and described afterwards.
    """

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
            f"Conditions on {each.labels}; an item has to meet all of them.",
            [
                *_combinations(where),
                *_ways_up(each, where),
                *_untranslated(each),
                *fields,
            ],
        )
        quantified = [InputField(name, where, text) for name, text in QUANTIFIERS.items()]
        describe(
            lists,
            f"Conditions on a list of {each.labels}; the list has to meet all of them.",
            quantified,
        )
        orders = filter(None, map(self._order, stored))
        description = "One sort key: exactly one field. Give several sort keys as a list."
        describe(self.order[each.name], description, orders, one_of=True)

    def _condition(self, attribute: Attribute) -> InputField:
        name = attribute.graphql_name
        if isinstance(attribute, ScalarField):
            is_rich = attribute.format is Format.RICH_TEXT
            form = "the plain text of " if is_rich else ""
            return InputField(name, self._filter(attribute), f"Conditions on {form}`{name}`.")
        if isinstance(attribute, Reference):
            doc = f"Conditions on the `{name}`; one that is null meets none of them."
            return InputField(name, self.where[attribute.target], doc)
        if isinstance(attribute, Relation):
            return InputField(name, self._lists[attribute.target], f"Conditions on the `{name}`.")
        raise TypeError(f"{attribute} is of a kind that has no conditions")

    def _order(self, attribute: Attribute) -> InputField | None:
        name = attribute.graphql_name
        if isinstance(attribute, ScalarField) and FORMATS[attribute.format].cursor_value:
            return InputField(name, DIRECTION, f"Sort by `{name}`.")
        if isinstance(attribute, Reference):
            return InputField(name, self.order[attribute.target], f"Sort by a field of `{name}`.")
        return None

    def _filter(self, field: ScalarField) -> type:
        comparison = FORMATS[field.format].comparison
        operand = types_of(field).operand
        name = f"{comparison.name or operand.__name__}Filter"
        if name not in self._filters:
            self._filters[name] = describe(
                type(name, (), {}),
                "Conditions on the value of a field; the value has to meet all of them.",
                _comparisons(comparison.operators, operand),
            )
        return self._filters[name]

    def of_types(self, name: str, description: str, types: Iterable[ContentType]) -> type:
        """An input with conditions on each of several types."""
        fields = (
            InputField(each.graphql_name, self.where[each.name], f"Conditions on {each.labels}.")
            for each in types
        )
        return describe(type(name, (), {}), description, fields)


def describe(
    cls: type, description: str, fields: Iterable[InputField], *, one_of: bool = False
) -> type:
    """Turn an empty class into a Strawberry input type.

    Raises `TypeError` for a duplicate field.
    """
    cls.__annotations__ = {}
    for each in fields:
        # Names such as `in` and `not` are keywords in Python.
        name = f"{each.name}_"
        if name in cls.__annotations__:
            raise TypeError(f"{cls.__name__} has two fields called {each.name}")
        default = {} if each.required else {"default": strawberry.UNSET}
        made: Any = strawberry.field(name=each.name, description=each.description, **default)
        cls.__annotations__[name] = each.annotation if each.required else each.annotation | None
        setattr(cls, name, made)
    return strawberry.input(cls, description=description, one_of=one_of)


def _combinations(where: Any) -> list[InputField]:
    return [
        InputField("and", list[where], "All of these have to match."),
        InputField("or", list[where], "At least one of these has to match."),
        InputField("not", where, "This must not match."),
    ]


def _ways_up(type_: ContentType, where: Any) -> Iterable[InputField]:
    for name, way in ways_up(type_).items():
        up = f"its `{way.graphql_name}`, the `{way.graphql_name}` of that, and so on"
        description = f"At least one of these has to match: the {type_.label} itself, {up}."
        yield InputField(name, where, description)


def _untranslated(type_: ContentType) -> Iterable[InputField]:
    """The condition on what is missing in a locale; none for a type without texts."""
    if not type_.texts:
        return
    members = {each.name.upper(): each.name for each in type_.texts}
    make: Any = Enum
    texts: Any = with_values(
        strawberry.enum(
            make(f"{type_.name}TextField", members),
            description=f"The fields of {type_.labels} that have a text in each locale.",
        ),
        lambda name: f"`{camel_case(name.lower())}`.",
    )
    where = describe(
        type(f"{type_.name}{UNTRANSLATED.capitalize()}", (), {}),
        f"Texts of {type_.labels} that are missing in a locale.",
        [
            InputField("locale", LocaleCode, "The locale that lacks a text.", required=True),
            InputField("fields", list[texts], "Look at these fields only. Default: all texts."),
        ],
    )
    described = (
        f"A text of the {type_.label} comes from another language in this locale. At the stage "
        f"`LIVE`, a {type_.label} that is not published in the locale does not match."
    )
    yield InputField(UNTRANSLATED, where, described)


def _comparisons(operators: Mapping[str, Operator], operand: Any) -> Iterable[InputField]:
    annotations = {"value": operand, "list": list[operand], "boolean": bool}
    for name, operator in operators.items():
        yield InputField(name, annotations[operator.operand], operator.description)
