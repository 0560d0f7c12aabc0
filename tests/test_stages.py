"""What is published, in which language, and what is not: documents say it, and take it along."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from schema.locales import Locales
from schema.model import content_model
from service.database.pools import writing
from service.documents.checking import check_documents
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import editing
from service.editing.renaming import rename
from service.folders.exporting import Exporting
from tests.databases import Server, applied, planned, rows
from tests.editing import GUIDE, PLACE, PUBLISH, ROLE, UNPUBLISH, Editor, items
from tests.folders import Folder, folder_of, options, skill, steps
from tests.test_exporting import exported, files
from tests.writing import GUIDE as GUIDE_FILE
from tests.writing import PLACE as PLACE_FILE
from tests.writing import ROLE as ROLE_FILE
from tests.writing import dedented

NAMES = "select locale, slug, name from live.skill order by locale"
PUBLISHING = options(publish=True)
LOCALES = Locales(frozenset({"en", "nl", "fr"}), "en", {"nl": ("en",), "fr": ("en",)})


@pytest.fixture
async def folder(database: str, editor: Editor, tmp_path: Path) -> AsyncIterator[Folder]:
    """A folder, and a database that it is exported from."""
    async with folder_of(database, tmp_path / "folder", editor) as found:
        yield found


@pytest.fixture
async def target(server: Server, migrated: str) -> AsyncIterator[str]:
    """A database that an export is applied to."""
    async with server.new(migrated) as url:
        yield url


async def publish(folder: Folder, *locales: str, **slugs: str) -> None:
    """Publish items in some locales, or in all."""
    chosen = items(**slugs or {"skill": "python"})
    await folder.editor.change(PUBLISH, slugs=chosen, locales=[*locales] or None)


async def brought(
    folder: Folder, target: str, stage: Exporting = Exporting.BOTH
) -> dict[str, dict[str, Any]]:
    """Export one database and apply that to another; the documents by their slugs.

    An export of the other is the same, and there is nothing left to do in either.
    """
    await exported(folder.url, folder.directory, stage)
    await applied(target, folder.directory, PUBLISHING)
    again = folder.directory.with_name("again")
    await exported(target, again)
    assert files(again) == files(folder.directory)
    assert not (await planned(target, folder.directory, PUBLISHING)).does_something
    found = [YAML(typ="safe").load(file) for file in folder.directory.rglob("*.yaml")]
    return {each["slug"]: each for each in found}


async def test_a_language_that_is_held_back_stays_so(folder: Folder, target: str) -> None:
    await folder.save(nl="Slang")
    await publish(folder, "nl")
    assert (await brought(folder, target))["python"]["published"] == ["nl"]
    assert await rows(target, NAMES) == [("nl", "python", "Slang")]
    assert not (await planned(folder.url, folder.directory, PUBLISHING)).does_something


async def test_an_open_edit_stays_one_and_holds_up_nobody(folder: Folder, target: str) -> None:
    await folder.editor.save_guide()
    await folder.editor.publish_guide()
    await folder.editor.save("Role", {**ROLE, "name": {"en": "Edited"}})
    found = await brought(folder, target)
    role = found["backend-developer"]
    assert (role["draft"], role["name"]) == (True, {"en": "Edited"})
    [live] = role["live"]
    names = ("name", "plural")
    assert live == {"locales": ["en", "fr", "nl"], **{name: ROLE[name] for name in names}}
    guides = (
        "select count(*) from live.guide join live.role r using (locale) where r.name <> 'Edited'"
    )
    assert await rows(target, guides) == [(3,)]
    assert await rows(target, "select name ->> 'en' from draft.role") == [("Edited",)]


async def test_each_language_has_the_version_that_it_had(folder: Folder, target: str) -> None:
    for name, locales in [("One", ("fr",)), ("Two", ("en",)), ("Three", ("nl",)), ("Four", ())]:
        await folder.save(name, nl=f"{name} nl")
        if locales:
            await publish(folder, *locales)
    document = (await brought(folder, target))["python"]
    assert document["draft"] is True
    # French shows the English text of another version.
    assert document["live"] == [
        {"locales": ["en", "nl"], "name": {"en": "Two", "nl": "Three nl"}},
        {"locales": ["fr"], "name": {"en": "One"}},
    ]
    names = [("en", "python", "Two"), ("fr", "python", "One"), ("nl", "python", "Three nl")]
    assert await rows(target, NAMES) == await rows(folder.url, NAMES) == names


async def test_a_version_can_be_published_in_one_language_and_an_older_one_in_others(
    folder: Folder, target: str
) -> None:
    await folder.save("One")
    await publish(folder, "en", "fr")
    await folder.save("Two", nl="Twee")
    await publish(folder, "nl")
    document = (await brought(folder, target))["python"]
    assert (document["published"], "draft" in document) == (["nl"], False)
    names = [("en", "python", "One"), ("fr", "python", "One"), ("nl", "python", "Twee")]
    assert await rows(target, NAMES) == names
    current = "select locale from live.skill l join draft.skill d using (id, version)"
    assert await rows(target, current) == [("nl",)]


async def test_what_is_published_lists_what_comes_later(folder: Folder, target: str) -> None:
    home = {"with": [{"location": PLACE}]}
    hub = {"slug": "hub", "name": {"en": "Hub"}, "location": "belgium"}
    await folder.editor.save("Hub", hub, **home)
    await folder.editor.save("Location", {**PLACE, "hubs": ["hub"]})
    await publish(folder, location="belgium", hub="hub")
    await folder.editor.save("Location", {**PLACE, "hubs": []})
    place = (await brought(folder, target))["belgium"]
    assert ("hubs" in place, place["live"][0]["hubs"]) == (False, ["hub"])


HUBS = """
    insert into live.location_hubs (owner_id, position, target_id)
    select location.id, 0, hub.id from draft.location, draft.hub
