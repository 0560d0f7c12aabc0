"""`search`: published items by the words in them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.asking import Asker, pages, published
from tests.databases import Server, load, migrate, rows
from tests.writing import write

SEARCH = """query (
    $text: String!, $types: [SearchType!], $locale: Locale,
    $first: Int, $after: String, $last: Int, $before: String
) {
    search(
        text: $text, types: $types, locale: $locale,
        first: $first, after: $after, last: $last, before: $before
    ) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { rank snippet cursor node {
            __typename ... on Node { id } ... on Company { slug } ... on Guide { slug }
            ... on Skill { slug } ... on Location { slug } ... on Role { slug }
        } }
    }
}"""

DOCUMENTS = {
    "ghent": """
        type: Location
        slug: ghent
        name: {en: Ghent, nl: Gent, fr: Gand}
        kind: CITY
        techScene: {en: "A town of *canals* & <b>startups</b>."}
        companies: [acme]
    """,
    "leeds": """
        type: Location
        slug: leeds
        name: {en: Leeds}
        kind: CITY
        companies: [acme, hidden]
    """,
    "backend": """
        type: Role
        slug: backend
        name: {en: Backend Developer, nl: Backend-ontwikkelaar}
        plural: {en: Backend Developers}
        about: {en: "They write servers in Elixir."}
        skills: [kafka]
        careerPath:
          - {titles: {en: [Trainee, Archmage]}}
    """,
    "kafka": "type: Skill\nslug: kafka\nname: {en: Kafka streaming}\n",
    "acme": "type: Company\nslug: acme\nname: {en: Acme Robots}\nsectors: [Canals]\n",
    "hidden": "type: Company\nslug: hidden\nname: {en: Zyzzyva}\ndraft: true\n",
    "guide": """
        type: Guide
        slug: guide
        title: {en: Hiring in Ghent, nl: Aanwerven in Gent}
        role: backend
        location: ghent
        whyHire: {en: "Developers here run long distances.", nl: "Hier zijn winkels."}
        salaryRanges:
          - {level: LEAD, minimum: 1, maximum: 2, currency: EUR, period: YEAR, basis: NET,
             source: Quuxbarometer}
    """,
}


THREE = ("hiring", "kafka", "distances")
"""A word of the guide's title, one of a skill's, and one of its body."""


@pytest.fixture(scope="module")
async def words(server: Server, migrated: str) -> AsyncIterator[Asker]:
    async with published(server, migrated, DOCUMENTS) as asker:
        yield asker


async def hits(ask: Asker, text: str, **options: Any) -> list[Any]:
    edges: list[Any] = (await ask(SEARCH, text=text, **options))["search"]["edges"]
    return edges


async def found(ask: Asker, text: str, **options: Any) -> list[str]:
    return [each["node"]["slug"] for each in await hits(ask, text, **options)]


async def test_a_title_counts_more_than_a_name_and_a_name_more_than_a_text(words: Asker) -> None:
    edges = await hits(words, "acme or kafka or elixir or ghent", types=["SKILL", "ROLE", "GUIDE"])
    assert [each["node"]["slug"] for each in edges] == ["guide", "kafka", "backend"]
    ranks = [each["rank"] for each in edges]
    assert ranks == sorted(ranks, reverse=True)
    title, name, text = [(await hits(words, each, types=["GUIDE"]))[0]["rank"] for each in THREE]
    assert title > 2 * name > 4 * text
    without = await hits(words, "ghent -umbrella", types=["GUIDE"])
    assert without[0]["rank"] == (await hits(words, "ghent", types=["GUIDE"]))[0]["rank"]
    assert await found(words, "-acme", types=["ROLE", "SKILL"]) != []


async def test_an_item_is_found_by_the_names_of_what_it_relates_to(words: Asker) -> None:
    assert set(await found(words, "robots", types=["GUIDE"])) == {"guide"}
    assert set(await found(words, "kafka")) == {"kafka", "backend", "guide"}
    assert await found(words, "elixir", types=["GUIDE"]) == ["guide"]
    assert await found(words, "archmage", types=["GUIDE"]) == ["guide"]
    assert await found(words, "quuxbarometer") == ["guide"]
    assert await found(words, "zyzzyva") == []


async def test_words_are_those_of_the_locale(words: Asker) -> None:
    assert await found(words, "developer running", types=["GUIDE"]) == ["guide"]
    assert await found(words, "winkel", locale="nl") == ["guide"]
    assert await found(words, "winkel", locale="en") == []
    assert set(await found(words, "gand", locale="fr")) == {"ghent", "guide"}
    assert await found(words, "the", locale="en") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("robots elixir", {"guide"}),
        ("robots or elixir", {"acme", "backend", "ghent", "guide", "leeds"}),
        ('"acme robots" -elixir', {"acme", "ghent", "leeds"}),
        ('"robots acme"', set()),
        ("acme -robots", set()),
        ("", set()),
        ("  '\"( & | ! :* <-> \\", set()),
        ("\0\ud800", set()),
        ("\N{GRINNING FACE}", set()),
    ],
)
async def test_what_can_be_said(words: Asker, text: str, expected: set[str]) -> None:
    if "\ud800" in text:
        body = '{"query": %s, "variables": {"text": "\\u0000\\ud800"}}'
        query = '"query($text: String!) { search(text: $text) { totalCount } }"'
        response = await words.http.post(
            "/graphql", content=body % query, headers={"content-type": "application/json"}
        )
        assert response.status_code in {200, 400}
    else:
        assert set(await found(words, text)) == expected


async def test_a_snippet_is_html_that_marks_the_words(words: Asker) -> None:
    [edge] = await hits(words, "startup canal", types=["LOCATION"])
    expected = "<mark>canals</mark> &amp; &lt;b&gt;<mark>startups</mark>"
    assert expected in edge["snippet"]
    [edge] = await hits(words, "ghent", types=["LOCATION"])
    assert "<mark>Ghent</mark>" in edge["snippet"]


async def test_pages_in_both_directions(words: Asker) -> None:
    text = "acme or kafka or ghent or developer"
    every = await found(words, text)
    assert len(every) == 6
    forward = await pages(words, SEARCH, "search", first=2, text=text)
    assert {page["totalCount"] for page in forward} == {6}
    assert [each["node"]["slug"] for page in forward for each in page["edges"]] == every
    end = forward[-1]["pageInfo"]["endCursor"]
    page = (await words(SEARCH, text=text, last=2, before=end))["search"]
    assert [each["node"]["slug"] for each in page["edges"]] == every[3:5]
    [error] = await words.errors(SEARCH, text=text, first=2, after="bm8=")
    assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_hits_are_items_with_everything_in_them(words: Asker) -> None:
    data = await words(
        """{ search(text: "hiring", types: [GUIDE, SKILL]) {
            __typename totalCount
            nodes { __typename ... on Guide { title role { name guides { totalCount } }
                companies { name } salaryRanges { level } } ... on Skill { name } }
            edges { __typename }
        } none: search(text: "hiring", types: []) { totalCount nodes { __typename } } }"""
    )
    assert data["search"] == {
        "__typename": "SearchConnection",
        "totalCount": 1,
        "nodes": [
            {
                "__typename": "Guide",
                "title": "Hiring in Ghent",
                "role": {"name": "Backend Developer", "guides": {"totalCount": 1}},
                "companies": [{"name": "Acme Robots"}],
                "salaryRanges": [{"level": "LEAD"}],
            }
        ],
        "edges": [{"__typename": "SearchEdge"}],
    }
    assert data["none"] == {"totalCount": 0, "nodes": []}


async def test_a_text_may_be_so_long_and_no_longer(words: Asker) -> None:
    assert await found(words, "a " * 500) == []
    [error] = await words.errors(SEARCH, text="a" * 1001)
    assert error["extensions"]["code"] == "BAD_SEARCH"
    assert "1,001 characters" in error["message"]
    assert "1,000 at most" in error["message"]


async def test_publishing_keeps_search_right(database: str, ask: Asker, tmp_path: Path) -> None:
    folder = write(tmp_path, **DOCUMENTS)
    await load(database, folder, publishing=False)
    assert await found(ask, "acme or ghent or kafka") == []
    await load(database, folder)
    assert await found(ask, "robots", types=["GUIDE"]) == ["guide"]
    # Another name for a company that the guide has from its location, and one for its role.
    renamed = DOCUMENTS["acme"].replace("Acme Robots", "Umbrella")
    role = DOCUMENTS["backend"].replace("Elixir", "Haskell")
    await load(database, write(tmp_path / "two", acme=renamed, backend=role))
    assert await found(ask, "robots") == []
    assert set(await found(ask, "umbrella")) == {"acme", "ghent", "guide", "leeds"}
    assert await found(ask, "elixir") == []
    assert set(await found(ask, "haskell")) == {"backend", "guide"}
    # A company that was left pending on a list is published.
    shown = DOCUMENTS["hidden"].replace("draft: true\n", "")
    await load(database, write(tmp_path / "three", hidden=shown))
    assert set(await found(ask, "zyzzyva", types=["LOCATION"])) == {"leeds"}
    # A list of the guide's own takes the place of its location's.
    own = DOCUMENTS["guide"].replace("role: b", "companies: [hidden]\n        role: b")
    await load(database, write(tmp_path / "four", guide=own))
    assert await found(ask, "umbrella", types=["GUIDE"]) == []
    assert await found(ask, "zyzzyva", types=["GUIDE"]) == ["guide"]
    # A name that was taken from the list of one is gone.
    alone = DOCUMENTS["leeds"].replace("[acme, hidden]", "[]")
    await load(database, write(tmp_path / "five", leeds=alone))
    assert set(await found(ask, "zyzzyva")) == {"hidden", "guide"}


async def test_a_database_from_before_search_gets_its_entries(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    folder = write(tmp_path, **DOCUMENTS)
    await load(database, folder)
    before = await rows(database, "select * from live.search_entry order by id, locale")
    await rows(database, "delete from live.search_entry")
    assert await found(ask, "robots") == []
    loaded = await load(database, folder)
    assert loaded.published == 0
    after = await rows(database, "select * from live.search_entry order by id, locale")
    assert after == before
    await migrate(database)


ENTRIES = "select id, locale, vector::text, text from live.search_entry order by id, locale"

COMPANY = """
    type: Company
    slug: acme
    name: {en: %s}
    sectors: [%s]
    headquarters: %s
