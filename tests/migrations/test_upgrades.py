"""What an upgrade does where editors have changed the same items; `test_rule` has the rule."""

from collections.abc import Sequence
from typing import Any

import pytest

from service.database.pools import writing
from service.editing.deleting import remove
from service.editing.edits import editing
from service.editing.renaming import rename
from service.editing.unpublishing import unpublish
from service.errors import GuidepostError
from service.migrations.content.resolutions import MigrationConflictError
from service.roles import WRITER
from tests.databases import rows
from tests.migrations.history import PUBLISH, History, ask
from tests.migrations.test_downgrades import HUB, MODEL, edit, move, put

LIVE = '{ en: hub(slug: "the-pond") { name } fr: hub(slug: "the-pond", locale: "fr") { name } }'
FRENCH = """
    op.save("Hub", {"slug": "the-pond", "name": {"fr": "L'Étang"}}, base={})
    op.publish("Hub", ["the-pond"])
"""


async def conflicts(history: History) -> Sequence[str]:
    """The conflicts that an upgrade stops at; it has changed nothing."""
    before = await history.dump()
    with pytest.raises(MigrationConflictError) as caught:
        await history.upgrade()
    assert await history.dump() == before
    return [str(each) for each in caught.value.conflicts]


async def test_an_unpublished_edit_stays_unpublished(
    published: History, capfd: pytest.CaptureFixture[str]
) -> None:
    published.add('op.save("Hub", {"slug": "the-pond", "name": {"fr": "La Mare"}})', PUBLISH)
    await published.upgrade()
    await edit(published, *HUB, name={"en": "Draft"})
    published.add(FRENCH.replace("base={}", 'base={"name": {"fr": "La Mare"}}'))
    await published.upgrade()
    assert await ask(published.url, LIVE) == {"en": {"name": "The Pond"}, "fr": {"name": "L'Étang"}}
    said = (
        "Hub the-pond: not published in en, nl, because nobody has published the edits of name.en"
    )
    assert said in capfd.readouterr().err
    await move(published, put, HUB)
    assert await ask(published.url, LIVE) == {"en": {"name": "Draft"}, "fr": {"name": "L'Étang"}}


async def test_an_unpublished_edit_stays_unpublished_in_all_later_revisions(
    published: History,
) -> None:
    await edit(published, *HUB, name={"fr": "Ébauche"})
    for number in range(3):
        published.add(
            f'op.save("Hub", {{"slug": "the-pond", "name": {{"en": "Pond {number}"}}}})', PUBLISH
        )
        await published.upgrade()
        live = await ask(published.url, LIVE)
        assert live == {"en": {"name": f"Pond {number}"}, "fr": {"name": "The Pond"}}


@pytest.mark.parametrize("is_of_renamed_type", [False, True])
@pytest.mark.parametrize(
    ("edited", "names", "shown"),
    [
        ({"website": "https://x.example/"}, ("rename_field", "website", "site"), None),
        ({"kind": "CAMPUS"}, ("rename_value", "CAMPUS", "INCUBATOR"), None),
        ({"name": {"fr": "Ébauche"}}, ("rename_locale", "fr", "fr-BE"), "The Pond"),
    ],
)
async def test_an_edit_stays_unpublished_when_what_it_is_in_is_renamed(
    published: History,
    edited: dict[str, Any],
    names: tuple[str, str, str],
    shown: str | None,
    *,
    is_of_renamed_type: bool,
) -> None:
    """By a revision between two that write something else and publish."""
    operation, old, new = names
    type_ = "Space" if is_of_renamed_type else "Hub"
    of = {"rename_field": [type_], "rename_value": [type_, "kind"]}.get(operation, [])
    there, back = (f"op.{operation}{(*of, *each)}" for each in ((old, new), (new, old)))
    if is_of_renamed_type:
        there = f'op.rename_type("Hub", "Space")\n{there}'
        back = f'{back}\nop.rename_type("Space", "Hub")'
    await edit(published, *HUB, **edited)
    was = (await published.content())[HUB]
    published.add('op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})', PUBLISH)
    await published.upgrade()
    before = await published.dump()
    published.add(there, downgrade=back)
    published.add(f"""
        op.save("{type_}", {{"slug": "the-pond", "name": {{"nl": "Vijver"}}}}, base={{}})
        op.publish("{type_}", ["the-pond"])
    """)
    await published.upgrade()
    column = "site" if "website" in edited else next(iter(edited))
    live = f"select {column} from live.{type_.lower()} where locale like 'fr%'"  # noqa: S608
    assert await rows(published.url, live) == [(shown,)]
    await published.downgrade("-2")
    assert await published.dump() == before
    await published.downgrade()
    assert (await published.content())[HUB] == was


async def test_an_edit_without_a_language_is_held_in_all(published: History) -> None:
    await edit(published, *HUB, website="https://example.org/")
    published.add(FRENCH)
    await published.upgrade()
    found = await ask(published.url, '{ hub(slug: "the-pond", locale: "fr") { name website } }')
    assert found == {"hub": {"name": "The Pond", "website": None}}
    assert (await published.content())[HUB]["name"] == {"en": "The Pond", "fr": "L'Étang"}


