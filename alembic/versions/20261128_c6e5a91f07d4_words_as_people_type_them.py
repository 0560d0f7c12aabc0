"""Words as people type them, the same on every server.

PostgreSQL's parser asks the cluster's locale what a letter is, and takes Node.js for a host. So
these functions say what a word is, and of PostgreSQL's text search only the dictionaries stay,
which know the stems of words; see docs/decisions/0029-words-are-our-own.md.

What is stored already is composed (NFC), as what is written has been since a while, and what search
looks at is made anew.

Revision ID: c6e5a91f07d4
Revises: 7d3e9c41b8a2
Create Date: 2026-11-28 09:30:00.000000+00:00
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby
from unicodedata import category, normalize

from alembic import op

revision: str = "c6e5a91f07d4"
down_revision: str | Sequence[str] | None = "7d3e9c41b8a2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LANGUAGES = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""The dictionaries of PostgreSQL 15, by language; others get `simple`."""

# Within a word and not seen: a soft hyphen, joiners, a byte order mark, the looks of emoji.
UNSEEN = "\u00ad\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"
# What stands for `.`, `#` and `++` in `.NET`, `C#` and `C++` while texts are taken apart, for what
# is left out of `Node.js` and `CI/CD`, and for the end of a word that a letter may follow: `C++17`.
DOT, SHARP, PLUSES, JOINT, END = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
# What is folded besides capital letters: see the revision that made `service.folded`.
FOLDING = "ςſß\u0307"

# What is not typed above and below letters.
MARKS = "\u0300-\u036f"
_NO_LETTERS = " " + JOINT + "".join(map(chr, range(0x300, 0x370)))
# What people leave out within a word.
LEFT_OUT = "[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}./&_'\N{RIGHT SINGLE QUOTATION MARK}]+"

DICTIONARY = """
create function service.search_dictionary(locale text) returns regdictionary
language sql immutable parallel safe
return case split_part(locale, '-', 1) {dictionaries} else 'pg_catalog.simple'::regdictionary end
"""

# `C#` and `.NET` are words; of `Notepad++`, `#tag` and `Node.js` the letters are.
SIGNS = r"""
create function service.search_signs(written text) returns text
language sql immutable parallel safe
return regexp_replace(
    case when written ~ '#|[+][+]' then regexp_replace(
        regexp_replace(
            written collate "C", '(?<![{letters}])([{letters}]{{1,2}})#', '\1{sharp}{end}', 'g'
        ),
        '(?<![{letters}])([{letters}]{{1,2}})[+][+]', '\1{pluses}{end}', 'g'
    ) else written end collate "C",
    '(^|[^{letters}.])[.]([a-zA-Z])', '\1{dot}\2', 'g'
)
"""

# The words of a text, with their places from 1 on. The letters of ASCII are small ones. A mark on
# no letter is not part of a word: nothing would be left of it without marks.
WORDS = """
create function service.search_words(written text) returns table (place bigint, word text)
language sql immutable parallel safe as $$
    select place, left(word, {longest})
    from string_to_table(trim(regexp_replace(
        lower(translate(service.search_signs(written), '{unseen}', '') collate "C"),
        '(^|[^{letters}])[^{starts}]*', ' ', 'g'
    )), ' ') with ordinality as each (word, place)
    where word <> ''
$$
"""

# `service.folded` takes long where the server does not know the letters of Unicode, and few words
# have letters that are any others in it.
FOLDED = """
create function service.search_folded(word text) returns text
language sql immutable parallel safe
return case when word collate "C" ~ '[{folding}]' then service.folded(word) else word end
"""

# A word as people type it: small letters without marks, and one way to write each.
PLAIN = r"""
create function service.search_plain(word text) returns text
language sql immutable parallel safe
return case
    when octet_length(word) = length(word) then word
    else left(replace(replace(replace(replace(
        translate(
            normalize(service.search_folded(lower(
                regexp_replace(
                    normalize(word, NFKD) collate "C", '[ {marks}]', '', 'g'
                ) collate "C"
            )), NFKC),
            'øłđðħŧıŋ{dot}{sharp}', 'olddhtin.#'
        ),
        '{pluses}', '++'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), {longest})
end
"""

# The stems of a word, with regard to its marks and without: stemmers know the marks, and not
# everybody types them. A word that says nothing, such as `the`, has none.
STEMS = """
create function service.search_stems(dictionary regdictionary, word text) returns text[]
language sql immutable parallel safe
return case
    when octet_length(word) = length(word) then ts_lexize(dictionary, word)
    else array_remove(array_remove(array[
        service.search_plain((ts_lexize(dictionary, service.search_folded(word)))[1]),
        (ts_lexize(dictionary, service.search_plain(word)))[1]
    ], null), '')
end
"""

