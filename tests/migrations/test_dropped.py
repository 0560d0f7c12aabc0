"""What goes with a column or a table comes back with it, in revisions run as generated."""

import re
from pathlib import Path

import pytest
from alembic import command

from service.database.pools import writing
from service.documents.problems import ContentError
from service.editing.deleting import remove
from service.editing.edits import editing
from service.editing.locales import LocaleDefinition, set_locales
from service.errors import GuidepostError
from tests.databases import rows, shape
from tests.migrations.history import History
from tests.migrations.test_autogenerate import body
from tests.migrations.test_downgrades import MODEL, edit, move, put
from tests.migrations.test_older_tables import ADD, MEETUPS, SAVE, TABLES, VALUES
from tests.writing import write

DOCUMENTS = {
    "belgium": """
        type: Location
        slug: belgium
        name: {en: Belgium}
        kind: COUNTRY
        countryCode: BE
    """,
    "ghent": """
        type: Location
        slug: ghent
        name: {en: Ghent}
        kind: CITY
        parent: belgium
    """,
    "pond": """
        type: Hub
        slug: the-pond
        name: {en: The Pond}
        location: ghent
    """,
}
OTHERS = {
    "draft": """
        type: Hub
        slug: a-draft
        name: {en: A}
        location: ghent
        draft: true
    """,
    "sister": """
        type: Hub
        slug: sister
        name: {en: Sister}
        location: ghent
    """,
    "python": """
        type: Tool
        slug: python
        name: {en: Python}
    """,
}
SITE = """
    for schema in ("draft", "live"):
        op.execute(f"alter table {schema}.hub rename website to site")
    op.save("Hub", [
        {"slug": "the-pond", "site": "https://pond.example/"},
        {"slug": "a-draft", "name": {"en": "A"}, "location": "ghent", "site": "https://a.example/"},
    ])
    op.publish("Hub", "the-pond")
"""
"""Tables in which today's `Hub.website` is called `site`."""
CHANGED = """
    op.save("Hub", {"slug": "the-pond", "site": "https://unpublished.example/"})
"""
REQUIRED = """
    for schema in ("draft", "live"):
        op.execute(f"update {schema}.hub set site = 'https://x.example/' where site is null")
        op.alter_column("hub", "site", nullable=False, schema=schema)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents of the places, whose hub has a website."""
    folder = write(tmp_path / "documents", **DOCUMENTS, **OTHERS)
    return write(folder, pond=DOCUMENTS["pond"] + "    website: https://pond.example/\n")


async def there_and_back(history: History, folder: Path, **options: str) -> str:
    """Generate a revision and run it up, down and up again, unedited; what it does."""
    before, there = await history.dump(), await shape(history.url)
    lines = await history.generate(folder, **options)
    await history.upgrade()
    after, shape_after = await history.dump(), await shape(history.url)
    await history.run(command.check)
    await history.downgrade()
    assert await history.dump() == before
    assert await shape(history.url) == there
    await history.upgrade()
    assert await history.dump() == after
    assert await shape(history.url) == shape_after
    await history.downgrade()
    assert await history.dump() == before
    return body(lines)


@pytest.mark.parametrize("required", ["", REQUIRED], ids=["optional", "required"])
async def test_a_field_with_another_name(published: History, folder: Path, required: str) -> None:
    published.add(SITE, CHANGED, required)
    await published.upgrade()
    write(folder, other=DOCUMENTS["pond"].replace("the-pond", "new"))
    await there_and_back(published, folder)


async def test_fields_of_every_kind(published: History, folder: Path) -> None:
    # A check goes with its column, and alembic knows nothing of it.
    unchecked = """
        for schema in ("draft", "live"):
            op.drop_constraint(op.f("ck_hub_ck_mood"), "hub", schema=schema)
    """
    published.add(VALUES, ADD, unchecked, SAVE)
    await published.upgrade()
    await there_and_back(published, folder)


async def test_a_whole_type(published: History, folder: Path) -> None:
    published.add(TABLES, MEETUPS, 'op.save("Meetup", {"slug": "ghent-py", "name": {"nl": "X"}})')
    await published.upgrade()
    await there_and_back(published, folder)


async def test_others_go_on_in_between(published: History, folder: Path) -> None:
    published.add(SITE)
    published.add(TABLES, MEETUPS)
    await published.upgrade()
    await published.generate(folder)
    await published.upgrade()
    await edit(published, "Hub", "the-pond", name={"en": "Edited"})
    await edit(published, "Hub", "new", name={"en": "New"}, location="ghent")
    await move(published, remove, ("Hub", "a-draft"))
    async with writing(published.url) as engine, editing(engine, MODEL, "editor") as it:
        await set_locales(it, {"de": LocaleDefinition("nl")})
    await published.downgrade()
    assert await rows(
        published.url, "select slug::text, name->>'en', site from draft.hub order by 1"
    ) == [
        ("new", "New", None),
        ("the-pond", "Edited", "https://pond.example/"),
    ]
    assert await rows(published.url, "select locale, name, site from live.hub order by 1") == [
        (code, "The Pond", "https://pond.example/") for code in ("de", "en", "fr", "nl")
    ]
    assert await rows(published.url, "select locale, name from live.meetup order by 1") == [
        (code, "Python in Ghent") for code in ("de", "en", "fr", "nl")
    ]


