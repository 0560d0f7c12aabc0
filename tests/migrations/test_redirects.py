"""Slugs that items were published under before: they lead to the items still."""

from typing import Any
from uuid import uuid4

from service.access import Scope
from tests.databases import rows
from tests.editing import editing_app
from tests.migrations.history import PLACES, PUBLISH, History, ask

RENAME = """
    op.rename("Location", "ghent", "gent")
    op.publish("Location", "gent")
"""
QUERY = """query($slug: String!, $stage: Stage) {
    location(slug: $slug, stage: $stage) { slug formerSlugs hubs { slug } }
}"""
HERE = {"location": {"slug": "gent", "formerSlugs": ["ghent"], "hubs": []}}


async def read(history: History, slug: str, stage: str = "LIVE") -> Any:
    """What a slug leads to."""
    name = f"reader {uuid4()}"
    async with editing_app(history.url, Scope.READ, Scope.PREVIEW, name=name) as reader:
        return await reader(QUERY, slug=slug, stage=stage)


async def test_an_old_slug_leads_to_the_item(history: History) -> None:
    history.add(PLACES, PUBLISH, RENAME)
    await history.upgrade()
    assert await read(history, "gent") == HERE
    assert await read(history, "ghent") == HERE
    assert await read(history, "aalst") == {"location": None}


async def test_a_slug_that_was_never_published_leads_nowhere(history: History) -> None:
    history.add(PLACES, 'op.rename("Location", "ghent", "gent")')
    history.add(PUBLISH.replace('"ghent"', '"gent"'))
    await history.upgrade()
    assert await read(history, "ghent") == {"location": None}
    assert (await read(history, "gent"))["location"]["formerSlugs"] == []


async def test_a_preview_has_it_before_it_is_published(history: History) -> None:
    history.add(PLACES, PUBLISH, 'op.rename("Location", "ghent", "gent")')
    await history.upgrade()
    assert await read(history, "ghent", "DRAFT") == HERE
    assert (await read(history, "ghent"))["location"]["slug"] == "ghent"
    assert await read(history, "gent") == {"location": None}
    history.add('op.publish("Location", "gent")')
    await history.upgrade()
    for stage in ("LIVE", "DRAFT"):
        for slug in ("gent", "ghent"):
            assert await read(history, slug, stage) == HERE


async def test_another_item_may_take_the_slug(history: History) -> None:
    history.add(PLACES, PUBLISH, RENAME)
    history.add("""
        op.save("Location", {"slug": "ghent", "name": {"en": "Ghent, Kentucky"}, "kind": "CITY"})
    """)
    await history.upgrade()
    assert await read(history, "ghent") == HERE, "it is not published yet"
    assert (await read(history, "ghent", "DRAFT"))["location"]["slug"] == "ghent"
    assert (await read(history, "gent", "DRAFT"))["location"]["formerSlugs"] == []
    history.add('op.publish("Location", "ghent")')
    await history.upgrade()
    assert (await read(history, "ghent"))["location"]["slug"] == "ghent"
    assert (await read(history, "gent"))["location"]["formerSlugs"] == []


async def test_slugs_that_change_places(published: History) -> None:
    published.add("""
        op.rename("Location", "ghent", "other")
        op.rename("Location", "belgium", "ghent")
        op.rename("Location", "other", "belgium")
        op.publish("Location", ["ghent", "belgium"])
    """)
    await published.upgrade()
    query = '{ location(slug: "ghent") { name formerSlugs } }'
    assert await ask(published.url, query) == {"location": {"name": "Belgium", "formerSlugs": []}}


async def test_it_goes_with_the_item(published: History) -> None:
    published.add('op.rename("Hub", "the-pond", "pond")', 'op.publish("Hub", "pond")')
    published.add('op.unpublish("Hub", "pond")')
    await published.upgrade()
    assert await ask(published.url, '{ hub(slug: "the-pond") { slug } }') == {"hub": None}
    published.add('op.delete("Hub", "pond")')
    await published.upgrade()
    assert await rows(published.url, "select * from live.redirect") == []


async def test_it_can_be_filtered_by(history: History) -> None:
    history.add(PLACES, PUBLISH, RENAME)
    await history.upgrade()
    query = '{ locations(where: { formerSlugs: { has: "ghent" } }) { nodes { slug } } }'
    assert await ask(history.url, query) == {"locations": {"nodes": [{"slug": "gent"}]}}
