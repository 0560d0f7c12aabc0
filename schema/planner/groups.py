"""The field `groups`: rows grouped by shared values, with aggregates for each group."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeGuard

from sqlalchemy import (
    FromClause,
    func,
    literal_column,
    select,
)

from schema.attributes import Attribute, Owner, Reference, ScalarField
from schema.entities.fields import Format
from schema.expressions import Expression
from schema.model import ContentType, Model
from schema.planner.aggregates import (
    COUNT,
    aggregated,
    aggregates,
    label,
    number_values,
    numbers,
)
from schema.planner.arguments import Direction, Parameters
from schema.planner.formats import FORMATS
from schema.planner.json import NULL, json_object
from schema.planner.orders import OrderTerm
from schema.planner.pages import ConnectionSource, Listing, RenderObject
from schema.planner.rows import Picked, Row, Rows, item, related
from schema.planner.selection import Selected
from schema.planner.shapes import ArgumentShape, Structural, items, members
from schema.planner.values import value_of

AGGREGATE = "aggregate"


class Trait(NamedTuple):
    """Something that rows can be grouped by: the value of a field, or a referenced item."""

    attribute: ScalarField | Reference
    owner: Owner | None = None
    """The reference to the owner of the row, if the attribute is one of the owner."""

    @property
    def name(self) -> str:
        """The name of the attribute, in snake case."""
        return self.attribute.name


def traits(model: Model, type_: ContentType) -> dict[str, Trait]:
    """The traits of a type, by name; those of a part include those of its owner."""
    found = [Trait(each) for each in type_.attributes.values() if _is_trait(each)]
    for owner in type_.attributes.values():
        if isinstance(owner, Owner):
            others = traits(model, model[owner.target]).values()
            found += [
                each._replace(owner=owner) for each in others if each.name not in type_.attributes
            ]
    return {each.name: each for each in found}


def group_by(model: Model, type_: ContentType) -> type[Structural] | None:
    """The enumeration of the traits of a type; None if it has none."""
    members = {each.upper(): each for each in traits(model, type_)}
    made: Any = Structural
    return made(f"{type_.name}GroupBy", members) if members else None


@dataclass(frozen=True)
class Groups(Listing):
    """The groups of some rows, as a connection."""

    model: Model
    parameters: Parameters
    selected: Selected
    rows: Rows
    render: RenderObject
    units: Sequence[str] = ()
    """The names of traits that rows are always grouped by, whatever `groupBy` says."""

    @property
    def name(self) -> str:
        """The name of the GraphQL type of a group."""
        return f"{self._row.type.name}Group"

    @property
    def _row(self) -> Row:
        return self.rows.row

    @cached_property
    def _by(self) -> list[Trait]:
        """The traits that rows are grouped by: those in `groupBy`, in order, then the units."""
        known = traits(self.model, self._row.type)
        asked = [
            each.value for each in items(self.given("groupBy")) if isinstance(each, Structural)
        ]
        return [known[each] for each in dict.fromkeys([*asked, *self.units])]

    def source(self) -> ConnectionSource:
        """One row for each group. Without rows there is no group, even if `groupBy` is empty."""
        found = self.rows
        shared = {each.name: _shared(self.model, found.row, each) for each in self._by}
        values = number_values(self.model, found.row)
        row = found.select(*_labelled(shared), *_labelled(values)).subquery()
        said = aggregates({each: row.c[each] for each in values})
        groups = (
            select(*(row.c[each] for each in shared), *_labelled(said))
            .group_by(*(row.c[each] for each in shared))
            .having(func.count() > literal_column("0"))
            .subquery()
        )
        return ConnectionSource.over(groups)

    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The sort keys of `orderBy`, then the traits that rows are grouped by."""
        asked = (self._asked_key(columns, each) for each in items(self.given("orderBy")))
        return [*asked, *(self._key(columns, each) for each in self._by)]

    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The JSON object of a group."""
        return json_object(selected.selections, partial(self._value, picked))

    def _value(self, columns: FromClause | Picked, selected: Selected) -> Expression:
        if selected.name == AGGREGATE:
            return aggregated(self._row.type, selected.selections, columns.c.__getitem__)
        for trait in self._by:
            if trait.attribute.graphql_name == selected.name:
                return self._common(columns, trait, selected)
        return NULL

    def _common(self, columns: FromClause | Picked, trait: Trait, selected: Selected) -> Expression:
        if isinstance(trait.attribute, ScalarField):
            return columns.c[trait.name]
        rows = self._item(columns, trait.attribute)
        return rows.select(self.render(rows.row, selected.selections)).scalar_subquery()

    def _item(self, columns: FromClause | Picked, relation: Reference) -> Rows:
        target = self.model[relation.target]
        return item(target, columns.c[relation.name], self._row.context)

    def _key(self, columns: FromClause, trait: Trait) -> OrderTerm:
        """The sort key of a trait: the value, or the slug of the referenced item."""
        if isinstance(trait.attribute, ScalarField):
            value: Expression = columns.c[trait.name]
        else:
            rows = self._item(columns, trait.attribute)
            value = rows.select(rows.row["slug"]).scalar_subquery()
        nullable = not trait.attribute.required
        return OrderTerm(trait.name, value, descending=False, format=Format.SLUG, nullable=nullable)

    def _asked_key(self, columns: FromClause, order: ArgumentShape) -> OrderTerm:
        [(asked, how)] = members(order)
        if asked == COUNT:
            descending = how is Direction.DESC
            return OrderTerm(COUNT, columns.c[COUNT], descending, Format.INTEGER, nullable=False)
        [(function, direction)] = members(how)
        [number] = (each for each in numbers(self._row.type) if each.graphql_name == asked)
        found = label(number.name, function)
        descending = direction is Direction.DESC
        return OrderTerm(
            found, columns.c[found], descending, Format.DECIMAL, nullable=not number.required
        )


def _is_trait(attribute: Attribute) -> TypeGuard[ScalarField | Reference]:
    if isinstance(attribute, ScalarField):
        return FORMATS[attribute.format].is_shared
    return isinstance(attribute, Reference) and not isinstance(attribute, Owner)


def _shared(model: Model, row: Row, trait: Trait) -> Expression:
    """A row's value of a trait, or the id of the referenced item, if it is in the row's stage."""
    if trait.owner is not None:
        owner = related(model, row, trait.owner)
        return owner.select(_shared(model, owner.row, Trait(trait.attribute))).scalar_subquery()
    if isinstance(trait.attribute, ScalarField):
        return value_of(model, row, trait.attribute)
    if trait.attribute.required:
        return row[trait.attribute.column]
    other = related(model, row, trait.attribute)
    return other.select(other.row["id"]).scalar_subquery()


def _labelled(expressions: Mapping[str, Expression]) -> Iterator[Expression]:
    return (each.label(label_) for label_, each in expressions.items())
