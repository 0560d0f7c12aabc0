"""What migrations left is found by item.

A migration looks up what earlier ones left of the items that it changes.

Revision ID: 2e7b90c4d1f5
Revises: c6e5a91f07d4
Create Date: 2026-11-28 22:30:00.000000+00:00
"""

from collections.abc import Sequence

from alembic import op

revision: str = "2e7b90c4d1f5"
down_revision: str | Sequence[str] | None = "c6e5a91f07d4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

accepts = {
    "require-concurrent-index-creation": "Only migrations write this table, one at a time.",
}


def upgrade() -> None:
    """Go forward."""
    op.create_index(
        "ix_before_image_item_id_id", "before_image", ["item_id", "id"], schema="service"
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_before_image_item_id_id", table_name="before_image", schema="service")
