"""The rows that a field stands for, joined to the row that it is asked of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    exists,
    join,
    select,
    union_all,
)

from schema.delivery import Stage, delivery
from schema.model import (
    Attribute,
    ContentType,
    Lent,
    Model,
    Owned,
    Relation,
    Reverse,
    ToMany,
    ToOne,
)


@dataclass(frozen=True)
class Row:
    """One row in the scope of a statement."""

    type: ContentType
    columns: FromClause

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        return self.columns.c[name]


class Rows(NamedTuple):
    """Rows of one type: what they are selected from, which they are, and their order."""

    row: Row
    source: FromClause
    condition: ColumnElement[bool]
    order: ColumnElement[Any]

    def select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """A statement over these rows, in which every other name is that of an outer row."""
        statement = select(*columns).select_from(self.source).where(self.condition)
        return statement.correlate_except(self.source)


Related = Callable[[], Rows]
"""Makes the rows anew at each call, so that a statement can go over them more than once."""


def all_rows(type_: ContentType, locale: ColumnElement[str]) -> Rows:
    """Every item of a type, in the order of the slugs."""
    row = Row(type_, delivery(type_, Stage.LIVE))
    return Rows(row, row.columns, row["locale"] == locale, row["slug"])


def related(model: Model, parent: Row, relation: Attribute) -> Rows:
    """The rows at the other end of a relation."""
    owner = parent["id"]
    if isinstance(relation, Lent):
        owner = parent[f"{relation.inheritance.via}_id"]
        relation = model.lent(parent.type, relation.inheritance)
    if not isinstance(relation, Relation):
        raise TypeError(f"{relation.name} is no relation")
    target = Row(model[relation.target], delivery(model[relation.target], Stage.LIVE))
    match relation:
        case ToOne():
            return _found_by(target, parent, "id", parent[relation.column], "id")
        case Reverse(through=ToOne(column=column)):
            return _found_by(target, parent, column, owner, "slug")
        case Reverse(through=ToMany() as list_):
            listing = target["id"].in_(_listing(model, target, parent, list_))
            return Rows(
                target, target.columns, and_(listing, _same_locale(target, parent)), target["slug"]
            )
        case Owned():
            return _found_by(target, parent, "owner_id", owner, "position")
        case ToMany():
            links = _links(model, parent, relation, owner)
            on = and_(target["id"] == links.c.target_id, _same_locale(target, parent))
            source = join(links, target.columns, on)
            return Rows(target, source, links.c.owner_id == owner, links.c.position)
    raise TypeError(f"{relation} is of a kind that no rows are known for")


def _listing(model: Model, target: Row, parent: Row, relation: ToMany) -> CompoundSelect[Any]:
    """The ids of the items that have `parent` on their list, their own or the lender's."""
    own = relation.live.alias()
    on_own = select(own.c.owner_id).where(own.c.target_id == parent["id"])
    if relation.inheritance is None:
        return union_all(on_own.correlate_except(own))
    lender = cast(ToMany, model.lent(target.type, relation.inheritance))
    heir = Row(target.type, delivery(target.type, Stage.LIVE))
    lent, others = lender.live.alias(), relation.live.alias()
    source = join(lent, heir.columns, heir[f"{relation.inheritance.via}_id"] == lent.c.owner_id)
    on_lent = (
        select(heir["id"])
        .select_from(source)
        .where(
            lent.c.target_id == parent["id"],
            _same_locale(heir, parent),
            ~exists().where(others.c.owner_id == heir["id"]).correlate(heir.columns),
        )
    )
    return union_all(on_own.correlate_except(own), on_lent.correlate_except(source))


def _same_locale(row: Row, parent: Row) -> ColumnElement[bool]:
    return row["locale"] == parent["locale"]


def _found_by(row: Row, parent: Row, column: str, value: ColumnElement[Any], order: str) -> Rows:
    condition = and_(row[column] == value, _same_locale(row, parent))
    return Rows(row, row.columns, condition, row[order])


def _links(model: Model, parent: Row, relation: ToMany, owner: ColumnElement[Any]) -> FromClause:
    """The entries of a list; of an inherited one the lender's where there are none of its own."""
    own = relation.live.alias()
    if relation.inheritance is None:
        return own
    lender = cast(ToMany, model.lent(parent.type, relation.inheritance))
    lent, others = lender.live.alias(), relation.live.alias()
    return union_all(
        select(own.c.owner_id, own.c.position, own.c.target_id)
        .where(own.c.owner_id == owner)
        .correlate(parent.columns),
        select(owner.label("owner_id"), lent.c.position, lent.c.target_id)
        .where(
            lent.c.owner_id == parent[f"{relation.inheritance.via}_id"],
            ~exists().where(others.c.owner_id == owner).correlate(parent.columns),
        )
        .correlate(parent.columns),
    ).subquery()
