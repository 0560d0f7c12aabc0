"""What revisions do to content, with `op.save` and the others."""

import pytest
from alembic import command
from alembic.util import CommandError

from schema.editing import Mode
from schema.model import content_model
from service.database.pools import writing
from service.documents.store import ids
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import editing
from service.editing.publishing import publish
from service.editing.saving import Save, save
from service.editing.unpublishing import unpublish
from service.errors import GuidepostError
from tests.databases import rows
from tests.migrations.history import BELGIUM, GHENT, PLACES, PUBLISH, History, ask


async def refused(history: History) -> str:
    """What is said of a revision that cannot be run; it has changed nothing."""
    before = await history.dump()
    with pytest.raises(GuidepostError) as caught:
        await history.upgrade()
    assert await history.dump() == before
    return str(caught.value)


async def test_what_is_saved_and_published_is_read(history: History) -> None:
    history.add(PLACES, PUBLISH)
    await history.upgrade()
    found = await ask(history.url, '{ hub(slug: "the-pond") { location { parent { name } } } }')
    assert found == {"hub": {"location": {"parent": {"name": "Belgium"}}}}


async def test_what_is_only_saved_is_a_draft(history: History) -> None:
    history.add(PLACES)
    await history.upgrade()
    assert await ask(history.url, '{ hub(slug: "the-pond") { slug } }') == {"hub": None}
    assert (await history.content())["Hub", "the-pond"]["draft"] is True


async def test_a_document_says_what_is_to_be_different(drafts: History) -> None:
    drafts.add("""
        op.save("Hub", {"slug": "the-pond", "name": {"nl": "De Vijver"}, "website": None})
        op.save("Location", {"slug": "ghent", "name": {"en": "Gent"}, "hubs": ["the-pond"]})
    """)
    await drafts.upgrade()
    content = await drafts.content()
    assert content["Hub", "the-pond"]["name"] == {"en": "The Pond", "nl": "De Vijver"}
    assert content["Location", "ghent"]["hubs"] == ["the-pond"]
    assert content["Location", "ghent"]["parent"] == "belgium"


async def test_several_documents_may_refer_to_one_another(history: History) -> None:
    history.add(f'op.save("Location", [{GHENT}, {BELGIUM}])')
    await history.upgrade()
    assert ("Location", "ghent") in await history.content()


async def test_the_history_names_the_migration(history: History) -> None:
    history.add(PLACES)
    await history.upgrade()
    assert (await history.history())[-1] == (
        "migration r001",
        "Revision number 1.",
        "SAVE",
        "Hub",
        "the-pond",
    )


async def test_a_new_item_has_the_same_id_wherever_the_revision_runs(history: History) -> None:
    history.add(PLACES)
    await history.upgrade()
    first = await rows(history.url, "select id from draft.hub")
    await history.downgrade()
    await history.upgrade()
    assert await rows(history.url, "select id from draft.hub") == first


async def test_renaming_keeps_what_refers_to_it(published: History) -> None:
    published.add("""
        op.rename("Location", "ghent", "gent")
        op.publish("Location", "gent")
    """)
    await published.upgrade()
    found = await ask(published.url, '{ hub(slug: "the-pond") { location { slug } } }')
    assert found == {"hub": {"location": {"slug": "gent"}}}
    assert (await published.content())["Hub", "the-pond"]["location"] == "gent"


async def test_deleting_and_unpublishing(published: History) -> None:
    published.add('op.unpublish("Hub", ["the-pond"])')
    await published.upgrade()
    assert await ask(published.url, '{ hub(slug: "the-pond") { slug } }') == {"hub": None}
    published.add('op.delete("Hub", "the-pond")')
    await published.upgrade()
    assert ("Hub", "the-pond") not in await published.content()


async def test_a_locale_is_served_at_once_in_the_words_of_its_fallback(history: History) -> None:
    history.add(PLACES, 'op.save("Hub", {"slug": "the-pond", "name": {"nl": "De Vijver"}})')
    history.add(PUBLISH)
    history.add('op.add_locale("nl-BE", "nl")')
    await history.upgrade()
    query = '{ hub(slug: "the-pond", locale: "nl-BE") { name location { name } } }'
    found = {"hub": {"name": "De Vijver", "location": {"name": "Ghent"}}}
    assert await ask(history.url, query) == found
    search = '{ search(text: "vijver", locale: "nl-BE") { totalCount } }'
    assert await ask(history.url, search) == {"search": {"totalCount": 1}}
    history.add("""
        op.save("Hub", {"slug": "the-pond", "name": {"nl-BE": "Den Vijver"}})
        op.publish("Hub", "the-pond")
    """)
    await history.upgrade()
    assert (await ask(history.url, query))["hub"]["name"] == "Den Vijver"


