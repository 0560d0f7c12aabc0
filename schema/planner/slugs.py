"""Slugs that lead to items besides their own: former ones, and those of some locales.

In the working copy, they are those that will lead to an item once it is published.
"""

from typing import Any, cast

from sqlalchemy import ARRAY, ColumnElement, Table, Text, and_, func, literal_column, select, union
from sqlalchemy.dialects.postgresql import aggregate_order_by

from schema.aliases import aliased
from schema.delivery import Stage
from schema.entities.content import LOCALIZED_SLUG
from schema.expressions import Expression
from schema.localized_slugs import has_localized_slug
from schema.model import ContentType
from schema.planner.contexts import ReadContext
from schema.planner.json import name
from schema.tables.redirect import Redirect

_REDIRECT = cast(Table, Redirect.__table__)


def former_slugs(type_: ContentType, id_: Expression, slug: Expression, stage: Stage) -> Expression:
    """The former slugs of an item, as a sorted array, without those that it has now."""
    found = leading(type_, stage)
    slugs = func.array_agg(aggregate_order_by(found.c.slug, found.c.slug), type_=ARRAY(Text()))
    own = select(slugs).where(found.c.item_id == id_, is_former(type_, found, slug, stage))
    former = own.correlate_except(found).scalar_subquery()
    return func.coalesce(former, literal_column("'{}'::text[]"))


def is_former(
    type_: ContentType, found: Any, slug: Expression, stage: Stage
) -> ColumnElement[bool]:
    """Whether a slug that leads to an item is none that the item has now; `slug` is its own."""
    is_current = _has_localized(type_, found.c.item_id, found.c.slug, stage)
    return and_(found.c.slug != slug, ~is_current)


def current_slug(type_: ContentType, slug: Expression, context: ReadContext) -> Expression:
    """The current slug of the item that a slug finds; the slug itself if it finds none."""
    found, is_live = leading(type_, context.stage), context.stage is Stage.LIVE
    item = aliased(type_.live if is_live else type_.draft)
    led = select(item.c.slug).where(item.c.id == found.c.item_id, found.c.slug == slug)
    if is_live:
        # No item is published under a slug that leads to another one.
        return func.coalesce(led.where(item.c.locale == context.locale).scalar_subquery(), slug)
    own = select(item.c.slug).where(item.c.slug == slug).scalar_subquery()
    localized = select(item.c.slug).where(has_localized_slug(item, slug))
    one: Expression = literal_column("1")
    first, last = (each.limit(one).scalar_subquery() for each in (localized, led))
    return func.coalesce(own, first, last, slug)


def _has_localized(
    type_: ContentType, id_: Expression, slug: Expression, stage: Stage
) -> ColumnElement[bool]:
    """Whether an item has a slug in some locale."""
    item = aliased(type_.live if stage is Stage.LIVE else type_.draft)
    is_live = stage is Stage.LIVE
    has = item.c[LOCALIZED_SLUG] == slug if is_live else has_localized_slug(item, slug)
    return select(item.c.id).where(item.c.id == id_, has).correlate_except(item).exists()


def leading(type_: ContentType, stage: Stage) -> Any:
    """The slugs that lead to items of a type, as rows of `slug` and `item_id`.

    In the working copy, they include the slugs in the live copy, which become former slugs once an
    item with a new slug is published, but no slug that another item has in the working copy.
    """
    redirect = aliased(_REDIRECT)
    mine = select(redirect.c.slug, redirect.c.item_id)
    mine = mine.where(redirect.c.type == name(type_.table_name))
    if stage is Stage.LIVE:
        return mine.subquery()
    live, draft = aliased(type_.live), aliased(type_.draft)
    localized = select(live.c[LOCALIZED_SLUG], live.c.id)
    localized = localized.where(live.c[LOCALIZED_SLUG].is_not(None))
    every = union(mine, select(live.c.slug, live.c.id), localized).subquery()
    is_others = (draft.c.id != every.c.item_id) & has_localized_slug(draft, every.c.slug)
    is_taken = select(draft.c.id).where((draft.c.slug == every.c.slug) | is_others)
    return select(every).where(~is_taken.correlate_except(draft).exists()).subquery()
