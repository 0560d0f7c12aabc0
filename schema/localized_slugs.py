"""The slugs that items have in some locales, in SQL that an index can answer."""

from sqlalchemy import Boolean, ColumnElement, FromClause

from schema.entities.content import LOCALIZED_SLUG, slugs_in_locales
from schema.expressions import Expression


def has_localized_slug(item: FromClause, slug: Expression) -> ColumnElement[bool]:
    """Whether an item of the working copy has this slug in some locale."""
    return _has(item, "?", slug)


def has_localized_slug_of(item: FromClause, slugs: Expression) -> ColumnElement[bool]:
    """Whether an item of the working copy has one of these slugs, an array, in some locale."""
    return _has(item, "?|", slugs)


def _has(item: FromClause, operator: str, slugs: Expression) -> ColumnElement[bool]:
    column = item.c[LOCALIZED_SLUG]
    found = slugs_in_locales(column).op(operator, return_type=Boolean())(slugs)
    return column.is_not(None) & found
