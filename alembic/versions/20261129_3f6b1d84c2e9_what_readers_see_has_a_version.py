"""What readers see has a version, and what each version changed is known.

Triggers note what changes in the live copy, whoever changes it. For the tables of items they name
the items. What else a live item has, such as its lists and parts, changes with it in an edit; any
other statement that changes it is noted as a change of everything.

Revision ID: 3f6b1d84c2e9
Revises: 54a72b472c9c
Create Date: 2026-11-29 09:30:00.000000+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "3f6b1d84c2e9"
down_revision: str | Sequence[str] | None = "54a72b472c9c"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

READERS = "guidepost_reader, guidepost_previewer"

# The version that the transaction makes; it raises it once.
RAISED_VERSION = """
create function service.raised_version(out version bigint, out mark bigint)
language plpgsql as $$
declare
    said text := current_setting('guidepost.version', true);
begin
    if said <> '' then
        version := split_part(said, ' ', 1);
        mark := split_part(said, ' ', 2);
        return;
    end if;
    update service.content_version as stored
        set version = stored.version + 1, mark = hashtextextended(gen_random_uuid()::text, 0)
        returning stored.version, stored.mark into version, mark;
    perform set_config('guidepost.version', version || ' ' || mark, true);
end
$$
"""

NOTE_EVERYTHING = """
create function service.note_everything() returns void
language sql as $$
    insert into service.change (version, mark, kind)
        select version, mark, 'EVERYTHING' from service.raised_version()
$$
"""

NOTE_OTHER = """
create function service.note_other() returns trigger
language plpgsql as $$
begin
    perform service.note_everything();
    return null;
end
$$
"""

# Notes what refers to items that come or go, by any reference, also in lists and in parts.
NOTE_AFFECTED = """
create function service.note_affected(shown text, ids uuid[]) returns void
language plpgsql as $$
declare
    way record;
begin
    for way in
        select showing.relname as name, reference.attname as reference,
            coalesce(owner.relname, showing.relname) as type,
            case when owner.oid is null then 'id' else 'owner_id' end as owner
        from pg_constraint as key
        join pg_class as showing on showing.oid = key.conrelid
        join pg_attribute as reference
            on reference.attrelid = key.conrelid and reference.attnum = key.conkey[1]
        left join pg_attribute as owning
            on owning.attrelid = key.conrelid and owning.attname = 'owner_id'
        left join pg_constraint as its on its.conrelid = key.conrelid and its.contype = 'f'
            and its.conkey = array[owning.attnum]
        left join pg_class as owner on owner.oid = its.confrelid
        where key.contype = 'f' and key.confrelid = to_regclass(format('draft.%I', shown))
            and reference.attname <> 'owner_id'
            and to_regclass(format('live.%I', showing.relname)) is not null
    loop
        execute format(
            'insert into service.change (version, mark, type, item_id, kind) '
            'select version, mark, %L, %I, ''AFFECTED'' from service.raised_version(), '
            '(select distinct %2$I from live.%I where %I = any($1)) as showing',
            way.type, way.owner, way.name, way.reference
        ) using ids;
    end loop;
end
$$
"""

NOTE_ITEMS = """
create function service.note_items() returns trigger
language plpgsql as $$
begin
    case tg_op
        when 'INSERT' then
            if not exists (select from shown) then
                return null;
            end if;
            insert into service.change (version, mark, type, item_id, kind, slugs)
                select version, mark, tg_table_name, id, 'PUBLISHED', array_agg(slug)
                from service.raised_version(), (
                    select id, slug from shown union select id, localized_slug from shown
                    union select item_id, led.slug from live.redirect as led
                    where led.type = tg_table_name and item_id in (select id from shown)
                ) as now
                where slug is not null group by version, mark, id;
            perform service.note_affected(tg_table_name, array(select distinct id from shown));
        when 'UPDATE' then
            if not exists (select from shown) then
                return null;
            end if;
            insert into service.change (version, mark, type, item_id, kind, slugs)
                select version, mark, tg_table_name, id, 'CHANGED', array_agg(slug)
                from service.raised_version(), (
                    select id, slug from shown union select id, localized_slug from shown
                    union select id, slug from hidden union select id, localized_slug from hidden
                ) as now
                where slug is not null group by version, mark, id;
            -- Its item goes in one locale, and comes in another one.
            if exists (select id, locale from shown except select id, locale from hidden) then
                perform service.note_everything();
            end if;
        when 'DELETE' then
            if not exists (select from hidden) then
                return null;
            end if;
            insert into service.change (version, mark, type, item_id, kind, slugs)
                select version, mark, tg_table_name, id, 'WITHDRAWN', array_agg(slug)
                from service.raised_version(),
                    (select id, slug from hidden union select id, localized_slug from hidden) as now
                where slug is not null group by version, mark, id;
            perform service.note_affected(tg_table_name, array(select distinct id from hidden));
    end case;
    return null;
