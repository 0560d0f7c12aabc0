"""Parts that change owners are noted.

In an edit, the parts of an item change only together with the item, and so they are not looked at.
But if somebody gave a live part to another item with SQL, an edit of the item that has it in the
working copy takes it back, and changes the other item as well.

Revision ID: e83a5c07d1f6
Revises: d07f4b92c6a8
Create Date: 2026-11-29 15:20:00.000000+00:00
"""

from collections.abc import Sequence

from alembic import op

revision: str = "e83a5c07d1f6"
down_revision: str | Sequence[str] | None = "d07f4b92c6a8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

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
                table_name = 'redirect' or bool_or(column_name = 'slug') as is_item,
                bool_or(column_name = 'owner_id') as has_owner
            from information_schema.columns where table_schema = 'live' group by table_name
        ) as known
        where not exists (
            select from pg_trigger where tgrelid = place and tgname = 'note_update'
                and tgfoid = noting and is_item = (tgqual is null)
        ) or has_owner and not exists (
            select from pg_trigger where tgrelid = place and tgname = 'note_move'
        )
    loop
        foreach written in array array['insert', 'update', 'delete', 'truncate'] loop
            execute format('drop trigger if exists note_%s on %s', written, found.place);
            if written = 'truncate' then
                execute format(
                    'create trigger note_truncate after truncate on %s '
                    'execute function service.note_other()', found.place
                );
            elsif not found.is_item then
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
        if found.has_owner then
            execute format('drop trigger if exists note_move on %s', found.place);
            execute format(
                'create trigger note_move after update on %s for each row '
                'when (old.owner_id is distinct from new.owner_id) '
                'execute function service.note_other()', found.place
            );
        end if;
    end loop;
end
$$
"""

FORMER_WATCH = """
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
            elsif not found.is_item then
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

FORGET = """
do $$
declare
    place regclass;
begin
    for place in select tgrelid from pg_trigger where tgname = 'note_move'
    loop
        execute format('drop trigger note_move on %s', place);
    end loop;
end
$$
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(WATCH)


def downgrade() -> None:
    """Go back."""
    op.execute(FORMER_WATCH)
    op.execute(FORGET)
