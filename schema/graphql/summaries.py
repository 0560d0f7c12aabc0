"""The GraphQL types of what is said of many items at once: aggregates, and groups with theirs."""

from collections.abc import Iterator, Mapping
from typing import Any

import strawberry

from schema.attributes import ScalarField
from schema.entities.fields import Format
from schema.graphql.field_specs import PAGE, Argument, Described, connection, describe
from schema.graphql.inputs import DIRECTION, InputField
from schema.graphql.inputs import describe as describe_input
from schema.graphql.scalars import types_of
from schema.model import ContentType, Model
from schema.planner.aggregates import FUNCTIONS, numbers
from schema.planner.groups import Trait, group_by, traits


def _aggregate(name: str, number: type) -> type:
    results = {"min": number, "max": number}
    return describe(
        type(name, (), {}),
        "What a number is among many items; null where none has it.",
        [
            Described(function, results.get(function, float) | None, description)
            for function, description in FUNCTIONS.items()
        ],
    )


INT_AGGREGATE = _aggregate("IntAggregate", int)
FLOAT_AGGREGATE = _aggregate("FloatAggregate", float)

NUMBER_ORDER: Any = describe_input(
    type("NumberOrderBy", (), {}),
    "Which aggregate of a number to order by.",
    [InputField(function, DIRECTION, text) for function, text in FUNCTIONS.items()],
    one_of=True,
)


class Summaries:
    """The types of a model's aggregates and groups, for each of the content types given."""

    def __init__(self, model: Model, objects: Mapping[str, type]) -> None:
        self._model = model
        self._objects = objects
        self._known: dict[str, type] = {}
        self._group_by = {each.name: group_by(model, each) for each in model.values()}

    def of_connection(self, type_: ContentType) -> Iterator[Described]:
        """The fields of a connection."""
        aggregate = self._aggregate_of(type_)
        yield Described("aggregate", aggregate, "What is so of those on all pages.")
        if self._group_by[type_.name] is not None:
            yield Described(
                "groups",
                self.groups(type_),
                "Those on all pages in groups, ordered by what they are grouped by.",
                self.arguments(type_),
            )

    def groups(self, type_: ContentType, units: tuple[str, ...] = ()) -> type:
        """The connection of a type's groups."""
        group: Any = describe(
            type(f"{type_.name}Group", (), {}),
            f"{type_.labels.capitalize()} that have something in common.",
            [
                *(self._shared(each, units) for each in traits(self._model, type_).values()),
                Described("aggregate", self._aggregate_of(type_), "What is so of the group."),
            ],
        )
        return connection(f"{type_.name}Group", f"groups of {type_.labels}", group)

    def arguments(self, type_: ContentType, units: tuple[str, ...] = ()) -> tuple[Argument, ...]:
        """What groups can be asked for with."""
        made = strawberry.enum(
            self._group_by[type_.name], description=f"What {type_.labels} can have in common."
        )
        by: Any = made
        orders: Any = self._order_by(type_)
        kept_apart = f"; {', '.join(units)} in any case" if units else ""
        return (
            Argument(
                "groupBy",
                list[by] | None if units else list[by],
                f"What those of a group have in common{kept_apart}.",
            ),
            Argument("orderBy", list[orders] | None, "What comes first; ties by `groupBy`."),
            *PAGE,
        )

    def _aggregate_of(self, type_: ContentType) -> Any:
        name = f"{type_.name}Aggregate"
        if name not in self._known:
            fields = (
                Described(each.name, _aggregate_type(each), each.doc) for each in numbers(type_)
            )
            count = Described("count", int, "How many there are.")
            description = f"What is so of many {type_.labels}."
            self._known[name] = describe(type(name, (), {}), description, [count, *fields])
        return self._known[name]

    def _order_by(self, type_: ContentType) -> type:
        return describe_input(
            type(f"{type_.name}GroupOrderBy", (), {}),
            "One thing to order groups by; give several in a list.",
            [
                InputField("count", DIRECTION, "How many there are."),
                *(InputField(each.graphql_name, NUMBER_ORDER) for each in numbers(type_)),
            ],
            one_of=True,
        )

    def _shared(self, trait: Trait, units: tuple[str, ...]) -> Described:
        attribute = trait.attribute
        found: Any = (
            types_of(attribute).value
            if isinstance(attribute, ScalarField)
            else self._objects[attribute.target]
        )
        if trait.name in units:
            return Described(trait.name, found, "What they have in common in any case.")
        return Described(
            trait.name, found | None, "Null where it is missing, or they are not grouped by it."
        )


def _aggregate_type(number: ScalarField) -> type:
    return INT_AGGREGATE if number.format is Format.INTEGER else FLOAT_AGGREGATE
