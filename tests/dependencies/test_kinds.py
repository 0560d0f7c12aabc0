"""Each kind of dependency: an answer that is kept, and a change that it is not right after."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

import pytest

from tests.databases import Server, load
from tests.dependencies.subject import Subject, body_of, running
from tests.editing import PUBLISH, SALARY, UNPUBLISH, saving
from tests.writing import seeds

DOCUMENTS = {
    "place": """
        type: Location
        slug: belgium
        name: {en: Belgium}
        kind: COUNTRY
        techScene: {en: Many.}
        companies: [acme, zeta, pending]
        hubs: [pond]
    """,
    "role": """
        type: Role
        slug: backend-developer
        name: {en: Backend Developer}
        plural: {en: Backend Developers}
        about: {en: Servers.}
        skills: [python]
        careerPath: [{titles: {en: [Junior]}}]
    """,
    "acme": "{type: Company, slug: acme, name: {en: Acme}, headquarters: ghent}",
    "pending": "{type: Company, slug: pending, name: {en: Pending}, draft: true}",
    "ghent": "{type: Location, slug: ghent, name: {en: Ghent}, kind: CITY, draft: true}",
    "zeta": "{type: Company, slug: zeta, name: {en: Zeta}, headquarters: belgium}",
    "python": "{type: Skill, slug: python, name: {en: Python}}",
    "hub": "{type: Hub, slug: pond, name: {en: Pond}, location: belgium}",
}


class Change(NamedTuple):
    """An item that is saved and published, or unpublished if there is no document."""

    type: str
    slug: str
    document: dict[str, Any] | None = None
    locales: Sequence[str] | None = None


ZETA = Change("Company", "zeta", {"name": {"en": "New"}})
PLACE = Change("Location", "belgium", {"name": {"en": "New"}})
SCENE = Change("Location", "belgium", {"techScene": {"en": "New", "nl": "Nieuw"}})
NO_LIST = Change("Location", "belgium", {"companies": ["acme"]})
GONE = Change("Company", "zeta")
OWN_LIST = Change("Guide", "backend-belgium", {"companies": ["acme"]})
STEPS = Change("Role", "backend-developer", {"careerPath": [{"titles": {"en": ["New"]}}]})
NO_STEPS = Change("Role", "backend-developer", {"careerPath": []})
RENAMED = Change("Company", "new", {"renamedFrom": "zeta"})
LOCAL = Change("Company", "zeta", {"localizedSlug": {"nl": "new"}})
SALARIES = Change("Guide", "backend-belgium", {"salaryRanges": [SALARY]})
NOTHING = Change("Location", "belgium", {"companies": []})
ACME = Change("Company", "acme", {"name": {"en": "Zz"}})
LED = "insert into live.redirect select 'company', 'new', id from draft.company where slug = 'zeta'"
COMES = Change("Company", "pending", {})
OLD = Change("Company", "old", {"name": {"en": "New"}})
ANOTHER = Change("Company", "new", {"name": {"en": "New"}})

KINDS: Sequence[tuple[str, Change | str]] = [
    # What is shown, and what that inherits.
    ("company(slug: zeta) { name }", ZETA),
    ("company(slug: zeta) { name }", GONE),
    ("company(slug: zeta) { statuses { locale } }", Change("Company", "zeta", None, ["nl"])),
    ("company(slug: zeta) { translations { slug } }", LOCAL),
    ("company(slug: zeta) { headquarters { name } }", PLACE),
    ("guide { companies { name } }", ZETA),
    ("guide { companies { name } }", GONE),
    ("guide { companies { name } }", COMES),
    ("location { companies { name } }", COMES),
    ("company(slug: acme) { headquarters { name } }", Change("Location", "ghent", {})),
    ("guide { companies { name } }", NO_LIST),
    ("guide { companies { name } }", OWN_LIST),
    ("guide { techScene { text } }", SCENE),
    ("guide(locale: nl) { provenance { field locale } }", SCENE),
    ("guide { careerPath { titles } }", STEPS),
    ("guide { salaryRanges { level } }", SALARIES),
    ("location { companies { headquarters { name } } }", PLACE),
    # What is looked up.
    ("company(slug: new) { slug }", ANOTHER),
    ("company(slug: new) { slug }", RENAMED),
    ("company(slug: new, locale: nl) { slug }", LOCAL),
    ("company(slug: zeta) { slug }", RENAMED),
    ("company(slug: zeta) { formerSlugs }", RENAMED),
    ("company(slug: zeta) { formerSlugs }", OLD),
    ("company(slug: old) { slug }", OLD),
    ("company(slug: old) { slug }", GONE),
    ("redirects { totalCount }", OLD),
    # What is looked through within what is shown.
    ("guide { companies(where: { name: { eq: New } }) { slug } }", ZETA),
    ("guide { companies(where: { headquarters: { name: { eq: New } } }) { slug } }", PLACE),
    ("guide { companies(orderBy: [{ name: DESC }]) { slug } }", ACME),
    ("guide { companies(first: 1, orderBy: [{ name: DESC }]) { slug } }", ACME),
    ("guide { companies(first: 1, offset: 1) { slug } }", NO_LIST),
    ("guide { hubs(where: { location: { companies: { none: {} } } }) { slug } }", NOTHING),
    ("company(slug: zeta) { guides { totalCount } }", OWN_LIST),
    ("company(slug: zeta) { guides { totalCount } }", NO_LIST),
    ("company(slug: zeta) { guides { nodes { techScene { text } } } }", SCENE),
    ("role { guides { nodes { title } } }", SALARIES._replace(document={"title": {"en": "New"}})),
    # What is looked through.
    ("companies { totalCount }", ANOTHER),
    ("companies { totalCount }", GONE),
    ("companies { nodes { headquarters { name } } }", PLACE),
    ("companies(where: { headquarters: { name: { eq: New } } }) { totalCount }", PLACE),
    ("companies(where: { guides: { some: {} } }) { totalCount }", OWN_LIST),
    ("guides(where: { techScene: { contains: New } }) { totalCount }", SCENE),
    ("guides(where: { companies: { some: { slug: { eq: zeta } } } }) { totalCount }", NO_LIST),
    ("guides(where: { companies: { some: { name: { eq: New } } } }) { totalCount }", ZETA),
    ("guides(where: { careerPath: { some: {} } }) { totalCount }", NO_STEPS),
    ("guides(where: { location: { within: { name: { eq: New } } } }) { totalCount }", PLACE),
    ("guides(orderBy: [{ location: { name: ASC } }]) { edges { cursor } }", PLACE),
    ("salaryStatistics { totalCount nodes { currency } }", SALARIES),
    ("salaryStatistics(groupBy: [LOCATION]) { nodes { location { name } } }", SALARIES),
    ("companies { groups(groupBy: [HEADQUARTERS]) { nodes { headquarters { name } } } }", PLACE),
    ("search(text: new) { totalCount }", ZETA),
    ("search(text: acme) { totalCount }", NOTHING),
    ("sitemap { nodes { slug locale } }", RENAMED),
    ("redirects { nodes { from to } }", RENAMED),
    # What is done past edits.
    ("company(slug: zeta) { name }", "update live.company set name = 'New'"),
    ("company(slug: zeta) { name }", "delete from live.company where slug = 'zeta'"),
    ("guide { companies { slug } }", "delete from live.company where slug = 'zeta'"),
    ("guide { companies { slug } }", "delete from live.location_companies"),
    ("guide { companies { slug } }", "truncate live.location_companies"),
    ("guide { careerPath { titles } }", "update live.career_step set titles = '{New}'"),
    ("company(slug: zeta) { formerSlugs }", LED),
    ("company(slug: zeta) { formerSlugs }", "delete from live.redirect"),
    ("locales { name }", "update service.locale set name = 'New'"),
]


SLUGS = {"guide": "backend-belgium", "location": "belgium", "role": "backend-developer"}
"""What is asked of, where no slug is given."""

COPIED = """
    select format('%I.%I', table_schema, table_name) from information_schema.tables
    where table_schema in ('draft', 'live') or (table_schema, table_name) = ('service', 'locale')
