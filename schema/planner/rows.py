"""The rows of a field, joined to the row of its parent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    SelectBase,
    Table,
    Uuid,
    and_,
    any_,
    case,
    func,
    join,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.elements import quoted_name

from schema.aliases import aliased, read_column
from schema.attributes import (
    FORMER_SLUGS,
    STATUS,
    Attribute,
    InheritedList,
    Parts,
    Reference,
    References,
    Relation,
    Reverse,
    Status,
)
from schema.delivery import Stage, delivery, drafts, links
from schema.entities.content import LOCALIZED_SLUG
from schema.entities.live_tables import LOCALE, entries_column
from schema.model import ContentType, Model
from schema.planner.compiled import compiled_once
from schema.planner.contexts import ReadContext
from schema.planner.slugs import former_slugs
from schema.statuses import name_of, status


class Joins:
    """The joins of a statement: rows at the other end of to-one relations, joined on first use.

    A related row is then looked up once for each row, however many of its columns are read.
    """

    def __init__(self) -> None:
        self._made: list[tuple[FromClause, ColumnElement[bool]]] = []
        self._known: dict[tuple[FromClause | Picked, str], Row] = {}

    def to(self, model: Model, row: Row, relation: Reference) -> Row:
        """The row at the other end of a to-one relation; all columns are null if there is none."""
        key = (row.columns, relation.name)
        if key not in self._known:
            found = related(model, row.shown, relation)
            self._known[key] = replace(found.row, joins=self, is_joined=True)
            self._made.append((found.row.table, found.condition))
        return self._known[key]

    def value(self, statement: Select[Any]) -> ColumnElement[Any]:
        """The only value of a statement over related rows, which becomes a lateral join."""
        joined = statement.lateral()
        self._made.append((joined, true()))
        return joined.c[0]

    def around(self, source: FromClause) -> FromClause:
        """`source`, which the statement selects from, with everything that is joined to it."""
        for joined, condition in self._made:
            source = source.outerjoin(joined, condition)
        return source


class Picked:
    """The rows of a statement, as a subquery with the columns that are read.

    PostgreSQL would carry other columns along, so `source` leaves them out. It may only be called
    when everything has been read.
    """

    def __init__(self, name: str, statement: Select[Any]) -> None:
        self._name = name
        self._statement = statement
        self._known = {each.key: each for each in statement.selected_columns}
        self._read: dict[str, ColumnElement[Any]] = {}
        self.joins = Joins()

    @property
    def c(self) -> Picked:
        """The columns by name, like those of a table."""
        return self

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        if name not in self._read:
            known = self._known[name]
            text = quoted_name(f'{self._name}."{name}"', quote=False)
            nullable = getattr(known, "nullable", True)
            self._read[name] = read_column(text, known.type, nullable=nullable)
        return self._read[name]

    def source(self) -> FromClause:
        """What a statement over the rows selects from: the subquery and its joins."""
        columns = [self._known[name] for name in self._read] or [literal_column("1")]
        trimmed = self._statement.with_only_columns(*columns)
        return self.joins.around(trimmed.subquery(self._name))


@dataclass(frozen=True)
class Row:
    """One row in the scope of a statement."""

    type: ContentType
    columns: FromClause | Picked
    context: ReadContext
    joins: Joins = field(default_factory=Joins)
    """The joins of the statement."""
    is_joined: bool = False
    """Whether the row itself is one of these joins."""

    @property
    def locale(self) -> ColumnElement[str]:
        """The locale that the row is read in."""
        return self.context.locale

    @property
    def stage(self) -> Stage:
        """The stage that the row is read at."""
        return self.context.stage

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        if name == STATUS:
            return self._status
        if name == FORMER_SLUGS:
            return former_slugs(self.type, self.columns.c["id"], self.columns.c["slug"], self.stage)
        if name == LOCALIZED_SLUG:
            return func.coalesce(self.columns.c[name], self.columns.c["slug"])
        return self.columns.c[name]

    @property
    def _status(self) -> ColumnElement[Any]:
        if self.stage is Stage.LIVE:
            return name_of(Status.PUBLISHED)
        columns = self.columns.c
        return status(self.type.live, columns["id"], columns["version"], columns["locale"])

    @property
    def table(self) -> FromClause:
        """The table of the row, if its columns are those of a table and not of a `Picked`."""
        return cast(FromClause, self.columns)

    @property
    def shown(self) -> Row:
        """The same row, from which rows with marks in the answer are reached."""
        return replace(self, context=self.context.shown)

    @property
    def open(self) -> Row:
        """The same row, from which rows are reached that are looked through."""
        return replace(self, context=self.context.open)

    @property
    def scanned(self) -> Row:
        """The same row as one of many that are looked through."""
        self.context.open.scan(self.type)
        return self.open

    @property
    def in_locale(self) -> ColumnElement[bool]:
        """Whether the row is the one for the locale."""
        return self["locale"] == self.locale


@dataclass(frozen=True)
class Rows:
    """Rows of one content type: what they are selected from, their condition, and their order."""

    row: Row
    source: FromClause
    condition: ColumnElement[bool]
    order: ColumnElement[Any]

    def select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """A statement over these rows, in which all other tables are correlated."""
        source = self.row.joins.around(self.source)
        statement = select(*columns).select_from(source).where(self.condition)
        return statement.correlate_except(source)

    def narrowed(self, condition: ColumnElement[bool]) -> Rows:
        """The rows that also meet a condition."""
        return replace(self, condition=and_(self.condition, condition))

    def any(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether one of the rows meets a condition."""
        return self.select(literal_column("1")).where(condition).exists()


