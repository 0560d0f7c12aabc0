"""Content operations on tables that are not those of today's declarations.

A database that is made anew goes through every revision, and each finds the tables of its time.
"""

from pathlib import Path

import pytest

from service.errors import GuidepostError
from tests import tokens
from tests.asking import asking
from tests.databases import SEEDS, rows
from tests.migrations.history import History
from tests.writing import write

VALUES = """
    VALUES = {
        "mood": sa.String(64),
        "fee": sa.Numeric(),
        "is_quiet": sa.Boolean(),
        "since": sa.Date(),
        "seen_at": sa.DateTime(timezone=True),
        "address": postgresql.INET(),
    }
"""
"""Columns of all kinds; nothing that can be declared has the last one's type."""
ADD = """
    for schema, type_ in (("draft", postgresql.JSONB()), ("live", sa.Text())):
        op.add_column("hub", sa.Column("nickname", type_), schema=schema)
    op.add_column("hub", sa.Column("intro", postgresql.JSONB()), schema="draft")
    for name in ("intro", "intro_html", "intro_text"):
        op.add_column("hub", sa.Column(name, sa.Text()), schema="live")
    for schema in ("draft", "live"):
        op.add_column("hub", sa.Column("desks", sa.Integer()), schema=schema)
        op.add_column("hub", sa.Column("sister_id", sa.Uuid()), schema=schema)
        op.add_column(
            "hub",
            sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
            schema=schema,
        )
        for name, type_ in VALUES.items():
            op.add_column("hub", sa.Column(name, type_), schema=schema)
        op.create_check_constraint(
            "ck_mood", "hub", "mood in ('CALM', 'LOUD')", schema=schema
        )
    op.create_foreign_key(
        "fk_sister", "hub", "hub", ["sister_id"], ["id"],
        source_schema="draft", referent_schema="draft",
    )
"""
ADD_LOCALES = """
    for name in ("nickname_locale", "intro_locale"):
        op.add_column("hub", sa.Column(name, sa.Text()), schema="live")
"""
DROP = """
    for schema in ("draft", "live"):
        for name in ("nickname", "intro", "desks", "sister_id", "tags", *VALUES):
            op.drop_column("hub", name, schema=schema)
    for name in ("intro_html", "intro_text"):
        op.drop_column("hub", name, schema="live")
"""
SAVE = """
    op.save("Hub", {"slug": "sister", "name": {"en": "Sister"}, "location": "ghent"})
    op.save("Hub", {
        "slug": "the-pond",
        "nickname": {"en": "Pool", "nl": "Poel"},
        "intro": {"en": "*Deep*"},
        "desks": 12,
        "mood": "CALM",
        "fee": 9.5,
        "isQuiet": True,
        "since": "2026-01-31",
        "seenAt": "2026-01-31T08:00:00+00:00",
        "sister": "sister",
        "tags": ["wet"],
    })
    op.publish("Hub", ["the-pond", "sister"])
"""
MOVE = 'op.transform("Hub", {"desks": 12}, moved)'
MOVED = """
    def moved(document):
        assert document["tags"] == ["wet"] and document["sister"] == "sister"
        assert (document["mood"], document["fee"], document["isQuiet"]) == ("CALM", 9.5, True)
        assert document["since"] == "2026-01-31" and "address" not in document
        assert document["seenAt"] == "2026-01-31T08:00:00+00:00"
        document |= {"mood": "LOUD", "since": "2026-02-01"}
        return {**document, "name": document["nickname"], "nickname": None, "desks": 13}
"""

TABLES = """
    keys = {"deferrable": True, "initially": "DEFERRED"}
    def book():
        return [
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("published_at", sa.DateTime(timezone=True)),
        ]
    op.create_table(
        "meetup",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), sa.ForeignKey("draft.hub.id", **keys), nullable=False),
        *book(),
        schema="draft",
    )
    op.create_table(
        "meetup",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("locale", sa.Text(), primary_key=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        *book(),
        schema="live",
    )
    for schema in ("draft", "live"):
        owner, target = [], []
        if schema == "draft":
            owner = [sa.ForeignKey("draft.meetup.id", ondelete="CASCADE", **keys)]
            target = [sa.ForeignKey("draft.tool.id", **keys)]
        op.create_table(
            "meetup_tools",
            sa.Column("owner_id", sa.Uuid(), *owner, primary_key=True),
            sa.Column("position", sa.Integer(), primary_key=True),
            sa.Column("target_id", sa.Uuid(), *target, nullable=False),
            schema=schema,
        )
"""
NO_TABLES = """
    for schema in ("draft", "live"):
        op.drop_table("meetup_tools", schema=schema)
        op.drop_table("meetup", schema=schema)
"""
MEETUPS = """
    op.save("Tool", {"slug": "python", "name": {"en": "Python"}})
    op.publish("Tool", "python")
    op.save("Meetup", {
        "slug": "ghent-py",
        "name": {"en": "Python in Ghent"},
        "hub": "the-pond",
        "tools": ["python"],
    })
    op.publish("Meetup", "ghent-py")
"""

