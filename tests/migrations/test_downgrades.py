"""What a downgrade puts back, and what it does where somebody edited the same since."""

from collections.abc import Sequence
from typing import Any

import pytest

from schema.editing import Mode, UnpublishedReferences
from schema.model import content_model
from service.database.pools import writing
from service.documents import store
from service.documents.unchecked import UncheckedDocument
from service.editing.deleting import remove
from service.editing.edits import editing
from service.editing.publishing import publish
from service.editing.saving import Save, save
from service.editing.unpublishing import unpublish
from service.errors import GuidepostError
from service.migrations.content.resolutions import MigrationConflictError
from service.roles import WRITER
from tests.databases import rows
from tests.migrations.history import PUBLISH, History, ask

HUB = ("Hub", "the-pond")
MODEL = content_model()


async def edit(history: History, type_: str, slug: str, **values: Any) -> None:
    """Save something as an editor does."""
    async with writing(history.url, role=WRITER) as engine, editing(engine, MODEL, "editor") as it:
        await save(
            it, [Save(UncheckedDocument({"type": type_, "slug": slug, **values}), Mode.MERGE)]
        )


async def move(history: History, way: Any, *keys: tuple[str, str]) -> None:
    """Publish, unpublish or delete as an editor does."""
    async with writing(history.url, role=WRITER) as engine, editing(engine, MODEL, "editor") as it:
        await way(it, await store.ids(it.connection, MODEL, keys))


async def put(it: Any, items: Any) -> None:
    """Publish, and leave pending what has to be."""
    await publish(it, items, UnpublishedReferences.LEAVE_PENDING)


async def there_and_back(history: History, *upgrade: str, **options: str) -> None:
    """Run a revision up and down; both copies are as before."""
    before = await history.dump()
    revision = history.add(*upgrade)
    await history.upgrade(**options)
    assert await history.dump() != before
    await history.downgrade()
    assert await history.dump() == before
    images = "select * from service.before_image where migration = $1"
    assert await rows(history.url, images, revision) == []


async def conflicts(history: History) -> Sequence[str]:
    """The conflicts that a downgrade stops at; it has changed nothing."""
    before = await history.dump()
    with pytest.raises(MigrationConflictError) as caught:
        await history.downgrade()
    assert await history.dump() == before
    assert "`alembic -x force=theirs downgrade …`" in str(caught.value)
    return [str(each) for each in caught.value.conflicts]


ANY = {
    "a text": 'op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond", "nl": "Vijver"}})',
    "relations": 'op.save("Location", {"slug": "ghent", "hubs": ["the-pond"], "parent": None})',
    "a new item": 'op.save("Hub", {"slug": "new", "name": {"en": "New"}, "location": "ghent"})',
    "a deleted item": 'op.delete("Hub", "the-pond")',
    "two deleted items": """
        op.delete("Hub", "the-pond")
        op.delete("Location", "ghent")
    """,
    "a slug": 'op.rename("Location", "ghent", "gent")',
    "a locale": 'op.add_locale("de", "en")',
    "a text in a new locale": """
        op.add_locale("de", "en")
        op.save("Hub", {"slug": "the-pond", "name": {"de": "Teich"}})
    """,
    "many": 'op.transform("Location", {}, lambda it: {**it, "name": {"en": it["slug"]}})',
    "a slug that another item has for a while": """
        op.rename("Hub", "the-pond", "old")
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Other"}, "location": "ghent"})
    """,
    "a slug that several items have, one after the other": """
        op.save("Hub", {"slug": "a", "name": {"en": "One"}, "location": "ghent"})
        op.rename("Hub", "a", "b")
        op.save("Hub", {"slug": "a", "name": {"en": "Two"}, "location": "ghent"})
        op.rename("Hub", "b", "c")
        op.delete("Hub", "a")
        op.save("Hub", {"slug": "a", "name": {"en": "Three"}, "location": "ghent"})
    """,
    "an item that is made again": """
        op.delete("Hub", "the-pond")
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Again"}, "location": "ghent"})
    """,
}
PUBLISHED = {
    "a slug, published": """
        op.rename("Location", "ghent", "gent")
        op.publish("Location", ["gent"])
    """,
    "what is not published any more": """
        op.unpublish("Hub", "the-pond")
        op.unpublish("Location", "ghent")
    """,
    "an item that is made again, published": """
        op.delete("Hub", "the-pond")
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Again"}, "location": "ghent"})
        op.publish("Hub", "the-pond")
    """,
    "what is new and needed by what was there": """
        op.save("Location", {"slug": "aalst", "name": {"en": "Aalst"}, "kind": "CITY"})
        op.publish("Location", "aalst")
        op.save("Hub", {"slug": "the-pond", "location": "aalst"})
        op.publish("Hub", "the-pond")
    """,
}


