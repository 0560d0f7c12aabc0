"""What was last applied.

So far folders were loaded, and left revisions: the last one of each item is the base of the first
merge.

Revision ID: f43479f1bafa
Revises: ecfa484b1a2f
Create Date: 2026-11-25 00:02:00.789102+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "f43479f1bafa"
down_revision: str | Sequence[str] | None = "ecfa484b1a2f"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


FILL = """
insert into service.applied (type, slug, document, at)
select distinct on (type, slug) type, slug, document, at
from service.revision
where author = 'guidepost content load' and action = 'SAVE'
order by type, slug, id desc
"""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "applied",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("type", "slug", name=op.f("pk_applied")),
        schema="service",
    )
    op.execute(FILL)


def downgrade() -> None:
    """Go back."""
    op.drop_table("applied", schema="service")