# What a word is found by: `.net` also as `net`.
LEXEMES = """
create function service.search_lexemes(dictionary regdictionary, word text) returns text[]
language sql immutable parallel safe
return service.search_stems(dictionary, word) || case
    when word like '{dot}%' then service.search_stems(dictionary, ltrim(word, '{dot}'))
end
"""

# What a word has in common with each that differs from it by a letter: one of these at least.
NEAR = """
create function service.search_near(word text) returns setof text
language sql immutable parallel safe as $$
    select word where length(word) between 3 and 20
    union
    select overlay(word placing '' from place for 1) from generate_series(1, length(word)) as place
    where length(word) between 3 and 20
$$
"""

# The words of texts. PL/pgSQL keeps the plans of its functions, SQL does not.
TEXTS = """
create function service.search_texts(dictionary regdictionary, written text) returns tsvector
language plpgsql immutable parallel safe {planned_once} as $$
begin
    return (
        select coalesce(string_agg(quote_literal(lexeme) || ':' || places, ' '), '')::tsvector
        from (
            select word, array_to_string((array_agg(place))[:256], ',') as places
            from service.search_words(written) group by word
        ) as known, unnest(service.search_lexemes(dictionary, word)) as lexeme
    );
end
$$
"""

# The words of names: also as they are typed, and without what people leave out. Of an item's own
# name besides, after `~` and with the weight C, what is near to its words, and after `=` all of it.
# What has the weight C also says how long the name is, so each word counts there, however short.
NAMES = """
create function service.search_names(
    dictionary regdictionary, written text, is_title boolean
) returns tsvector
language plpgsql immutable parallel safe {planned_once} as $$
begin
    return (
        with joined as materialized (
            select word, place + sum(length(word) - length(replace(word, '{joint}', ''))) over (
                order by place rows between unbounded preceding and 1 preceding
            ) as place
            from service.search_words(regexp_replace(
                translate(written, '{joint}', ' ') collate "C",
                '(?<=[{letters}]){left_out}(?=[{starts}])', '{joint}', 'g'
            ))
        ),
        token as materialized (
            select coalesce(joined.place, 1) + part - 1 as place, each.word,
                service.search_plain(each.word) as plain
            from joined,
                string_to_table(joined.word, '{joint}') with ordinality as each (word, part)
        ),
        typed (place, plain) as materialized (
            select place, plain from token
            union all
            select coalesce(place, 1), service.search_plain(replace(word, '{joint}', ''))
            from joined where word like '%{joint}%'
        ),
        found (lexeme, place, weight) as (
            select plain, place, 'AB' from typed
            union
            select unnest(service.search_lexemes(dictionary, word)), place, 'AB' from token
            union
            select '~' || near, place, 'C' from typed, service.search_near(plain) as near
            where is_title and place <= 20
            union
            select '~ ' || plain, place, 'C' from typed where is_title and place <= 20
            union
            select '=' || left(string_agg(plain, '' order by place), {longest}), 1, 'AB'
            from token where is_title having count(*) > 0
        )
        select coalesce(string_agg(
            quote_literal(lexeme) || ':' || place || case
                when weight = 'C' then 'C' when is_title then 'A' else 'B'
            end, ' '
        ), '')::tsvector
        from found
    );
end
$$
"""

# The words of an item's text as `schema.planner.words` puts it together: its title and the names
# of what it relates to are lines, its other texts come after an empty one. The words of these are
# taken from the entry that there is, where they are the same there. They come first, so that they
# are taken out as they went in; but a vector tells no more than 16,383 places apart, so long texts
# come last, and phrases are found in names.
VECTOR = r"""
create function service.search_vector(
    locale text, written text, kept_text text default null, kept tsvector default null
) returns tsvector
language plpgsql immutable parallel safe {planned_once} as $$
declare
    dictionary regdictionary := service.search_dictionary(locale);
    lines text[] := string_to_array(split_part(written, E'\n\n', 1), E'\n');
    others text := substr(written, nullif(strpos(written, E'\n\n'), 0));
    names tsvector := service.search_names(dictionary, lines[1], true)
        || service.search_names(dictionary, lines[2], false);
begin
    return case
        when others is null then names
        when length(others) > 16383 then names || service.search_texts(dictionary, others)
        when others = substr(kept_text, nullif(strpos(kept_text, E'\n\n'), 0))
            then ts_filter(kept, '{{d}}') || names
        else service.search_texts(dictionary, others) || names
    end;
end
$$
"""

