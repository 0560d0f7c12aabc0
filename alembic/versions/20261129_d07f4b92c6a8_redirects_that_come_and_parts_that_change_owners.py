"""Redirects that come, and parts that change owners, are noted.

An item that was published with another slug in one locale is found by the slug that it still has in
another one, in all locales. Nobody was told: only slugs that led to an item before were noted.

In an edit, the parts of an item change only together with the item, and so they are not looked at.
But if somebody gave a live part to another item with SQL, an edit of the item that has it in the
working copy takes it back, and changes the other item as well.

Revision ID: d07f4b92c6a8
Revises: b83d5f20e6a1
Create Date: 2026-11-29 13:50:00.000000+00:00
"""

from collections.abc import Sequence

from alembic import op

revision: str = "d07f4b92c6a8"
down_revision: str | Sequence[str] | None = "b83d5f20e6a1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOTE_REDIRECTS = """
create or replace function service.note_redirects() returns trigger
language plpgsql as $$
declare
    changed live.redirect[];
begin
    case tg_op
        when 'INSERT' then
            changed := array(select row(type, slug, item_id)::live.redirect from shown);
        when 'UPDATE' then
            changed := array(
                select row(type, slug, item_id)::live.redirect from (
                    (table hidden except table shown) union all (table shown except table hidden)
                ) as other
            );
        when 'DELETE' then
            changed := array(select row(type, slug, item_id)::live.redirect from hidden);
    end case;
    if cardinality(changed) > 0 then
        insert into service.change (version, mark, type, item_id, kind, slugs)
            select version, mark, type, item_id, 'REDIRECTED', array_agg(slug)
            from service.raised_version(), unnest(changed) group by version, mark, type, item_id;
    end if;
    return null;
end
$$
"""

NOTE_FORMER_REDIRECTS = """
create or replace function service.note_redirects() returns trigger
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

# `others` are the triggers that do not tell what changed, and note everything unless it is an edit.
WATCH = """
create or replace function service.watch() returns void
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
                table_name = 'redirect' or bool_or(column_name = 'slug') as is_item{owner}
            from information_schema.columns where table_schema = 'live' group by table_name
        ) as known
        where not exists (
            select from pg_trigger where tgrelid = place and tgname = 'note_update'
                and tgfoid = noting and is_item = (tgqual is null)
        ){lacking}
    loop
        foreach written in array array['insert', 'update', 'delete', 'truncate'] loop
            execute format('drop trigger if exists note_%s on %s', written, found.place);
            if written = 'truncate' then
                execute format(
                    'create trigger note_truncate after truncate on %s '
                    'execute function service.note_other()', found.place
                );
            elsif {others} then
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
{moving}    end loop;
end
$$
"""
NOW = {
    "owner": ", bool_or(column_name = 'owner_id') as has_owner",
    "others": "not found.is_item",
    "lacking": """ or has_owner and not exists (
            select from pg_trigger where tgrelid = place and tgname = 'note_move'
        )""",
    "moving": """        if found.has_owner then
            execute format('drop trigger if exists note_move on %s', found.place);
            execute format(
                'create trigger note_move after update on %s for each row '
                'when (old.owner_id is distinct from new.owner_id) '
                'execute function service.note_other()', found.place
            );
        end if;
""",
}
BEFORE = {
    "owner": "",
    "others": "not found.is_item or (found.name = 'redirect' and written = 'insert')",
    "lacking": "",
    "moving": "",
}

# `service.watch` makes all of them again, at the end of the migration.
FORGET = "drop trigger if exists note_update on live.redirect"
FORGET_MOVES = """
do $$
declare
    place regclass;
begin
    for place in select tgrelid from pg_trigger where tgname = 'note_move' loop
        execute format('drop trigger note_move on %s', place);
    end loop;
end
$$
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(NOTE_REDIRECTS)
    op.execute(WATCH.format(**NOW))
    op.execute(FORGET)


def downgrade() -> None:
    """Go back."""
    op.execute(NOTE_FORMER_REDIRECTS)
    op.execute(WATCH.format(**BEFORE))
    op.execute(FORGET)
    op.execute(FORGET_MOVES)
