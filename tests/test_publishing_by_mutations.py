"""From the working copy to the live one and back, by mutations."""

import asyncio
from collections import Counter

from schema.model import content_model
from service.database.pools import writing
from service.editing.edits import editing
from tests.asking import Asker
from tests.databases import blocked, rows
from tests.editing import ALL, PUBLISH, UNPUBLISH, WITH, Editor, items, saving, skill
from tests.editing import GUIDE as GUIDE_GIVEN
from tests.editing import PLACE as PLACE_GIVEN

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


async def test_a_status_is_that_of_the_locale_asked_for(editor: Editor, ask: Asker) -> None:
    query = """query($locale: Locale, $stage: Stage) { skills(
        locale: $locale, stage: $stage, orderBy: [{ status: ASC }, { slug: ASC }]
    ) {
        nodes { slug status statuses { locale status } }
        groups(groupBy: [STATUS]) { nodes { status aggregate { count } } }
    } }"""
    for slug in ("draft", "dutch", "older", "live"):
        await editor.save("Skill", skill(slug))
    await editor.change(PUBLISH, slugs=items(skill="dutch"), locales=["nl"])
    for slug in ("older", "live"):
        await editor.change(PUBLISH, slugs=items(skill=slug))
    await editor.save("Skill", skill("older", "Newer"))
    await editor.change(PUBLISH, slugs=items(skill="older"), locales=["fr"])
    wanted = {
        "draft": {"en": "DRAFT", "fr": "DRAFT", "nl": "DRAFT"},
        "dutch": {"en": "DRAFT", "fr": "DRAFT", "nl": "PUBLISHED"},
        "older": {"en": "CHANGED", "fr": "PUBLISHED", "nl": "CHANGED"},
        "live": {"en": "PUBLISHED", "fr": "PUBLISHED", "nl": "PUBLISHED"},
    }
    for locale in ("en", "fr", "nl"):
        found = (await editor(query, locale=locale, stage="DRAFT"))["skills"]
        here = {slug: each[locale] for slug, each in wanted.items()}
        order = sorted(here, key=lambda slug: (here[slug], slug))  # used at once
        assert [(each["slug"], each["status"]) for each in found["nodes"]] == [
            (slug, here[slug]) for slug in order
        ]
        statuses = {
            each["slug"]: {it["locale"]: it["status"] for it in each["statuses"]}
            for each in found["nodes"]
        }
        assert statuses == wanted
        counts = {each["status"]: each["aggregate"]["count"] for each in found["groups"]["nodes"]}
        assert counts == Counter(here.values())
        only = f"""{{ skills(locale: "{locale}", stage: DRAFT,
            where: {{ status: {{ eq: PUBLISHED }} }}) {{ nodes {{ slug }} }} }}"""
        assert [each["slug"] for each in (await editor(only))["skills"]["nodes"]] == [
            slug for slug in sorted(here) if here[slug] == "PUBLISHED"
        ]
    published = (await ask(query, locale="nl"))["skills"]["nodes"]
    assert [(each["slug"], each["statuses"]) for each in published] == [
        ("dutch", [{"locale": "nl", "status": "PUBLISHED"}]),
        *(
            (slug, [{"locale": code, "status": "PUBLISHED"} for code in ("en", "fr", "nl")])
            for slug in ("live", "older")
        ),
    ]


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


