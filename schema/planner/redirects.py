"""Former slugs: slugs that items were published under before, and are still found by.

In the working copy, they are the former slugs that an item will have once it is published.
"""

from typing import Any, cast

from sqlalchemy import ARRAY, Table, Text, func, literal_column, select, union
from sqlalchemy.dialects.postgresql import aggregate_order_by

from schema.aliases import aliased
from schema.delivery import Stage
from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.contexts import ReadContext
from schema.planner.json import name
from schema.tables.redirect import Redirect

_REDIRECT = cast(Table, Redirect.__table__)


def former_slugs(type_: ContentType, id_: Expression, slug: Expression, stage: Stage) -> Expression:
    """The former slugs of an item, as a sorted array, without the slug that it has now."""
    found = _former(type_, stage)
    slugs = func.array_agg(aggregate_order_by(found.c.slug, found.c.slug), type_=ARRAY(Text()))
    own = select(slugs).where(found.c.item_id == id_, found.c.slug != slug).correlate_except(found)
    return func.coalesce(own.scalar_subquery(), literal_column("'{}'::text[]"))


def current_slug(type_: ContentType, slug: Expression, context: ReadContext) -> Expression:
    """The current slug of the item that a slug finds; the slug itself if it finds none."""
    former, is_live = _former(type_, context.stage), context.stage is Stage.LIVE
    item = aliased(type_.live if is_live else type_.draft)
    led = select(item.c.slug).where(item.c.id == former.c.item_id, former.c.slug == slug)
    if is_live:
        # No item is published under a slug that is a former slug of another one.
        return func.coalesce(led.where(item.c.locale == context.locale).scalar_subquery(), slug)
    own = select(item.c.slug).where(item.c.slug == slug)
    return func.coalesce(own.scalar_subquery(), led.scalar_subquery(), slug)


def _former(type_: ContentType, stage: Stage) -> Any:
    """The former slugs of a type, as rows of `slug` and `item_id`.

    In the working copy, they include the slugs in the live copy, which become former slugs once an
    item with a new slug is published, but no slug that an item has in the working copy.
    """
    redirect = aliased(_REDIRECT)
    mine = select(redirect.c.slug, redirect.c.item_id)
    mine = mine.where(redirect.c.type == name(type_.table_name))
    if stage is Stage.LIVE:
        return mine.subquery()
    live, draft = aliased(type_.live), aliased(type_.draft)
    both = union(mine, select(live.c.slug, live.c.id)).subquery()
    is_taken = select(draft.c.id).where(draft.c.slug == both.c.slug)
    return select(both).where(~is_taken.correlate_except(draft).exists()).subquery()