ENTRIES = "select type, id::text, locale, text, vector::text from live.search_entry order by 2, 3"


async def test_columns_that_are_no_more(published: History) -> None:
    published.add(VALUES, ADD, SAVE, downgrade=VALUES + DROP)
    published.add(MOVE, functions=MOVED)
    await published.upgrade("r002")
    [live] = await rows(
        published.url,
        """
        select nickname, intro, intro_html, intro_text, desks, tags, sister_id is not null
        from live.hub where slug = 'the-pond' and locale = 'nl'
        """,
    )
    assert live == ("Poel", "*Deep*", "<p><em>Deep</em></p>", "Deep", 12, ["wet"], True)
    await published.upgrade()
    assert await rows(
        published.url,
        "select name, nickname, desks, mood from live.hub where slug = 'the-pond' order by 1",
    ) == [("Poel", None, 13, "LOUD"), ("Pool", None, 13, "LOUD"), ("Pool", None, 13, "LOUD")]
    after = await published.dump()
    await published.downgrade("r001")
    await published.upgrade()
    assert await published.dump() == after


async def test_what_goes_with_its_column_comes_back_with_it(published: History) -> None:
    published.add(VALUES, ADD, SAVE, downgrade=VALUES + DROP)
    await published.upgrade()
    before = await published.dump()
    published.add(MOVE, VALUES, DROP, downgrade=VALUES + ADD, functions=MOVED)
    await published.upgrade()
    async with asking(published.url) as asker:
        found = await asker('{ hub(slug: "the-pond") { name } }')
    assert found == {"hub": {"name": "Pool"}}
    await published.downgrade()
    assert await published.dump() == before


ORPHANS = {
    "a text without its locale": (
        [("draft", "nickname"), ("live", "nickname")],
        ["nickname_locale"],
    ),
    "a rich text without its forms": (
        [("draft", "intro"), ("live", "intro")],
        ["intro_html", "intro_text", "intro_locale"],
    ),
    "a text of the working copy only": (
        [("draft", "nickname")],
        ["nickname", "nickname_locale"],
    ),
    "a text of the live copy only": (
        [("live", "nickname")],
        ["nickname_locale"],
    ),
    "a declared text without its locale": (
        [("draft", "seo_title"), ("live", "seo_title")],
        ["seo_title_locale"],
    ),
}
"""Columns that a revision drops, and those of the live copy that it leaves."""


@pytest.mark.parametrize(("dropped", "left"), ORPHANS.values(), ids=ORPHANS)
async def test_what_is_left_of_a_dropped_text_is_not_published(
    published: History, dropped: list[tuple[str, str]], left: list[str]
) -> None:
    names = {"draft": "postgresql.JSONB()", "live": "sa.Text()"}
    published.add(VALUES, ADD, ADD_LOCALES, SAVE, downgrade="pass")
    await published.upgrade()
    before = await published.dump()
    [table] = {"guide" if name.startswith("seo") else "hub" for _, name in dropped}
    published.add(
        *(f"op.drop_column({table!r}, {name!r}, schema={schema!r})" for schema, name in dropped),
        downgrade="\n".join(
            f"op.add_column({table!r}, sa.Column({name!r}, {names[schema]}), schema={schema!r})"
            for schema, name in dropped
        ),
    )
    published.add("""
        op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}})
        op.save("Role", {"slug": "dev", "name": {"en": "Dev"}, "plural": {"en": "Devs"}})
        op.save("Guide", {
            "slug": "devs-in-ghent", "title": {"en": "Devs"}, "role": "dev", "location": "ghent",
        })
        op.publish("Role", ["dev"])
        op.publish("Hub", ["the-pond"])
        op.publish("Guide", ["devs-in-ghent"])
        op.add_locale("de", "en")
        op.save("Hub", {"slug": "the-pond", "name": {"de": "Teich"}}, base={})
        op.publish("Hub", ["the-pond"])
    """)
    await published.upgrade()
    found = "select name from live.hub where slug = 'the-pond' and locale = 'de'"
    assert await rows(published.url, found) == [("Teich",)]
    new = f"select {', '.join(left)} from live.{table} where locale = 'de'"  # noqa: S608
    assert {*await rows(published.url, new)} == {(None,) * len(left)}
    await published.downgrade("-2")
    assert await published.dump() == before