"""


async def test_words_that_moved_are_made_anew(database: str, tmp_path: Path) -> None:
    place = DOCUMENTS["ghent"].replace("companies: [acme]", "").replace("Ghent", "Robots")
    given = [
        ("Acme", "Robots", "null"),
        ("Acme · Robots", "", "null"),
        ("Acme", "", "ghent"),
        ('"Acme\\n· Robots"', "", "null"),
        ('"Acme\\n\\n· Robots"', "", "null"),
    ]
    texts = []
    for number, each in enumerate(given):
        folder = write(tmp_path / str(number), place=place, acme=COMPANY % each)
        await load(database, folder)
        kept = await rows(database, ENTRIES)
        await rows(database, "delete from live.search_entry")
        await load(database, folder)
        assert kept == await rows(database, ENTRIES)
        texts += [row[3] for row in kept if row[1] == "en" and "Acme" in row[3]]
    assert texts == [
        "Acme\n\n· Robots",
        "Acme · Robots",
        "Acme\n· Robots",
        "Acme · Robots",
        "Acme  · Robots",
    ]


async def test_an_entry_that_says_the_same_is_left_alone(database: str, tmp_path: Path) -> None:
    changed = "select locale from live.search_entry where xmin::text = $1 order by locale"
    written = "select xmin::text from live.guide limit 1"
    guide = DOCUMENTS["guide"]
    await load(database, write(tmp_path / "0", **DOCUMENTS))
    for number, (old, new, locales) in enumerate(
        [
            ("minimum: 1", "minimum: 0", []),
            ("Hiring in Ghent", "Recruiting in Ghent", ["en", "fr"]),
            ("Aanwerven in Gent", "Werven in Gent", ["nl"]),
        ]
    ):
        guide = guide.replace(old, new)
        assert (await load(database, write(tmp_path / f"{number}x", guide=guide))).published == 1
        [(transaction,)] = await rows(database, written)
        assert await rows(database, changed, transaction) == [(each,) for each in locales]


async def test_words_are_taken_from_the_entry_while_the_texts_are_the_same(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    await load(database, write(tmp_path / "one", **DOCUMENTS))
    added = "update live.search_entry set vector = to_tsvector('umbrella') || vector"
    await rows(database, added)
    titled = DOCUMENTS["guide"].replace("Hiring in", "Recruiting in")
    named = DOCUMENTS["acme"].replace("Robots", "Androids")
    await load(database, write(tmp_path / "two", guide=titled, acme=named))
    assert await found(ask, "umbrella recruiting androids") == ["guide"]
    assert await found(ask, "hiring or robots", types=["GUIDE"]) == []
    told = titled.replace("long distances", "marathons")
    await load(database, write(tmp_path / "three", guide=told))
    assert await found(ask, "umbrella", types=["GUIDE"]) == []
    assert await found(ask, '"long distances"') == []
    assert await found(ask, "recruiting androids marathons") == ["guide"]


async def test_phrases_are_found_in_the_title_of_what_has_very_many_words(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    long = DOCUMENTS["guide"].replace("Developers here run", 16_400 * "so " + "run")
    await load(database, write(tmp_path / "one", **DOCUMENTS | {"guide": long}))
    assert await found(ask, '"Hiring in Ghent" distances', types=["GUIDE"]) == ["guide"]
    renamed = long.replace("Hiring in", "Recruiting in")
    await load(database, write(tmp_path / "two", guide=renamed))
    assert await found(ask, '"Recruiting in Ghent" distances', types=["GUIDE"]) == ["guide"]


async def test_an_index_finds_the_words(database: str) -> None:
    statement = (
        "explain select id from live.search_entry "
        "where vector @@ websearch_to_tsquery('english', 'word')"
    )
    plan = "\n".join(line for (line,) in await rows(database, statement))
    assert "ix_search_entry_vector" in plan
