"""Drafts: the same queries show what publishing would make, and nobody else sees any of it."""

import re
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from service.access import Scope
from tests.asking import Asker
from tests.databases import SEEDS, Server, load, rows
from tests.editing import (
    GUIDE,
    PLACE,
    PUBLISH,
    ROLE,
    WITH,
    Editor,
    editing_app,
    items,
    skill,
    token,
)
from tests.test_saving import AROUND, WHOLE

DRAFT = {"graphql-stage": "DRAFT"}
WORDS = "Unspeakable"
SECRET: Any = {**GUIDE, "title": {"en": f"{WORDS} guide"}, "skills": ["unspeakable"]}
HIDDEN = [*WITH, {"skill": skill("unspeakable", WORDS)}]

EVERYTHING = """query($locale: Locale) {
    guide(slug: "backend-belgium", locale: $locale) {
        id slug version title subtitle jobsUrl seoTitle seoDescription createdAt updatedAt
        techScene { markdown html text } aboutRole { html } marketDemand { text } whyHire { html }
        role { id name plural about { html } skills { name } careerPath { titles } }
        location { name countryCode kind parent { name } companies { name } children { totalCount }
        }
        companies { name website headquarters { name } sectors } hubs { name location { name } }
        universities { name } skills(orderBy: [{ name: DESC }]) { name guides { totalCount } }
        tools { name roles { nodes { name } } } careerPath { titles position }
        salaryRanges { id level minimum maximum currency asOf source display position }
    }
    guides(locale: $locale, where: { skills: { some: { name: { ne: "x" } } } }) {
        totalCount nodes { slug title } aggregate { count }
        groups(groupBy: [ROLE]) { nodes { role { name } aggregate { count } } }
    }
    locations(locale: $locale, orderBy: [{ name: DESC }]) {
        nodes { name guides { nodes { title } } } pageInfo { endCursor hasNextPage }
    }
    salaryStatistics(locale: $locale, groupBy: [ROLE, LEVEL]) {
        nodes { role { name } level currency aggregate { count minimum { min median } } }
    }
    found: search(text: "backend", locale: $locale) {
        totalCount edges { rank snippet node { ... on Guide { title } ... on Role { name } } }
    }
    none: search(text: "gibberish", locale: $locale) { edges { snippet } }
}"""


async def preview(editor: Editor, query: str, **variables: Any) -> bytes:
    """The bytes of what a query says of drafts; the ids do not say that it does."""
    response = await editor.post({"query": query, "variables": variables}, **DRAFT)
    assert "errors" not in response.json(), response.text
    return response.content.replace(b'.DRAFT"', b'"')


async def live(ask: Asker, query: str, **variables: Any) -> bytes:
    """The bytes of what it says of what is published."""
    response = await ask.post({"query": query, "variables": variables})
    assert "errors" not in response.json(), response.text
    return response.content


async def publish_all(editor: Editor, database: str) -> None:
    """Publish everything that there is."""
    keys = []
    for name in ("company", "guide", "hub", "location", "role", "skill", "tool", "university"):
        slugs = await rows(database, f"select slug from draft.{name}")  # noqa: S608  # our names
        keys += [{"type": name.upper(), "slug": slug} for (slug,) in slugs]
    await editor.change(PUBLISH, slugs=keys)


async def test_publishing_shows_what_preview_showed_to_the_byte(
    editor: Editor, ask: Asker, database: str
) -> None:
    role = {
        **ROLE,
        "about": {"en": "What *it* is.", "fr": "Ce que *c'est*."},
        "skills": ["sql"],
        "tools": ["git"],
        "careerPath": [{"titles": {"en": ["One", "Two"], "nl": ["Een"]}}],
    }
    place = {**PLACE, "techScene": {"en": "A *scene*.", "nl": "Een *scene*."}, "hubs": ["the-pond"]}
    around = [{"role": role}, {"location": place}, *AROUND[2:]]
    await editor.save("Guide", {**WHOLE, "hubs": [], "tools": []}, **{"with": around})
    locales: list[str | None] = [None, "en", "nl", "fr"]
    seen = [await preview(editor, EVERYTHING, locale=each) for each in locales]
    assert b'"One","Two"' in seen[0].replace(b", ", b",")
    assert b"<mark>" in seen[0]
    assert len(set(seen)) == 3
    await publish_all(editor, database)
    assert [await live(ask, EVERYTHING, locale=each) for each in locales] == seen
    assert [await preview(editor, EVERYTHING, locale=each) for each in locales] == seen
    # And again, with the differences that only a change of what is live can make.
    await editor.save("Guide", {"slug": GUIDE["slug"], "skills": [], "subtitle": {"nl": None}})
    await editor.save("Skill", skill("sql", "Structured queries for the backend"))
    changed = [await preview(editor, EVERYTHING, locale=each) for each in locales]
    assert [await live(ask, EVERYTHING, locale=each) for each in locales] == seen
    assert not set(changed) & set(seen)
    await publish_all(editor, database)
    assert [await live(ask, EVERYTHING, locale=each) for each in locales] == changed


