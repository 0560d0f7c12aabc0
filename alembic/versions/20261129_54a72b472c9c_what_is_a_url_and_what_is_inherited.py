"""What is stored as any text is, and what is inherited.

The comments of columns and tables say it, and nothing else in the database does. A migration that
runs when a field is no longer declared, or inherits from elsewhere, needs it.

Revision ID: 54a72b472c9c
Revises: c95f1e3a7d40
Create Date: 2026-11-29 06:16:45.965140+00:00
"""

from collections.abc import Sequence

from alembic import op

revision: str = "54a72b472c9c"
down_revision: str | Sequence[str] | None = "c95f1e3a7d40"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TYPES = ("company", "guide", "hub", "location", "role", "skill", "tool", "university")
COLUMNS = {
    ("company", "website"): "URL",
    ("guide", "tech_scene"): "inherits location.tech_scene",
    ("guide", "about_role"): "inherits role.about",
    ("guide", "market_demand"): "inherits role.market_demand",
    ("guide", "jobs_url"): "URL",
    ("hub", "website"): "URL",
    ("location", "country_code"): "country code",
    ("salary_range", "currency"): "currency code",
    ("university", "website"): "URL",
}
TABLES = {
    "guide": "career_path inherits role.career_path",
    "guide_companies": "inherits location.companies",
    "guide_hubs": "inherits location.hubs",
    "guide_skills": "inherits role.skills",
    "guide_tools": "inherits role.tools",
    "guide_universities": "inherits location.universities",
}


def upgrade() -> None:
    """Go forward."""
    for table in TYPES:
        op.alter_column(table, "slug", comment="slug", schema="draft")
    for (table, column), said in COLUMNS.items():
        op.alter_column(table, column, comment=said, schema="draft")
    for table, said in TABLES.items():
        op.create_table_comment(table, said, schema="draft")


def downgrade() -> None:
    """Go back."""
    for table in TABLES:
        op.drop_table_comment(table, schema="draft")
    for table, column in COLUMNS:
        op.alter_column(table, column, comment=None, schema="draft")
    for table in TYPES:
        op.alter_column(table, "slug", comment=None, schema="draft")
