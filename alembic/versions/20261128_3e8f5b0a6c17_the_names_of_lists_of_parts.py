"""The names of lists of parts.

The comment of a table of parts names their list: documents have this name, and nothing else in the
database says it. A migration that runs when the list is no longer declared needs it.

Revision ID: 3e8f5b0a6c17
Revises: e1b8c03f5a92
Create Date: 2026-11-28 22:10:00.000000+00:00
"""

from collections.abc import Sequence

from alembic import op

revision: str = "3e8f5b0a6c17"
down_revision: str | Sequence[str] | None = "e1b8c03f5a92"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LISTS = {"career_step": "career_path", "salary_range": "salary_ranges"}


def upgrade() -> None:
    """Go forward."""
    for table, name in LISTS.items():
        op.create_table_comment(table, name, schema="draft")


def downgrade() -> None:
    """Go back."""
    for table in LISTS:
        op.drop_table_comment(table, schema="draft")
