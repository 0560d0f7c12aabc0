"""The GraphQL types of aggregates, and of groups of items with their aggregates."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import strawberry

from schema.attributes import ScalarField, camel_case
from schema.entities.fields import Format
from schema.graphql.enumerations import with_values
from schema.graphql.field_specs import PAGE, Argument, FieldSpec, connection, describe
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
        "Aggregates of a numeric field over a set of items; each is null if no item has a value.",
        [
            FieldSpec(function, results.get(function, float) | None, description)
            for function, description in FUNCTIONS.items()
        ],
    )


INT_AGGREGATE = _aggregate("IntAggregate", int)
FLOAT_AGGREGATE = _aggregate("FloatAggregate", float)

NUMBER_ORDER: Any = describe_input(
    type("NumberOrderBy", (), {}),
    "The aggregate of a numeric field to sort by: exactly one.",
    [InputField(function, DIRECTION, text) for function, text in FUNCTIONS.items()],
    one_of=True,
)


class Summaries:
    """The types of aggregates and groups for the content types of a model."""

    def __init__(self, model: Model, objects: Mapping[str, type]) -> None:
        self._model = model
        self._objects = objects
        self._known: dict[str, type] = {}
        self._group_by = {each.name: group_by(model, each) for each in model.values()}

    def of_connection(self, type_: ContentType) -> Iterator[FieldSpec]:
        """The fields `aggregate` and `groups` of a connection."""
        aggregate = self._aggregate_of(type_)
        yield FieldSpec("aggregate", aggregate, f"Aggregates over the {type_.labels} on all pages.")
        if self._group_by[type_.name] is not None:
            yield FieldSpec(
                "groups",
                self.groups(type_),
                f"The {type_.labels} on all pages in groups, with aggregates for each group.",
                self.arguments(type_),
            )

    def groups(self, type_: ContentType, units: tuple[str, ...] = ()) -> type:
        """The connection of the groups of a type; rows are always grouped by the `units`."""
        group: Any = describe(
            type(f"{type_.name}Group", (), {}),
            f"A group of {type_.labels} that have the same values in the `groupBy` fields.",
            [
                *(self._shared(each, units) for each in traits(self._model, type_).values()),
                FieldSpec(
                    "aggregate",
                    self._aggregate_of(type_),
                    f"Aggregates over the {type_.labels} in the group.",
                ),
            ],
        )
        return connection(f"{type_.name}Group", f"groups of {type_.labels}", group)

    def arguments(self, type_: ContentType, units: tuple[str, ...] = ()) -> tuple[Argument, ...]:
        """The arguments of a field that returns groups."""
        made = with_values(
            strawberry.enum(
                self._group_by[type_.name],
                description=f"The fields that {type_.labels} can be grouped by.",
            ),
            lambda name: f"Group by `{camel_case(name.lower())}`.",
        )
        by: Any = made
        orders: Any = self._order_by(type_)
        always = f", besides {list_of(units)}, which always separate groups" if units else ""
        return (
            Argument(
                "groupBy",
                list[by] | None if units else list[by],
                f"The fields to group by{always}.",
            ),
            Argument(
                "orderBy",
                list[orders] | None,
                "The sort keys, most significant first. Groups without sort keys, and ties, are "
                "sorted by the fields that they are grouped by.",
            ),
            *PAGE,
        )

    def _aggregate_of(self, type_: ContentType) -> Any:
        name = f"{type_.name}Aggregate"
        if name not in self._known:
            fields = (
                FieldSpec(each.name, _aggregate_type(each), f"Aggregates of `{each.graphql_name}`.")
                for each in numbers(type_)
            )
            count = FieldSpec("count", int, f"The number of {type_.labels}.")
            description = f"Aggregates over a set of {type_.labels}."
            self._known[name] = describe(type(name, (), {}), description, [count, *fields])
        return self._known[name]

    def _order_by(self, type_: ContentType) -> type:
        return describe_input(
            type(f"{type_.name}GroupOrderBy", (), {}),
            "One sort key for groups: exactly one field. Give several sort keys as a list.",
            [
                InputField(
                    "count", DIRECTION, f"Sort by the number of {type_.labels} in the group."
                ),
                *(
                    InputField(
                        each.graphql_name,
                        NUMBER_ORDER,
                        f"Sort by an aggregate of `{each.graphql_name}`.",
                    )
                    for each in numbers(type_)
                ),
            ],
            one_of=True,
        )

    def _shared(self, trait: Trait, units: tuple[str, ...]) -> FieldSpec:
        attribute = trait.attribute
        found: Any = (
            types_of(attribute).value
            if isinstance(attribute, ScalarField)
            else self._objects[attribute.target]
        )
        if trait.name in units:
            return FieldSpec(trait.name, found, "The value that the whole group has in common.")
        return FieldSpec(
            trait.name,
            found | None,
            "The value that the whole group has in common; null if its members have none, or if "
            "`groupBy` does not name this field.",
        )


def list_of(fields: Sequence[str]) -> str:
    """The names of fields as a list in running text: `a`, `b` and `c`."""
    *others, last = (f"`{camel_case(each)}`" for each in fields)
    return f"{', '.join(others)} and {last}" if others else last


def _aggregate_type(number: ScalarField) -> type:
    return INT_AGGREGATE if number.format is Format.INTEGER else FLOAT_AGGREGATE
