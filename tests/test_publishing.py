"""From the working copy to the live one, by folders of documents."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from schema.model import content_model
from service.database.pools import writing
from service.documents.bulk import BATCH
from service.documents.problems import ContentError
from service.documents.store import ids
from service.editing.edits import editing
from service.editing.publishing import publish
from tests.asking import Asker, asking
from tests.databases import load, rows
from tests.writing import GUIDE, PLACE, ROLE, seeds, write

HUB = "type: Hub\nslug: the-pond\nname: {en: The Pond}\nlocation: belgium\n"
LISTED = GUIDE + "    hubs: [the-pond]\n"
READ = """
    select sum(seq_tup_read + idx_tup_fetch) from pg_stat_xact_all_tables
    where schemaname in ('draft', 'live')
"""
"""The rows that a transaction has read so far."""
SALARY = "{level: JUNIOR, minimum: 1, maximum: 2, currency: EUR, period: YEAR, basis: GROSS}"
TITLE = "select title from live.guide where locale = 'en'"
PIECES = "select reltoastrelid::regclass::text from pg_class where oid = 'live.guide'::regclass"
STORED = """
    select ctid::text from live.salary_range union all select ctid::text from live.guide_hubs
    order by 1
"""
HUBS = '{ guide(slug: "backend-belgium") { hubs { name } } }'


async def test_what_is_loaded_but_not_published_is_not_live(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    assert (await load(database, seeds(tmp_path), publishing=False)).published == 0
    assert await ask("{ guides { totalCount } }") == {"guides": {"totalCount": 0}}
    assert (await load(database, seeds(tmp_path))) == (0, 0, 3, 3)
    assert await ask("{ guides { totalCount } }") == {"guides": {"totalCount": 1}}


async def test_a_draft_stays_one_and_its_newer_text_stays_out_of_sight(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    query = '{ guide(slug: "backend-belgium") { title version publishedAt } }'
    await load(database, seeds(tmp_path, guide=GUIDE + "    draft: true\n"))
    assert await ask(query) == {"guide": None}
    await load(database, seeds(tmp_path))
    published = await ask(query)
    newer = GUIDE.replace("Backend in Belgium", "Not yet to be seen") + "    draft: true\n"
    assert (await load(database, seeds(tmp_path, guide=newer))) == (0, 1, 2, 0)
    assert await ask(query) == published


async def test_a_link_to_something_unpublished_is_kept_and_shows_once_it_is_published(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    await load(database, seeds(tmp_path, guide=LISTED, hub=HUB + "draft: true\n"))
    assert await ask(HUBS) == {"guide": {"hubs": []}}
    done = await load(database, write(tmp_path / "hub", hub=HUB))
    assert (done.changed, done.published) == (0, 1), "the guide was not touched"
    assert await ask(HUBS) == {"guide": {"hubs": [{"name": "The Pond"}]}}


async def test_a_list_of_ones_own_hides_the_inherited_even_while_nothing_of_it_is_published(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    place = PLACE + "    hubs: [other]\n"
    other = HUB.replace("the-pond", "other").replace("The Pond", "Other")
    await load(database, seeds(tmp_path, place=place, other=other))
    assert await ask(HUBS) == {"guide": {"hubs": [{"name": "Other"}]}}
    both = {"place": place, "other": other, "guide": LISTED}
    await load(database, seeds(tmp_path, **both, hub=HUB + "draft: true\n"))
    assert await ask(HUBS) == {"guide": {"hubs": []}}
    await load(database, seeds(tmp_path, **both, hub=HUB))
    assert await ask(HUBS) == {"guide": {"hubs": [{"name": "The Pond"}]}}


async def test_publishing_one_item_leaves_the_others_alone(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    steps = "    careerPath:\n      - titles: {en: [One]}\n"
    other = ROLE.replace("slug: backend-developer", "slug: tester")
    ghent = PLACE.replace("slug: belgium", "slug: ghent") + "    draft: true\n"
    there = HUB.replace("the-pond", "there").replace("belgium", "ghent") + "draft: true\n"
    documents = {"role": ROLE + steps, "other": other + steps, "hub": HUB, "guide": LISTED}
    await load(database, seeds(tmp_path / "a", **documents, ghent=ghent, there=there))
    published = "select slug, published_at from draft.role order by slug"
    [before, _] = await rows(database, published)
    longer = other + steps + "      - titles: {en: [Two]}\n"
    assert (await load(database, write(tmp_path / "b", other=longer))).published == 1
    assert (await rows(database, published))[0] == before
    counts = "select count(*) from live.career_step group by owner_id order by 1"
    assert await rows(database, counts) == [(3,), (6,)]
    moved = PLACE + "    techScene: {en: new}\n"
    await load(database, write(tmp_path / "c", place=moved))
    assert await ask(HUBS) == {"guide": {"hubs": [{"name": "The Pond"}]}}


async def test_an_item_has_a_history(database: str, ask: Asker, tmp_path: Path) -> None:
    query = '{ location(slug: "belgium") { version createdAt updatedAt publishedAt } }'
    await load(database, write(tmp_path, place=PLACE))
    first = (await ask(query))["location"]
    await load(database, write(tmp_path, place=PLACE + "    techScene: {en: new}\n"))
    second = (await ask(query))["location"]
    assert (first["version"], second["version"]) == (1, 2)
    assert second["createdAt"] == first["createdAt"] == first["updatedAt"] < second["updatedAt"]
    assert second["publishedAt"] > first["publishedAt"]


async def test_an_empty_text_inherits(database: str, ask: Asker, tmp_path: Path) -> None:
    place = PLACE + "    techScene: {en: the place}\n"
    await load(database, seeds(tmp_path, place=place, guide=GUIDE + "    techScene: {}\n"))
    data = await ask('{ guide(slug: "backend-belgium") { techScene { text } } }')
    assert data == {"guide": {"techScene": {"text": "the place"}}}


async def test_a_required_reference_has_to_be_published_too(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    draft = PLACE + "    draft: true\n"
    with pytest.raises(ContentError) as caught:
        await load(database, seeds(tmp_path, place=draft, hub=HUB))
    assert str(caught.value).splitlines() == [
        (
            "Guide backend-belgium: its location, the Location belgium, is not published; "
            "publish that too"
        ),
        "Hub the-pond: its location, the Location belgium, is not published; publish that too",
    ]
    assert await rows(database, "select slug from draft.guide") == []
    assert await ask("{ roles { totalCount } }") == {"roles": {"totalCount": 0}}


async def test_an_optional_reference_may_wait(database: str, ask: Asker, tmp_path: Path) -> None:
    company = "type: Company\nslug: swift\nname: {en: Swift}\nheadquarters: belgium\n"
    query = '{ company(slug: "swift") { headquarters { slug } } }'
    await load(database, write(tmp_path, place=PLACE + "    draft: true\n", company=company))
    assert await ask(query) == {"company": {"headquarters": None}}
    await load(database, write(tmp_path, place=PLACE))
    assert await ask(query) == {"company": {"headquarters": {"slug": "belgium"}}}


async def test_a_text_of_ones_own_comes_before_the_inherited_in_every_locale(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    place = PLACE + "    techScene: {en: the place, nl: de plaats}\n"
    query = """{
        en: guide(slug: "backend-belgium") { techScene { text } }
        nl: guide(slug: "backend-belgium", locale: "nl") { techScene { text } }
    }"""
    await load(database, seeds(tmp_path, place=place))
    assert await ask(query) == {
        "en": {"techScene": {"text": "the place"}},
        "nl": {"techScene": {"text": "de plaats"}},
    }
    await load(database, seeds(tmp_path, guide=GUIDE + "    techScene: {en: the guide}\n"))
    assert await ask(query) == {
        "en": {"techScene": {"text": "the guide"}},
        "nl": {"techScene": {"text": "the guide"}},
    }
    await load(database, seeds(tmp_path, place=PLACE, guide=GUIDE))
    assert await ask(query) == {"en": {"techScene": None}, "nl": {"techScene": None}}


async def test_parts_that_are_gone_are_gone_from_the_live_copy(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    query = '{ role(slug: "backend-developer") { careerPath { titles position } } }'
    steps = "    careerPath:\n      - titles: {en: [One, Two], nl: [Een]}\n"
    last = "      - titles: {en: [Three]}\n"
    await load(database, write(tmp_path, role=ROLE + steps + last))
    assert await ask(query) == {
        "role": {
            "careerPath": [
                {"titles": ["One", "Two"], "position": 1},
                {"titles": ["Three"], "position": 2},
            ]
        }
    }
    await load(database, write(tmp_path, role=ROLE + steps))
    assert len((await ask(query))["role"]["careerPath"]) == 1
    dutch = query.replace('")', '", locale: "nl")')
    assert (await ask(dutch))["role"]["careerPath"][0]["titles"] == ["Een"]


async def test_a_locale_that_is_added_is_served_after_the_next_load(
    database: str, tmp_path: Path
) -> None:
    directory = seeds(tmp_path, hub=HUB)
    await load(database, directory)
    await rows(database, "insert into service.locale values ('de', '{nl,en}')")
    assert (await load(database, directory)) == (0, 0, 4, 4)
    assert (await load(database, directory)) == (0, 0, 4, 0)
    async with asking(database) as ask:
        data = await ask('{ hub(slug: "the-pond", locale: "de") { location { name } } }')
        assert data == {"hub": {"location": {"name": "België"}}}


async def test_the_live_copy_has_a_row_for_each_locale_and_no_json(
    database: str, tmp_path: Path
) -> None:
    await load(database, seeds(tmp_path))
    found = await rows(database, "select locale, name from live.location order by locale")
    assert found == [("en", "Belgium"), ("fr", "Belgium"), ("nl", "België")]
    types = await rows(
        database,
        "select distinct data_type from information_schema.columns where table_schema = 'live'",
    )
    assert not {"json", "jsonb"} & {name for (name,) in types}


async def test_what_is_missing_is_null_to_the_database_too(database: str, tmp_path: Path) -> None:
    await load(database, seeds(tmp_path))
    statement = "select count(*) from draft.guide where subtitle is null and tech_scene is null"
    assert await rows(database, statement) == [(1,)]


async def test_what_only_one_can_have_only_one_has_live(database: str, tmp_path: Path) -> None:
    tester = ROLE.replace("slug: backend-developer", "slug: tester")
    await load(database, seeds(tmp_path / "a", tester=tester))
    moved = GUIDE.replace("role: backend-developer", "role: tester") + "    draft: true\n"
    other = GUIDE.replace("slug: backend-belgium", "slug: other")
    with pytest.raises(ContentError) as caught:
        await load(database, write(tmp_path / "b", guide=moved, other=other))
    assert str(caught.value) == (
        f"{tmp_path}/b/other.yaml:3: role: Guide other: the live copy of backend-belgium has the "
        "same role and location; publish the changes of that item too, or unpublish it"
    )
    both = write(tmp_path / "c", guide=moved.replace("    draft: true\n", ""), other=other)
    assert (await load(database, both)).published == 2


async def test_what_a_load_brings_later_is_not_missing(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    places = {f"z{n}": PLACE.replace("slug: belgium", f"slug: z{n}") for n in range(2 * BATCH)}
    place = PLACE + "    hubs: [the-pond]\n"
    await load(database, seeds(tmp_path, place=place, hub=HUB, **places))
    assert await ask(HUBS) == {"guide": {"hubs": [{"name": "The Pond"}]}}


async def test_publishing_is_two_statements(database: str, tmp_path: Path) -> None:
    await load(database, seeds(tmp_path), publishing=False)
    model, keys = content_model(), [("Location", "belgium"), ("Role", "backend-developer")]
    async with writing(database) as engine, editing(engine, model, "somebody") as edit:
        place, role = (await ids(edit.connection, model, keys)).items()
        await publish(edit, dict([role]))
        said: list[str] = []
        with edit.driver.query_logger(lambda each: said.append(each.query)):
            await publish(edit, dict([place]))
            # The driver says it a moment later.
            await asyncio.sleep(0)
        assert len(said) == 2, said


async def test_however_much_there_is_publishing_reads_what_the_item_is_made_of(
    database: str, tmp_path: Path
) -> None:
    hubs = {f"h{n}": HUB.replace("the-pond", f"h{n}").replace("Pond", f"{n}") for n in range(100)}
    others = dict(hubs)
    for number in range(40):
        role = f"r{number}"
        others[role] = ROLE.replace("backend-developer", role)
        guide = GUIDE.replace("backend-developer", role).replace("backend-belgium", f"g{number}")
        others[f"g{number}"] = guide + f"    hubs: [{', '.join(hubs)}]\n"
    await load(database, seeds(tmp_path / "a", guide=LISTED, hub=HUB, **others))
    changed = LISTED.replace("Backend in Belgium", "Changed")
    await load(database, write(tmp_path / "b", guide=changed), publishing=False)
    await rows(database, "vacuum analyze")
    model, keys = content_model(), [("Guide", "backend-belgium")]
    async with writing(database) as engine, editing(engine, model, "somebody") as edit:
        guide_id = await ids(edit.connection, model, keys)
        assert (await publish(edit, guide_id)).published == guide_id
        assert await edit.connection.scalar(text(READ)) < 100


async def test_what_is_the_same_is_not_stored_again(database: str, tmp_path: Path) -> None:
    lengthy = " ".join(f"{number}" for number in range(5000))
    guide = f"{LISTED}    whyHire: {{en: '{lengthy}'}}\n    salaryRanges: [{SALARY}]\n"
    await load(database, seeds(tmp_path / "a", guide=guide, hub=HUB))
    [(pieces,)] = await rows(database, PIECES)
    stored = [f"table {pieces}", STORED, TITLE]
    before = [await rows(database, each) for each in stored]
    assert all(before)
    changed = guide.replace("Backend in Belgium", "Changed")
    assert (await load(database, write(tmp_path / "b", guide=changed))).published == 1
    assert [await rows(database, each) for each in stored] == [*before[:2], [("Changed",)]]