async def test_unpublishing_in_some_locales_leaves_the_others_as_they_are(
    editor: Editor, ask: Asker, database: str
) -> None:
    query = """query($locale: Locale) { guide(slug: "backend-belgium", locale: $locale) {
        skills { name }
    } search(text: "Python", locale: $locale, types: [SKILL]) { totalCount } }"""
    await editor.save("Skill", skill())
    await editor.save_guide(skills=["python"])
    await editor.change(PUBLISH, slugs=GUIDES, references="PUBLISH_TOO")
    before = await ask(query, locale="nl")
    assert before["guide"] == {"skills": [{"name": "Python"}]}
    await editor.change(UNPUBLISH, slugs=items(skill="python"), locales=["en", "fr"])
    assert await ask(query, locale="nl") == before
    hidden = {"guide": {"skills": []}, "search": {"totalCount": 0}}
    assert await ask(query, locale="en") == await ask(query, locale="fr") == hidden
    payload = await editor.change(UNPUBLISH, slugs=items(skill="python"), locales=["en"])
    assert (payload["unpublished"], len(payload["unchanged"])) == ([], 1)
    [error] = await editor.errors(
        UNPUBLISH, slugs=items(location="belgium"), locales=["nl"], dryRun=True
    )
    assert error["code"] == "IN_USE"
    await editor.change(UNPUBLISH, slugs=GUIDES, locales=["nl"])
    await editor.change(UNPUBLISH, slugs=items(location="belgium"), locales=["nl"])
    [error] = await editor.errors(UNPUBLISH, slugs=items(location="belgium"), locales=["en"])
    assert error["code"] == "IN_USE"
    links = "select count(*) from live.guide_skills"
    assert await rows(database, links) == [(1,)]
    await editor.change(UNPUBLISH, slugs=GUIDES)
    assert await rows(database, links) == [(0,)]
    said = """{ revisions(type: GUIDE, slug: "backend-belgium") { nodes { action locales } } }"""
    assert (await editor(said))["revisions"]["nodes"] == [
        {"action": "UNPUBLISH", "locales": ["en", "fr"]},
        {"action": "UNPUBLISH", "locales": ["nl"]},
        {"action": "PUBLISH", "locales": ["en", "fr", "nl"]},
        {"action": "SAVE", "locales": None},
    ]
    errors = await editor.errors(UNPUBLISH, slugs=GUIDES, locales=["xx"])
    assert [(each["code"], each["path"]) for each in errors] == [
        ("UNKNOWN_LOCALE", ["locales", "0"])
    ]


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


async def test_what_is_held_back_in_a_language_is_not_published_with_others(
    editor: Editor, ask: Asker
) -> None:
    hub = {"slug": "a", "name": {"en": "a"}, "location": "belgium"}
    await editor.save("Location", PLACE_GIVEN, **{"with": [{"hub": hub}]})
    await editor.change(PUBLISH, slugs=items(location="belgium"))
    await editor.change(PUBLISH, slugs=items(hub="a"), locales=["en"])
    await editor.save("Location", {"slug": "belgium", "hubs": ["a"]})
    await editor.change(PUBLISH, slugs=items(location="belgium"), references="PUBLISH_TOO")
    query = """{ en: location(slug: "belgium") { hubs { slug } }
        nl: location(slug: "belgium", locale: "nl") { hubs { slug } } }"""
    hubs = {"hubs": [{"slug": "a"}]}
    assert await ask(query) == {"en": hubs, "nl": {"hubs": []}}
    await editor.change(PUBLISH, slugs=items(hub="a"), locales=["nl"])
    assert await ask(query) == {"en": hubs, "nl": hubs}


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


async def test_a_list_becomes_what_it_is_in_the_working_copy(editor: Editor, database: str) -> None:
    hubs = [{"hub": {"slug": each, "name": {"en": each}, "location": "belgium"}} for each in "abc"]
    await editor.save("Location", PLACE_GIVEN, **{"with": hubs})
    live = """select h.slug from live.location_hubs l join draft.hub h on h.id = l.target_id
        order by l.position"""
    for slugs in ("abc", "cab", "ca", "cba", "", "b"):
        await editor.save("Location", {"slug": "belgium", "hubs": [*slugs]})
        await editor.change(PUBLISH, slugs=items(location="belgium"), references="PUBLISH_TOO")
        assert await rows(database, live) == [(each,) for each in slugs]


async def test_an_instant_is_that_of_the_change_and_not_of_the_wait_for_others(
    editor: Editor, database: str
) -> None:
    await editor.save("Skill", skill())
    for asked, found in (
        (editor.save("Skill", skill("rust")), "created_at from draft.skill where slug = 'rust'"),
        (
            editor.save("Skill", skill(name="Another")),
            "updated_at from draft.skill where version = 2",
        ),
        (editor.change(PUBLISH, slugs=items(skill="python")), "published_at from live.skill"),
    ):
        async with writing(database) as engine, editing(engine, content_model(), "somebody"):
            waiting = asyncio.create_task(asked)
            await blocked(database)
            [(before,)] = await rows(database, "select clock_timestamp()")
        await waiting
        [(instant,)] = await rows(database, f"select distinct {found}")
        assert instant > before
    both = "select d.slug from draft.skill d join live.skill l using (id, published_at)"
    assert ("python",) in await rows(database, both)
