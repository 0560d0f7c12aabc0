"""The publication status of an item in a locale, as SQL.

This is the only definition. The field `status` and its filters, sort keys and groups use it, and so
do exports, the plans of folders, and migrations.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Text, case, func, literal_column, select

from schema.aliases import aliased
from schema.attributes import Status
from schema.delivery import is_there
from schema.expressions import Expression
from schema.releases import RELEASE, RELEASE_ITEM, is_about, is_under_way


def name_of(status: Status) -> ColumnElement[str]:
    """A status as an SQL literal."""
    return literal_column(f"'{status.name}'::text", Text())


def standing(
    published: Table, id_: Expression, version: Expression, locale: Expression
) -> Expression:
    """The status of an item in a locale, without regard to releases.

    It is DRAFT, CHANGED or PUBLISHED. `published` is the live table of the item's type.
    """
    live = aliased(published)
    is_same = case((live.c.version == version, name_of(Status.PUBLISHED)))
    found: Select[Any] = select(func.coalesce(is_same, name_of(Status.CHANGED)))
    copy = found.where(live.c.id == id_, live.c.locale == locale).correlate_except(live)
    return func.coalesce(copy.scalar_subquery(), name_of(Status.DRAFT), type_=Text())


def status(
    published: Table, id_: Expression, version: Expression, locale: Expression
) -> Expression:
    """SCHEDULED if a release is going to publish the item in the locale; else its `standing`."""
    release, item = aliased(RELEASE), aliased(RELEASE_ITEM)
    source = item.join(release, release.c.id == item.c.release_id)
    due: Select[Any] = select(literal_column("1")).select_from(source)
    publishing = release.c.action == literal_column("'PUBLISH'")
    about = due.where(is_about(item, id_, locale), publishing, is_under_way(release))
    is_due = is_there(about.correlate_except(item, release))
    now = standing(published, id_, version, locale)
    return case((is_due, name_of(Status.SCHEDULED)), else_=now)