end
$$
"""

NOTE_REDIRECTS = """
create function service.note_redirects() returns trigger
language plpgsql as $$
begin
    if exists (select from hidden) then
        insert into service.change (version, mark, type, item_id, kind, slugs)
            select version, mark, type, item_id, 'REDIRECTED', array_agg(slug)
            from service.raised_version(), hidden group by version, mark, type, item_id;
        -- In an edit, the item that a slug leads to now is noted, with the slug.
        if tg_op = 'UPDATE' and coalesce(current_setting('guidepost.edit', true), '') <> 'on' then
            perform service.note_everything();
        end if;
    end if;
    return null;
end
$$
"""

# Makes the triggers of live tables that are new, or have other columns than before. In a table of
# items that is older than their localized slugs, any change is noted as one of everything.
WATCH = """
create function service.watch() returns void
language plpgsql as $$
declare
    found record;
    written text;
begin
    for found in
        select * from (
            select table_name as name, format('live.%I', table_name)::regclass as place, case
                    when table_name = 'redirect' then 'service.note_redirects'
                    when bool_or(column_name = 'localized_slug') then 'service.note_items'
                    else 'service.note_other'
                end::regproc as noting,
                table_name = 'redirect' or bool_or(column_name = 'slug') as is_item
            from information_schema.columns where table_schema = 'live' group by table_name
        ) as known
        where not exists (
            select from pg_trigger where tgrelid = place and tgname = 'note_update'
                and tgfoid = noting and is_item = (tgqual is null)
        )
    loop
        foreach written in array array['insert', 'update', 'delete', 'truncate'] loop
            execute format('drop trigger if exists note_%s on %s', written, found.place);
            if written = 'truncate' then
                execute format(
                    'create trigger note_truncate after truncate on %s '
                    'execute function service.note_other()', found.place
                );
            elsif not found.is_item or (found.name = 'redirect' and written = 'insert') then
                execute format(
                    'create trigger note_%s after %1$s on %s when '
                    '(coalesce(current_setting(''guidepost.edit'', true), '''') <> ''on'') '
                    'execute function service.note_other()', written, found.place
                );
            elsif found.noting = 'service.note_other'::regproc then
                execute format(
                    'create trigger note_%s after %1$s on %s '
                    'execute function service.note_other()', written, found.place
                );
            else
                execute format(
                    'create trigger note_%s after %1$s on %s referencing %s '
                    'execute function %s()', written, found.place, case written
                        when 'insert' then 'new table as shown'
                        when 'delete' then 'old table as hidden'
                        else 'old table as hidden new table as shown'
                    end, found.noting
                );
            end if;
        end loop;
    end loop;
end
$$
"""

LOCALES = """
create trigger note_locales after insert or update or delete or truncate on service.locale
execute function service.note_other()
"""

FUNCTIONS = (
    RAISED_VERSION,
    NOTE_EVERYTHING,
    NOTE_OTHER,
    NOTE_AFFECTED,
    NOTE_ITEMS,
    NOTE_REDIRECTS,
    WATCH,
)

FORGET = """
do $$
declare
    found record;
begin
    for found in
        select tgname as name, tgrelid::regclass as place from pg_trigger
        where tgfoid in (
            'service.note_other'::regproc, 'service.note_items'::regproc,
            'service.note_redirects'::regproc
        )
    loop
        execute format('drop trigger %I on %s', found.name, found.place);
    end loop;
end
$$
"""

DROP = (
    "service.watch()",
    "service.note_redirects()",
    "service.note_items()",
    "service.note_affected(text, uuid[])",
    "service.note_other()",
    "service.note_everything()",
    "service.raised_version()",
)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "content_version",
        sa.Column("epoch", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_content_version")),
        schema="service",
    )
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("slugs", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        schema="service",
    )
    for column in ("version", "at"):
        op.create_index(op.f(f"ix_change_{column}"), "change", [column], schema="service")
    op.execute("insert into service.content_version (version, mark) values (0, 0)")
    op.execute(f"grant select on service.content_version, service.change to {READERS}")
    for each in FUNCTIONS:
        op.execute(each)
    op.execute(LOCALES)


def downgrade() -> None:
    """Go back."""
    op.execute(FORGET)
    for each in DROP:
        op.execute(f"drop function {each}")
    op.drop_table("change", schema="service")
    op.drop_table("content_version", schema="service")
