"""Slugs in each language.

Revision ID: c95f1e3a7d40
Revises: 8a4e6d20b7c3
Create Date: 2026-11-29 06:25:00.000000+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "c95f1e3a7d40"
down_revision: str | Sequence[str] | None = "8a4e6d20b7c3"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

accepts = {"require-concurrent-index-creation": "The columns are new, and have no values."}

TYPES = ("company", "guide", "hub", "location", "role", "skill", "tool", "university")


def upgrade() -> None:
    """Go forward."""
    for name in TYPES:
        slugs = sa.Column("localized_slug", postgresql.JSONB(), nullable=True)
        op.add_column(name, slugs, schema="draft")
        for column in ("localized_slug", "localized_slug_locale"):
            op.add_column(name, sa.Column(column, sa.Text(), nullable=True), schema="live")
        for schema, column in (("draft", "id"), ("live", "localized_slug")):
            op.create_index(
                f"ix_{name}_localized_slug",
                name,
                [column],
                schema=schema,
                postgresql_where=sa.text("localized_slug IS NOT NULL"),
            )


def downgrade() -> None:
    """Go back."""
    for name in reversed(TYPES):
        for schema in ("live", "draft"):
            op.drop_index(f"ix_{name}_localized_slug", name, schema=schema)
        for column in ("localized_slug_locale", "localized_slug"):
            op.drop_column(name, column, schema="live")
        op.drop_column(name, "localized_slug", schema="draft")
