"""What is released together, and in which languages things were done.

What was set for the same instant by the same call becomes one release, which follows edits, as it
would have. `service.schedule` stays, empty, for instances of the release before.

Revision ID: 7d3e9c41b8a2
Revises: 7d2f0c9b1e35
Create Date: 2026-11-28 07:05:00.000000+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "7d3e9c41b8a2"
down_revision: str | Sequence[str] | None = "7d2f0c9b1e35"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PREVIEWER = "guidepost_previewer"

TOGETHER = 'action, due_at, "references", author, reason, problem'
MOVE = f"""
with made as (
    insert into service.release (
        action, due_at, "references", author, reason, next_at, is_given_up, problems
    )
    select action, due_at, "references", author, reason, due_at, problem is not null,
        case when problem is null then '[]'
        else jsonb_build_array(jsonb_build_object('code', 'NOT_PUBLISHED', 'message', problem)) end
    from service.schedule group by {TOGETHER} order by due_at
    returning id, action, due_at, "references", author, reason, problems
)
insert into service.release_item (release_id, item_id, type, is_reference)
select made.id, item_id, type, false from service.schedule s join made on
    made.action = s.action and made.due_at = s.due_at and made."references" = s."references"
    and made.author = s.author and made.reason is not distinct from s.reason
    and made.problems->0->>'message' is not distinct from s.problem
"""  # noqa: S608  # our names
MOVE_BACK = """
insert into service.schedule (
    item_id, action, type, due_at, "references", author, reason, problem
)
select distinct on (item_id, action)
    item_id, action, type, due_at, "references", author, reason,
    case when is_given_up or is_held then coalesce(problems->0->>'message', 'given up') end
from service.release_item join service.release on release_id = id
where not is_reference
order by item_id, action, due_at
"""


def upgrade() -> None:
    """Go forward."""
    op.add_column("revision", sa.Column("locales", postgresql.ARRAY(sa.Text())), schema="service")
    op.create_table(
        "release",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("references", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_given_up", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("problems", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        schema="service",
    )
    op.create_index(
        "ix_release_next_at",
        "release",
        ["next_at"],
        unique=False,
        schema="service",
        postgresql_where=sa.text("not is_given_up and not is_held"),
    )
    op.create_table(
        "release_item",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("locales", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("is_reference", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["service.release.id"],
            name=op.f("fk_release_item_release_id_release"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "item_id", name=op.f("pk_release_item")),
        schema="service",
    )
    op.create_index(
        op.f("ix_release_item_item_id"),
        "release_item",
        ["item_id"],
        unique=False,
        schema="service",
    )
    op.execute(MOVE)
    op.execute("delete from service.schedule")
    op.execute(f"grant select on service.release, service.release_item to {PREVIEWER}")


def downgrade() -> None:
    """Go back."""
    op.execute(MOVE_BACK)
    op.drop_table("release_item", schema="service")
    op.drop_table("release", schema="service")
    op.drop_column("revision", "locales", schema="service")