@pytest.mark.parametrize("name", ANY)
async def test_what_was_a_draft_is_one_again(drafts: History, name: str) -> None:
    await there_and_back(drafts, ANY[name])


@pytest.mark.parametrize("is_edited", [False, True], ids=["published", "edited since"])
@pytest.mark.parametrize("name", [*ANY, *PUBLISHED])
async def test_what_was_published_is_as_it_was(
    published: History, name: str, is_edited: bool
) -> None:
    if is_edited:
        await edit(published, *HUB, name={"en": "Edited"})
        await edit(published, "Location", "ghent", name={"en": "Edited"})
    await there_and_back(published, {**ANY, **PUBLISHED}[name], force="ours")


async def test_an_edit_of_something_else_stays(published: History) -> None:
    published.add('op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})', PUBLISH)
    await published.upgrade()
    await edit(published, *HUB, name={"nl": "Vijver"}, kind="COWORKING")
    await published.downgrade()
    content = await published.content()
    assert content[HUB]["name"] == {"en": "The Pond", "nl": "Vijver"}
    assert content[HUB]["kind"] == "COWORKING"
    assert content[HUB]["draft"] is True, "the edit was never published"
    query = '{ hub(slug: "the-pond", locale: "nl") { name kind } }'
    assert await ask(published.url, query) == {"hub": {"name": "The Pond", "kind": None}}


async def test_an_edit_that_was_published_stays_published(published: History) -> None:
    published.add('op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})', PUBLISH)
    await published.upgrade()
    await edit(published, *HUB, name={"nl": "Vijver"})
    await move(published, put, HUB)
    await published.downgrade()
    query = (
        '{ en: hub(slug: "the-pond") { name } nl: hub(slug: "the-pond", locale: "nl") { name } }'
    )
    assert await ask(published.url, query) == {"en": {"name": "The Pond"}, "nl": {"name": "Vijver"}}


async def test_a_conflict_stops_it_and_is_decided(published: History) -> None:
    published.add("""
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond", "nl": "Vijver"}})
        op.save("Location", {"slug": "ghent", "kind": "REGION"})
    """)
    await published.upgrade()
    await edit(published, *HUB, name={"en": "Mine"}, website="https://example.org/")
    await edit(published, "Location", "ghent", kind="COUNTRY")
    assert await conflicts(published) == [
        "Hub the-pond: name.en: base 'Pond', theirs 'Mine', ours 'The Pond'",
        "Location ghent: kind: base 'REGION', theirs 'COUNTRY', ours 'CITY'",
    ]
    await published.downgrade(force="theirs")
    content = await published.content()
    assert content[HUB]["name"] == {"en": "Mine"}
    assert content[HUB]["website"] == "https://example.org/"
    assert content["Location", "ghent"]["kind"] == "COUNTRY"


async def test_ours_is_what_was_before(drafts: History) -> None:
    drafts.add('op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})')
    await drafts.upgrade()
    await edit(drafts, *HUB, name={"en": "Mine"}, website="https://example.org/")
    await drafts.downgrade(force="ours")
    content = await drafts.content()
    assert content[HUB]["name"] == {"en": "The Pond"}
    assert content[HUB]["website"] == "https://example.org/"