async def test_a_function_changes_many(history: History, capfd: pytest.CaptureFixture[str]) -> None:
    places = ", ".join(
        f'{{"slug": "place-{n}", "name": {{"en": "Place {n}"}}, "kind": "{kind}"}}'
        for n in range(600)
        for kind in (["CITY", "REGION"][n % 2],)
    )
    history.add(f"""
        op.save("Location", [{places}])
        op.publish("Location", [f"place-{{n}}" for n in range(1, 600)])
        op.save("Location", {{"slug": "place-4", "name": {{"en": "Edited"}}}})
    """)
    history.add(
        'op.transform("Location", {"kind": "CITY"}, louder)',
        functions="""
            def louder(document):
                if document["slug"] == "place-2":
                    return None
                return {**document, "name": {"en": document["name"]["en"].upper()}}
        """,
    )
    await history.upgrade()
    live = dict(await rows(history.url, "select slug, name from live.location where locale = 'en'"))
    assert live["place-1"] == "Place 1"
    assert live["place-2"] == "Place 2"
    assert live["place-6"] == "PLACE 6"
    assert live["place-598"] == "PLACE 598"
    assert live["place-4"] == "Place 4", "its edit was not to be published"
    content = await history.content()
    assert content["Location", "place-4"]["name"] == {"en": "EDITED"}
    assert content["Location", "place-0"]["draft"] is True
    said = capfd.readouterr().err
    assert "Location: 400 of 600 items checked, 200 changed" in said
    assert "Location: 600 of 600 items checked, 299 changed" in said
    assert "Location place-4: not published in en, fr, nl, because nobody has published" in said


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ('op.save("Skil", {"slug": "a"})', "no type 'Skil'; did you mean Skill"),
        ('op.save("Hub", {"slug": "a", "nam": 1})', "did you mean name"),
        ('op.save("Hub", {"slug": "a", "location": "gent"})', "did you mean ghent"),
        ('op.save("Hub", {"slug": "a", "name": {"en": ""}})', "name.en: is empty"),
        ('op.save("Hub", {"slug": "a", "renamedFrom": "the-pond"})', "use op.rename before it"),
        ('op.delete("Hub", "pond")', "no Hub 'pond'; did you mean the-pond"),
        ('op.delete("Location", "belgium")', "in its parent; remove the reference first"),
        ('op.rename("Hub", "pond", "b")', "no Hub 'pond'"),
        ('op.rename("Location", "ghent", "belgium")', "there is a Location 'belgium' already"),
        ('op.rename("Hub", "the-pond", "The Pond")', "expected a slug"),
        ('op.publish("Hub", "the-pond")', "the Location ghent, is not published"),
        ('op.publish("Hub", [], references="PUBLISH_TOO")', "use FAIL or LEAVE_PENDING"),
        ('op.unpublish("Hubs", "x")', "no type 'Hubs'; did you mean Hub"),
        ('op.add_locale("en", "nl")', "there is a locale 'en' already"),
        ('op.add_locale("de", "da")', "no locale 'da' to fall back to; the locales are en, fr, nl"),
        ('op.add_locale("xx-yy-zz", "en")', "is not a locale"),
        ('op.transform("Hub", {}, lambda it: it["nowhere"])', "Hub the-pond: the function raised"),
        ('op.transform("Hub", {}, lambda it: 3)', "returned 3, which is not a document"),
        ('op.transform("Hub", {}, lambda it: {**it, "slug": "b"})', "use op.rename"),
        ('op.transform("Hub", {}, lambda it: {**it, "website": "x"})', "website"),
        ('op.save("Hub", {"slug": "the-pond", "knd": []})', "Hub the-pond: knd: there is no such"),
        (
            'op.transform("Hub", {"knd": None}, lambda it: it)',
            "Hub:\n  where.knd: there is no such field; did you mean kind?",
        ),
        (
            'op.transform("Hub", {}, lambda it: {**it, "webiste": None})',
            "Hub:\n  Hub the-pond: webiste: there is no such field; did you mean website?",
        ),
        ('op.transform("Hub", {}, lambda it: "x" * 50_000)', "xx… (50,002 characters), which"),
        (
            'op.publish("Hub", [f"hub-{n}" for n in range(900)])',
            "hub-0, hub-1, hub-2 and 897 others",
        ),
    ],
)
async def test_what_cannot_be_done_is_said_and_nothing_is(
    drafts: History, operation: str, said: str
) -> None:
    drafts.add('op.save("Skill", {"slug": "a", "name": {"en": "A"}})', operation)
    message = await refused(drafts)
    assert message.startswith("revision r002: op.")
    assert said in message