async def test_the_seeds_preview_as_they_are_published(editor: Editor, database: str) -> None:
    await load(database, SEEDS, publishing=False)
    query = re.sub("backend-belgium", "recruiting-backend-developers-in-belgium", EVERYTHING)
    seen = [await preview(editor, query, locale=each) for each in ("en", "nl", "fr")]
    await publish_all(editor, database)
    assert [await live(editor.ask, query, locale=each) for each in ("en", "nl", "fr")] == seen


async def test_an_argument_goes_before_the_header(editor: Editor) -> None:
    await editor.save("Skill", skill())
    await editor.change(PUBLISH, slugs=items(skill="python"))
    await editor.save("Skill", skill(name="Python 3"))
    query = """{
        neither: skill(slug: "python") { name status }
        live: skill(slug: "python", stage: LIVE) { name status }
        draft: skill(slug: "python", stage: DRAFT) { name status }
    }"""
    old = {"name": "Python", "status": "PUBLISHED"}
    new = {"name": "Python 3", "status": "CHANGED"}
    assert await editor(query) == {"neither": old, "live": old, "draft": new}
    response = await editor.post({"query": query}, **DRAFT)
    assert response.json()["data"] == {"neither": new, "live": old, "draft": new}


async def test_a_draft_is_a_draft_at_any_depth(editor: Editor, ask: Asker) -> None:
    await editor.save_guide()
    await editor.publish_guide()
    await editor.save("Role", {"slug": "backend-developer", "name": {"en": "Other"}})
    hub = {"slug": "the-pond", "name": {"en": "The Pond"}, "location": "belgium"}
    await editor.save(
        "Location", {"slug": "belgium", "hubs": ["the-pond"]}, **{"with": [{"hub": hub}]}
    )
    query = """query($stage: Stage) { location(slug: "belgium", stage: $stage) {
        hubs { name } guides { nodes { role { name guides { nodes { hubs { name } } } } } } } }"""
    pond = [{"name": "The Pond"}]
    for stage, hubs, name, asked in (
        ("DRAFT", pond, "Other", editor),
        ("LIVE", [], "Backend Developer", ask),
    ):
        found = (await asked(query, stage=stage))["location"]
        assert found["hubs"] == hubs
        [guide] = found["guides"]["nodes"]
        assert guide["role"] == {"name": name, "guides": {"nodes": [{"hubs": hubs}]}}


# What nobody sees who may not preview.


class Secrets(NamedTuple):
    """A guide and a skill that were never published, by their ids, beside a role that was."""

    editor: Editor
    guide: str
    skill: str
    headers: dict[str, str]
    """Those of somebody who may not preview, with a token or without."""


@pytest.fixture(scope="module", params=[None, Scope.READ])
async def secrets(
    server: Server, migrated: str, request: pytest.FixtureRequest
) -> AsyncIterator[Secrets]:
    async with server.new(migrated) as url, editing_app(url) as editor:
        await editor.save("Guide", SECRET, **{"with": HIDDEN})
        await editor.change(PUBLISH, slugs=items(role="backend-developer", location="belgium"))
        query = '{ guide(slug: "backend-belgium", stage: DRAFT) { id skills { id } } }'
        guide = (await editor(query))["guide"]
        shown = {}
        if request.param:
            shown["authorization"] = f"Bearer {await token(url, request.param, name='reader')}"
        whole, hidden = (each["id"].removesuffix(".DRAFT") for each in (guide, guide["skills"][0]))
        yield Secrets(editor, whole, hidden, shown)


