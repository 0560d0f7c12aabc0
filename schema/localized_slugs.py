"""The slugs that items have in some locales, in SQL."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, literal_column, select

from schema.entities.content import LOCALIZED_SLUG
from schema.expressions import Expression


def has_localized_slug(item: FromClause, slug: Expression) -> ColumnElement[bool]:
    """Whether an item of the working copy has this slug in some locale."""
    each = (
        func.jsonb_each_text(item.c[LOCALIZED_SLUG])
        .table_valued("key", "value", name="localized")
        .render_derived()
    )
    found: Select[Any] = select(literal_column("1")).select_from(each).where(each.c.value == slug)
    return item.c[LOCALIZED_SLUG].is_not(None) & found.correlate_except(each).exists()
