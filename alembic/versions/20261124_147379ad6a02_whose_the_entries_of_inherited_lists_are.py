"""Whose the entries of inherited lists are.

Revision ID: 147379ad6a02
Revises: a85427638d7d
Create Date: 2026-11-24 20:36:16.136032+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "147379ad6a02"
down_revision: str | Sequence[str] | None = "a85427638d7d"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LISTS = ("companies", "hubs", "universities", "skills", "tools")
GUIDE = sa.table(
    "guide", sa.column("id"), *(sa.column(f"{name}_owner_id") for name in LISTS), schema="live"
)


def upgrade() -> None:
    """Go forward."""
    for name in LISTS:
        op.add_column("guide", sa.Column(f"{name}_owner_id", sa.Uuid()), schema="live")
    for name in LISTS:
        entries = sa.table(f"guide_{name}", sa.column("owner_id"), schema="live")
        own = sa.select(entries.c.owner_id).where(entries.c.owner_id == GUIDE.c.id).limit(1)
        op.execute(sa.update(GUIDE).values({f"{name}_owner_id": own.scalar_subquery()}))


def downgrade() -> None:
    """Go back."""
    for name in reversed(LISTS):
        op.drop_column("guide", f"{name}_owner_id", schema="live")
