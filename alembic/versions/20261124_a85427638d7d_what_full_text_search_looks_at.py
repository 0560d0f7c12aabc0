"""What full-text search looks at.

Revision ID: a85427638d7d
Revises: bc71222f9874
Create Date: 2026-11-24 07:47:51.307469+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "a85427638d7d"
down_revision: str | Sequence[str] | None = "bc71222f9874"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "search_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("vector", postgresql.TSVECTOR(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_search_entry")),
        schema="live",
    )
    op.create_index(
        op.f("ix_search_entry_vector"),
        "search_entry",
        ["vector"],
        unique=False,
        schema="live",
        postgresql_using="gin",
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index(
        op.f("ix_search_entry_vector"),
        table_name="search_entry",
        schema="live",
        postgresql_using="gin",
    )
    op.drop_table("search_entry", schema="live")
