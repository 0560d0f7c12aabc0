"""What `guidepost migrate --plan` says of pending migrations, and that it is what they do."""

from typing import Any

from alembic.script import ScriptDirectory

from service.database.pools import writing
from service.migrations import planning
from service.migrations.content.resolutions import Force
from service.migrations.planning import PlannedRevision, as_json, lines
from tests.databases import rows
from tests.migrations.history import PUBLISH, History
from tests.migrations.test_downgrades import HUB, edit, move, put

SAVED = """
    op.save("Hub", {"slug": "the-pond", "name": {"fr": "L'Étang"}}, base={})
    op.save("Hub", [{"slug": "new", "name": {"en": "New"}, "location": "ghent"}])
    op.publish("Hub", ["the-pond", "new"])
"""


async def planned(history: History, *force: str) -> list[PlannedRevision]:
    """The plan of what is pending; nothing is different after it."""
    before = await history.dump()
    [(found,)] = await rows(history.url, "select version_num from alembic_version")
    async with writing(history.url) as engine:
        plan = await planning.planned(
            engine, ScriptDirectory.from_config(history.config()), found, Force.read(force)
        )
    assert await history.dump() == before
    return plan


def text(plan: list[PlannedRevision]) -> list[str]:
    """The lines of a plan."""
    return [line.plain for line in lines(plan)]


async def test_it_says_what_each_revision_does(published: History) -> None:
    published.add(SAVED)
    published.add("""
        op.rename("Hub", "new", "newer")
        op.transform("Hub", {"slug": "newer"}, lambda it: {**it, "kind": "CAMPUS"})
        op.unpublish("Hub", ["the-pond"])
        op.delete("Hub", "the-pond")
    """)
    assert text(await planned(published)) == [
        "revision r002 (Revision number 2)",
        "~ update Hub the-pond, and publish in fr",
        '    name.fr: "L\'Étang"',
        "+ create Hub new, and publish in en, fr, nl",
        '    name.en: "New"',
        '    location: "ghent"',
        "  readers see a difference on Hub the-pond, Hub new",
        "revision r003 (Revision number 3)",
        "~ update Hub newer, and publish in en, fr, nl",
        '    slug: "new" → "newer"',
        '    kind: "CAMPUS"',
        "- delete Hub the-pond; unpublished in en, fr, nl",
        "  readers see a difference on Hub newer, Hub the-pond",
        "2 migrations, 4 items changed",
    ]


async def test_it_is_what_they_do(published: History) -> None:
    """The copies and the working copy afterwards are those that the plan has said."""
    published.add(SAVED)
    await edit(published, *HUB, name={"en": "Draft"}, website="https://example.org/")
    [plan] = await planned(published)
    await published.upgrade()
    content = await published.content()
    for item in plan.items:
        for path, _, after in item.changes:
            value: Any = content[item.key]
            for name in path:
                value = value.get(name) if value else None
            assert value == after, (item.key, path)
    [the_pond, new] = plan.items
    live = "select distinct locale from live.hub where slug = '{}' and version > 1 order by 1"
    assert await rows(published.url, live.format("the-pond")) == []
    assert (the_pond.published, new.published) == ([], ["en", "fr", "nl"])
    [note] = plan.notes
    assert note.startswith("Hub the-pond: not published in en, fr, nl, because nobody has")


async def test_conflicts_are_named_and_decided(published: History) -> None:
    published.add("""
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}}, base={"name": {"en": "Pool"}})
        op.save("Hub", {"slug": "gone", "name": {"en": "Pond"}}, base={"name": {"en": "Pool"}})
    """)
    [plan] = await planned(published)
    assert [str(each) for each in plan.conflicts] == [
        "Hub the-pond: name.en: base 'Pool', theirs 'The Pond', ours 'Pond'",
        "Hub gone: the item: base 'there', theirs nothing, ours 'changed'",
    ]
    assert text([plan])[-1] == "1 migration, 0 items changed, 2 in conflict"
    [plan] = await planned(published, "ours:Hub/the-pond", "theirs")
    assert (plan.conflicts, [each.key for each in plan.items]) == ([], [HUB])


async def test_pages_are_found_through_lists_that_are_inherited(seeded_history: History) -> None:
    seeded_history.add("""
        op.save("Company", {"slug": "swift", "name": {"en": "Swift SC"}})
        op.publish("Company", "swift")
    """)
    [plan] = await planned(seeded_history)
    assert plan.pages == [
        ("Company", "swift"),
        ("Guide", "recruiting-backend-developers-in-belgium"),
        ("Location", "belgium"),
    ]


async def test_pages_are_found_through_lists_whose_source_is_renamed(
    seeded_history: History,
) -> None:
    seeded_history.add("""
        op.rename_field("Location", "companies", "employers")
        op.rename_field("Guide", "location", "place")
        op.rename_type("Location", "Place")
        op.save("Company", {"slug": "swift", "name": {"en": "Swift SC"}})
        op.publish("Company", "swift")
    """)
    [plan] = await planned(seeded_history)
    assert plan.pages == [
        ("Company", "swift"),
        ("Guide", "recruiting-backend-developers-in-belgium"),
        ("Place", "belgium"),
    ]


