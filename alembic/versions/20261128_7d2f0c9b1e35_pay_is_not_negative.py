"""Pay is not negative.

Pay below zero that was written before stays as it is: it is served and published, and has to be
mended when it is saved again. Until then the constraint is not valid, which holds new rows to it.

Revision ID: 7d2f0c9b1e35
Revises: 5c1d2a7e4f60
Create Date: 2026-11-28 07:40:00.000000+00:00
"""

from collections.abc import Sequence

from alembic import op

revision: str = "7d2f0c9b1e35"
down_revision: str | Sequence[str] | None = "5c1d2a7e4f60"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


accepts = {
    "hiding-statements": "The block validates a constraint; others read and write meanwhile."
}

VALIDATED = """
do $do$
begin
    alter table draft.salary_range validate constraint ck_salary_range_minimum_at_least_0;
exception when check_violation then
    raise notice 'there is pay below zero; it has to be mended when it is saved again';
end
$do$
"""


def upgrade() -> None:
    """Go forward."""
    op.create_check_constraint(
        op.f("ck_salary_range_minimum_at_least_0"),
        "salary_range",
        "minimum >= 0",
        schema="draft",
        postgresql_not_valid=True,
    )
    op.execute(VALIDATED)


def downgrade() -> None:
    """Go back."""
    op.drop_constraint(
        op.f("ck_salary_range_minimum_at_least_0"), "salary_range", schema="draft", type_="check"
    )
