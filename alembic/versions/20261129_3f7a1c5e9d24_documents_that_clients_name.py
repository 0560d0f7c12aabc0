"""GraphQL documents that clients name by an id.

Revision ID: 3f7a1c5e9d24
Revises: 3f6b1d84c2e9
Create Date: 2026-11-29 09:30:00.000000+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "3f7a1c5e9d24"
down_revision: str | Sequence[str] | None = "3f6b1d84c2e9"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "persisted_document",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("sha256", sa.Text(collation="C"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("operations", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("clients", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "registered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persisted_document")),
        schema="service",
    )
    op.create_index(
        op.f("ix_persisted_document_sha256"),
        "persisted_document",
        ["sha256"],
        unique=False,
        schema="service",
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index(
        op.f("ix_persisted_document_sha256"), table_name="persisted_document", schema="service"
    )
    op.drop_table("persisted_document", schema="service")