async def test_locks_are_named_and_not_taken(published: History) -> None:
    published.add(
        """
        op.add_column("hub", sa.Column("desks", sa.Integer()), schema="draft")
        op.create_index("ix_hub_desks", "hub", ["desks"], schema="draft")
        op.create_table("shed", sa.Column("id", sa.Uuid(), primary_key=True), schema="draft")
        op.create_foreign_key(
            "fk_shed", "shed", "tool", ["id"], ["id"],
            source_schema="draft", referent_schema="draft",
        )
        op.drop_table("skill", schema="live")
        assert op.get_bind().execute(sa.text("select count(*) from draft.hub")).scalar() == 1
        op.get_bind().execute(sa.text("delete from draft.hub"))
        """
    )
    [plan] = await planned(published)
    assert [tuple(each) for each in plan.locks] == [
        ("draft.hub", "ACCESS EXCLUSIVE"),
        ("draft.hub", "SHARE"),
        ("draft.tool", "SHARE ROW EXCLUSIVE"),
        ("live.skill", "ACCESS EXCLUSIVE"),
    ]
    [note] = plan.notes
    assert note.startswith("what else it does is not known, since it needs to write: ")
    assert as_json([plan])["revisions"][0]["statements"][0].startswith("ALTER TABLE draft.hub ADD")


async def test_what_is_published_by_an_earlier_one_counts(drafts: History) -> None:
    drafts.add(PUBLISH)
    drafts.add('op.transform("Hub", {}, lambda it: {**it, "kind": "CAMPUS"})')
    _, last = await planned(drafts)
    assert [each.published for each in last.items] == [["en", "fr", "nl"]]


async def test_an_editors_publishing_is_seen(published: History) -> None:
    await edit(published, *HUB, name={"en": "Edited"})
    await move(published, put, HUB)
    published.add('op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})')
    [plan] = await planned(published)
    assert [str(each) for each in plan.conflicts] == [
        "Hub the-pond: name.en: base 'The Pond', theirs 'Edited', ours 'Pond'"
    ]


RENAMED = """
    op.rename_field("Hub", "website", "site")
    op.save("Hub", {"slug": "the-pond", "site": "https://b.example/"}, base={"site": SITE})
    op.rename_type("Hub", "Place")
    op.rename_field("Place", "site", "url")
    op.rename_value("Place", "kind", "COWORKING", "OFFICE")
    op.transform("Place", {"kind": "OFFICE"}, lambda it: {**it, "url": it["url"] + it["kind"]})
    op.save("Place", [{"slug": "new", "name": {"en": "New"}, "location": "ghent"}])
    op.publish("Place", ["the-pond", "new"])
"""
SITE = "https://a.example/"


async def test_it_follows_renames_of_what_the_database_has(published: History) -> None:
    """In the documents that it reads, and in what it has planned before."""
    await edit(published, *HUB, website=SITE, kind="COWORKING")
    await move(published, put, HUB)
    published.add(RENAMED.replace("SITE", repr(SITE)))
    published.add('op.rename_type("Place", "Hub")', 'op.delete("Hub", "the-pond")')
    first, second = await planned(published)
    assert text([first]) == [
        "revision r002 (Revision number 2)",
        "~ update Place the-pond, and publish in en, fr, nl",
        '    url: "https://a.example/" → "https://b.example/OFFICE"',
        "+ create Place new, and publish in en, fr, nl",
        '    name.en: "New"',
        '    location: "ghent"',
        "  renames Hub.website to site",
        "  renames Hub to Place",
        "  renames Place.site to url",
        "  renames Place.kind COWORKING to OFFICE",
        "  readers see a difference on Place the-pond, Place new",
        "1 migration, 2 items changed",
    ]
    assert [(each.key, each.action.value) for each in second.items] == [(HUB, "delete")]


async def test_a_conflict_has_the_new_name(published: History) -> None:
    await edit(published, *HUB, website="https://c.example/")
    saved = RENAMED.replace("SITE", repr(SITE)).strip().splitlines()[:2]
    published.add(*saved)
    [plan] = await planned(published)
    [conflict] = plan.conflicts
    assert conflict[:3] == ("Hub the-pond", "site", SITE)
    assert conflict[3:5] == ("https://c.example/", "https://b.example/")


async def test_a_rename_of_a_part_and_its_fields_is_followed(seeded_history: History) -> None:
    guide = ("Guide", "recruiting-backend-developers-in-belgium")
    seeded_history.add(f"""
        op.rename_type("SalaryRange", "Pay")
        op.rename_field("Pay", "minimum", "least")
        op.rename_field("Guide", "salary_ranges", "pay")
        op.transform("Guide", {{"slug": {guide[1]!r}}}, lambda it: {{
            **it, "pay": [{{**each, "least": each["least"] - 1}} for each in it["pay"]]
        }})
    """)
    [plan] = await planned(seeded_history)
    [item] = plan.items
    [change] = item.changes
    assert (item.key, change.path) == (guide, ("pay",))
    before, after = ([each["least"] for each in side] for side in change[1:])
    assert after == [each - 1 for each in before]