async def test_an_edit_that_the_revision_replaces_is_not_in_its_way(published: History) -> None:
    await edit(published, *HUB, name={"en": "Draft"})
    published.add("""
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})
        op.publish("Hub", ["the-pond"])
    """)
    assert await conflicts(published) == [
        "Hub the-pond: name.en: base 'The Pond', theirs 'Draft', ours 'Pond'"
    ]
    await published.upgrade(force="ours:Hub/the-pond")
    found = await ask(published.url, LIVE)
    assert found == {"en": {"name": "Pond"}, "fr": {"name": "Pond"}}


async def test_what_an_earlier_revision_left_to_publish_is_published(drafts: History) -> None:
    drafts.add(PUBLISH)
    await drafts.upgrade()
    assert await ask(drafts.url, LIVE) == {"en": {"name": "The Pond"}, "fr": {"name": "The Pond"}}


async def test_an_item_that_only_editors_wrote_is_theirs_to_publish(published: History) -> None:
    await edit(published, "Hub", "new", name={"en": "New"}, location="ghent")
    published.add('op.publish("Hub", ["new"])')
    await published.upgrade()
    assert await ask(published.url, '{ hub(slug: "new") { name } }') == {"hub": None}
    published.add('op.publish("Hub", ["new"], edits="PUBLISH")')
    await published.upgrade()
    assert await ask(published.url, '{ hub(slug: "new") { name } }') == {"hub": {"name": "New"}}


@pytest.mark.parametrize("given", ['edits="ALL"', 'references="PUBLISH_TOO"'])
async def test_a_word_that_is_none_is_refused(published: History, given: str) -> None:
    published.add(f'op.publish("Hub", ["the-pond"], {given})')
    with pytest.raises(GuidepostError, match="is not valid; use"):
        await published.upgrade()


async def test_what_somebody_unpublished_stays_so(
    published: History, capfd: pytest.CaptureFixture[str]
) -> None:
    async def in_french(it: Any, items: Any) -> None:
        await unpublish(it, items, ["fr"])

    await move(published, in_french, HUB)
    published.add("""
        op.save("Hub", {"slug": "the-pond", "website": "https://example.org/"}, base={})
        op.publish("Hub", ["the-pond"])
    """)
    await published.upgrade()
    query = LIVE.replace("name", "website")
    assert await ask(published.url, query) == {
        "en": {"website": "https://example.org/"},
        "fr": None,
    }
    assert "Hub the-pond: stays unpublished in fr" in capfd.readouterr().err
    # The revision in between left it so.
    published.add('op.publish("Hub", ["the-pond"])')
    await published.upgrade()
    assert (await ask(published.url, query))["fr"] is None
    assert "Hub the-pond: stays unpublished in fr" in capfd.readouterr().err
    published.add('op.unpublish("Hub", "the-pond")', 'op.publish("Hub", "the-pond")')
    await published.upgrade()
    assert (await ask(published.url, query))["fr"] is not None
    await published.downgrade()
    assert (await ask(published.url, query))["fr"] is None


async def test_what_the_revision_itself_unpublishes_it_may_publish(published: History) -> None:
    published.add('op.unpublish("Hub", ["the-pond"])', 'op.publish("Hub", ["the-pond"])')
    await published.upgrade()
    assert (await ask(published.url, LIVE))["en"] == {"name": "The Pond"}


async def test_a_function_publishes_no_draft(published: History) -> None:
    await edit(published, *HUB, name={"fr": "Brouillon"})
    published.add(
        'op.transform("Hub", {}, lambda it: {**it, "website": "https://example.org/"})',
    )
    await published.upgrade()
    query = LIVE.replace("name", "name website")
    site = "https://example.org/"
    assert await ask(published.url, query) == {
        "en": {"name": "The Pond", "website": site},
        "fr": {"name": "The Pond", "website": None},
    }


async def test_two_branches_are_in_conflict_in_both_orders(published: History) -> None:
    """The first to come is there; the second one stops, whichever it is."""
    for mine in ("One", "Two"):
        published.add(f"""
            op.save("Hub", {{"slug": "the-pond", "name": {{"en": "{mine}"}}}},
                    base={{"name": {{"en": "The Pond"}}}})
        """)
    assert await conflicts(published) == [
        "Hub the-pond: name.en: base 'The Pond', theirs 'One', ours 'Two'"
    ]


async def test_what_is_disjoint_is_merged(published: History) -> None:
    await edit(published, *HUB, name={"nl": "De Vijver"}, kind="COWORKING")
    published.add("""
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond", "fr": None}, "website": None},
                base={"name": {"en": "The Pond"}})
    """)
    await published.upgrade()
    found = (await published.content())[HUB]
    assert found["name"] == {"en": "Pond", "nl": "De Vijver"}
    assert found["kind"] == "COWORKING"


