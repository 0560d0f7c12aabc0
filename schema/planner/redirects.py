"""Slugs that items were published under before: they lead to the items still.

Of the working copy they are what they will be once it is published.
"""

from typing import Any, cast

from sqlalchemy import ARRAY, Table, Text, func, literal_column, select, union
from sqlalchemy.dialects.postgresql import aggregate_order_by

from schema.aliases import aliased
from schema.delivery import Stage
from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.json import name
from schema.tables.redirect import Redirect

_REDIRECT = cast(Table, Redirect.__table__)


def former_slugs(type_: ContentType, id_: Expression, slug: Expression, stage: Stage) -> Expression:
    """The slugs that lead to an item and are not its own, as an array."""
    found = _former(type_, stage)
    slugs = func.array_agg(aggregate_order_by(found.c.slug, found.c.slug), type_=ARRAY(Text()))
    own = select(slugs).where(found.c.item_id == id_, found.c.slug != slug).correlate_except(found)
    return func.coalesce(own.scalar_subquery(), literal_column("'{}'::text[]"))


def current_slug(
    type_: ContentType, slug: Expression, locale: Expression, stage: Stage
) -> Expression:
    """The slug of the item that this one leads to; itself, where it leads to none."""
    former = _former(type_, stage)
    item = aliased(type_.live if stage is Stage.LIVE else type_.draft)
    led = select(item.c.slug).where(item.c.id == former.c.item_id, former.c.slug == slug)
    if stage is Stage.LIVE:
        # Nothing is published under a slug that leads elsewhere.
        return func.coalesce(led.where(item.c.locale == locale).scalar_subquery(), slug)
    own = select(item.c.slug).where(item.c.slug == slug)
    return func.coalesce(own.scalar_subquery(), led.scalar_subquery(), slug)


def _former(type_: ContentType, stage: Stage) -> Any:
    """`slug` and `item_id` of slugs that are not, or will not be, those of what is published."""
    redirect = aliased(_REDIRECT)
    mine = select(redirect.c.slug, redirect.c.item_id)
    mine = mine.where(redirect.c.type == name(type_.table_name))
    if stage is Stage.LIVE:
        return mine.subquery()
    live, draft = aliased(type_.live), aliased(type_.draft)
    both = union(mine, select(live.c.slug, live.c.id)).subquery()
    is_taken = select(draft.c.id).where(draft.c.slug == both.c.slug)
    return select(both).where(~is_taken.correlate_except(draft).exists()).subquery()