async def test_a_type_that_is_no_more(published: History) -> None:
    before = await published.dump()
    published.add(TABLES, downgrade=NO_TABLES)
    published.add(MEETUPS)
    await published.upgrade()
    there = await published.dump()
    assert await rows(published.url, "select name from live.meetup where locale = 'fr'") == [
        ("Python in Ghent",)
    ]
    published.add('op.delete("Meetup", "ghent-py")\n', NO_TABLES, downgrade=TABLES)
    await published.upgrade()
    await published.downgrade()
    assert await published.dump() == there
    await published.downgrade("r001")
    assert await published.dump() == before


async def test_what_is_dropped_is_not_found(published: History, tmp_path: Path) -> None:
    published.add(VALUES, ADD, SAVE, downgrade=VALUES + DROP)
    published.add(TABLES, MEETUPS)
    published.add(
        """
        op.add_column("tool", sa.Column("motto", sa.Text()), schema="draft")
        op.add_column("tool", sa.Column("motto", sa.Text()), schema="live")
        op.save("Tool", {"slug": "python", "motto": "Undisturbed"})
        op.publish("Tool", "python")
        """,
        downgrade="""
        op.drop_column("tool", "motto", schema="draft")
        op.drop_column("tool", "motto", schema="live")
        """,
    )
    await published.upgrade()
    there = await rows(published.url, ENTRIES)
    before = "".join(each[3] for each in there)
    words = ("Poel", "Deep", "Sister", "Meetup", "Python in Ghent", "Undisturbed", "The Pond")
    found = [word for word in words if word in before]
    assert found == ["Poel", "Deep", "Sister", "Python in Ghent", "Undisturbed", "The Pond"]

    belgium = """
        type: Location
        slug: belgium
        name: {en: Belgium}
        kind: COUNTRY
        countryCode: BE
    """
    await published.generate(write(tmp_path / "documents", belgium=belgium))
    await published.upgrade()
    shown = await rows(published.url, ENTRIES)
    assert {each[0] for each in shown} == {"hub", "location", "tool"}
    after = "\n".join(each[3] for each in shown)
    assert [word for word in words if word in after] == ["Sister", "The Pond"]
    assert [word for word in ("poel", "deep", "undisturbed") if f"'{word}" in str(shown)] == []
    token = await tokens.make(published.url)
    async with asking(published.url) as asker:
        asker.http.headers["Authorization"] = f"Bearer {token}"
        for stage in ("LIVE", "DRAFT"):
            for word, hits in (("deep", []), ("poel", []), ("sister", ["sister"])):
                query = '{ search(text: "%s", stage: %s) { nodes { ... on Hub { slug } } } }'
                nodes = [{"slug": slug} for slug in hits]
                answer = await asker.answer(query % (word, stage))
                assert answer["data"] == {"search": {"nodes": nodes}}

    await published.downgrade()
    assert await rows(published.url, ENTRIES) == there
    await rows(published.url, "update live.search_entry set text = 'a motto'")
    await published.downgrade()
    rest = "\n".join(each[3] for each in await rows(published.url, ENTRIES))
    assert [word for word in (*words, "motto") if word in rest] == [
        word for word in found if word != "Undisturbed"
    ]


async def test_what_is_added_is_found_as_it_is_inherited(seeded_history: History) -> None:
    before = await rows(seeded_history.url, ENTRIES)
    seeded_history.add("""
        op.drop_column("guide", "tech_scene", schema="draft")
        for name in ("tech_scene", "tech_scene_html", "tech_scene_text"):
            op.drop_column("guide", name, schema="live")
    """)
    await seeded_history.upgrade()
    assert await rows(seeded_history.url, ENTRIES) != before
    await seeded_history.generate(SEEDS)
    await seeded_history.upgrade()
    assert await rows(seeded_history.url, ENTRIES) == before


