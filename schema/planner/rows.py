"""The rows that a field stands for, joined to the row that it is asked of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    Table,
    Uuid,
    and_,
    any_,
    exists,
    func,
    join,
    literal_column,
    or_,
    select,
    true,
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


class Joins:
    """The rows that those of a statement lead to, one each at most, joined when they are asked for.

    What a row leads to is looked up once for each row then, whatever is read of it.
    """

    def __init__(self) -> None:
        self._made: list[tuple[Row, ColumnElement[bool]]] = []
        self._known: dict[tuple[FromClause, str], Row] = {}

    def to(self, model: Model, row: Row, relation: ToOne) -> Row:
        """The row at the other end of a to-one relation; all of it is null where there is none."""
        key = (row.columns, relation.name)
        if key not in self._known:
            found = related(model, row, relation)
            self._known[key] = replace(found.row, joins=self)
            self._made.append((self._known[key], found.condition))
        return self._known[key]

    def around(self, source: FromClause) -> FromClause:
        """What the statement's rows are selected from, and all that is joined to it."""
        for row, condition in self._made:
            source = source.outerjoin(row.columns, condition)
        return source


@dataclass(frozen=True)
class Row:
    """One row in the scope of a statement."""

    type: ContentType
    columns: FromClause
    locale: ColumnElement[str]
    """The locale of the root field that it is asked of, which is the row's."""
    joins: Joins = field(default_factory=Joins)
    """Those of the statement."""

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        return self.columns.c[name]

    @property
    def in_locale(self) -> ColumnElement[bool]:
        """Whether the row is the one for the locale."""
        return self["locale"] == self.locale


@dataclass(frozen=True)
class Rows:
    """Rows of one type: what they are selected from, which they are, and their order."""

    row: Row
    source: FromClause
    condition: ColumnElement[bool]
    order: ColumnElement[Any]
    listed: tuple[Links, ...] = ()
    """The links that lead to them, where they are a list."""

    def select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """A statement over these rows, in which every other name is that of an outer row."""
        source = self.row.joins.around(self.source)
        statement = select(*columns).select_from(source).where(self.condition)
        return statement.correlate_except(source)

    def narrowed(self, condition: ColumnElement[bool]) -> Rows:
        """Those for which a condition holds too."""
        return replace(self, condition=and_(self.condition, condition))

    def any(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether there is one for which a condition holds.

        The items that it holds for are found once and not for each list that they may be on: they
        do not depend on whose list that is.
        """
        if not self.listed:
            return self.select(literal_column("1")).where(condition).exists()
        row = self.row
        found = select(row["id"]).where(row.in_locale, condition).correlate_except(row.columns)
        ids = func.array(found.scalar_subquery(), type_=ARRAY(Uuid()))
        return or_(*(each.lead_to(ids) for each in self.listed))


@dataclass(frozen=True)
class Links:
    """The entries of a list: of its owner's own or, on a condition, of a lender's."""

    table: Table
    owner: ColumnElement[Any]
    condition: ColumnElement[bool] | None = None

    def lead_to(self, ids: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether one of the ids is on the list."""
        links = self.table.alias()
        entries: Select[Any] = select(literal_column("1")).where(
            links.c.owner_id == self.owner, links.c.target_id == any_(ids)
        )
        there = entries.correlate_except(links).exists()
        return there if self.condition is None else and_(there, self.condition)


Related = Callable[[], Rows]
"""Makes the rows anew at each call, so that a statement can go over them more than once."""


def all_rows(type_: ContentType, locale: ColumnElement[str]) -> Rows:
    """Every item of a type, in the order of the slugs; parts, which have none, in any."""
    row = Row(type_, delivery(type_, Stage.LIVE), locale)
    return Rows(row, row.columns, row.in_locale, row["id" if type_.is_part else "slug"])


def item(type_: ContentType, id_: ColumnElement[Any], locale: ColumnElement[str]) -> Rows:
    """The item with this id, if it is published."""
    return _found_by(Row(type_, delivery(type_, Stage.LIVE), locale), "id", id_, "id")


def related(model: Model, parent: Row, relation: Attribute) -> Rows:
    """The rows at the other end of a relation."""
    owner = parent["id"]
    if isinstance(relation, Lent):
        owner = parent[f"{relation.inheritance.via}_id"]
        relation = model.lent(parent.type, relation.inheritance)
    if not isinstance(relation, Relation):
        raise TypeError(f"{relation.name} is no relation")
    target = Row(
        model[relation.target], delivery(model[relation.target], Stage.LIVE), parent.locale
    )
    match relation:
        case ToOne():
            return _found_by(target, "id", parent[relation.column], "id")
        case Reverse(through=ToOne(column=column)):
            return _found_by(target, column, owner, "slug")
        case Reverse(through=ToMany() as list_):
            listing = target["id"].in_(_listing(model, target, parent, list_))
            return Rows(target, target.columns, and_(listing, target.in_locale), target["slug"])
        case Owned():
            return _found_by(target, "owner_id", owner, "position")
        case ToMany():
            return _linked(model, parent, target, relation, owner)
    raise TypeError(f"{relation} is of a kind that no rows are known for")


def _found_by(row: Row, column: str, value: ColumnElement[Any], order: str) -> Rows:
    return Rows(row, row.columns, and_(row[column] == value, row.in_locale), row[order])


def _linked(
    model: Model, parent: Row, target: Row, relation: ToMany, owner: ColumnElement[Any]
) -> Rows:
    """The entries of a list; of an inherited one the lender's where there are none of its own."""
    own = relation.live.alias()
    listed = [Links(relation.live, owner)]
    entries: FromClause = own
    condition: ColumnElement[bool] = own.c.owner_id == owner
    if relation.inheritance is not None:
        lender = cast(ToMany, model.lent(parent.type, relation.inheritance))
        others = relation.live.alias()
        nothing = ~exists().where(others.c.owner_id == owner).correlate_except(others)
        listed.append(Links(lender.live, parent[f"{relation.inheritance.via}_id"], nothing))
        entries, condition = union_all(*map(_entries, listed)).subquery(), true()
    on = and_(target["id"] == entries.c.target_id, target.in_locale)
    source = join(entries, target.columns, on)
    return Rows(target, source, condition, entries.c.position, tuple(listed))


def _entries(links: Links) -> Select[Any]:
    table = links.table.alias()
    entries = select(table.c.position, table.c.target_id).where(table.c.owner_id == links.owner)
    if links.condition is not None:
        entries = entries.where(links.condition)
    return entries.correlate_except(table)


def _listing(model: Model, target: Row, parent: Row, relation: ToMany) -> CompoundSelect[Any]:
    """The ids of the items that have `parent` on their list, their own or the lender's."""
    own = relation.live.alias()
    on_own = select(own.c.owner_id).where(own.c.target_id == parent["id"])
    if relation.inheritance is None:
        return union_all(on_own.correlate_except(own))
    lender = cast(ToMany, model.lent(target.type, relation.inheritance))
    heir = Row(target.type, delivery(target.type, Stage.LIVE), target.locale)
    lent, others = lender.live.alias(), relation.live.alias()
    source = join(lent, heir.columns, heir[f"{relation.inheritance.via}_id"] == lent.c.owner_id)
    on_lent = (
        select(heir["id"])
        .select_from(source)
        .where(
            lent.c.target_id == parent["id"],
            heir.in_locale,
            ~exists().where(others.c.owner_id == heir["id"]).correlate(heir.columns),
        )
    )
    return union_all(on_own.correlate_except(own), on_lent.correlate_except(source))
