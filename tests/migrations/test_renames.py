"""Renames in declarations, which autogenerate turns into renames of what is there."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command

from schema.entities.fields import RENAMED_NAMES
from schema.entities.hub import HubKind
from schema.model import Model, content_model
from tests.databases import rows, shape
from tests.migrations.history import History
from tests.migrations.test_autogenerate import body
from tests.migrations.test_dropped import DOCUMENTS
from tests.writing import write

OLD = """
    op.save("Hub", {"slug": "the-pond", "website": "https://pond.example/", "kind": "CAMPUS"})
    op.save("University", {"slug": "ugent", "name": {"en": "UGent"}, "location": "ghent"})
    op.save("Location", {
        "slug": "ghent",
        "hubs": ["the-pond"],
        "universities": ["ugent"],
        "techScene": {"en": "*Rich*"},
    })
    op.publish("University", "ugent")
    op.publish("Location", ["belgium", "ghent"])
    op.publish("Hub", "the-pond")
    op.rename("University", "ugent", "ghent-u")
    op.publish("University", "ghent-u")
    op.save("Hub", {"slug": "the-pond", "website": "https://edit.example/"})
    op.rename_field("Hub", "website", "site")
    op.rename_field("Hub", "location", "town")
    op.rename_field("Location", "hubs", "spaces")
    op.rename_field("Location", "tech_scene", "scene")
    op.rename_type("University", "College")
"""
"""Tables in which today's types, fields and values have other names."""
BEFORE = [
    "update draft.hub set kind = 'YARD'",
    "update live.hub set kind = 'YARD'",
    "update service.revision set document = replace(document::text, 'CAMPUS', 'YARD')::jsonb",
    "update service.revision set changes = replace(changes::text, 'CAMPUS', 'YARD')::jsonb",
    "update service.before_image set after = replace(after::text, 'CAMPUS', 'YARD')::jsonb",
]
"""A database in which today's `CAMPUS` is called `YARD`."""
RENAMES = [
    'op.rename_type("College", "University")',
    'op.rename_field("Hub", "site", "website")',
    'op.rename_field("Hub", "town", "location")',
    'op.rename_field("Location", "scene", "tech_scene")',
    'op.rename_field("Location", "spaces", "hubs")',
]

