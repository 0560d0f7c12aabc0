"""From the working copy to the live one."""

import asyncio
from pathlib import Path

import pytest

from schema.model import content_model
from service.database import writing
from service.documents.problems import ContentError
from service.documents.store import ids
from service.editing.edits import editing
from service.editing.publishing import publish
from tests.asking import Asker, asking
from tests.databases import load, rows
from tests.editing import ALL, PUBLISH, UNPUBLISH, WITH, Editor, items, saving, skill
from tests.editing import GUIDE as GUIDE_GIVEN
from tests.editing import PLACE as PLACE_GIVEN
from tests.writing import GUIDE, PLACE, ROLE, seeds, write

HUB = "type: Hub\nslug: the-pond\nname: {en: The Pond}\nlocation: belgium\n"
LISTED = GUIDE + "    hubs: [the-pond]\n"
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
        "Guide other: backend-belgium, which is published, has this role and location; publish "
        "what was changed of that too, or unpublish it"
    )
    both = write(tmp_path / "c", guide=moved.replace("    draft: true\n", ""), other=other)
    assert (await load(database, both)).published == 2


# By mutations.

GUIDES = items(guide="backend-belgium")
SLUGS = "select distinct slug from live.{} order by slug"


async def published(url: str, *types: str) -> list[str]:
    """What is live of some types."""
    found = [await rows(url, SLUGS.format(each)) for each in types or ("guide", "location", "role")]
    return [str(slug) for of_type in found for (slug,) in of_type]


