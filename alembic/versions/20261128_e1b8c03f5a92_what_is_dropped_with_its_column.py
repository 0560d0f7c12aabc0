"""What is dropped with its column or its table.

Revision ID: e1b8c03f5a92
Revises: 2e7b90c4d1f5
Create Date: 2026-11-28 22:00:00.000000+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "e1b8c03f5a92"
down_revision: str | Sequence[str] | None = "2e7b90c4d1f5"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "dropped_row",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("migration", sa.Text(), nullable=False),
        sa.Column("is_upgrade", sa.Boolean(), nullable=False),
        sa.Column("table_schema", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=True),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("published", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dropped_row")),
        schema="service",
    )
    op.create_index(
        op.f("ix_dropped_row_migration_table_schema_table_name"),
        "dropped_row",
        ["migration", "table_schema", "table_name"],
        unique=False,
        schema="service",
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index(
        op.f("ix_dropped_row_migration_table_schema_table_name"),
        table_name="dropped_row",
        schema="service",
    )
    op.drop_table("dropped_row", schema="service")