async def test_what_was_made_and_edited_since_is_a_conflict(drafts: History) -> None:
    await edit(drafts, *HUB, name={"en": "Mine"})
    assert await conflicts(drafts) == [
        "Hub the-pond: name.en: base 'The Pond', theirs 'Mine', ours nothing"
    ]
    await drafts.downgrade(force="theirs")
    assert {*await drafts.content()} == {
        HUB,
        ("Location", "ghent"),
        ("Location", "belgium"),
    }, "what it refers to stays, too"


async def test_what_was_made_and_edited_since_goes_if_told(drafts: History) -> None:
    await edit(drafts, *HUB, name={"en": "Mine"})
    await drafts.downgrade(force="ours")
    assert await drafts.content() == {}


async def test_what_was_made_and_is_used_since_is_a_conflict(drafts: History) -> None:
    drafts.add('op.save("Location", {"slug": "aalst", "name": {"en": "Aalst"}, "kind": "CITY"})')
    await drafts.upgrade()
    await edit(drafts, *HUB, location="aalst")
    [conflict] = await conflicts(drafts)
    assert "Location aalst: the Hub the-pond refers to it in its location" in conflict
    await drafts.downgrade(force="theirs")
    assert (await drafts.content())[HUB]["location"] == "aalst"


async def test_what_was_published_again_since_is_a_conflict(drafts: History) -> None:
    drafts.add(PUBLISH)
    await drafts.upgrade()
    await edit(drafts, *HUB, name={"en": "Mine"})
    await move(drafts, put, HUB)
    assert await conflicts(drafts) == [
        "Hub the-pond: status: base 'PUBLISHED', theirs 'published again', ours 'DRAFT'"
    ]
    with pytest.raises(GuidepostError, match="is published; unpublish that too"):
        await drafts.downgrade(force="theirs")
    await drafts.downgrade(force="ours")
    assert await ask(drafts.url, '{ hub(slug: "the-pond") { slug } }') == {"hub": None}
    assert (await drafts.content())[HUB]["name"] == {"en": "Mine"}


async def test_what_was_deleted_and_made_anew_since_is_a_conflict(drafts: History) -> None:
    drafts.add('op.delete("Hub", "the-pond")')
    await drafts.upgrade()
    await edit(drafts, *HUB, name={"en": "Mine"}, location="belgium")
    [conflict] = await conflicts(drafts)
    assert conflict == (
        "Hub the-pond: slug: base nothing, theirs \"another item's\", ours 'the-pond'; rename or "
        "delete that item first, or keep it with `-x force=theirs`"
    )
    await drafts.downgrade(force="theirs")
    assert (await drafts.content())[HUB]["name"] == {"en": "Mine"}


async def test_what_was_changed_and_deleted_since_is_a_conflict(drafts: History) -> None:
    drafts.add('op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})')
    await drafts.upgrade()
    await move(drafts, remove, HUB)
    assert await conflicts(drafts) == [
        "Hub the-pond: the item: base 'there', theirs nothing, ours 'changed'"
    ]
    await drafts.downgrade(force="ours")
    assert (await drafts.content())[HUB]["name"] == {"en": "The Pond"}


ADD = """
    for schema in ("draft", "live"):
        op.add_column("hub", sa.Column("desks", sa.Integer()), schema=schema)
"""
DROP = """
    for schema in ("draft", "live"):
        op.drop_column("hub", "desks", schema=schema)
"""
FILL = 'op.save("Hub", {"slug": "the-pond", "desks": 5})'


@pytest.mark.parametrize("options", [{}, {"force": "theirs"}, {"force": "ours"}])
async def test_what_only_got_new_fields_and_was_deleted_since_stays_deleted(
    drafts: History, options: dict[str, str]
) -> None:
    """What goes with the fields is all that the migration has changed."""
    drafts.add(ADD, FILL, downgrade=DROP)
    await drafts.upgrade()
    await move(drafts, remove, HUB)
    await drafts.downgrade(**options)
    assert HUB not in await drafts.content()


async def test_what_got_new_fields_and_values_and_was_deleted_since_is_a_conflict(
    drafts: History,
) -> None:
    """Also where it had nothing before in a field that stays."""
    website = FILL.replace('"desks"', '"website": "https://a.example/", "desks"')
    drafts.add(ADD, website, downgrade=DROP)
    await drafts.upgrade()
    await move(drafts, remove, HUB)
    assert await conflicts(drafts) == [
        "Hub the-pond: the item: base 'there', theirs nothing, ours 'changed'"
    ]
    await drafts.downgrade(force="ours")
    assert "website" not in (await drafts.content())[HUB]


