"""The sort keys of the argument `orderBy`, and positions in an order."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, false, or_
from sqlalchemy.types import TypeEngine

from schema.attributes import Reference, ScalarField
from schema.entities.fields import Format
from schema.expressions import Expression
from schema.model import Model
from schema.planner.arguments import Direction
from schema.planner.formats import FORMATS
from schema.planner.rows import Row, related
from schema.planner.shapes import ArgumentShape, items, members
from schema.planner.values import value_of


class OrderTerm(NamedTuple):
    """One sort key."""

    name: str
    """As in the query: `location.name`."""
    value: Expression
    descending: bool
    format: Format
    nullable: bool

    @property
    def clause(self) -> Expression:
        """The key in ORDER BY. Null sorts as the largest value, which is PostgreSQL's default."""
        return self.value.desc() if self.descending else self.value.asc()

    @property
    def reversed(self) -> "OrderTerm":
        """The same key in the opposite direction."""
        return self._replace(descending=not self.descending)

    @property
    def type(self) -> TypeEngine[Any]:
        """The SQL type of its values."""
        # Columns of integers have two sizes.
        whole = self.format is Format.INTEGER
        return self.value.type if whole else FORMATS[self.format].comparison.type

    def at(self, value: Expression) -> "OrderTerm":
        """The same key with another expression for its value."""
        return self._replace(value=value)


def keys_of(model: Model, row: Row, orders: ArgumentShape) -> list[OrderTerm]:
    """The sort keys of a connection: those in `orderBy`, then the slug, which is unique."""
    return [*_keys(model, row, orders), _slug(row)]


def order_of(model: Model, row: Row, orders: ArgumentShape) -> list[Expression]:
    """The sort keys in `orderBy`, as clauses for ORDER BY."""
    return [key.clause for key in _keys(model, row.scanned, orders)] if items(orders) else []


def _keys(model: Model, row: Row, orders: ArgumentShape) -> list[OrderTerm]:
    return [_key(model, row, order, (), nullable=False) for order in items(orders)]


def fingerprint(name: str, keys: Sequence[OrderTerm]) -> str:
    """The hash by which a cursor identifies its connection and order; `name` is the listing's."""
    text = ",".join(f"{each.name} {'desc' if each.descending else 'asc'}" for each in keys)
    return hashlib.sha256(f"{name}:{text}".encode()).hexdigest()[:8]


def behind(keys: Sequence[OrderTerm], place: Sequence[Expression]) -> ColumnElement[bool]:
    """Whether a row comes after a position, which has a value for each key."""
    alternatives: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for key, value in zip(keys, place, strict=True):
        alternatives.append(and_(*same, _behind(key, value)))
        same.append(_equal(key, value))
    return or_(false(), *alternatives)


def _key(
    model: Model, row: Row, order: ArgumentShape, path: tuple[str, ...], *, nullable: bool
) -> OrderTerm:
    [(name, direction)] = members(order)
    attribute = row.type.named(name)
    if isinstance(attribute, Reference):
        rows = related(model, row, attribute)
        inner = _key(
            model,
            rows.row,
            direction,
            (*path, name),
            nullable=nullable or not attribute.required,
        )
        return inner.at(rows.select(inner.value).scalar_subquery())
    if not isinstance(attribute, ScalarField):
        raise TypeError(f"{row.type.name}.{name} is of a kind that has no order")
    return OrderTerm(
        ".".join((*path, name)),
        value_of(model, row, attribute),
        direction is Direction.DESC,
        attribute.format,
        nullable or not attribute.required,
    )


def _slug(row: Row) -> OrderTerm:
    return OrderTerm("slug", row["slug"], descending=False, format=Format.SLUG, nullable=False)


def _behind(key: OrderTerm, value: Expression) -> ColumnElement[bool]:
    beyond = key.value < value if key.descending else key.value > value
    if not key.nullable:
        return beyond
    if key.descending:
        return or_(beyond, and_(value.is_(None), key.value.is_not(None)))
    return or_(beyond, and_(key.value.is_(None), value.is_not(None)))


def _equal(key: OrderTerm, value: Expression) -> ColumnElement[bool]:
    return key.value.is_not_distinct_from(value) if key.nullable else key.value == value


def read_value(key: OrderTerm, value: Any) -> Any:
    """Convert a value from a cursor's JSON for the driver; raises `ValueError` if it is invalid."""
    if value is None and key.nullable:
        return None
    cursor_value = FORMATS[key.format].cursor_value
    if cursor_value is None:
        raise TypeError(f"{key.name} has no order")
    kind, read = cursor_value
    is_kind = isinstance(value, kind) and isinstance(value, bool) is (kind is bool)
    if not is_kind or (kind is int and not _is_within(value, key.type)):
        raise ValueError(f"{value!r} is no {key.format.label}")
    return read(value)


def _is_within(number: int, type_: TypeEngine[Any]) -> bool:
    """Whether a column of the type can store an integer."""
    return number.bit_length() < (64 if isinstance(type_, BigInteger) else 32)
