"""What locales are called.

The names are those that their speakers give them, as in Unicode's CLDR.

Revision ID: 5d1c7a93e0b4
Revises: 3e8f5b0a6c17
Create Date: 2026-11-29 02:10:16.482544+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5d1c7a93e0b4"
down_revision: str | Sequence[str] | None = "3e8f5b0a6c17"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("locale", sa.Column("name", sa.Text(), nullable=True), schema="service")
    op.change_locale("en", {"name": "English"}, base={"name": None})
    op.change_locale("fr", {"name": "français"}, base={"name": None})
    op.change_locale("nl", {"name": "Nederlands"}, base={"name": None})


def downgrade() -> None:
    """Go back."""
    op.drop_column("locale", "name", schema="service")