async def test_a_list_that_begins_to_inherit_keeps_its_entries(published: History) -> None:
    published.add("""
        op.save("Location", {"slug": "ghent", "hubs": ["the-pond"]})
        op.publish("Location", "ghent")
        op.add_column("location", sa.Column("hubs_owner_id", sa.Uuid()), schema="live")
    """)
    await published.upgrade()
    assert await rows(
        published.url,
        "select distinct slug, hubs_owner_id = id from live.location order by 1",
    ) == [("belgium", None), ("ghent", True)]


async def test_a_list_that_no_longer_inherits_is_published(published: History) -> None:
    published.add("""
        op.add_column("location", sa.Column("hubs_owner_id", sa.Uuid()), schema="live")
        op.save("Location", {"slug": "ghent", "hubs": ["the-pond"]})
        op.publish("Location", ["belgium", "ghent"])
    """)
    await published.upgrade()
    assert await rows(
        published.url,
        "select slug, hubs_owner_id = id from live.location where locale = 'en' order by 1",
    ) == [("belgium", None), ("ghent", True)]


async def test_a_required_column_that_the_migration_adds(published: History) -> None:
    before = await published.dump()
    published.add(
        """
        for schema in ("draft", "live"):
            op.add_column("hub", sa.Column("desks", sa.Integer()), schema=schema)
        op.transform("Hub", {}, lambda document: {**document, "desks": 3})
        for schema in ("draft", "live"):
            op.alter_column("hub", "desks", nullable=False, schema=schema)
        op.save("Hub", {"slug": "new", "name": {"en": "New"}, "location": "ghent", "desks": 1})
        """,
        downgrade="""
        for schema in ("draft", "live"):
            op.drop_column("hub", "desks", schema=schema)
        """,
    )
    await published.upgrade()
    published.add('op.save("Hub", {"slug": "none", "name": {"en": "None"}, "location": "ghent"})')
    with pytest.raises(GuidepostError, match="desks: is missing"):
        await published.upgrade()
    await published.downgrade()
    assert await published.dump() == before


async def test_todays_field_is_no_field_before_its_column(history: History) -> None:
    history.add("""
        for schema in ("draft", "live"):
            op.drop_column("hub", "website", schema=schema)
        op.save("Location", {"slug": "ghent", "name": {"en": "Ghent"}, "kind": "CITY"})
        op.save("Hub", {"slug": "a", "name": {"en": "A"}, "location": "ghent"})
        op.publish("Location", "ghent")
        op.publish("Hub", "a")
        op.add_column("hub", sa.Column("website", sa.Text()), schema="draft")
        op.add_column("hub", sa.Column("website", sa.Text()), schema="live")
        op.save("Hub", {"slug": "a", "website": "https://example.org/"})
        op.publish("Hub", "a")
    """)
    await history.upgrade()
    async with asking(history.url) as asker:
        found = await asker('{ hub(slug: "a") { name website } }')
    assert found == {"hub": {"name": "A", "website": "https://example.org/"}}


async def test_what_only_one_may_have_any_number_may_lack(history: History) -> None:
    history.add("""
        for schema in ("draft", "live"):
            op.alter_column("guide", "role_id", nullable=True, schema=schema)
            op.alter_column("salary_range", "level", nullable=True, schema=schema)
        def guide(slug, **more):
            return {"slug": slug, "title": {"en": slug}, "location": "ghent", **more}
        pay = {"minimum": 1, "maximum": 2, "currency": "EUR", "period": "DAY", "basis": "NET"}
        op.save("Location", {"slug": "ghent", "name": {"en": "Ghent"}, "kind": "CITY"})
        op.save("Role", {"slug": "tester", "name": {"en": "Tester"}, "plural": {"en": "Testers"}})
        op.save("Guide", guide("a", salaryRanges=[pay, pay]))
        op.save("Guide", [guide("b"), guide("c"), guide("d", role="tester")])
        op.publish("Location", "ghent")
        op.publish("Role", "tester")
        op.publish("Guide", ["a", "b", "c", "d"])
    """)
    await history.upgrade()
    assert await rows(
        history.url, "select slug, role_id is null from live.guide where locale = 'en' order by 1"
    ) == [("a", True), ("b", True), ("c", True), ("d", False)]
    history.add("""
        op.save("Guide", [
            {"slug": "a", "role": "tester"},
            {"slug": "b", "title": {"en": "Still without"}},
        ])
    """)
    with pytest.raises(
        GuidepostError, match="d already has this role and location; only one Guide"
    ):
        await history.upgrade()
