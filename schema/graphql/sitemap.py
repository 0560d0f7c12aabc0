"""The GraphQL types of the sitemap."""

from datetime import datetime
from typing import Any

from strawberry.scalars import ID

from schema.graphql.field_specs import PAGE, Argument, FieldSpec, connection, describe
from schema.graphql.scalars import LocaleCode


def sitemap_field(item_type: Any, stage: Argument) -> FieldSpec:
    """The root field `sitemap`."""
    where = [
        FieldSpec("locale", LocaleCode, "The locale of the page."),
        FieldSpec("slug", str, "The `localizedSlug` of the item in this locale."),
    ]
    alternate: Any = describe(
        type("SitemapAlternate", (), {}), "A page of the same item in one locale.", where
    )
    page = describe(
        type("SitemapPage", (), {}),
        "An item in a locale in which it is complete; see `Translation.isComplete`.",
        [
            FieldSpec("type", item_type, "The content type of the item."),
            *where,
            FieldSpec("node_id", ID, "The `id` of the item in this locale, for `node`."),
            FieldSpec(
                "last_modified",
                datetime,
                "When the item was last published in this locale, or, at the stage `DRAFT`, last "
                "changed. Changes of the items that it shows do not count.",
            ),
            FieldSpec(
                "alternates",
                list[alternate],
                "The pages of the item in all locales, this one included, sorted by locale.",
            ),
        ],
    )
    return FieldSpec(
        "sitemap",
        connection("Sitemap", "pages of a site", page),
        "The pages that a site can have: each item in each locale in which it is complete, sorted "
        "by type, slug and locale.",
        (
            Argument(
                "types",
                list[item_type] | None,
                "Return only pages of items of these types. Default: all types.",
            ),
            *PAGE,
            stage,
        ),
    )
