"""What the service keeps, and who may do what.

Roles belong to the server and not to a database, so they are made where they are missing, and stay.
Who migrates has to be allowed to make them, or to be a member of them already.

Revision ID: 62a1316f8572
Revises: 147379ad6a02
Create Date: 2026-11-24 20:56:29.162742+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "62a1316f8572"
down_revision: str | Sequence[str] | None = "147379ad6a02"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
accepts = {"hiding-statements": "They make roles, and touch no table."}

READER, PREVIEWER, WRITER = "guidepost_reader", "guidepost_previewer", "guidepost_writer"
ROLES = (READER, PREVIEWER, WRITER)
EVERYTHING = "select, insert, update, delete"

MAKE = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{role}') then
    begin
      create role {role} nologin;
    exception when duplicate_object or unique_violation then null;
    end;
  end if;
  begin
    grant {role} to current_user;
  exception when insufficient_privilege then
    if not pg_has_role(current_user, '{role}', 'member') then raise; end if;
  end;
end $$
"""

TABLES = (
    (READER, "live", "select"),
    (PREVIEWER, "live", "select"),
    (PREVIEWER, "draft", "select"),
    (WRITER, "live", EVERYTHING),
    (WRITER, "draft", EVERYTHING),
    (WRITER, "service", EVERYTHING),
)
"""Who may do what with all tables of a schema, those that are yet to come too."""

SINGLE_TABLES = {
    READER: ("service.locale", "alembic_version"),
    PREVIEWER: ("service.locale", "service.revision", "service.schedule"),
}
"""What else they may read."""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "answer",
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("author", "key", name=op.f("pk_answer")),
        schema="service",
    )
    op.create_index(op.f("ix_answer_at"), "answer", ["at"], unique=False, schema="service")
    op.create_table(
        "revision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        schema="service",
    )
    op.create_index(op.f("ix_revision_at"), "revision", ["at"], unique=False, schema="service")
    op.create_index(
        op.f("ix_revision_item_id_id"),
        "revision",
        ["item_id", "id"],
        unique=False,
        schema="service",
    )
    op.create_index(
        op.f("ix_revision_type_slug_id"),
        "revision",
        ["type", "slug", "id"],
        unique=False,
        schema="service",
    )
    op.create_table(
        "schedule",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("references", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("item_id", "action", name=op.f("pk_schedule")),
        schema="service",
    )
    op.create_index(
        "ix_schedule_due_at",
        "schedule",
        ["due_at"],
        unique=False,
        schema="service",
        postgresql_where=sa.text("problem is null"),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("types", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("name", name=op.f("uq_token_name")),
        schema="service",
    )
    for role in ROLES:
        op.execute(MAKE.format(role=role))
        op.execute(f"grant usage on schema live, service to {role}")
    op.execute(f"grant usage on schema draft to {PREVIEWER}, {WRITER}")
    for role, schema, rights in TABLES:
        tables = f"tables in schema {schema} to {role}"
        op.execute(f"grant {rights} on all {tables}")
        op.execute(
            f"alter default privileges in schema {schema} grant {rights} on tables to {role}"
        )
    for role, names in SINGLE_TABLES.items():
        op.execute(f"grant select on {', '.join(names)} to {role}")


def downgrade() -> None:
    """Go back."""
    for role, names in SINGLE_TABLES.items():
        op.execute(f"revoke select on {', '.join(names)} from {role}")  # noqa: S608  # our names
    for role, schema, rights in TABLES:
        tables = f"tables in schema {schema} from {role}"
        op.execute(f"revoke {rights} on all {tables}")
        op.execute(
            f"alter default privileges in schema {schema} revoke {rights} on tables from {role}"
        )
    for role in ROLES:
        op.execute(f"revoke usage on schema live, draft, service from {role}")
    op.drop_table("token", schema="service")
    op.drop_index(
        "ix_schedule_due_at",
        table_name="schedule",
        schema="service",
        postgresql_where=sa.text("problem is null"),
    )
    op.drop_table("schedule", schema="service")
    op.drop_index(op.f("ix_revision_type_slug_id"), table_name="revision", schema="service")
    op.drop_index(op.f("ix_revision_item_id_id"), table_name="revision", schema="service")
    op.drop_index(op.f("ix_revision_at"), table_name="revision", schema="service")
    op.drop_table("revision", schema="service")
    op.drop_index(op.f("ix_answer_at"), table_name="answer", schema="service")
    op.drop_table("answer", schema="service")