# What is asked for: a list of alternatives, each a list of `{"text", "quoted", "negated"}` that all
# have to be there. `exact` finds the words as they were typed, `begun` also names that begin with
# the last one, `close` also names with a letter more, less or another, and what is called so;
# `titled` finds only that. `wanted` are the lexemes of all these, and `start` the last word. Words
# that say nothing are left out, if there are others. All are null where nothing is asked for.
QUERY = """
create function service.search_query(
    locale text, asked jsonb, out titled tsquery, out exact tsquery, out begun tsquery,
    out close tsquery, out wanted text[], out start text
)
language plpgsql immutable parallel safe {planned_once} as $$
declare
    dictionary regdictionary := service.search_dictionary(locale);
begin
    with token as materialized (
        select alternative, number, place,
            service.search_plain(word) as plain, service.search_stems(dictionary, word) as stems,
            (item -> 'quoted')::boolean as is_quoted, (item -> 'negated')::boolean as is_negated,
            count(*) over term = 1 as is_alone,
            row_number() over backward = 1 as is_last,
            count(*) over () - row_number() over backward < {corrected} as is_early,
            string_agg(service.search_plain(word), '') over term as joined
        from jsonb_array_elements(asked) with ordinality as each_alternative (items, alternative),
            jsonb_array_elements(items) with ordinality as each_item (item, number),
            service.search_words(item ->> 'text')
        window term as (
            partition by alternative, number order by place
            rows between unbounded preceding and unbounded following
        ),
        backward as (order by alternative desc, number desc, place desc)
    ),
    said as materialized (
        select *,
            case when is_last and not is_quoted and not is_negated and length(plain) > 1
                then plain end as start,
            array(
                select '~' || near from service.search_near(plain) as near
                where is_alone and is_early and not is_quoted and not is_negated
            ) as near,
            place - lag(place) over (partition by alternative, number order by place) as distance
        from token
        where stems <> '{{}}' or not exists (
            select from token as other where other.alternative = token.alternative
            and other.stems <> '{{}}' and not other.is_negated
        )
    ),
    spelled as (
        select *, coalesce(' <' || distance || '> ', '') || '(' || quote_literal(plain) || ':AB'
            || array_to_string(array(
                select distinct ' | ' || quote_literal(stem) from unnest(stems) as stem
            ), '') as exact,
            coalesce(' | ' || quote_literal(said.start) || ':*AB', '') as more,
            array_to_string(array(
                select ' | ' || quote_literal(each) || ':C' from unnest(near) as each
            ), '') as others
        from said
    ),
    term as (
        select alternative,
            case when is_negated then '!((' else '((' end as opening,
            case when is_alone or is_quoted then '))'
                else ') | ' || quote_literal(left(joined, {longest})) || ':AB)' end as ending,
            string_agg(spelled.exact || ')', '' order by place) as exact,
            string_agg(spelled.exact || more || ')', '' order by place) as begun,
            string_agg(spelled.exact || more || others || ')', '' order by place) as close
        from spelled group by alternative, number, is_negated, is_quoted, is_alone, joined
    ),
    alternative as (
        select string_agg(opening || term.exact || ending, ' & ') as exact,
            string_agg(opening || term.begun || ending, ' & ') as begun,
            string_agg(opening || term.close || ending, ' & ') as close
        from term group by alternative
    ),
    name as (
        select '=' || left(string_agg(plain, '' order by number, place), {longest}) as name
        from token having max(alternative) = 1 and not bool_or(is_negated)
    )
    select (select quote_literal(name) from name)::tsquery,
        string_agg('(' || alternative.exact || ')', ' | ')::tsquery,
        string_agg('(' || alternative.begun || ')', ' | ')::tsquery,
        (string_agg('(' || alternative.close || ')', ' | ')
            || coalesce((select ' | ' || quote_literal(name) from name), ''))::tsquery,
        (select array_agg(distinct each)
            from said, unnest(array[plain, joined] || stems || near) as each
            where not is_negated),
        (select max(said.start) from said)
    into titled, exact, begun, close, wanted, start from alternative;
end
$$
"""

