"""SQL expressions for releases: their state, and the items that they include."""

from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Table,
    Text,
    any_,
    case,
    literal_column,
    not_,
    or_,
)

from schema.editing import ReleaseState
from schema.expressions import Expression
from schema.tables.release import Release, ReleaseItem

RELEASE = cast(Table, Release.__table__)
RELEASE_ITEM = cast(Table, ReleaseItem.__table__)


def state_of(release: Any) -> ColumnElement[str]:
    """The state of a release: the name of a `schema.editing.ReleaseState`."""
    return case(
        (release.c.is_given_up, _name(ReleaseState.FAILED)),
        (release.c.is_held, _name(ReleaseState.HELD)),
        (release.c.attempts > literal_column("0"), _name(ReleaseState.RETRYING)),
        else_=_name(ReleaseState.SCHEDULED),
    )


def is_under_way(release: FromClause) -> ColumnElement[bool]:
    """Whether a release will be carried out, or retried, without a `confirm`."""
    return not_(or_(release.c.is_given_up, release.c.is_held))


def is_about(item: FromClause, id_: Expression, locale: Expression) -> ColumnElement[bool]:
    """Whether a row of `RELEASE_ITEM` includes an item in a locale; null `locales` are all."""
    in_locale = or_(item.c.locales.is_(None), locale == any_(item.c.locales))
    return (item.c.item_id == id_) & in_locale


def _name(state: ReleaseState) -> ColumnElement[str]:
    return literal_column(f"'{state.name}'::text", Text())
