"""Texts without regard to case, the same on every server.

`lower` knows the letters that the cluster's locale knows: those from A to Z where that is C.
`service.folded` asks for the letters of Unicode: PostgreSQL's own from 17 on, ICU's before that,
and Python's where there is neither.
What the two say differently, and letters that differ in lower case only, are made one.

Revision ID: 5c1d2a7e4f60
Revises: 0b1f6f2f9d11
Create Date: 2026-11-28 07:00:00.000000+00:00
"""

from collections.abc import Sequence

from alembic import op

revision: str = "5c1d2a7e4f60"
down_revision: str | Sequence[str] | None = "0b1f6f2f9d11"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

accepts = {"hiding-statements": "The block makes a function, and touches no table."}

# ICU leaves the dot of İ above its lower case. A sigma at the end of a word is one like any.
FOLDED = r"""
do $do$
declare
    collation_name name := (
        select collname from pg_collation where collname in ('pg_c_utf8', 'und-x-icu')
        order by collname <> 'pg_c_utf8' limit 1
    );
    lowered text := case
        when collation_name is null
        then 'translate(lower(written collate "C"), $u${large}$u$, $l${small}$l$)'
        else format('lower(written collate pg_catalog.%I)', collation_name)
    end;
begin
    execute format($format$
        create function service.folded(written text) returns text
        language sql immutable parallel safe
        return replace(replace(
            translate(%s, U&'\03C2\017F', U&'\03C3s'), U&'i\0307', 'i'), U&'\00DF', 'ss')
    $format$, lowered);
end
$do$
"""


def letters() -> dict[str, str]:
    """Where the server does not know the letters of Unicode, Python does; that is slower."""
    return {
        each: each.lower()
        for each in map(chr, range(128, 0x1E944))
        if each != each.lower() and len(each.lower()) == 1
    } | {"\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}": "i"}


def upgrade() -> None:
    """Go forward."""
    lower = letters()
    large, small = "".join(lower), "".join(lower.values())
    op.execute(FOLDED.replace("{large}", large).replace("{small}", small))


def downgrade() -> None:
    """Go back."""
    op.execute("drop function service.folded(text)")