# HTML of at most two pieces of an item's text, of 24 words each, where most of what is asked for
# is: its vector says at which places. `search_vector` says which words have the first ones.
SNIPPET = r"""
create function service.search_snippet(
    written text, vector tsvector, wanted text[], start text
) returns text
language plpgsql immutable parallel safe {planned_once} as $$
declare
    texts_are_first boolean := length(written) - strpos(written, E'\n\n') < 16383;
    named bigint := (select count(*) from service.search_words(split_part(written, E'\n\n', 1)));
begin
    return (
        with known as materialized (
            select lexeme, place, weight = 'D' as is_text
            from unnest(vector) as each (lexeme, places, weights),
                unnest(places, weights) as at (place, weight)
        ),
        -- Words have even numbers; what is between them has odd ones.
        marked as materialized (
            select distinct 2 * (place + case
                when is_text and texts_are_first then named
                when texts_are_first
                    then - (select coalesce(max(place), 0) from known where is_text)
                else 0
            end) as number
            from known
            where (lexeme = any(wanted) or not is_text and starts_with(lexeme, start))
                and place < 16383
        ),
        dense as materialized (
            select number,
                count(*) over (order by number range between current row and 38 following) as marks
            from marked
        ),
        one as materialized (select number from dense order by marks desc, number limit 1),
        two as (
            select dense.number from dense, one where abs(dense.number - one.number) >= 48
            order by marks desc, dense.number limit 1
        ),
        part as materialized (
            select greatest(number - 8, 2) as first from one
            union select greatest(number - 8, 2) from two
            union select 2 where not exists (select from one)
        ),
        piece as (
            select first, number, case
                when number % 2 = 1 then replace(replace(replace(replace(
                    left(translate(piece, '{end}', ''), 80),
                    '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;')
                when number in (select number from marked) then '<mark>' || shown || '</mark>'
                else shown
            end as piece
            from string_to_table(regexp_replace(
                service.search_signs(translate(written, E'\x01', ' ')) collate "C",
                '[{unseen}]*[{starts}][{letters}{unseen}]*', E'\x01\\&\x01', 'g'
            ), E'\x01') with ordinality as each (piece, number)
            join part on number between first and first + 46 or first = 2 and number = 1,
            lateral (
                select left(replace(translate(piece, '{dot}{sharp}', '.#'), '{pluses}', '++'), 255)
            ) as as_written (shown)
        )
        select coalesce(string_agg(fragment, ' ... ' order by first), '')
        from (
            select first, ltrim(string_agg(piece, '' order by number), E' \n') as fragment
            from piece group by first
        ) as fragments
    );
end
$$
"""

FUNCTIONS = {
    "search_dictionary(text)": DICTIONARY,
    "search_signs(text)": SIGNS,
    "search_words(text)": WORDS,
    "search_folded(text)": FOLDED,
    "search_plain(text)": PLAIN,
    "search_stems(regdictionary, text)": STEMS,
    "search_lexemes(regdictionary, text)": LEXEMES,
    "search_near(text)": NEAR,
    "search_texts(regdictionary, text)": TEXTS,
    "search_names(regdictionary, text, boolean)": NAMES,
    "search_vector(text, text, text, tsvector)": VECTOR,
    "search_query(text, jsonb)": QUERY,
    "search_snippet(text, tsvector, text[], text)": SNIPPET,
}

# In HTML a mark after a tag does not belong to the tag.
COMPOSED = {
    "text": r"""
        select case when name like '%\_html'
            then replace(normalize(replace(given, '>', U&'>\E000'), NFC), U&'>\E000', '>')
            else normalize(given, NFC)
        end
    """,
    "text[]": """
        select array(
            select normalize(item, NFC)
            from unnest(given) with ordinality as each (item, place) order by place
        )
    """,
    "jsonb": """
        select case jsonb_typeof(given)
            when 'string' then to_jsonb(pg_temp.composed(given #>> '{}', name))
            when 'array' then (
                select coalesce(jsonb_agg(pg_temp.composed(item, name) order by place), '[]')
                from jsonb_array_elements(given) with ordinality as each (item, place)
            )
            when 'object' then (
                select coalesce(jsonb_object_agg(key, pg_temp.composed(value, key)), '{}')
                from jsonb_each(given)
            )
            else given
        end
    """,
}

# Every text of content, and of what merges and downgrades compare it with; not the history.
COMPOSE = """
create or replace function pg_temp.compose() returns void language plpgsql as $$
declare
    found record;
begin
    for found in
        select table_schema, table_name, column_name
        from information_schema.columns join information_schema.tables
            using (table_schema, table_name)
        where table_type = 'BASE TABLE' and is_generated = 'NEVER'
            and (data_type in ('text', 'jsonb') or udt_name = '_text')
            and (
                table_schema in ('draft', 'live')
                or table_schema = 'service' and table_name in ('applied', 'before_image')
            )
    loop
        execute format(
            'update %1$I.%2$I set %3$I = pg_temp.composed(%3$I, %3$L) '
            'where %3$I::text is not nfc normalized '
            -- As JSON, a new line ends in an n, which is not what a mark after it belongs to.
            'and %3$I is distinct from pg_temp.composed(%3$I, %3$L)',
            found.table_schema, found.table_name, found.column_name
        );
    end loop;
end $$
"""

