"""The GraphQL types of former slugs."""

from collections.abc import Sequence
from typing import Any

from schema.graphql.field_specs import PAGE, Argument, FieldSpec, connection, describe


def redirects_field(node: Any, item_type: Any, scene: Sequence[Argument]) -> FieldSpec:
    """The root field `redirects`; `node` is the type of the items that former slugs lead to."""
    redirect = describe(
        type("Redirect", (), {}),
        "A former slug of an item, which still finds it.",
        [
            FieldSpec("type", item_type, "The content type of the item."),
            FieldSpec("from_", str, "The former slug."),
            FieldSpec("to", str, "The `localizedSlug` that the item has now in this locale."),
            FieldSpec("item", node, "The item."),
        ],
    )
    return FieldSpec(
        "redirects",
        connection("Redirect", "redirects", redirect),
        "The former slugs of all items that are in this locale, sorted by type and former slug, "
        "so that a site can redirect its old addresses.",
        (
            Argument(
                "types",
                list[item_type] | None,
                "Return only former slugs of items of these types. Default: all types.",
            ),
            *PAGE,
            *scene,
        ),
    )