HIDING = """query($guide: ID!, $skill: ID!) {
    guide(slug: "backend-belgium") { title }
    skill(slug: "unspeakable") { name }
    guides { totalCount nodes { title } aggregate { count } }
    skills(where: { slug: { in: ["unspeakable"] } }) { totalCount }
    filtered: roles(where: { guides: { some: { slug: { eq: "backend-belgium" } } } }) { totalCount }
    status: guides(where: { status: { ne: PUBLISHED } }) { totalCount }
    role(slug: "backend-developer") { guides { totalCount nodes { title } } skills { name } }
    location(slug: "belgium") { guides { totalCount } }
    search(text: "unspeakable") { totalCount edges { snippet } }
    salaryStatistics { nodes { aggregate { count } } }
    node(id: $guide) { id }
    nodes(ids: [$guide, $skill]) { id }
}"""
NOTHING: dict[str, Any] = {
    "guide": None,
    "skill": None,
    "guides": {"totalCount": 0, "nodes": [], "aggregate": {"count": 0}},
    "skills": {"totalCount": 0},
    "filtered": {"totalCount": 0},
    "status": {"totalCount": 0},
    "role": {"guides": {"totalCount": 0, "nodes": []}, "skills": []},
    "location": {"guides": {"totalCount": 0}},
    "search": {"totalCount": 0, "edges": []},
    "salaryStatistics": {"nodes": []},
    "node": None,
    "nodes": [None, None],
}


async def test_who_may_not_preview_finds_nothing_of_a_draft_in_what_is_published(
    secrets: Secrets,
) -> None:
    editor, guide, hidden, shown = secrets
    variables = {"guide": guide, "skill": hidden}
    response = await editor.ask.post({"query": HIDING, "variables": variables}, headers=shown)
    assert response.json() == {"data": NOTHING}
    seen = await editor(HIDING.replace("search(", "search(stage: DRAFT, "), **variables)
    assert seen["search"]["totalCount"] == 2, "there is something to be found"


async def test_who_may_not_preview_cannot_ask_for_drafts_in_any_way(secrets: Secrets) -> None:
    editor, guide, _, shown = secrets
    whole = "stage: DRAFT"
    queries = [
        f'{{ guide(slug: "backend-belgium", {whole}) {{ title }} }}',
        f"{{ guides({whole}) {{ totalCount }} }}",
        f"{{ guides({whole}) {{ aggregate {{ count }} }} }}",
        f'{{ node(id: "{guide}.DRAFT") {{ id }} }}',
        f'{{ node(id: "{guide}.nl.DRAFT") {{ id }} }}',
        f'{{ nodes(ids: ["{guide}", "{guide}.DRAFT"]) {{ id }} }}',
        '{ node(id: "nonsense.DRAFT") { id } }',
        f'{{ search(text: "{WORDS}", {whole}) {{ totalCount }} }}',
        f"{{ salaryStatistics({whole}) {{ nodes {{ level }} }} }}",
        f"{{ __schema {{ __typename }} guides({whole}) {{ totalCount }} }}",
        f"{{ roles {{ totalCount }} guides({whole}) {{ totalCount }} }}",
        '{ revisions(type: GUIDE, slug: "backend-belgium") { totalCount } }',
        '{ diff(from: "revision_1", to: "revision_2") { after } }',
        '{ diff(from: "revision_1", to: "revision_99") { after } }',
    ]
    for query in queries:
        response = await editor.ask.post({"query": query}, headers=shown)
        assert "the scope `preview`" in forbidden(response), query
    variable = {"query": "query($s: Stage) { guides(stage: $s) { totalCount } }"}
    variable |= {"variables": {"s": "DRAFT"}}  # type: ignore[dict-item]  # any JSON
    assert forbidden(await editor.ask.post(variable, headers=shown))
    ids = {"query": "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"}
    ids |= {"variables": {"ids": [guide, f"{guide}.DRAFT"]}}  # type: ignore[dict-item]  # any JSON
    assert forbidden(await editor.ask.post(ids, headers=shown))
    by_header = {"query": "{ guides { totalCount } }"}
    assert forbidden(await editor.ask.post(by_header, headers={**shown, **DRAFT}))
    get = await editor.ask.http.get("/graphql", params=by_header, headers={**shown, **DRAFT})
    assert forbidden(get)
    own = '{ role(slug: "backend-developer") { revisions { totalCount } } }'
    response = await editor.ask.post({"query": own}, headers=shown)
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_STAGE"


def forbidden(response: Any) -> str:
    """What is said of a request for want of a scope, and that it says nothing else."""
    with_token = "authorization" in response.request.headers
    expected = (403, "FORBIDDEN") if with_token else (401, "UNAUTHENTICATED")
    assert WORDS.lower() not in response.text.lower()
    [error] = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == expected
    return str(error["message"])