async def test_what_others_published_since_has_an_unpublished_change(published: History) -> None:
    published.add(SITE, CHANGED)
    published.add(
        """
        for schema in ("draft", "live"):
            op.drop_column("hub", "site", schema=schema)
            op.add_column("hub", sa.Column("website", sa.Text()), schema=schema)
        """,
        downgrade="""
        for schema in ("draft", "live"):
            with op.batch_alter_table("hub", schema=schema) as hub:
                hub.drop_column("website")
                hub.add_column(sa.Column("site", sa.Text()))
        """,
    )
    await published.upgrade()
    await move(published, put, ("Hub", "the-pond"), ("Hub", "a-draft"))
    await published.downgrade()
    assert await rows(
        published.url,
        "select d.slug::text, d.site, l.site, d.version - l.version from draft.hub d"
        " join live.hub l using (id) where locale = 'en' order by 1",
    ) == [
        ("a-draft", "https://a.example/", None, 1),
        ("the-pond", "https://unpublished.example/", "https://pond.example/", 1),
    ]


async def test_what_was_made_since_lacks_what_was_required(
    published: History, folder: Path
) -> None:
    published.add(SITE, REQUIRED)
    await published.upgrade()
    await published.generate(folder)
    await published.upgrade()
    await edit(published, "Hub", "new", name={"en": "New"}, location="ghent")
    before = await published.dump()
    with pytest.raises(GuidepostError, match=r"draft.hub.site cannot be required.* value in new;"):
        await published.downgrade()
    assert await published.dump() == before


async def test_what_it_referred_to_is_gone(published: History, tmp_path: Path) -> None:
    published.add(TABLES, MEETUPS)
    await published.upgrade()
    await published.generate(write(tmp_path / "documents", **DOCUMENTS))
    await published.upgrade()
    await move(published, remove, ("Tool", "python"))
    with pytest.raises(GuidepostError, match="in ghent-py, target_id refers to what others have"):
        await published.downgrade()
    assert await rows(published.url, "select to_regclass('draft.meetup')::text") == [(None,)]
    await published.downgrade(force="theirs")
    assert await rows(published.url, "select count(*) from draft.meetup_tools") == [(0,)]
    assert await rows(published.url, "select slug::text from draft.meetup") == [("ghent-py",)]
    await published.upgrade()
    await move(published, remove, ("Hub", "the-pond"))
    with pytest.raises(GuidepostError, match="in ghent-py, hub_id refers to what others have"):
        await published.downgrade()
    await published.downgrade(force="theirs")
    assert await rows(published.url, "select slug::text from draft.meetup") == []


async def test_a_required_field_with_values(published: History, folder: Path) -> None:
    published.add("""
        for schema in ("draft", "live"):
            op.drop_column("hub", "location_id", schema=schema)
            op.drop_column("location", "name", schema=schema)
        op.drop_column("location", "name_locale", schema="live")
    """)
    await published.upgrade()
    written = await there_and_back(published, folder)
    calls = re.findall(r"op\.(\w\w+)\(", written)
    assert list(dict.fromkeys(calls)) == [
        "add_column",
        "create_foreign_key",
        "save",
        "publish",
        "alter_column",
        "create_index",
    ], written


async def test_a_required_field_without_values_is_a_problem(
    published: History, tmp_path: Path
) -> None:
    published.add("""
        for schema in ("draft", "live"):
            op.drop_column("location", "kind", schema=schema)
    """)
    await published.upgrade()
    folder = write(tmp_path / "documents", belgium=DOCUMENTS["belgium"])
    with pytest.raises(ContentError, match="Location ghent: kind is required, and has no value"):
        await published.generate(folder)


async def test_what_was_deleted_beside_a_new_required_field_comes_back(published: History) -> None:
    published.add("""
        op.save("Hub", {"slug": "gone", "name": {"en": "Gone"}, "location": "ghent"})
        op.publish("Hub", "gone")
    """)
    await published.upgrade()
    before = await published.dump()
    published.add(
        """
        for schema in ("draft", "live"):
            op.add_column("hub", sa.Column("desks", sa.Integer()), schema=schema)
        op.save("Hub", {"slug": "the-pond", "desks": 3})
        op.publish("Hub", "the-pond")
        op.delete("Hub", "gone")
        for schema in ("draft", "live"):
            op.alter_column("hub", "desks", nullable=False, schema=schema)
        """,
        downgrade="""
        for schema in ("live", "draft"):
            op.drop_column("hub", "desks", schema=schema)
        """,
    )
    await published.upgrade()
    await published.downgrade()
    assert await published.dump() == before


async def test_what_a_downgrade_publishes_after_it_dropped_a_column_is_published(
    published: History,
) -> None:
    published.add(
        """
        for schema in ("draft", "live"):
            column = sa.Column("signs", sa.Integer(), server_default="0", nullable=False)
            op.add_column("hub", column, schema=schema)
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})
        op.publish("Hub", "the-pond")
        """,
        downgrade="""
        for schema in ("live", "draft"):
            op.drop_column("hub", "signs", schema=schema)
        """,
    )
    behind = "select distinct d.version - l.version from draft.hub d join live.hub l using (id)"
    for _ in range(2):
        await published.upgrade()
        await published.downgrade()
        assert await rows(published.url, behind) == [(0,)]