async def test_all_conflicts_are_said_and_each_item_is_decided(published: History) -> None:
    await edit(published, *HUB, name={"en": "Mine"}, website="https://b.example")
    await edit(published, "Location", "ghent", kind="REGION")
    published.add("""
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}, "website": None},
                base={"name": {"en": "The Pond"}, "website": "https://a.example"})
        op.save("Location", {"slug": "ghent", "kind": "COUNTRY"}, base={"kind": "CITY"})
    """)
    assert await conflicts(published) == [
        "Hub the-pond: name.en: base 'The Pond', theirs 'Mine', ours 'Pond'",
        "Hub the-pond: website: base 'https://a.example', theirs 'https://b.example', ours nothing",
        "Location ghent: kind: base 'CITY', theirs 'REGION', ours 'COUNTRY'",
    ]
    await published.upgrade(force="ours:Location/ghent,theirs")
    content = await published.content()
    assert content[HUB]["name"] == {"en": "Mine"}
    assert content["Location", "ghent"]["kind"] == "COUNTRY"


async def test_an_item_that_is_gone_is_a_conflict(published: History) -> None:
    await move(published, remove, HUB)
    published.add(FRENCH)
    assert await conflicts(published) == [
        "Hub the-pond: the item: base 'there', theirs nothing, ours 'changed'",
        "Hub the-pond: the item: base 'there', theirs nothing, ours 'changed'",
    ]
    before = await published.dump()
    await published.upgrade(force="theirs")
    assert await published.dump() == before
    await published.downgrade()
    await published.upgrade(force="ours")
    assert await ask(published.url, LIVE) == {"en": {"name": "The Pond"}, "fr": {"name": "L'Étang"}}


async def test_an_item_that_somebody_renamed_is_the_same_item(published: History) -> None:
    async with writing(published.url, role=WRITER) as engine, editing(engine, MODEL, "it") as it:
        await rename(it, HUB, "pond")
    published.add(FRENCH)
    await published.upgrade()
    content = await published.content()
    assert content["Hub", "pond"]["name"] == {"en": "The Pond", "fr": "L'Étang"}
    published.add('op.rename("Hub", "the-pond", "lake")')
    assert await conflicts(published) == [
        "Hub the-pond: slug: base 'the-pond', theirs 'pond', ours 'lake'"
    ]
    await published.upgrade(force="theirs")
    assert ("Hub", "pond") in await published.content()


async def test_what_others_deleted_may_be_deleted(published: History) -> None:
    await move(published, remove, HUB)
    published.add('op.delete("Hub", "the-pond")')
    await published.upgrade()


async def test_what_others_edited_is_not_deleted(published: History) -> None:
    await edit(published, *HUB, kind="COWORKING")
    published.add('op.delete("Hub", "the-pond")')
    assert await conflicts(published) == [
        "Hub the-pond: kind: base nothing, theirs 'COWORKING', ours nothing"
    ]
    await published.upgrade(force="theirs")
    assert HUB in await published.content()


async def fallbacks(history: History) -> dict[str, list[str]]:
    found = await rows(history.url, "select code, fallbacks from service.locale order by code")
    return dict(found)


async def test_a_locale_that_is_there_is_fine(published: History) -> None:
    published.add('op.add_locale("de", "en")')
    await published.upgrade()
    await edit(published, *HUB, name={"de": "Teich"})
    await published.downgrade(force="theirs")
    await published.upgrade()
    assert (await published.content())[HUB]["name"] == {"en": "The Pond", "de": "Teich"}
    await published.downgrade()
    assert (await published.content())[HUB]["name"] == {"en": "The Pond", "de": "Teich"}, (
        "it was there before"
    )
    published.add('op.add_locale("de", "nl")')
    assert await conflicts(published) == [
        "locale de: fallback: base nothing, theirs 'en', ours 'nl'"
    ]
    await published.upgrade(force="theirs")
    assert (await fallbacks(published))["de"] == ["en"]
    await published.downgrade()
    await published.upgrade(force="ours:locale/de")
    assert (await fallbacks(published))["de"] == ["nl", "en"]
    await published.downgrade()
    assert (await fallbacks(published))["de"] == ["en"]


async def test_a_slug_that_is_taken_stays_with_who_has_it(published: History) -> None:
    published.add('op.rename("Hub", "the-pond", "pond")', 'op.publish("Hub", ["pond"])')
    await published.upgrade()
    await edit(published, *HUB, name={"en": "Another"}, location="ghent")
    for side in ("ours", None):
        with pytest.raises(MigrationConflictError, match="rename or delete that item first"):
            await published.downgrade(**({"force": side} if side else {}))
    await published.downgrade(force="theirs")
    content = await published.content()
    assert content["Hub", "pond"]["name"] == {"en": "The Pond"}
    assert content[HUB]["name"] == {"en": "Another"}


async def test_bases_and_documents_belong_together(published: History) -> None:
    published.add('op.save("Hub", [{"slug": "a"}, {"slug": "b"}], base=[{}])')
    with pytest.raises(GuidepostError, match="base has 1 documents for 2"):
        await published.upgrade()
