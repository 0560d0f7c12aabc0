"""Which folders brought what.

What was applied before belongs to no folder until one that holds it is applied again.

Revision ID: 0b1f6f2f9d11
Revises: d978dbf25e7f
Create Date: 2026-11-28 06:40:00.000000+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0b1f6f2f9d11"
down_revision: str | Sequence[str] | None = "d978dbf25e7f"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "applied",
        sa.Column(
            "folders", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        schema="service",
    )


def downgrade() -> None:
    """Go back."""
    op.drop_column("applied", "folders", schema="service")