async def test_many_equal_problems_are_one_line(drafts: History) -> None:
    drafts.add("""
        op.save("Skill", [{"slug": f"s{n}", "name": {"en": "S"}} for n in range(300)])
        op.transform("Skill", {}, lambda document: {**document, "nmae": document["name"]})
    """)
    assert (await refused(drafts)).splitlines() == [
        "revision r002: op.transform of Skill:",
        (
            "  Skill s0: nmae: there is no such field; did you mean name? "
            "(300 times: also Skill s1, Skill s10 and 297 others)"
        ),
    ]


UNKNOWN = {
    'op.save("Planet", {"slug": "mars"})': "op.save of Planet mars",
    'op.delete("Planet", "mars")': "op.delete of Planet mars",
    'op.rename("Planet", "mars", "ares")': "op.rename of Planet mars to ares",
    'op.publish("Planet", "mars")': "op.publish of Planet mars",
    'op.unpublish("Planet", "mars")': "op.unpublish of Planet mars",
    'op.transform("Planet", {}, lambda document: None)': "op.transform of Planet",
}


async def test_of_a_type_that_there_is_not_every_operation_says_so_and_which_there_are(
    history: History,
) -> None:
    history.add(
        *(f"with noting():\n    {operation}" for operation in UNKNOWN),
        'raise GuidepostError("\\n".join(said))',
        functions="""
            from contextlib import contextmanager
            from service.errors import GuidepostError

            said = []

            @contextmanager
            def noting():
                try:
                    yield
                except GuidepostError as error:
                    said.append(str(error))
        """,
    )
    types = ", ".join(each.name for each in content_model().content())
    assert (await refused(history)).splitlines() == [
        line
        for called in UNKNOWN.values()
        for line in (
            f"revision r001: {called}:",
            f"  there is no type 'Planet'; the types are {types}",
        )
    ]


async def test_what_cannot_be_printed_says_so(history: History) -> None:
    history.add(PLACES)
    with pytest.raises(CommandError, match=r"op.save of Location belgium needs the content of"):
        await history.run(command.upgrade, f"{history.before}:head", True)


async def test_a_downgrade_of_content_cannot_be_printed(
    history: History, capfd: pytest.CaptureFixture[str]
) -> None:
    history.add("op.execute(\"select 'up'\")", downgrade="op.execute(\"select 'down'\")")
    history.add(PLACES)
    history.add("op.get_bind().execute(sa.text('select 1')).scalar_one()")
    await history.run(command.downgrade, f"r001:{history.before}", True)
    printed = capfd.readouterr().out
    assert "'down'" in printed
    assert "'up'" not in printed
    of_content = r"downgrade of revision r002: op.save of Location belgium needs the content of"
    with pytest.raises(CommandError, match=of_content):
        await history.run(command.downgrade, "r002:r001", True)
    with pytest.raises(CommandError, match=r"r003: it cannot be printed as SQL.* needs a database"):
        await history.run(command.downgrade, "r003:r002", True)


async def test_a_transformed_item_is_published_again_where_it_was_published(
    history: History,
) -> None:
    history.add(PLACES, PUBLISH)
    await history.upgrade()
    model, key = content_model(), ("Hub", "the-pond")
    async with writing(history.url) as engine, editing(engine, model, "somebody") as edit:
        await unpublish(edit, await ids(edit.connection, model, [key]), ["fr"])
        given = UncheckedDocument({"type": "Hub", "slug": "the-pond", "name": {"en": "New"}})
        await save(edit, [Save(given, Mode.MERGE)])
    history.add('op.transform("Hub", {}, lambda it: {**it, "name": {"en": "Pool"}})')
    await history.upgrade()
    live = "select locale, name from live.hub where slug = 'the-pond' order by locale"
    assert await rows(history.url, live) == [("en", "The Pond"), ("nl", "The Pond")]
    async with writing(history.url) as engine, editing(engine, model, "somebody") as edit:
        await publish(edit, await ids(edit.connection, model, [key]), locales=["nl"])
    history.add('op.transform("Hub", {}, lambda it: {**it, "name": {"en": "Lake"}})')
    await history.upgrade()
    assert await rows(history.url, live) == [("en", "The Pond"), ("nl", "Lake")]
