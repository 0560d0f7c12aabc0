"""The published copy of each table of the working copy.

A live table has one row for each item and locale. Its localized fields are plain columns that hold
what is served in that locale, fallbacks resolved, and Markdown has a column for each of its forms:
a filter, an order and a read cost no more than on any other table. Next to each text stands the
locale that it comes from. Of each inherited list the row says whether the item has entries of its
own.

A reference that has to be there is a foreign key in `live` too. One that may be absent is not, nor
is an entry of a list: it may name what is not published yet, is kept, and shows the moment that
its target is.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from schema.entities.fields import Format, format_of
from schema.entities.relations import DEFERRED

LOCALE = "locale"

RICH_TEXT_FORMS = ("markdown", "html", "text")
"""The forms in which rich text is kept and served."""


def rich_text_column(name: str, form: str) -> str:
    """The column of `live` that holds one form of a rich text."""
    return name if form == "markdown" else f"{name}_{form}"


def locale_column(name: str) -> str:
    """The column of `live` with the locale that a localized field comes from.

    It is null where the field is.
    """
    return f"{name}_locale"


def localized_columns(name: str, format_: Format) -> list[str]:
    """The columns of `live` that hold a localized field: its values, then their locale."""
    forms = RICH_TEXT_FORMS if format_ is Format.RICH_TEXT else RICH_TEXT_FORMS[:1]
    return [*(rich_text_column(name, form) for form in forms), locale_column(name)]


def entries_column(name: str) -> str:
    """The column of `live` that says who has the entries of an inherited list.

    It holds the item's own id where it has any, and nothing where the list is inherited.
    """
    return f"{name}_owner_id"


def live_table(table: Table, schema: str, inherited: Iterable[str] = ()) -> Table:
    """The published copy of `table`, whose lists of the names `inherited` may be inherited."""
    columns = [made for column in table.columns for made in _columns(column)]
    columns += [Column(entries_column(name), Uuid) for name in inherited]
    columns.insert(1, Column(LOCALE, Text(), primary_key=True))
    constraints = _constraints(table, schema)
    return Table(table.name, table.metadata, *columns, *constraints, schema=schema)


def live_link_table(links: Table, schema: str) -> Table:
    """The published copy of a link table: the same rows, whatever the locale."""
    return Table(
        links.name,
        links.metadata,
        Column("owner_id", Uuid, primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("target_id", Uuid, nullable=False, index=True),
        schema=schema,
    )


def _columns(column: Column[Any]) -> list[Column[Any]]:
    options: dict[str, Any] = {
        "nullable": column.nullable and column.name != "published_at",
        "primary_key": column.primary_key,
    }
    if column.foreign_keys:
        return [Column(column.name, column.type, **options)]
    format_ = format_of(column)
    if not format_.localized:
        return [Column(column.name, column.type, **options)]
    *names, locale = localized_columns(column.name, format_)
    type_ = ARRAY(Text()) if format_ is Format.LOCALIZED_LIST else Text()
    return [*(Column(name, type_, **options) for name in names), Column(locale, Text())]


def _constraints(table: Table, schema: str) -> list[Any]:
    found: list[Any] = []
    if "slug" in table.columns:
        found.append(UniqueConstraint(LOCALE, "slug", **DEFERRED))
        is_there = text("localized_slug is not null")
        found.append(Index(None, "localized_slug", postgresql_where=is_there))
        # The order of the pages of a sitemap; it has the collation of `slug`.
        address = text("coalesce(localized_slug, slug)")
        found.append(Index(f"ix_{table.name}_address", address))
    for key in sorted(table.foreign_keys, key=lambda key: str(key.parent.name)):
        name = key.parent.name
        target = f"{schema}.{key.target_fullname.split('.')[1]}"
        order = ["position"] if name == "owner_id" else []
        if not key.parent.nullable:
            found.append(
                ForeignKeyConstraint(
                    [name, LOCALE],
                    [f"{target}.id", f"{target}.{LOCALE}"],
                    ondelete=key.ondelete,
                    **DEFERRED,
                )
            )
        found.append(Index(None, name, LOCALE, *order))
    return found
