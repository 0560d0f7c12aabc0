"""The content model: tables of both copies, and the locales.

Revision ID: bc71222f9874
Revises:
Create Date: 2026-11-23 07:30:53.994087+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "bc71222f9874"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


SCHEMAS = ("draft", "live", "service")

LOCALES = sa.table(
    "locale",
    sa.column("code", sa.Text),
    sa.column("fallbacks", postgresql.ARRAY(sa.Text)),
    sa.column("is_default", sa.Boolean),
    schema="service",
)
ROWS: list[dict[str, object]] = [
    {"code": "en", "fallbacks": [], "is_default": True},
    {"code": "nl", "fallbacks": ["en"], "is_default": False},
    {"code": "fr", "fallbacks": ["en"], "is_default": False},
]


def upgrade() -> None:
    """Go forward."""
    for name in SCHEMAS:
        op.execute(sa.schema.CreateSchema(name))
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("country_code", sa.Text(), nullable=True),
        sa.Column("tech_scene", postgresql.JSONB(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["draft.location.id"],
            name=op.f("fk_location_parent_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        sa.UniqueConstraint(
            "slug", deferrable=True, initially="DEFERRED", name=op.f("uq_location_slug")
        ),
        schema="draft",
    )
    op.create_index(
        op.f("ix_location_parent_id"), "location", ["parent_id"], unique=False, schema="draft"
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("plural", postgresql.JSONB(), nullable=False),
        sa.Column("about", postgresql.JSONB(), nullable=True),
        sa.Column("market_demand", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint(
            "slug", deferrable=True, initially="DEFERRED", name=op.f("uq_role_slug")
        ),
        schema="draft",
    )
    op.create_table(
        "skill",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint(
            "slug", deferrable=True, initially="DEFERRED", name=op.f("uq_skill_slug")
        ),
        schema="draft",
    )
    op.create_table(
        "tool",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool")),
        sa.UniqueConstraint(
            "slug", deferrable=True, initially="DEFERRED", name=op.f("uq_tool_slug")
        ),
        schema="draft",
    )
    op.create_table(
        "company",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("description_html", sa.Text(), nullable=True),
        sa.Column("description_text", sa.Text(), nullable=True),
        sa.Column("sectors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("headquarters_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_company")),
        sa.UniqueConstraint(
            "locale",
            "slug",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_company_locale_slug"),
        ),
        schema="live",
    )
    op.create_index(
        op.f("ix_company_headquarters_id_locale"),
        "company",
        ["headquarters_id", "locale"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "guide_companies",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_companies")),
        schema="live",
    )
    op.create_index(
        op.f("ix_guide_companies_target_id"),
        "guide_companies",
        ["target_id"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "guide_hubs",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_hubs")),
        schema="live",
    )
    op.create_index(
        op.f("ix_guide_hubs_target_id"), "guide_hubs", ["target_id"], unique=False, schema="live"
    )
    op.create_table(
        "guide_skills",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_skills")),
        schema="live",
    )
    op.create_index(
        op.f("ix_guide_skills_target_id"),
        "guide_skills",
        ["target_id"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "guide_tools",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_tools")),
        schema="live",
    )
    op.create_index(
        op.f("ix_guide_tools_target_id"), "guide_tools", ["target_id"], unique=False, schema="live"
    )
    op.create_table(
        "guide_universities",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_universities")),
        schema="live",
    )
    op.create_index(
        op.f("ix_guide_universities_target_id"),
        "guide_universities",
        ["target_id"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("country_code", sa.Text(), nullable=True),
        sa.Column("tech_scene", sa.Text(), nullable=True),
        sa.Column("tech_scene_html", sa.Text(), nullable=True),
        sa.Column("tech_scene_text", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_location")),
        sa.UniqueConstraint(
            "locale",
            "slug",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_location_locale_slug"),
        ),
        schema="live",
    )
    op.create_index(
        op.f("ix_location_parent_id_locale"),
        "location",
        ["parent_id", "locale"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "location_companies",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_location_companies")),
        schema="live",
    )
    op.create_index(
        op.f("ix_location_companies_target_id"),
        "location_companies",
        ["target_id"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "location_hubs",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_location_hubs")),
        schema="live",
    )
    op.create_index(
        op.f("ix_location_hubs_target_id"),
        "location_hubs",
        ["target_id"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "location_universities",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_location_universities")),
        schema="live",
    )
    op.create_index(
        op.f("ix_location_universities_target_id"),
        "location_universities",
        ["target_id"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plural", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("about_html", sa.Text(), nullable=True),
        sa.Column("about_text", sa.Text(), nullable=True),
        sa.Column("market_demand", sa.Text(), nullable=True),
        sa.Column("market_demand_html", sa.Text(), nullable=True),
        sa.Column("market_demand_text", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_role")),
        sa.UniqueConstraint(
            "locale",
            "slug",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_role_locale_slug"),
        ),
        schema="live",
    )
    op.create_table(
        "role_skills",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_role_skills")),
        schema="live",
    )
    op.create_index(
        op.f("ix_role_skills_target_id"), "role_skills", ["target_id"], unique=False, schema="live"
    )
    op.create_table(
        "role_tools",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_role_tools")),
        schema="live",
    )
    op.create_index(
        op.f("ix_role_tools_target_id"), "role_tools", ["target_id"], unique=False, schema="live"
    )
    op.create_table(
        "skill",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_skill")),
        sa.UniqueConstraint(
            "locale",
            "slug",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_skill_locale_slug"),
        ),
        schema="live",
    )
    op.create_table(
        "tool",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_tool")),
        sa.UniqueConstraint(
            "locale",
            "slug",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_tool_locale_slug"),
        ),
        schema="live",
    )
    op.create_table(
        "university",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_university")),
        sa.UniqueConstraint(
            "locale",
            "slug",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_university_locale_slug"),
        ),
        schema="live",
    )
    op.create_index(
        op.f("ix_university_location_id_locale"),
        "university",
        ["location_id", "locale"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "locale",
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "fallbacks",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_locale")),
        schema="service",
    )
    op.create_index(
        "uq_locale_is_default",
        "locale",
        ["is_default"],
        unique=True,
        schema="service",
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "career_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("titles", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.role.id"],
            name=op.f("fk_career_step_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_career_step")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_career_step_owner_id"), "career_step", ["owner_id"], unique=False, schema="draft"
    )
    op.create_table(
        "company",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("description", postgresql.JSONB(), nullable=True),
        sa.Column(
            "sectors",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column("headquarters_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["headquarters_id"],
            ["draft.location.id"],
            name=op.f("fk_company_headquarters_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint(
            "slug", deferrable=True, initially="DEFERRED", name=op.f("uq_company_slug")
        ),
        schema="draft",
    )
    op.create_index(
        op.f("ix_company_headquarters_id"),
        "company",
        ["headquarters_id"],
        unique=False,
        schema="draft",
    )
    op.create_table(
        "guide",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("subtitle", postgresql.JSONB(), nullable=True),
        sa.Column("tech_scene", postgresql.JSONB(), nullable=True),
        sa.Column("about_role", postgresql.JSONB(), nullable=True),
        sa.Column("market_demand", postgresql.JSONB(), nullable=True),
        sa.Column("why_hire", postgresql.JSONB(), nullable=True),
        sa.Column("jobs_url", sa.Text(), nullable=True),
        sa.Column("seo_title", postgresql.JSONB(), nullable=True),
        sa.Column("seo_description", postgresql.JSONB(), nullable=True),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["draft.location.id"],
            name=op.f("fk_guide_location_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["draft.role.id"],
            name=op.f("fk_guide_role_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide")),
        sa.UniqueConstraint(
            "role_id",
            "location_id",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_guide_role_id_location_id"),
        ),
        sa.UniqueConstraint(
            "slug", deferrable=True, initially="DEFERRED", name=op.f("uq_guide_slug")
        ),
        schema="draft",
    )
    op.create_index(
        op.f("ix_guide_location_id"), "guide", ["location_id"], unique=False, schema="draft"
    )
    op.create_index(op.f("ix_guide_role_id"), "guide", ["role_id"], unique=False, schema="draft")
    op.create_table(
        "hub",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["draft.location.id"],
            name=op.f("fk_hub_location_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub")),
        sa.UniqueConstraint(
            "slug", deferrable=True, initially="DEFERRED", name=op.f("uq_hub_slug")
        ),
        schema="draft",
    )
    op.create_index(
        op.f("ix_hub_location_id"), "hub", ["location_id"], unique=False, schema="draft"
    )
    op.create_table(
        "role_skills",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.role.id"],
            name=op.f("fk_role_skills_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.skill.id"],
            name=op.f("fk_role_skills_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_role_skills")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_role_skills_target_id"), "role_skills", ["target_id"], unique=False, schema="draft"
    )
    op.create_table(
        "role_tools",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.role.id"],
            name=op.f("fk_role_tools_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.tool.id"],
            name=op.f("fk_role_tools_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_role_tools")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_role_tools_target_id"), "role_tools", ["target_id"], unique=False, schema="draft"
    )
    op.create_table(
        "university",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["draft.location.id"],
            name=op.f("fk_university_location_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_university")),
        sa.UniqueConstraint(
            "slug", deferrable=True, initially="DEFERRED", name=op.f("uq_university_slug")
        ),
        schema="draft",
    )
    op.create_index(
        op.f("ix_university_location_id"),
        "university",
        ["location_id"],
        unique=False,
        schema="draft",
    )
    op.create_table(
        "career_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("titles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "locale"],
            ["live.role.id", "live.role.locale"],
            name=op.f("fk_career_step_owner_id_locale"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_career_step")),
        schema="live",
    )
    op.create_index(
        op.f("ix_career_step_owner_id_locale_position"),
        "career_step",
        ["owner_id", "locale", "position"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "guide",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subtitle", sa.Text(), nullable=True),
        sa.Column("tech_scene", sa.Text(), nullable=True),
        sa.Column("tech_scene_html", sa.Text(), nullable=True),
        sa.Column("tech_scene_text", sa.Text(), nullable=True),
        sa.Column("about_role", sa.Text(), nullable=True),
        sa.Column("about_role_html", sa.Text(), nullable=True),
        sa.Column("about_role_text", sa.Text(), nullable=True),
        sa.Column("market_demand", sa.Text(), nullable=True),
        sa.Column("market_demand_html", sa.Text(), nullable=True),
        sa.Column("market_demand_text", sa.Text(), nullable=True),
        sa.Column("why_hire", sa.Text(), nullable=True),
        sa.Column("why_hire_html", sa.Text(), nullable=True),
        sa.Column("why_hire_text", sa.Text(), nullable=True),
        sa.Column("jobs_url", sa.Text(), nullable=True),
        sa.Column("seo_title", sa.Text(), nullable=True),
        sa.Column("seo_description", sa.Text(), nullable=True),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id", "locale"],
            ["live.location.id", "live.location.locale"],
            name=op.f("fk_guide_location_id_locale"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["role_id", "locale"],
            ["live.role.id", "live.role.locale"],
            name=op.f("fk_guide_role_id_locale"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_guide")),
        sa.UniqueConstraint(
            "locale",
            "slug",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_guide_locale_slug"),
        ),
        schema="live",
    )
    op.create_index(
        op.f("ix_guide_location_id_locale"),
        "guide",
        ["location_id", "locale"],
        unique=False,
        schema="live",
    )
    op.create_index(
        op.f("ix_guide_role_id_locale"), "guide", ["role_id", "locale"], unique=False, schema="live"
    )
    op.create_table(
        "hub",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id", "locale"],
            ["live.location.id", "live.location.locale"],
            name=op.f("fk_hub_location_id_locale"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_hub")),
        sa.UniqueConstraint(
            "locale", "slug", deferrable=True, initially="DEFERRED", name=op.f("uq_hub_locale_slug")
        ),
        schema="live",
    )
    op.create_index(
        op.f("ix_hub_location_id_locale"),
        "hub",
        ["location_id", "locale"],
        unique=False,
        schema="live",
    )
    op.create_table(
        "guide_companies",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.guide.id"],
            name=op.f("fk_guide_companies_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.company.id"],
            name=op.f("fk_guide_companies_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_companies")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_guide_companies_target_id"),
        "guide_companies",
        ["target_id"],
        unique=False,
        schema="draft",
    )
    op.create_table(
        "guide_hubs",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.guide.id"],
            name=op.f("fk_guide_hubs_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.hub.id"],
            name=op.f("fk_guide_hubs_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_hubs")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_guide_hubs_target_id"), "guide_hubs", ["target_id"], unique=False, schema="draft"
    )
    op.create_table(
        "guide_skills",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.guide.id"],
            name=op.f("fk_guide_skills_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.skill.id"],
            name=op.f("fk_guide_skills_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_skills")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_guide_skills_target_id"),
        "guide_skills",
        ["target_id"],
        unique=False,
        schema="draft",
    )
    op.create_table(
        "guide_tools",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.guide.id"],
            name=op.f("fk_guide_tools_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.tool.id"],
            name=op.f("fk_guide_tools_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_tools")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_guide_tools_target_id"), "guide_tools", ["target_id"], unique=False, schema="draft"
    )
    op.create_table(
        "guide_universities",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.guide.id"],
            name=op.f("fk_guide_universities_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.university.id"],
            name=op.f("fk_guide_universities_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_guide_universities")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_guide_universities_target_id"),
        "guide_universities",
        ["target_id"],
        unique=False,
        schema="draft",
    )
    op.create_table(
        "location_companies",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.location.id"],
            name=op.f("fk_location_companies_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.company.id"],
            name=op.f("fk_location_companies_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_location_companies")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_location_companies_target_id"),
        "location_companies",
        ["target_id"],
        unique=False,
        schema="draft",
    )
    op.create_table(
        "location_hubs",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.location.id"],
            name=op.f("fk_location_hubs_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.hub.id"],
            name=op.f("fk_location_hubs_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_location_hubs")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_location_hubs_target_id"),
        "location_hubs",
        ["target_id"],
        unique=False,
        schema="draft",
    )
    op.create_table(
        "location_universities",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.location.id"],
            name=op.f("fk_location_universities_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["draft.university.id"],
            name=op.f("fk_location_universities_target_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_location_universities")),
        schema="draft",
    )
    op.create_index(
        op.f("ix_location_universities_target_id"),
        "location_universities",
        ["target_id"],
        unique=False,
        schema="draft",
    )
    op.create_table(
        "salary_range",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("minimum", sa.Numeric(), nullable=False),
        sa.Column("maximum", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.CheckConstraint("minimum <= maximum", name=op.f("ck_salary_range_minimum_maximum")),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["draft.guide.id"],
            name=op.f("fk_salary_range_owner_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_salary_range")),
        sa.UniqueConstraint(
            "owner_id",
            "level",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_salary_range_owner_id_level"),
        ),
        schema="draft",
    )
    op.create_index(
        op.f("ix_salary_range_owner_id"), "salary_range", ["owner_id"], unique=False, schema="draft"
    )
    op.create_table(
        "salary_range",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("minimum", sa.Numeric(), nullable=False),
        sa.Column("maximum", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "locale"],
            ["live.guide.id", "live.guide.locale"],
            name=op.f("fk_salary_range_owner_id_locale"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_salary_range")),
        schema="live",
    )
    op.create_index(
        op.f("ix_salary_range_owner_id_locale_position"),
        "salary_range",
        ["owner_id", "locale", "position"],
        unique=False,
        schema="live",
    )
    op.bulk_insert(LOCALES, ROWS)


def downgrade() -> None:
    """Go back."""
    op.drop_index(
        op.f("ix_salary_range_owner_id_locale_position"), table_name="salary_range", schema="live"
    )
    op.drop_table("salary_range", schema="live")
    op.drop_index(op.f("ix_salary_range_owner_id"), table_name="salary_range", schema="draft")
    op.drop_table("salary_range", schema="draft")
    op.drop_index(
        op.f("ix_location_universities_target_id"),
        table_name="location_universities",
        schema="draft",
    )
    op.drop_table("location_universities", schema="draft")
    op.drop_index(op.f("ix_location_hubs_target_id"), table_name="location_hubs", schema="draft")
    op.drop_table("location_hubs", schema="draft")
    op.drop_index(
        op.f("ix_location_companies_target_id"), table_name="location_companies", schema="draft"
    )
    op.drop_table("location_companies", schema="draft")
    op.drop_index(
        op.f("ix_guide_universities_target_id"), table_name="guide_universities", schema="draft"
    )
    op.drop_table("guide_universities", schema="draft")
    op.drop_index(op.f("ix_guide_tools_target_id"), table_name="guide_tools", schema="draft")
    op.drop_table("guide_tools", schema="draft")
    op.drop_index(op.f("ix_guide_skills_target_id"), table_name="guide_skills", schema="draft")
    op.drop_table("guide_skills", schema="draft")
    op.drop_index(op.f("ix_guide_hubs_target_id"), table_name="guide_hubs", schema="draft")
    op.drop_table("guide_hubs", schema="draft")
    op.drop_index(
        op.f("ix_guide_companies_target_id"), table_name="guide_companies", schema="draft"
    )
    op.drop_table("guide_companies", schema="draft")
    op.drop_index(op.f("ix_hub_location_id_locale"), table_name="hub", schema="live")
    op.drop_table("hub", schema="live")
    op.drop_index(op.f("ix_guide_role_id_locale"), table_name="guide", schema="live")
    op.drop_index(op.f("ix_guide_location_id_locale"), table_name="guide", schema="live")
    op.drop_table("guide", schema="live")
    op.drop_index(
        op.f("ix_career_step_owner_id_locale_position"), table_name="career_step", schema="live"
    )
    op.drop_table("career_step", schema="live")
    op.drop_index(op.f("ix_university_location_id"), table_name="university", schema="draft")
    op.drop_table("university", schema="draft")
    op.drop_index(op.f("ix_role_tools_target_id"), table_name="role_tools", schema="draft")
    op.drop_table("role_tools", schema="draft")
    op.drop_index(op.f("ix_role_skills_target_id"), table_name="role_skills", schema="draft")
    op.drop_table("role_skills", schema="draft")
    op.drop_index(op.f("ix_hub_location_id"), table_name="hub", schema="draft")
    op.drop_table("hub", schema="draft")
    op.drop_index(op.f("ix_guide_role_id"), table_name="guide", schema="draft")
    op.drop_index(op.f("ix_guide_location_id"), table_name="guide", schema="draft")
    op.drop_table("guide", schema="draft")
    op.drop_index(op.f("ix_company_headquarters_id"), table_name="company", schema="draft")
    op.drop_table("company", schema="draft")
    op.drop_index(op.f("ix_career_step_owner_id"), table_name="career_step", schema="draft")
    op.drop_table("career_step", schema="draft")
    op.drop_index(
        "uq_locale_is_default",
        table_name="locale",
        schema="service",
        postgresql_where=sa.text("is_default"),
    )
    op.drop_table("locale", schema="service")
    op.drop_index(op.f("ix_university_location_id_locale"), table_name="university", schema="live")
    op.drop_table("university", schema="live")
    op.drop_table("tool", schema="live")
    op.drop_table("skill", schema="live")
    op.drop_index(op.f("ix_role_tools_target_id"), table_name="role_tools", schema="live")
    op.drop_table("role_tools", schema="live")
    op.drop_index(op.f("ix_role_skills_target_id"), table_name="role_skills", schema="live")
    op.drop_table("role_skills", schema="live")
    op.drop_table("role", schema="live")
    op.drop_index(
        op.f("ix_location_universities_target_id"),
        table_name="location_universities",
        schema="live",
    )
    op.drop_table("location_universities", schema="live")
    op.drop_index(op.f("ix_location_hubs_target_id"), table_name="location_hubs", schema="live")
    op.drop_table("location_hubs", schema="live")
    op.drop_index(
        op.f("ix_location_companies_target_id"), table_name="location_companies", schema="live"
    )
    op.drop_table("location_companies", schema="live")
    op.drop_index(op.f("ix_location_parent_id_locale"), table_name="location", schema="live")
    op.drop_table("location", schema="live")
    op.drop_index(
        op.f("ix_guide_universities_target_id"), table_name="guide_universities", schema="live"
    )
    op.drop_table("guide_universities", schema="live")
    op.drop_index(op.f("ix_guide_tools_target_id"), table_name="guide_tools", schema="live")
    op.drop_table("guide_tools", schema="live")
    op.drop_index(op.f("ix_guide_skills_target_id"), table_name="guide_skills", schema="live")
    op.drop_table("guide_skills", schema="live")
    op.drop_index(op.f("ix_guide_hubs_target_id"), table_name="guide_hubs", schema="live")
    op.drop_table("guide_hubs", schema="live")
    op.drop_index(op.f("ix_guide_companies_target_id"), table_name="guide_companies", schema="live")
    op.drop_table("guide_companies", schema="live")
    op.drop_index(op.f("ix_company_headquarters_id_locale"), table_name="company", schema="live")
    op.drop_table("company", schema="live")
    op.drop_table("tool", schema="draft")
    op.drop_table("skill", schema="draft")
    op.drop_table("role", schema="draft")
    op.drop_index(op.f("ix_location_parent_id"), table_name="location", schema="draft")
    op.drop_table("location", schema="draft")
    for name in SCHEMAS:
        op.execute(sa.schema.DropSchema(name))