"""


def query_of(kind: str) -> str:
    """The query that a kind stands for."""
    quoted = re.sub(r": (zeta|new|old|acme|New|nl)\b", r': "\1"', kind)
    field, rest = re.fullmatch(r"(\w+)(.*)", quoted, re.DOTALL).groups()  # type: ignore[union-attr]  # all do
    if field in SLUGS and "slug:" not in rest.partition(")")[0].partition("{")[0]:
        arguments = f'slug: "{SLUGS[field]}"'
        rest = f"({arguments}, {rest[1:]}" if rest.startswith("(") else f"({arguments}){rest}"
    return f"{{ {field}{rest} }}"


@pytest.fixture(scope="module")
async def filled(
    server: Server, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Subject]:
    """The application on these documents, and a copy of what they are beside them."""
    async with server.new(migrated) as url:
        await load(url, seeds(tmp_path_factory.mktemp("kinds"), **DOCUMENTS))
        async with running(url) as found:
            await found.connection.execute(LED.replace("new", "old"))
            await found.connection.execute("create schema copied")
            for (name,) in await found.connection.fetch(COPIED):
                copy = f"copied.{name.replace('.', '_')}"
                await found.connection.execute(f"create table {copy} as table {name}")
            yield found


@pytest.fixture
async def subject(filled: Subject) -> Subject:
    """The application on these documents, whatever was done to them before."""
    statements = ["begin", "set local session_replication_role = replica"]
    for (name,) in await filled.connection.fetch(COPIED):
        copy = f"copied.{name.replace('.', '_')}"
        statements += [f"delete from {name}", f"insert into {name} select * from {copy}"]  # noqa: S608
    statements += ["select service.note_everything()", "commit"]
    await filled.connection.execute("; ".join(statements))
    return filled


async def done(subject: Subject, change: Change | str) -> None:
    """Do it."""
    if isinstance(change, str):
        await subject.connection.execute(change)
        return
    items = [{"type": change.type.upper(), "slug": change.slug}]
    if change.document is None:
        await subject.editor.change(UNPUBLISH, slugs=items, locales=change.locales)
        return
    document = {"slug": change.slug, **change.document}
    await subject.editor.change(saving(change.type), document=document, mode="MERGE")
    await subject.editor.change(
        PUBLISH, slugs=items, references="LEAVE_PENDING", locales=change.locales
    )


@pytest.mark.parametrize(("kind", "change"), KINDS)
async def test_what_was_kept_is_not_right_after_a_change(
    subject: Subject, kind: str, change: Change | str
) -> None:
    body = body_of(query_of(kind))
    for _ in range(3):
        [before] = await subject.ask([body])
        assert b"errors" not in before.made
        assert before.kept == before.made
    assert subject.read == 0
    await done(subject, change)
    [after] = await subject.ask([body])
    assert after.made != before.made
    assert after.kept == after.made


async def test_a_slug_of_one_locale_leads_to_the_item_in_all(subject: Subject) -> None:
    """It does once the item is published with another slug, in whichever locale."""
    await done(subject, Change("Company", "new", {"renamedFrom": "zeta"}, ["nl"]))
    body = body_of('{ company(slug: "new") { name } }')
    for _ in range(3):
        [before] = await subject.ask([body])
    assert before.made == before.kept == b'{"data":{"company":null}}'
    assert subject.read == 0
    await done(subject, Change("Company", "newer", {"renamedFrom": "new"}, ["fr"]))
    [after] = await subject.ask([body])
    assert after.made != before.made
    assert after.kept == after.made


async def test_a_part_that_goes_back_to_its_owner_leaves_the_other_one(subject: Subject) -> None:
    """Somebody gave it to the other one with SQL; then the owner is published."""
    other = {"name": {"en": "Chef"}, "plural": {"en": "Chefs"}}
    await done(subject, Change("Role", "chef", other))
    await done(subject, Change("Role", "backend-developer", {}))
    await subject.connection.execute(
        "update live.career_step set owner_id = (select id from draft.role where slug = 'chef')"
    )
    body = body_of('{ role(slug: "chef") { careerPath { titles } } }')
    for _ in range(3):
        [before] = await subject.ask([body])
    assert b"Junior" in before.made
    assert subject.read == 0
    await done(subject, Change("Role", "backend-developer", {"name": {"en": "New"}}))
    [after] = await subject.ask([body])
    assert b"Junior" not in after.made
    assert after.kept == after.made


@pytest.mark.parametrize(
    ("table", "change"),
    [("draft.company where slug = 'pending'", COMES), ("live.career_step", NO_STEPS)],
)
async def test_what_an_id_names_comes_or_goes(subject: Subject, table: str, change: Change) -> None:
    name = table.partition(".")[2].partition(" ")[0]
    [(uuid,)] = await subject.connection.fetch(f"select distinct id from {table}")  # noqa: S608
    id_ = f"{name}_{uuid}"
    bodies = [
        body_of(f'{{ node(id: "{id_}") {{ __typename }} }}'),
        body_of(f'{{ nodes(ids: ["{id_}"]) {{ __typename }} }}'),
    ]
    for _ in range(3):
        before = await subject.ask(bodies)
    assert subject.read == 0
    await done(subject, change)
    after = await subject.ask(bodies)
    assert [each.kept for each in after] == [each.made for each in after]
    assert after[0].made != before[0].made
    assert after[1].made != before[1].made
