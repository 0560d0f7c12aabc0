"""Search entries after revisions that decide on texts, and change no content."""

from dataclasses import replace
from typing import Any

import pytest

from tests.databases import Server, rows
from tests.migrations.history import History
from tests.migrations.targets import Document, Field, Target, Type
from tests.migrations.teams import begun
from tests.migrations.test_model_histories import up_and_down


def item(type_: str, slug: str, **values: Any) -> Document:
    """A document."""
    return {"type": type_, "slug": slug, "name": {"en": "One"}, **values}


async def words(history: History, slug: str) -> str:
    """The text of the search entry of a club in English."""
    found = await rows(
        history.url,
        "select slug, text from live.search_entry join live.club using (id, locale)"
        " where locale = 'en'",
    )
    return str(dict(found)[slug])


URLS = {"urlA": "https://a.example/"}


async def test_a_url_comes_back_as_one(server: Server, towns: History) -> None:
    """Of an item and of a part: its words are not searched for."""
    club = Type("Club", (Field("url_a"),), part=Type("Stop", (Field("url_a"),)), parts="stops")
    part: Document = {"name": {"en": "Stop"}}
    with_urls = item("Club", "b", stops=[{**part, **URLS}], **URLS)
    without = replace(club, fields=(), part=Type("Stop"))
    town, there = Type("Town"), item("Town", "a")
    async with begun(server, towns) as team:
        assert await up_and_down(team, Target((town, club), (there, with_urls)))
        plain = item("Club", "b", stops=[part])
        assert await up_and_down(team, Target((town, without), (there, plain)))
        assert await up_and_down(team, Target((town,), (there,)))


TOWN = Type(
    "Town",
    (Field("title_a"), Field("title_b"), Field("all_a", target="Town")),
    part=Type("Stop"),
    parts="stops",
)
ITEMS = (
    item("Town", "a"),
    item("Town", "b"),
    item("Town", "c", titleA={"en": "First"}, titleB={"en": "Second"}, allA=["a"], stops=[]),
)


def inheriting(title: str = "", list_: str = "", lent: str = "") -> Target:
    """Clubs that inherit a title, and lists, or do not."""
    fields = (
        Field("near_a", target="Town"),
        Field("title_c", inherits=("near_a", title) if title else None),
        Field("all_c", target="Town", inherits=("near_a", list_) if list_ else None),
        *([Field("lent_a", inherits=("near_a", lent))] if lent else []),
    )
    return Target((TOWN, Type("Club", fields)), (*ITEMS, item("Club", "b", nearA="c")))


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (inheriting(), inheriting("title_a"), "First"),
        (inheriting("title_a"), inheriting("title_b"), "Second"),
        (inheriting("title_a"), inheriting(), ""),
    ],
    ids=["begins", "changes", "ends"],
)
async def test_what_is_inherited_is_found_at_once(
    server: Server, towns: History, first: Target, then: Target, said: str
) -> None:
    async with begun(server, towns) as team:
        assert await up_and_down(team, first)
        assert await up_and_down(team, then)
        found = await words(team.history, "b")
        assert [each for each in ("First", "Second") if each in found] == ([said] if said else [])


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (inheriting(), inheriting(lent="all_a")),
        (inheriting(list_="all_a"), inheriting()),
        (inheriting(lent="all_a"), inheriting(lent="stops")),
        (inheriting(lent="stops"), inheriting(list_="all_a")),
    ],
)
async def test_inherited_lists_are_found_at_once(
    server: Server, towns: History, first: Target, then: Target
) -> None:
    async with begun(server, towns) as team:
        assert await up_and_down(team, first)
        assert await up_and_down(team, then)