COMMENTS = """
    select concat_ws('.', relname, attname), description
    from pg_description join pg_class on pg_class.oid = objoid
        left join pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0
    where classoid = 'pg_class'::regclass and relnamespace = 'draft'::regnamespace
        and description like '%inherits%'
"""
"""What comments say of inheritance, by table and column."""


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Model:
    """The declarations, which say how things were called before."""
    model = content_model()
    former = {"website": "site", "location": "town", "tech_scene": "scene", "hubs": "spaces"}
    monkeypatch.setitem(model["University"].__dict__, "renamed_from", "College")
    for name in ("Hub", "Location"):
        for attribute in model[name].attributes.values():
            old = former.get(attribute.name)
            monkeypatch.setitem(attribute.__dict__, "renamed_from", old)
    return model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents that say what the database has."""
    pond = DOCUMENTS["pond"] + "    website: https://edit.example/\n        kind: CAMPUS\n"
    ghent = (
        DOCUMENTS["ghent"]
        + """
        hubs: [the-pond]
        universities: [ghent-u]
        techScene: {en: "*Rich*"}
    """
    )
    university = """
        type: University
        slug: ghent-u
        name: {en: UGent}
        location: ghent
    """
    documents = {"pond": pond, "ghent": ghent, "university": university}
    return write(tmp_path / "documents", **{**DOCUMENTS, **documents})


async def written(history: History) -> list[tuple[Any, ...]]:
    """What was written of content as documents."""
    return await rows(
        history.url, "select id, type, document, changes from service.revision order by id"
    )


@pytest.mark.usefixtures("declared")
async def test_what_is_renamed_keeps_what_it_has(published: History, folder: Path) -> None:
    never = await shape(published.url)
    published.add(OLD)
    await published.upgrade()
    before, there, was = (
        await published.dump(),
        await shape(published.url),
        await written(published),
    )
    lines = body(await published.generate(folder))
    assert lines == " ".join([*RENAMES, 'op.publish("Hub", ["the-pond"])'])
    await published.upgrade()
    assert await shape(published.url) == never
    after = await published.dump()
    await published.run(command.check)
    [(document,)] = await rows(
        published.url,
        "select document from service.revision where slug = 'the-pond' and type = 'Hub'"
        " and document ? 'website' order by id desc limit 1",
    )
    assert '"location": "ghent"' in document
    await published.downgrade()
    assert await published.dump() == before
    assert await shape(published.url) == there
    assert (await written(published))[: len(was)] == was
    await published.upgrade()
    assert await published.dump() == after


async def test_a_value_is_renamed(
    published: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HubKind, RENAMED_NAMES, {"CAMPUS": "YARD"}, raising=False)
    published.add("""
        op.save("Hub", {"slug": "the-pond", "kind": "CAMPUS"})
        op.publish("Hub", "the-pond")
    """)
    await published.upgrade()
    for statement in BEFORE:
        await rows(published.url, statement)
    before, was = await published.dump(), await written(published)
    pond = DOCUMENTS["pond"].replace("The Pond", "Pond") + "    kind: CAMPUS\n"
    folder = write(tmp_path / "documents", **{**DOCUMENTS, "pond": pond})
    assert body(await published.generate(folder)) == (
        'op.rename_value("Hub", "kind", "YARD", "CAMPUS") '
        'op.save("Hub", {"slug": "the-pond", "name": {"en": "Pond"}}, '
        'base={"name": {"en": "The Pond"}}) '
        'op.publish("Hub", ["the-pond"])'
    )
    await published.upgrade()
    assert await rows(published.url, "select distinct kind from live.hub") == [("CAMPUS",)]
    assert "YARD" not in str((await written(published))[: len(was)])
    after = await published.dump()
    await published.run(command.check)
    await published.downgrade()
    assert await published.dump() == before
    assert (await written(published))[: len(was)] == was
    await published.upgrade()
    assert await published.dump() == after


FIRST_TYPES = (
    "rename_type",
    ("University", "College"),
    ("Location", "Place"),
    ("Hub", "Space"),
)
THEN_FIELDS = (
    "rename_field",
    ("College", "website", "site"),
    ("Place", "universities", "colleges"),
)
BACK = 'op.rename_value("Space", "kind", "YARD", "CAMPUS")'


async def test_what_earlier_revisions_left_is_the_base_under_new_names(
    published: History,
) -> None:
    """The type is renamed first, then a field, a value, and a list of what refers to it."""
    published.add("""
        op.save("University", {
            "slug": "ugent", "name": {"en": "UGent"}, "location": "ghent",
            "website": "https://ugent.example/",
        })
        op.save("University", {"slug": "vub", "name": {"en": "VUB"}, "location": "ghent"})
        op.save("Location", {"slug": "ghent", "universities": ["ugent"]})
        op.save("Hub", {"slug": "the-pond", "kind": "CAMPUS"}, base={})
    """)
    await published.upgrade()
    there = await published.dump()
    for kind, *names in FIRST_TYPES, THEN_FIELDS:
        published.add(
            *(f"op.{kind}{(*of, old, new)}" for *of, old, new in names),
            downgrade="\n".join(f"op.{kind}{(*of, new, old)}" for *of, old, new in names),
        )
    published.add('op.rename_value("Space", "kind", "CAMPUS", "YARD")', downgrade=BACK)
    await published.upgrade()
    before = await published.dump()
    published.add("""
        op.save("College", {"slug": "ugent", "site": "https://u.example/", "name": {"en": "U"}})
        op.save("Place", {"slug": "ghent", "colleges": [], "name": {"en": "Gent"}})
        op.save("Space", {"slug": "the-pond", "kind": "INCUBATOR", "name": {"en": "Pond"}})
    """)
    await published.upgrade()
    published.add('op.delete("College", "ugent")', 'op.delete("College", "vub")')
    await published.upgrade()
    await published.downgrade("-2")
    assert await published.dump() == before
    await published.downgrade("-3")
    assert await published.dump() == there
    await published.upgrade()


async def test_a_name_that_a_dropped_field_had_is_given_to_another(published: History) -> None:
    """What earlier revisions keep of both comes back under the names that each had."""
    published.add("""
        op.save("Hub", {"slug": "the-pond", "website": "https://a.example/", "kind": "CAMPUS"})
    """)
    await published.upgrade()
    before = await published.dump()
    published.add("""
        op.save("Hub", {"slug": "the-pond", "website": "https://b.example/", "kind": "RESEARCH"})
    """)
    published.add(
        *(f'op.drop_column("hub", "website", schema="{each}")' for each in ("draft", "live")),
        'op.rename_field("Hub", "kind", "website")',
        downgrade='op.rename_field("Hub", "website", "kind")\n'
        + "\n".join(
            f'op.add_column("hub", sa.Column("website", sa.Text(), comment="URL"), schema="{each}")'
            for each in ("draft", "live")
        ),
    )
    await published.upgrade()
    await published.downgrade("-2")
    assert await published.dump() == before


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("Location", "tech_scene", "scene"), {"guide.tech_scene": "inherits location.scene"}),
        (("Location", "hubs", "spaces"), {"guide_hubs": "inherits location.spaces"}),
        (("Role", "career_path", "path"), {"guide": "career_path inherits role.path"}),
        (("Guide", "career_path", "path"), {"guide": "path inherits role.career_path"}),
        (
            ("Guide", "role", "job"),
            {
                "guide": "career_path inherits job.career_path",
                "guide.about_role": "inherits job.about",
                "guide.market_demand": "inherits job.market_demand",
                "guide_skills": "inherits job.skills",
                "guide_tools": "inherits job.tools",
            },
        ),
    ],
)
async def test_comments_say_the_new_name_of_what_is_inherited(
    published: History, names: tuple[str, str, str], said: dict[str, str]
) -> None:
    type_, old, new = names
    before = dict(await rows(published.url, COMMENTS))
    published.add(
        f"op.rename_field{(type_, old, new)}", downgrade=f"op.rename_field{(type_, new, old)}"
    )
    await published.upgrade()
    assert {*await rows(published.url, COMMENTS)} - {*before.items()} == {*said.items()}
    await published.downgrade()
    assert dict(await rows(published.url, COMMENTS)) == before