"""


async def test_lists_have_no_language_and_are_those_that_were_published_last(
    folder: Folder, target: str
) -> None:
    home = {"with": [{"location": PLACE}]}
    await folder.editor.save(
        "Hub", {"slug": "hub", "name": {"en": "Hub"}, "location": "belgium"}, **home
    )
    await folder.editor.save("Location", {**PLACE, "hubs": ["hub"]})
    chosen = items(location="belgium", hub="hub")
    await folder.editor.change(PUBLISH, slugs=chosen, locales=["en"])
    await folder.editor.save("Location", {**PLACE, "hubs": []})
    await publish(folder, "nl", location="belgium")
    # As if an older version had been published last.
    await rows(folder.url, HUBS)
    place = (await brought(folder, target))["belgium"]
    assert ("hubs" in place, place["live"][0]["hubs"]) == (False, ["hub"])
    assert await rows(target, "select count(*) from live.location_hubs") == [(1,)]


async def test_what_has_to_be_published_too_is_said(folder: Folder) -> None:
    folder.write(**dedented(place=PLACE_FILE, guide=GUIDE_FILE))
    folder.write(role=dedented(role=ROLE_FILE)["role"] + ROLE_LIVE)
    assert await folder.refused(publish=True) == [
        f"Guide backend-belgium: its role, the Role backend-developer, is not published in {code}; "
        "publish that too"
        for code in ("en", "fr")
    ]


async def test_what_was_changed_back_is_not_published_as_it_is(folder: Folder, target: str) -> None:
    await folder.save("One")
    await publish(folder)
    await folder.save("Two")
    await folder.save("One")
    document = (await brought(folder, target))["python"]
    live = {"locales": ["en", "fr", "nl"], "name": {"en": "One"}}
    assert (document["draft"], document["live"]) == (True, [live])
    assert not (await planned(folder.url, folder.directory, PUBLISHING)).does_something


async def test_an_item_is_found_under_the_slug_that_it_was_published_under(
    folder: Folder, target: str
) -> None:
    await folder.save()
    await publish(folder)
    await rows(folder.url, "update draft.skill set slug = 'snake', version = version + 1")
    [live] = (await brought(folder, target))["snake"]["live"]
    assert live["slug"] == "python"
    assert {slug for _, slug, _ in await rows(target, NAMES)} == {"python"}


async def test_a_slug_that_another_item_has_now_is_published_as_it_was(
    folder: Folder, target: str
) -> None:
    await folder.save()
    await publish(folder)
    async with writing(folder.url) as engine, editing(engine, content_model(), "test") as edit:
        await rename(edit, ("Skill", "python"), "snake")
    await folder.save("Another")
    await publish(folder, "nl", skill="snake")
    await publish(folder, "nl")
    found = await brought(folder, target)
    assert found["snake"]["live"] == [
        {"locales": ["en", "fr"], "slug": "python", "name": {"en": "Python"}}
    ]
    names = [*await rows(target, NAMES)]
    assert sorted(names) == sorted(await rows(folder.url, NAMES))
    assert len(names) == 4


async def test_what_only_one_item_can_have_may_be_published_of_another(
    folder: Folder, target: str
) -> None:
    await folder.editor.save_guide()
    await folder.editor.publish_guide()
    other = {**ROLE, "slug": "another"}
    await folder.editor.save("Guide", {**GUIDE, "role": "another"}, **{"with": [{"role": other}]})
    await folder.editor.save("Guide", {**GUIDE, "slug": "second"})
    await brought(folder, target)
    guides = "select g.slug, r.slug from {0}.guide g join {0}.role r on r.id = g.role_id order by 1"
    for stage in ("draft", "live"):
        assert await rows(target, guides.format(stage)) == await rows(
            folder.url, guides.format(stage)
        )


async def test_places_that_changed_places_are_published_as_they_were(
    folder: Folder, target: str
) -> None:
    upper = {"slug": "upper", "name": {"en": "Upper"}, "kind": "REGION"}
    lower = {"slug": "lower", "name": {"en": "Lower"}, "kind": "REGION"}
    await folder.editor.save(
        "Location", {**lower, "parent": "upper"}, **{"with": [{"location": upper}]}
    )
    for slug in ("upper", "lower"):
        await publish(folder, location=slug)
    await folder.editor.save("Location", {**lower, "parent": None})
    await folder.editor.save("Location", {**upper, "parent": "lower"})
    found = await brought(folder, target)
    assert (found["upper"]["parent"], found["lower"]["live"][0]["parent"]) == ("lower", "upper")


async def test_what_is_published_can_be_all_that_is_brought(folder: Folder, target: str) -> None:
    editor = folder.editor
    await editor.save("Hub", {"slug": "secret", "name": {"en": "Secret"}, "location": "belgium"},
                      **{"with": [{"location": PLACE}]})  # fmt: skip
    await editor.save("Location", {**PLACE, "hubs": ["secret"]})
    await editor.save_guide(title={"en": "Title", "nl": "Titel"}, hubs=["secret"])
    await editor.save("Location", {**PLACE, "hubs": ["secret"]})
    chosen = items(guide="backend-belgium", location="belgium", role="backend-developer")
    await editor.change(PUBLISH, slugs=chosen, locales=["nl"], references="LEAVE_PENDING")
    await editor.save("Guide", {**GUIDE, "title": {"en": "Later", "nl": "Later"}})
    found = await brought(folder, target, Exporting.LIVE)
    assert found.keys() == {"backend-belgium", "belgium", "backend-developer"}
    assert all(each["published"] == ["nl"] for each in found.values())
    assert found["backend-belgium"]["title"] == {"en": "Titel", "nl": "Titel"}
    assert not [each for each in found.values() if "hubs" in each or "live" in each]
    titles = await rows(target, "select locale, slug, title from live.guide")
    assert titles == [("nl", "backend-belgium", "Titel")]


async def test_the_working_copy_can_be_all_that_is_exported(folder: Folder) -> None:
    await folder.save("One")
    await publish(folder)
    await folder.save("Two")
    await exported(folder.url, folder.directory, Exporting.DRAFT)
    [file] = folder.directory.rglob("*.yaml")
    said = {"type": "Skill", "slug": "python", "draft": True, "name": {"en": "Two"}}
    assert YAML(typ="safe").load(file) == said


ROLE_LIVE = "draft: true\nlive: [{locales: [nl], name: {nl: x}, plural: {nl: x}}]\n"
LIVE = "draft: true\nlive:\n  - locales: [en, nl, fr]\n    name: {en: %s}\n"


async def test_what_is_published_is_left_alone_without_being_asked(folder: Folder) -> None:
    folder.write(a=skill() + LIVE % "Old")
    await folder.apply()
    assert await rows(folder.url, NAMES) == []
    done = await folder.apply(publish=True)
    assert steps(done.plan.items) == {"python": "update"}
    assert [name for *_, name in await rows(folder.url, NAMES)] == ["Old"] * 3
    assert await folder.names() == {"python": {"en": "Python"}}


async def test_what_others_published_stays_or_is_a_conflict(folder: Folder) -> None:
    folder.write(a=skill() + LIVE % "Old")
    await folder.apply(publish=True)
    await publish(folder)
    done = await folder.apply(publish=True)
    assert steps(done.plan.items) == {"python": "keep"}
    folder.write(a=skill() + LIVE % "Older")
    [summary, *conflicts] = await folder.refused(publish=True)
    assert "3 conflicts" in summary
    assert conflicts == [
        f"a.yaml:6: live[0]: Skill python: the live copy in {code} was changed in the database "
        "since the folder was last applied: name"
        for code in ("en", "fr", "nl")
    ]
    await folder.apply(publish=True, conflicts="theirs")
    assert {name for *_, name in await rows(folder.url, NAMES)} == {"Python"}
    folder.write(a=skill() + LIVE % "Oldest")
    await folder.apply(publish=True, conflicts="ours")
    assert {name for *_, name in await rows(folder.url, NAMES)} == {"Oldest"}


async def test_what_was_published_is_not_forgotten_by_applying_without_publishing(
    folder: Folder,
) -> None:
    folder.write(a=skill() + LIVE % "Old")
    await folder.apply(publish=True)
    folder.write(a=skill(name="Newer") + LIVE % "Old")
    await folder.apply()
    folder.write(a=skill(name="Newer") + LIVE % "New")
    await folder.apply(publish=True)
    assert {name for *_, name in await rows(folder.url, NAMES)} == {"New"}
    await rows(folder.url, "delete from service.applied")
    await folder.apply(publish=True)
    folder.write(a=skill(name="Newer") + LIVE % "Newest")
    await folder.apply(publish=True)
    assert {name for *_, name in await rows(folder.url, NAMES)} == {"Newest"}


async def test_what_a_document_does_not_name_stays_as_it_was_published(folder: Folder) -> None:
    await folder.save("Old")
    await publish(folder)
    folder.write(a=skill(name="New", nl="Nieuw") + "published: [nl]\n")
    await folder.apply(publish=True, conflicts="ours")
    names = [("en", "python", "Old"), ("fr", "python", "Old"), ("nl", "python", "Nieuw")]
    assert await rows(folder.url, NAMES) == names


async def test_what_others_changed_and_published_holds_up_no_other_language(folder: Folder) -> None:
    folder.write(a=skill(nl="Slang") + "published: [en]\n")
    await folder.apply(publish=True)
    await folder.save(nl="Adder")
    await publish(folder, "nl")
    for name in ("Python 3", "Python 4"):
        folder.write(a=skill(name=name, nl="Slang") + "published: [en]\n")
        [item] = (await folder.apply(publish=True)).plan.items
        assert not item.is_held
        assert item.locales == frozenset({"en"})
        assert await rows(folder.url, NAMES) == [("en", "python", name), ("nl", "python", "Adder")]
    await folder.save("Python 4", nl="Viper")
    folder.write(a=skill(name="Python 5", nl="Slang") + "published: [en]\n")
    [item] = (await folder.apply(publish=True)).plan.items
    assert item.is_held, "nobody published that"


async def unpublish(folder: Folder, *slugs: str) -> None:
    """Unpublish skills in Dutch."""
    for slug in slugs:
        await folder.editor.change(UNPUBLISH, slugs=items(skill=slug), locales=["nl"])


async def test_what_others_unpublished_stays_so(folder: Folder) -> None:
    """Whether the document itself was published there, or something else."""
    folder.write(a=skill() + LIVE % "Old", b=skill("sql", "SQL"))
    await folder.apply(publish=True)
    await unpublish(folder, "python", "sql")
    found = (await folder.apply(publish=True)).plan.items
    assert steps(found) == {"python": "keep", "sql": "keep"}
    assert all(each.has_kept for each in found)
    folder.write(a=skill(name="Python 3") + LIVE % "Old", b=skill("sql", "SQL 2", nl="SQL 3"))
    await folder.apply()
    assert steps((await folder.apply(publish=True)).plan.items) == {
        "python": "keep",
        "sql": "publish",
    }
    published = [("en", "sql", "SQL 2"), ("fr", "sql", "SQL 2")]
    assert [each for each in await rows(folder.url, NAMES) if each[1] == "sql"] == published


async def test_a_folder_can_publish_again_what_others_unpublished(folder: Folder) -> None:
    """When it says so anew."""
    folder.write(a=skill())
    await folder.apply(publish=True)
    await unpublish(folder, "python")
    folder.write(a=skill() + "published: [en, fr]\n")
    await folder.apply(publish=True)
    folder.write(a=skill())
    [item] = (await folder.apply(publish=True)).plan.items
    assert item.locales == frozenset({"nl"})


async def test_what_was_never_published_was_not_unpublished(folder: Folder) -> None:
    """At first it held what others had changed and not published."""
    await folder.save(nl="Slang")
    folder.write(a=skill())
    [item] = (await folder.apply(publish=True)).plan.items
    assert item.is_held
    folder.write(a=skill(nl="Slang"))
    [item] = (await folder.apply(publish=True)).plan.items
    assert item.locales is None


async def test_what_was_unpublished_and_is_to_be_something_else_is_a_conflict(
    folder: Folder,
) -> None:
    folder.write(a=skill())
    await folder.apply(publish=True)
    await unpublish(folder, "python")
    folder.write(a=skill() + LIVE % "Old")
    [_, problem] = await folder.refused(publish=True)
    assert problem == (
        "a.yaml:6: live[0]: Skill python: was unpublished in nl since the folder was last "
        "applied, but its live copy was changed in the folder: name"
    )
    folder.write(a=skill() + LIVE % "Python")
    assert steps((await folder.apply(publish=True)).plan.items) == {"python": "keep"}


async def test_what_is_published_cannot_refer_to_what_is_not_there(folder: Folder) -> None:
    folder.write(**dedented(place=PLACE_FILE))
    live = "live:\n  - locales: [en]\n    name: {en: Hub}\n    location: belgum\n"
    hub = "type: Hub\nslug: hub\nname: {en: Hub}\nlocation: belgium\ndraft: true\n"
    folder.write(hub=hub + live)
    assert await folder.refused(publish=True) == [
        "hub.yaml:9: live[0].location: there is no Location 'belgum'; did you mean belgium?"
    ]


async def test_a_slug_that_another_is_published_under_is_a_problem_with_the_document(
    folder: Folder,
) -> None:
    await folder.save()
    await publish(folder)
    live = "draft: true\nlive:\n  - locales: [en, nl]\n    slug: python\n    name: {en: Old}\n"
    more = "  - locales: [fr]\n    slug: python\n    name: {en: Older}\n"
    folder.write(a=skill("snake", "Snake") + live + more)
    assert await folder.refused(publish=True) == [
        f"a.yaml:{line}: live[{place}].slug: Skill snake: the live copy of python has the same "
        "slug; publish the changes of that item too, or unpublish it"
        for place, line in enumerate([7, 10])
    ]


async def test_what_two_documents_publish_is_a_problem_with_each_of_them(folder: Folder) -> None:
    role = {**ROLE, "slug": "another"}
    await folder.editor.save_guide()
    await folder.editor.save("Role", role)
    await publish(folder, role="another", location="belgium")
    await publish(folder, role="backend-developer")
    head = "type: Guide\nslug: {}\nrole: {}\nlocation: belgium\ntitle: {{en: x}}\ndraft: true\n"
    live = (
        "live:\n  - locales: [en]\n    role: another\n    location: belgium\n    title: {en: y}\n"
        "  - locales: [nl]\n    role: another\n    location: belgium\n    title: {en: z}\n"
    )
    folder.write(
        a=head.format("backend-belgium", "backend-developer") + live,
        b=head.format("second", "another") + live,
    )
    found = await folder.refused(publish=True, conflicts="ours")
    assert [each.partition("; ")[0] for each in found] == [
        f"{file}.yaml:{line}: live[{place}].role: Guide {slug}: the live copy of {other} has the "
        "same role and location"
        for file, slug, other in [("a", "backend-belgium", "second"),
                                  ("b", "second", "backend-belgium")]
        for place, line in enumerate([9, 13])
    ]  # fmt: skip


async def test_what_is_published_as_it_is_stays_so_beside_another_version(folder: Folder) -> None:
    folder.write(a=skill(nl="Slang") + "published: [nl]\n")
    await folder.apply(publish=True)
    more = "published: [nl]\nlive: [{locales: [en], name: {en: Old}}]\n"
    folder.write(a=skill(nl="Slang") + more)
    await folder.apply(publish=True)
    assert await rows(folder.url, NAMES) == [("en", "python", "Old"), ("nl", "python", "Slang")]
    current = "select locale from live.skill l join draft.skill d using (id, version)"
    assert await rows(folder.url, current) == [("nl",)]


NAME = {"type": "Skill", "slug": "python", "name": {"en": "Python"}}
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "published: []": (
        {"published": []}, "published",
        "is empty; name at least one of en, fr, nl, or write `draft: true`",
    ),
    "locales: []": (
        {"draft": True, "live": [{"locales": [], "name": {"en": "x"}}]}, "live[0].locales",
        "is empty; name at least one of en, fr, nl, or leave the entry out",
    ),
    "published: nl": ({"published": "nl"}, "published", "expected a list of locales (en, fr"),
    "published: [de]": ({"published": ["de"]}, "published[0]", "there is no locale 'de'"),
    "published: [{}]": ({"published": [{}]}, "published[0]", "there is no locale {}"),
    "published: [nl, nl]": ({"published": ["nl", "nl"]}, "published[1]", "nl is on the list alrea"),
    "draft, and published": (
        {"published": ["nl"], "draft": True}, "published", "contradicts `draft: true`, which"
    ),
    "live: {}": ({"draft": True, "live": {}}, "live", "expected a list"),
    "live: [nl]": ({"draft": True, "live": ["nl"]}, "live[0]", "expected a map"),
    "nowhere live": (
        {"draft": True, "live": [{"name": {"en": "x"}}]}, "live[0].locales", "expected a list of"
    ),
    "two things in one locale": (
        {"live": [{"locales": ["nl"], "name": {"en": "x"}}]}, "live[0].locales",
        "the document also publishes something else in 'nl'",
    ),
    "two others in one locale": (
        {"draft": True, "live": 2 * [{"locales": ["nl"], "name": {"en": "x"}}]}, "live[1].locales",
        "the document also publishes something else in 'nl'",
    ),
    "no text in a locale": (
        {"draft": True, "live": [{"locales": ["en"], "name": {"nl": "x"}}]}, "live[0].name",
        "has no text in 'en'",
    ),
    "another list": (
        {"type": "Location", "kind": "REGION", "hubs": ["a"], "published": ["en"],
         "live": [{"locales": ["nl"], "name": {"en": "x"}, "kind": "REGION", "hubs": ["b"]}]},
        "live[0].hubs", "differs from the list that is published",
    ),
    "two other lists": (
        {"type": "Location", "kind": "REGION", "draft": True, "live": [
            {"locales": ["nl"], "name": {"en": "x"}, "kind": "REGION", "hubs": ["b"]},
            {"locales": ["en"], "name": {"en": "x"}, "kind": "REGION"}]},
        "live[1].hubs", "differs from the list that is published",
    ),
    "no such field": (
        {"draft": True, "live": [{"locales": ["en"], "name": {"en": "x"}, "nam": 1}]},
        "live[0].nam", "there is no such field; did you mean name?",
    ),
    "a type": (
        {"draft": True, "live": [{"locales": ["en"], "name": {"en": "x"}, "type": "Skill"}]},
        "live[0].type", "there is no such field",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_where_it_stands(name: str) -> None:
    more, path, message = WRONG[name]
    checked, found = check_documents(
        [UncheckedDocument({**NAME, **more})], content_model(), LOCALES
    )
    assert checked
    [said] = {str(each) for each in found}
    assert said.startswith(f"{path}: {message}"), said


def test_all_languages_are_everywhere() -> None:
    given = UncheckedDocument({**NAME, "published": ["nl", "fr", "en"]})
    [checked], problems = check_documents([given], content_model(), LOCALES)
    assert (checked.published, problems) == (None, [])


def test_what_is_published_need_not_be_there_in_the_default_language() -> None:
    live = {"locales": ["nl"], "name": {"nl": "x"}}
    given = UncheckedDocument({**NAME, "draft": True, "live": [live]})
    [checked], problems = check_documents([given], content_model(), LOCALES)
    assert (checked.live[0].record.values["name"], problems) == ({"nl": "x"}, [])