async def test_what_it_refers_to_and_was_never_published_is_listed(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    await editor.save_guide(skills=["python"])
    errors = await editor.errors(PUBLISH, slugs=GUIDES)
    assert {each["code"] for each in errors} == {"NOT_PUBLISHED"}
    for what in (
        "its location, the Location belgium",
        "its role, the Role backend-developer",
        "its skills[0], the Skill python",
    ):
        message = f"Guide backend-belgium: {what}, is not published; publish that too"
        assert message in [each["message"] for each in errors]
    assert len(errors) == 3
    errors = await editor.errors(PUBLISH, slugs=GUIDES, references="LEAVE_PENDING")
    assert len(errors) == 2, "what has to be there cannot wait"
    assert await published(database) == []


async def test_what_it_refers_to_is_published_too_where_that_is_asked_for(
    editor: Editor, database: str
) -> None:
    place = {"slug": "ghent", "name": {"en": "Ghent"}, "kind": "CITY", "parent": "belgium"}
    company = {"slug": "swift", "name": {"en": "Swift"}, "headquarters": "ghent"}
    beside = [*WITH, {"location": place}, {"company": company}]
    document = {**GUIDE_GIVEN, "companies": ["swift"]}
    await editor.change(saving("Guide"), document=document, **{"with": beside})
    payload = await editor.change(PUBLISH, slugs=GUIDES, references="PUBLISH_TOO")
    assert len(payload["published"]) == 5
    assert await published(database, "location", "company") == ["belgium", "ghent", "swift"]


async def test_all_are_published_or_none(editor: Editor, database: str) -> None:
    await editor.save("Skill", skill())
    await editor.save_guide()
    both = [*items(skill="python"), *GUIDES]
    assert await editor.errors(PUBLISH, slugs=both)
    assert await published(database, "skill") == []
    [error] = await editor.errors(PUBLISH, slugs=[*items(skill="python"), *items(skill="pythn")])
    assert (error["code"], error["path"]) == ("UNKNOWN_ITEM", ["slugs", "1"])
    assert error["message"] == "there is no Skill 'pythn'; did you mean python?"
    assert await published(database, "skill") == []


async def test_a_link_that_is_left_pending_shows_when_its_target_is_published(
    editor: Editor, ask: Asker
) -> None:
    await editor.save("Skill", skill())
    await editor.save_guide(skills=["python"])
    await editor.change(PUBLISH, slugs=items(role="backend-developer", location="belgium"))
    await editor.change(PUBLISH, slugs=GUIDES, references="LEAVE_PENDING")
    query = """{ guide(slug: "backend-belgium") { version publishedAt skills { name } }
        search(text: "Python", types: [GUIDE]) { nodes { __typename } } }"""
    before = await ask(query)
    assert (before["guide"]["skills"], before["search"]["nodes"]) == ([], [])
    await editor.change(PUBLISH, slugs=items(skill="python"))
    after = await ask(query)
    assert after["guide"] == {**before["guide"], "skills": [{"name": "Python"}]}
    assert after["search"]["nodes"] == [{"__typename": "Guide"}]
    await editor.change(UNPUBLISH, slugs=items(skill="python"))
    assert await ask(query) == before, "and is pending again when it is taken out"


async def test_what_was_left_pending_is_published_too_by_an_item_that_is_live_already(
    editor: Editor,
) -> None:
    await editor.save_guide()
    place = {"slug": "belgium", "hubs": ["pond"]}
    hub = {"hub": {"slug": "pond", "name": {"en": "The Pond"}, "location": "belgium"}}
    await editor.save("Location", place, **{"with": [hub]})
    only = items(location="belgium")
    await editor.change(PUBLISH, slugs=only, references="LEAVE_PENDING")
    payload = await editor.change(PUBLISH, slugs=only)
    assert [each["__typename"] for each in payload["unchanged"]] == ["Location"]
    payload = await editor.change(PUBLISH, slugs=only, references="PUBLISH_TOO")
    assert [each["__typename"] for each in payload["published"]] == ["Hub"]
    assert [each["__typename"] for each in payload["unchanged"]] == ["Location"]


async def test_what_live_items_need_is_not_unpublished_and_all_of_them_are_named(
    editor: Editor, database: str
) -> None:
    await editor.save_guide()
    hub = {"slug": "the-pond", "name": {"en": "The Pond"}, "location": "belgium"}
    await editor.save("Hub", hub)
    await editor.change(PUBLISH, slugs=[*ALL, *items(hub="the-pond")])
    errors = await editor.errors(UNPUBLISH, slugs=items(location="belgium"))
    assert [(each["code"], each["message"]) for each in errors] == [
        (
            "IN_USE",
            (
                f"Location belgium: it is the location of the {owner}, which is published; "
                "unpublish that too"
            ),
        )
        for owner in ("Guide backend-belgium", "Hub the-pond")
    ]
    assert await published(database, "location") == ["belgium"]
    payload = await editor.change(UNPUBLISH, slugs=[*ALL, *items(hub="the-pond")])
    assert len(payload["unpublished"]) == 4
    assert await published(database, "guide", "location", "hub") == []


async def test_publishing_again_does_nothing_and_says_so(editor: Editor, database: str) -> None:
    await editor.save_guide()
    await editor.publish_guide()
    before = await rows(database, "select xmin::text, ctid::text from live.guide")
    payload = await editor.publish_guide()
    assert (len(payload["published"]), len(payload["unchanged"])) == (0, 3)
    assert await rows(database, "select xmin::text, ctid::text from live.guide") == before
    await editor.save("Location", {"slug": "belgium", "name": {"nl": "Belgenland"}})
    payload = await editor.publish_guide()
    assert [each["slug"] for each in payload["published"]] == ["belgium"]
    await editor.change(UNPUBLISH, slugs=GUIDES)
    payload = await editor.change(UNPUBLISH, slugs=GUIDES)
    assert (payload["unpublished"], len(payload["unchanged"])) == ([], 1)


async def test_items_are_named_by_their_ids_too(editor: Editor) -> None:
    id_ = (await editor.save("Skill", skill()))["skill"]["id"]
    payload = await editor.change(PUBLISH, ids=[id_, id_], slugs=items(skill="python"))
    assert [each["id"] for each in payload["published"]] == [id_]
    [error] = await editor.errors(PUBLISH, ids=[id_, id_.replace("skill_", "guide_")])
    assert (error["code"], error["path"]) == ("UNKNOWN_ITEM", ["ids", "1"])


async def test_a_status_says_how_the_copies_are_to_each_other(editor: Editor) -> None:
    async def status() -> str:
        query = '{ guide(slug: "backend-belgium", stage: DRAFT) { status } }'
        return str((await editor(query))["guide"]["status"])

    await editor.save_guide()
    assert await status() == "DRAFT"
    payload = await editor.publish_guide()
    assert {each["status"] for each in payload["published"] if "status" in each} == {"PUBLISHED"}
    await editor.save("Location", {"slug": "belgium", "name": {"nl": "Belgenland"}})
    assert await status() == "PUBLISHED", "another's change is none of its own"
    await editor.save("Guide", {"slug": "backend-belgium", "subtitle": {"en": "More"}})
    assert await status() == "CHANGED"
    await editor.publish_guide()
    assert await status() == "PUBLISHED"
    payload = await editor.change(UNPUBLISH, slugs=GUIDES)
    assert [each["status"] for each in payload["unpublished"]] == ["DRAFT"]
    assert await status() == "DRAFT"


async def test_publishing_in_some_locales_leaves_the_others_as_they_are(
    editor: Editor, ask: Asker
) -> None:
    query = """{ en: location(slug: "belgium") { name }
        nl: location(slug: "belgium", locale: "nl") { name } }"""
    await editor.save_guide()
    await editor.publish_guide()
    place = {"slug": "belgium", "name": {"en": "Kingdom of Belgium", "nl": "Belgenland"}}
    await editor.save("Location", place)
    only = items(location="belgium")
    payload = await editor.change(PUBLISH, slugs=only, locales=["nl"])
    assert payload["published"][0]["status"] == "CHANGED"
    assert await ask(query) == {"en": {"name": "Belgium"}, "nl": {"name": "Belgenland"}}
    payload = await editor.change(PUBLISH, slugs=only, locales=["nl"])
    assert (len(payload["published"]), len(payload["unchanged"])) == (0, 1)
    payload = await editor.change(PUBLISH, slugs=only)
    assert payload["published"][0]["status"] == "PUBLISHED"
    assert (await ask(query))["en"] == {"name": "Kingdom of Belgium"}


async def test_a_list_has_no_language_and_is_published_in_every_one(
    editor: Editor, ask: Asker
) -> None:
    query = """{ en: guide(slug: "backend-belgium") { hubs { slug } }
        nl: guide(slug: "backend-belgium", locale: "nl") { hubs { slug } } }"""
    hubs = [{"hub": {"slug": each, "name": {"en": each}, "location": "belgium"}} for each in "ab"]
    given = {**GUIDE_GIVEN, "hubs": ["b"]}
    await editor.save("Guide", given, **{"with": [*WITH, *hubs]})
    await editor.save("Location", {"slug": "belgium", "hubs": ["a"]})
    await editor.change(PUBLISH, slugs=GUIDES, references="PUBLISH_TOO")
    for own, served in (([], "a"), (["b"], "b")):
        await editor.save("Guide", {"slug": "backend-belgium", "hubs": own})
        await editor.change(PUBLISH, slugs=GUIDES, locales=["nl"])
        guide = {"hubs": [{"slug": served}]}
        assert await ask(query) == {"en": guide, "nl": guide}


async def test_every_unknown_locale_is_named(editor: Editor) -> None:
    await editor.save("Skill", skill())
    given = {"slugs": items(skill="python"), "locales": ["nl", "xx", "de"]}
    errors = await editor.errors(PUBLISH, **given)
    assert [(each["code"], each["path"]) for each in errors] == [
        ("UNKNOWN_LOCALE", ["locales", "1"]),
        ("UNKNOWN_LOCALE", ["locales", "2"]),
    ]
    assert errors[0]["message"] == "there is no locale 'xx'; the locales are en, fr, nl"


async def test_what_it_refers_to_has_to_be_there_in_its_locales(editor: Editor) -> None:
    await editor.save_guide()
    of_both = items(role="backend-developer", location="belgium")
    await editor.change(PUBLISH, slugs=of_both, locales=["en"])
    errors = await editor.errors(PUBLISH, slugs=GUIDES)
    said = "Guide backend-belgium: its role, the Role backend-developer, is not published in nl"
    assert any(each["message"].startswith(said) for each in errors)
    assert len(errors) == 4
    await editor.change(PUBLISH, slugs=GUIDES, locales=["en"])


async def test_a_dry_run_publishes_nothing(editor: Editor, database: str) -> None:
    await editor.save_guide()
    payload = await editor.change(PUBLISH, slugs=ALL, dryRun=True)
    assert len(payload["published"]) == 3
    assert {each["status"] for each in payload["published"] if "status" in each} == {"PUBLISHED"}
    assert await published(database) == []
    assert await editor.errors(PUBLISH, slugs=GUIDES, dryRun=True)
    await editor.publish_guide()
    await editor.change(UNPUBLISH, slugs=ALL, dryRun=True)
    assert len(await published(database)) == 3


async def test_no_locale_at_all_is_an_error(editor: Editor) -> None:
    await editor.save_guide()
    [error] = await editor.errors(PUBLISH, slugs=ALL, locales=[])
    assert (error["code"], error["path"]) == ("BAD_VALUE", ["locales"])


async def test_publishing_is_two_statements(database: str, tmp_path: Path) -> None:
    await load(database, seeds(tmp_path), publishing=False)
    model, keys = content_model(), [("Location", "belgium"), ("Role", "backend-developer")]
    async with writing(database) as engine, editing(engine, model, "somebody") as edit:
        place, role = (await ids(edit.connection, model, keys)).items()
        await publish(edit, dict([role]))
        said: list[str] = []
        with (await edit.driver()).query_logger(lambda each: said.append(each.query)):
            await publish(edit, dict([place]))
            # The driver says it a moment later.
            await asyncio.sleep(0)
        assert len(said) == 2, said


async def test_a_list_becomes_what_it_is_in_the_working_copy(editor: Editor, database: str) -> None:
    hubs = [{"hub": {"slug": each, "name": {"en": each}, "location": "belgium"}} for each in "abc"]
    await editor.save("Location", PLACE_GIVEN, **{"with": hubs})
    live = """select h.slug from live.location_hubs l join draft.hub h on h.id = l.target_id
        order by l.position"""
    for slugs in ("abc", "cab", "ca", "cba", "", "b"):
        await editor.save("Location", {"slug": "belgium", "hubs": [*slugs]})
        await editor.change(PUBLISH, slugs=items(location="belgium"), references="PUBLISH_TOO")
        assert await rows(database, live) == [(each,) for each in slugs]