async def test_texts_in_a_locale_that_goes_are_a_conflict(published: History) -> None:
    published.add('op.add_locale("de", "en")')
    await published.upgrade()
    await edit(published, *HUB, name={"de": "Teich"})
    await move(published, put, HUB)
    assert await conflicts(published) == [
        "Hub the-pond: texts in de: base nothing, theirs 'there', ours nothing"
    ]
    await published.downgrade(force="ours")
    content = await published.content()
    assert content[HUB] == {**content[HUB], "name": {"en": "The Pond"}}
    assert "draft" not in content[HUB]


async def test_several_revisions_are_taken_back_one_after_the_other(published: History) -> None:
    before = await published.dump()
    published.add('op.save("Hub", {"slug": "the-pond", "name": {"en": "One"}})')
    published.add('op.rename("Hub", "the-pond", "pond")', 'op.publish("Hub", "pond")')
    published.add('op.save("Hub", {"slug": "pond", "name": {"en": "Two"}})')
    published.add('op.delete("Hub", "pond")')
    await published.upgrade()
    await published.downgrade("-4")
    assert await published.dump() == before


async def test_a_word_that_is_none_is_refused(drafts: History) -> None:
    with pytest.raises(GuidepostError, match=r"force=mine is not valid; use force=theirs"):
        await drafts.downgrade(force="mine")


async def test_unpublishing_what_was_published_since_is_left(published: History) -> None:
    published.add('op.unpublish("Hub", "the-pond")')
    await published.upgrade()
    await edit(published, *HUB, name={"en": "Mine"})
    await move(published, put, HUB)
    await published.downgrade()
    assert await ask(published.url, '{ hub(slug: "the-pond") { name } }') == {
        "hub": {"name": "Mine"}
    }
    await move(published, unpublish, HUB)


async def test_a_downgrade_after_that_of_what_published_it_again(drafts: History) -> None:
    await drafts.upgrade()
    before = await drafts.dump()
    drafts.add(PUBLISH)
    drafts.add('op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})', PUBLISH)
    await drafts.upgrade()
    await drafts.downgrade()
    await drafts.downgrade()
    assert await drafts.dump() == before


async def test_a_list_that_was_empty_is_empty_again(published: History) -> None:
    published.add('op.save("Company", {"slug": "acme", "name": {"en": "Acme"}})')
    await published.upgrade()
    await there_and_back(published, 'op.save("Company", {"slug": "acme", "sectors": ["Banking"]})')


GUIDES = """
    for name in ("backend", "frontend"):
        op.save("Role", {"slug": name, "name": {"en": name}, "plural": {"en": name}})
    guide = {"slug": "one", "title": {"en": "One"}, "role": "backend", "location": "ghent"}
    op.save("Guide", guide)
    op.publish("Role", ["backend", "frontend"])
    op.publish("Guide", "one")
"""
TAKING = {
    "an item that was a draft": (
        'op.save("Guide", {**guide, "slug": "two", "role": "frontend"})',
        """
        op.save("Guide", [{"slug": "one", "role": "frontend"}, {"slug": "two", "role": "backend"}])
        op.publish("Guide", ["one", "two"])
        """,
    ),
    "an item that the migration has made": (
        "",
        """
        op.save("Guide", {"slug": "one", "role": "frontend"})
        op.save("Guide", {
            "slug": "two", "title": {"en": "Two"}, "role": "backend", "location": "ghent",
        })
        op.publish("Guide", ["one", "two"])
        """,
    ),
}
"""Before and in a revision after which another guide is live with the role of a guide."""


@pytest.mark.parametrize(("before", "taking"), TAKING.values(), ids=TAKING)
async def test_what_is_unique_comes_back_also_if_another_item_is_live_with_it(
    published: History, before: str, taking: str
) -> None:
    published.add(GUIDES, before)
    await published.upgrade()
    await there_and_back(published, taking)