class ListedRow(NamedTuple):
    """The items in a list of references, for a condition on them."""

    row: Row
    owner: ColumnElement[Any]
    """The id of the item that has the list."""
    owners: Callable[[Callable[[ColumnElement[Any]], ColumnElement[bool]]], CompoundSelect[Any]]
    """Makes a statement for the ids of all items with a matching target in their list."""

    def any(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether one of the items meets a condition.

        The items that meet it are found once, and so are the owners of the lists that they are in.
        Both are arrays of ids, because PostgreSQL cannot estimate well how many there are.
        """
        row = self.row
        found = select(row["id"]).where(row.in_locale, condition).correlate_except(row.table)
        owners = self.owners(lambda target: target == any_(ids(found)))
        return self.owner == any_(ids(owners))


def ids(found: SelectBase) -> ColumnElement[Any]:
    """The ids that a statement selects, as an array."""
    return func.array(found.scalar_subquery(), type_=ARRAY(Uuid()))


def _row(type_: ContentType, context: ReadContext) -> Row:
    context.scan(type_)
    return Row(type_, _delivered(type_, context.stage), context)


def _delivered(type_: ContentType, stage: Stage) -> FromClause:
    if stage is Stage.LIVE:
        return delivery(type_, stage)
    return compiled_once(type_, lambda: drafts(type_))


def all_rows(type_: ContentType, context: ReadContext) -> Rows:
    """All items of a type, sorted by slug; parts, which have no slug, by id."""
    row = _row(type_, context)
    return Rows(row, row.table, row.in_locale, row["id" if type_.is_part else "slug"])


def in_every_locale(
    type_: ContentType,
    context: ReadContext,
    suffix: Callable[[ColumnElement[str]], ColumnElement[str]],
) -> Rows:
    """All items of a type in all locales; `suffix` makes the end of ids in a locale."""
    found = _row(type_, context)
    locale = found.table.c[LOCALE]
    row = replace(found, context=context._replace(locale=locale, suffix=suffix(locale)))
    return Rows(row, row.table, true(), locale)


def item(type_: ContentType, id_: ColumnElement[Any], context: ReadContext) -> Rows:
    """The item with this id, if there is one in this stage."""
    return _found_by(_row(type_, context), "id", id_, "id")


def reached(model: Model, parent: Row, relation: Attribute) -> Rows | ListedRow:
    """The rows at the other end of a relation, for a condition on them."""
    own, owner = _own(model, parent, relation)
    if not isinstance(own, References):
        return related(model, parent, relation)
    target = _row(model[own.target], parent.context)
    return ListedRow(target, parent[owner], partial(_owners, model, parent, own))


def _own(model: Model, parent: Row, relation: Attribute) -> tuple[Relation, str]:
    """The relation to read, and the column with the id of its owner.

    For an inherited list, they are those of the source.
    """
    owner = "id"
    if isinstance(relation, InheritedList):
        owner = f"{relation.inheritance.via}_id"
        parent.context.scan(model.source_type(parent.type, relation.inheritance))
        relation = model.inherited(parent.type, relation.inheritance)
    if not isinstance(relation, Relation):
        raise TypeError(f"{relation.name} is no relation")
    return relation, owner


def related(model: Model, parent: Row, relation: Attribute) -> Rows:
    """The rows at the other end of a relation."""
    relation, owner = _own(model, parent, relation)
    target = _row(model[relation.target], parent.context)
    match relation:
        case Reference():
            return _found_by(target, "id", parent[relation.column], "id")
        case Reverse(through=Reference(column=column)):
            return _found_by(target, column, parent[owner], "slug")
        case Reverse(through=References() as list_):
            owners = _owners(model, target, list_, lambda entry: entry == parent["id"])
            condition = and_(target["id"] == any_(ids(owners)), target.in_locale)
            return Rows(target, target.table, condition, target["slug"])
        case Parts():
            return _found_by(target, "owner_id", parent[owner], "position")
        case References():
            return _linked(model, parent, target, relation, parent[owner])
    raise TypeError(f"{relation} is of a kind that no rows are known for")


def below(top: Rows, relation: Reference) -> Select[Any]:
    """The ids of items and of all their descendants along a reference to their own type.

    Each is found once, so a cycle ends.
    """
    row = top.row
    found = top.select(row["id"]).cte(recursive=True, nesting=True)
    is_live = row.stage is Stage.LIVE
    table = aliased(row.type.live if is_live else row.type.draft)
    further = select(table.c.id).where(table.c[relation.column] == found.c.id)
    if is_live:
        # In the working copy an item is one row, whatever the locale.
        further = further.where(table.c[LOCALE] == row.locale)
    return select(found.union(further).c.id)


def _found_by(row: Row, column: str, value: ColumnElement[Any], order: str) -> Rows:
    return Rows(row, row.table, and_(row[column] == value, row.in_locale), row[order])


def _linked(
    model: Model, parent: Row, target: Row, relation: References, owner: ColumnElement[Any]
) -> Rows:
    """The items in a list of references: the owner's, or if that has none, those it inherits."""
    own = links(relation, parent.stage)
    entries = aliased(own)
    condition: ColumnElement[bool] = entries.c.owner_id == owner
    if relation.inheritance is not None:
        own_id = parent[entries_column(relation.name)]
        via = parent[f"{relation.inheritance.via}_id"]
        inherited = links(
            cast(References, model.inherited(parent.type, relation.inheritance)), parent.stage
        )
        make = partial(_inherited, own, inherited)
        entries = compiled_once(own, make, own_id, via, other=inherited)
        condition = true()
    on = and_(target["id"] == entries.c.target_id, target.in_locale)
    source = join(entries, target.table, on)
    return Rows(target, source, condition, entries.c.position)


def _inherited(
    own: Table,
    inherited: Table,
    own_id: ColumnElement[Any],
    source_id: ColumnElement[Any],
) -> CompoundSelect[Any]:
    """The entries of a list with inheritance: the owner's, or if it has none, the source's."""
    halves = (
        (own, "own", own_id),
        (inherited, "lent", case((own_id.is_(None), source_id))),
    )
    named = ((table.alias(name), id_) for table, name, id_ in halves)
    return union_all(
        *(
            select(each.c.position, each.c.target_id).where(each.c.owner_id == id_)
            for each, id_ in named
        )
    )


def _owners(
    model: Model,
    like: Row,
    relation: References,
    condition: Callable[[ColumnElement[Any]], ColumnElement[bool]],
) -> CompoundSelect[Any]:
    """The ids of items that have an entry in their list, own or inherited, that meets a condition.

    The items are of the type, stage and locale of the row `like`. The condition is on the id of the
    entry's target.
    """
    own = aliased(links(relation, like.stage))
    on_own = select(own.c.owner_id).where(condition(own.c.target_id)).correlate_except(own)
    if relation.inheritance is None:
        return union_all(on_own)
    list_ = cast(References, model.inherited(like.type, relation.inheritance))
    like.context.scan(model.source_type(like.type, relation.inheritance))
    heir = _row(like.type, like.context)
    inherited = aliased(links(list_, like.stage))
    source = join(
        inherited,
        heir.table,
        heir[f"{relation.inheritance.via}_id"] == inherited.c.owner_id,
    )
    on_lent = (
        select(heir["id"])
        .select_from(source)
        .where(
            condition(inherited.c.target_id),
            heir.in_locale,
            heir[entries_column(relation.name)].is_(None),
        )
    )
    return union_all(on_own, on_lent.correlate_except(source))
