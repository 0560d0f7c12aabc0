"""The revision that composes texts, and says what a word is."""

from tests.databases import SEEDS, load, rows
from tests.migrations.history import History, ask

AFTER = "c6e5a91f07d4"
BEFORE = "7d3e9c41b8a2"

APART = "A\N{COMBINING RING ABOVE}ngstro\N{COMBINING DIAERESIS}m"
COMPOSED = "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}ngstr\N{LATIN SMALL LETTER O WITH DIAERESIS}m"
LINES = "\n\N{COMBINING TILDE}x"
"""As JSON, an n stands before the tilde, which has nothing to do with it."""
SLASH = "\N{COMBINING LONG SOLIDUS OVERLAY}"

WRITTEN = {
    "live.search_entry": ("text", "$1::text"),
    "draft.skill": ("name", "jsonb_build_object('en', $1::text)"),
    "live.skill": ("name", "$1::text"),
    "draft.company": ("sectors", "array[$1::text, 'b', $1::text]"),
    "live.guide": ("why_hire_html", f"'<p>{SLASH}' || $1::text || '</p>'"),
    "service.before_image": ("after", "jsonb_build_object('a', jsonb_build_array($1::text, 1))"),
    "service.applied": ("document", "jsonb_build_object('name', $1::text)"),
}
ENTRIES = "select id, locale, type, vector::text, text from live.search_entry order by 1, 2"
FUNCTIONS = r"select count(*) from pg_proc where proname like 'search\_%'"
FOUND = """
    select count(distinct id) from live.search_entry
    where locale = 'en' and vector @@ websearch_to_tsquery('english', 'microservices')
"""
SEARCH = '{ search(text: "%s", types: [SKILL]) { totalCount } }'


async def test_what_is_stored_is_composed_and_found_by_its_words(seeded_history: History) -> None:
    url = seeded_history.url
    await rows(url, "insert into service.applied values ('Skill', 'x', '{}', now())")
    entries, found = await rows(url, ENTRIES), await rows(url, FOUND)
    await seeded_history.downgrade(BEFORE)
    # The release before has functions of PostgreSQL's, and finds the same by them.
    assert await rows(url, FUNCTIONS) == [(0,)]
    assert await rows(url, FOUND) == found != [(0,)]
    assert await rows(url, ENTRIES) != entries
    for table, (column, value) in WRITTEN.items():
        await rows(url, f"update {table} set {column} = {value}", APART + LINES)  # noqa: S608  # ours
    document = "update service.revision set document = jsonb_build_object('name', $1::text)"
    await rows(url, document, APART)
    untouched = "select xmin::text from draft.location order by id"
    before = await rows(url, untouched)

    await seeded_history.upgrade(AFTER)
    for table, (column, value) in WRITTEN.items():
        right = f"select bool_and({column} = {value}), count(*) > 0 from {table}"  # noqa: S608
        assert await rows(url, right, COMPOSED + LINES) == [(True, True)], table
    assert await rows(url, untouched) == before
    [(history,)] = await rows(url, "select distinct document->>'name' from service.revision")
    assert history == APART
    await seeded_history.upgrade()
    for text in (COMPOSED, APART, "angstrom"):
        assert (await ask(url, SEARCH % text))["search"]["totalCount"] > 5


async def test_what_search_looks_at_is_as_it_is_made_today(
    seeded_history: History,
) -> None:
    url = seeded_history.url
    entries = await rows(url, ENTRIES)
    assert len(entries) > 100
    await rows(url, "delete from live.search_entry")
    await load(url, SEEDS)
    assert await rows(url, ENTRIES) == entries
