"""Addresses are found by index.

The slugs that items have in some locales were looked through whenever an item was saved, and all
pages of a sitemap were sorted for each of its pages.

Revision ID: b83d5f20e6a1
Revises: 3f7a1c5e9d24
Create Date: 2026-11-29 10:05:00.000000+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b83d5f20e6a1"
down_revision: str | Sequence[str] | None = "3f7a1c5e9d24"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

accepts = {
    "require-concurrent-index-creation": "Readers do not wait, and editors wait for any migration.",
    "require-concurrent-index-deletion": "Only previews and editors read the working copy.",
}

TYPES = ("company", "guide", "hub", "location", "role", "skill", "tool", "university")
ADDRESS = "coalesce(localized_slug, slug)"
SLUGS = "jsonb_path_query_array(localized_slug, '$.*'::jsonpath)"
IS_THERE = sa.text("localized_slug IS NOT NULL")


def upgrade() -> None:
    """Go forward."""
    for name in TYPES:
        op.create_index(f"ix_{name}_address", name, [sa.text(ADDRESS)], schema="live")
        localized = f"ix_{name}_localized_slug"
        op.drop_index(localized, name, schema="draft")
        op.create_index(
            localized,
            name,
            [sa.text(SLUGS)],
            schema="draft",
            postgresql_using="gin",
            postgresql_where=IS_THERE,
            postgresql_with={"fastupdate": "off"},
        )


def downgrade() -> None:
    """Go back."""
    for name in reversed(TYPES):
        localized = f"ix_{name}_localized_slug"
        op.drop_index(localized, name, schema="draft")
        op.create_index(localized, name, ["id"], schema="draft", postgresql_where=IS_THERE)
        op.drop_index(f"ix_{name}_address", name, schema="live")