INDEX = "update live.search_entry set vector = service.search_vector(locale, text)"
# As the release before has it, from the same texts.
INDEX_BEFORE = r"""
update live.search_entry set vector = (
    select case when length(others) > 16386 then names || others_ else others_ || names end
    from (
        select case split_part(locale, '-', 1) {configurations}
            else 'pg_catalog.simple'::regconfig end as language,
            split_part(text, E'\n\n', 1) as lines,
            coalesce(substr(text, nullif(strpos(text, E'\n\n'), 0)), '') as others
    ) as parts, lateral (
        select setweight(to_tsvector(language, split_part(lines, E'\n', 1)), 'A')
                || setweight(to_tsvector(language, split_part(lines, E'\n', 2)), 'B') as names,
            to_tsvector(language, others) as others_
    ) as words
)
"""


def upgrade() -> None:
    """Go forward."""
    names = {
        "dictionaries": _cases("_stem", "regdictionary"),
        "letters": _ranges(_separates),
        "starts": _ranges(_starts_no_word),
        "marks": MARKS,
        "folding": _ranges(_stays),
        "unseen": UNSEEN,
        "dot": DOT,
        "sharp": SHARP,
        "pluses": PLUSES,
        "end": END,
        "joint": JOINT,
        "left_out": LEFT_OUT.replace("'", "''"),
        # Planning takes longer than what is planned, and is the same for all texts.
        "planned_once": "set plan_cache_mode = force_generic_plan",
        # PostgreSQL takes words of 2,046 bytes at most.
        "longest": 255,
        # Of longer texts nobody expects that each word is corrected.
        "corrected": 10,
    }
    for source in FUNCTIONS.values():
        op.execute(source.format(**names).replace(":", r"\:"))
    _compose()
    op.execute(INDEX)


def downgrade() -> None:
    """Go back; composed letters are right before as well."""
    op.execute(INDEX_BEFORE.format(configurations=_cases("", "regconfig")).replace(":", r"\:"))
    for name in reversed(FUNCTIONS):
        op.execute(f"drop function service.{name}")


def _compose() -> None:
    # Temporary functions end with the connection.
    for type_, body in COMPOSED.items():
        op.execute(
            f"create or replace function pg_temp.composed(given {type_}, name text) "
            f"returns {type_} language plpgsql as "
            f"$$ begin return ({body}); end $$".replace(":", r"\:")
        )
    op.execute(COMPOSE.replace(":", r"\:"))
    op.execute("select pg_temp.compose()")


def _cases(ending: str, type_: str) -> str:
    return " ".join(
        f"when '{language}' then 'pg_catalog.{name}{ending}'::{type_}"
        for language, name in LANGUAGES.items()
    )


def _separates(character: str) -> bool | None:
    """Whether a character is between words; None where that matters to nobody."""
    if category(character) == "Cn":
        return None
    is_part = category(character)[0] in "LMN" or character in DOT + SHARP + PLUSES + JOINT
    return not is_part or character in UNSEEN


def _starts_no_word(character: str) -> bool | None:
    """Whether no word begins with a character: also where nothing but marks is in it."""
    is_outside = _separates(character)
    if is_outside is not False:
        return is_outside
    return not normalize("NFKD", character).strip(_NO_LETTERS)


def _stays(character: str) -> bool | None:
    """Whether `service.folded` leaves a character as it is."""
    return None if category(character) == "Cn" else character.lower() == character not in FOLDING


def _ranges(is_outside: Callable[[str], bool | None]) -> str:
    """All other characters from 0 on, as they stand in brackets."""
    found: list[tuple[int, int]] = []
    start = end = 0
    for row in _rows():
        match is_outside(row[0]):
            case False:
                start, end = start or ord(row[0]), ord(row[-1])
            case True if start:
                found.append((start, end))
                start = 0
    found += [(start, end)] if start else []
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in found)


@cache
def _rows() -> list[str]:
    """All characters, each in a row of its own, except ideographs, syllables and those of no use.

    There are very many of these. Within a row they are alike: they have no cases and no marks.
    """
    characters = map(chr, (*range(0x30, 0xD800), *range(0xE000, 0x32000)))
    rows = [(name, "".join(row)) for name, row in groupby(characters, category)]
    are_alike = {"Lo", "Cn"}
    return [
        each
        for name, row in rows
        for each in ([row] if name in are_alike and len(row) > 200 else row)
    ]
