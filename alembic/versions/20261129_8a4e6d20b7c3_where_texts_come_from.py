"""Where texts come from: the locale of each text in the live copy.

What the working copy says of a text that is live tells its locale. A text that has been edited
since is one of its fallback's if it is the same as that, and else one of its own.

Revision ID: 8a4e6d20b7c3
Revises: 5d1c7a93e0b4
Create Date: 2026-11-29 06:10:00.000000+00:00
"""

from collections.abc import Sequence

from alembic import op

revision: str = "8a4e6d20b7c3"
down_revision: str | Sequence[str] | None = "5d1c7a93e0b4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

accepts = {"hiding-statements": "The block adds columns that can be null, and fills them."}

# A localized field is what the working copy has as JSON, and the live copy under the same name.
FIELDS = """
    select mine.table_name, mine.column_name
    from information_schema.columns as mine join information_schema.columns as its
        on its.table_name = mine.table_name and its.column_name = mine.column_name
    where mine.table_schema = 'draft' and mine.data_type = 'jsonb' and its.table_schema = 'live'
    order by 1, 2
"""

# The locale of one text. `$1` is that of the row, and `$2` are its fallbacks.
SOURCE = """
    case when live.%2$I is not null then coalesce(
        (
            select case when to_jsonb(live.%2$I) = text then code end from (
                select chain.code, case jsonb_typeof(draft.%2$I -> chain.code)
                    when 'object' then draft.%2$I -> chain.code -> 'markdown'
                    else draft.%2$I -> chain.code
                end as text
                from draft.%1$I as draft,
                    unnest(array[$1] || $2) with ordinality as chain (code, place)
                where draft.id = live.id and jsonb_exists(draft.%2$I, chain.code)
                order by place limit 1
            ) as resolved
        ),
        (
            select fallback.%3$I from live.%1$I as fallback
            where fallback.id = live.id and fallback.locale = $2[1]
                and fallback.%2$I = live.%2$I
        ),
        $1
    ) end
"""

# Each row is written once, so that tables hardly grow.
ADD = """
do $do$
declare
    found record;
    here record;
begin
    set constraints all immediate;
    for found in
        select table_name,
            string_agg(format('add column %I text', column_name || '_locale'), ', ') as columns,
            string_agg(format(
                $format$%3$I = {source}$format$,
                table_name, column_name, column_name || '_locale'
            ), ', ') as sources
        from ({fields}) as fields group by table_name
    loop
        execute format('alter table live.%I %s', found.table_name, found.columns);
        for here in select code, fallbacks from service.locale order by cardinality(fallbacks) loop
            execute format('update live.%I as live set %s where live.locale = $1',
                found.table_name, found.sources)
            using here.code, here.fallbacks;
        end loop;
    end loop;
    set constraints all deferred;
end
$do$
"""

DROP = """
do $do$
declare
    each record;
begin
    set constraints all immediate;
    for each in {fields} loop
        execute format('alter table live.%I drop column if exists %I',
            each.table_name, each.column_name || '_locale');
    end loop;
    set constraints all deferred;
end
$do$
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(ADD.replace("{fields}", FIELDS).replace("{source}", SOURCE))


def downgrade() -> None:
    """Go back."""
    op.execute(DROP.replace("{fields}", FIELDS))
