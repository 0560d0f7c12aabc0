"""What the responses of the endpoint say to caches, and what caches may ask."""

import gzip
from typing import Any
from urllib.parse import urlencode

import brotli  # type: ignore[import-untyped]  # it has no types
import httpx2
import pytest

from schema.planner.answers import Version
from service.cache_tags import EVERYTHING, HEADERS, TagsPreset, hashed
from service.settings import Settings
from tests.asking import asking
from tests.databases import rows
from tests.editing import PUBLISH, Editor, editing_app

GUIDE = '{ guide(slug: "backend-belgium") { title whyHire { html } companies { name } } }'
LONG = {"whyHire": {"en": "Because. " * 300}}
PUBLIC = "public, max-age=0, must-revalidate"
PRIVATE = "private, no-store"


def address(query: str = GUIDE, **parameters: str) -> str:
    return f"/graphql?{urlencode({'query': query, **parameters})}"


@pytest.fixture
async def editor(database: str) -> Any:
    async with editing_app(database, response_cache=10**6) as editor:
        await editor.save_guide(**LONG)
        await editor.publish_guide()
        yield editor


async def get(editor: Editor, target: str = address(), **headers: str) -> httpx2.Response:
    """The response to a GET without a token; `a_b` stands for the header `a-b`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await editor.ask.http.get(target, headers={"accept-encoding": "identity", **named})


async def test_a_response_says_what_it_depends_on(editor: Editor) -> None:
    found = await get(editor)
    assert found.headers["cache-control"] == PUBLIC
    assert "cdn-cache-control" not in found.headers
    assert found.headers["vary"].split(", ") == [
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "GraphQL-Cost",
        "GraphQL-Locale",
        "GraphQL-Min-Version",
        "GraphQL-Stage",
    ]
    assert Version.read(found.headers["graphql-content-version"]).number > 0


async def test_who_has_it_gets_304(editor: Editor) -> None:
    for _ in range(3):
        first = await get(editor)
        again = await get(editor, if_none_match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "cache-control", "vary", "graphql-content-version"):
            assert again.headers[name] == first.headers[name]
        assert "content-type" not in again.headers
    for matching in ("*", f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}'):
        assert (await get(editor, if_none_match=matching)).status_code == 304
    for other in ('"x"', first.headers["etag"].strip('"'), f"{first.headers['etag']}x", ""):
        assert (await get(editor, if_none_match=other)).status_code == 200


async def test_304_of_what_is_kept_takes_no_query_of_content(editor: Editor) -> None:
    tag = [await get(editor) for _ in range(3)][-1].headers["etag"]
    editor.ask.statements.clear()
    assert (await get(editor, if_none_match=tag)).status_code == 304
    assert not [each for each in editor.ask.statements if "convert_to" in each]


async def test_a_publish_ends_it(editor: Editor) -> None:
    before = [await get(editor) for _ in range(3)][-1]
    await editor.save_guide(title={"en": "Changed"}, **LONG)
    still = await get(editor, if_none_match=before.headers["etag"])
    assert still.status_code == 304
    await editor.publish_guide()
    now = await get(editor, if_none_match=before.headers["etag"])
    assert now.status_code == 200
    assert now.json()["data"]["guide"]["title"] == "Changed"
    assert now.headers["graphql-content-version"] != before.headers["graphql-content-version"]


async def test_all_processes_agree_on_the_tag(editor: Editor, database: str) -> None:
    async with asking(database) as other:
        mine, its = await get(editor), await get(Editor(other, ""))
    assert mine.headers["etag"] == its.headers["etag"]


async def test_each_coding_has_a_tag_of_its_own(editor: Editor) -> None:
    plain = await get(editor)
    tags = {plain.headers["etag"]}
    for coding, decoded in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        async with editor.ask.http.stream(
            "GET", address(), headers={"accept-encoding": coding}
        ) as response:
            raw = b"".join([each async for each in response.aiter_raw()])
        assert response.headers["content-encoding"] == coding
        assert int(response.headers["content-length"]) == len(raw) < len(plain.content) / 2
        assert decoded(raw) == plain.content
        tags.add(response.headers["etag"])
        matching = {"if_none_match": response.headers["etag"], "accept_encoding": coding}
        assert (await get(editor, **matching)).status_code == 304
    assert len(tags) == 3
    assert "content-encoding" not in (await get(editor, address("{ __typename }"))).headers


async def test_head_is_get_without_the_body(editor: Editor) -> None:
    found = await get(editor)
    headers = {"accept-encoding": "identity"}
    head = await editor.ask.http.head(address(), headers=headers)
    assert head.status_code == 200
    for name in ("etag", "content-length", "cache-control", "vary", "content-type"):
        assert head.headers[name] == found.headers[name]
    matching = {**headers, "if-none-match": found.headers["etag"]}
    assert (await editor.ask.http.head(address(), headers=matching)).status_code == 304


async def test_what_is_not_for_everybody_is_not_kept(editor: Editor) -> None:
    token = f"Bearer {editor.token}"
    for found in (
        await get(editor, authorization=token),
        await get(editor, authorization=token, graphql_stage="DRAFT"),
        await get(editor, authorization="Bearer nobody"),
        await get(editor, graphql_stage="DRAFT"),
        await get(editor, address("{ nope }")),
        await get(editor, address("mutation { __typename }")),
        await editor.ask.post({"query": GUIDE}),
    ):
        assert found.headers["cache-control"] == PRIVATE
        assert "etag" not in found.headers
        assert "GraphQL-Stage" in found.headers["vary"]


async def test_what_headers_ask_for_is_kept_apart(editor: Editor) -> None:
    for _ in range(3):
        assert "extensions" not in (await get(editor)).json()
        assert "extensions" in (await get(editor, graphql_cost="1")).json()
        locale = '{ guide(slug: "backend-belgium") { locale } }'
        for each in ("en", "nl", "fr"):
            found = await get(editor, address(locale), graphql_locale=each)
            assert found.json()["data"]["guide"]["locale"] == each


async def test_introspection_is_kept_too(editor: Editor) -> None:
    query = "{ __schema { types { name fields { name description } } } }"
    found = [await get(editor, address(query)) for _ in range(3)]
    assert {each.headers["etag"] for each in found} == {found[0].headers["etag"]}
    again = await get(editor, address(query), if_none_match=found[0].headers["etag"])
    assert again.status_code == 304


async def test_at_least_a_version(editor: Editor) -> None:
    await editor.save("Skill", {"slug": "python", "name": {"en": "Python"}})
    slugs = [{"type": "SKILL", "slug": "python"}]
    mutation = PUBLISH.replace("published {", "contentVersion published {")
    made = (await editor.change(mutation, slugs=slugs))["contentVersion"]
    found = await get(editor, graphql_min_version=made)
    assert found.headers["graphql-content-version"] == made
    later = await editor.change(mutation, slugs=slugs)
    assert later["contentVersion"] == made
    await editor.save_guide(title={"en": "Changed"})
    assert (await editor.publish_guide())["published"]
    for _ in range(3):
        assert (await get(editor, graphql_min_version=made)).status_code == 200
    number, mark = made.split("-")
    for unknown in (f"{int(number) + 1000}-{mark}", f"{number}-{'0' * 16}"):
        refused = await get(editor, graphql_min_version=unknown)
        assert refused.status_code == 412
        [error] = refused.json()["errors"]
        assert error["extensions"]["code"] == "UNKNOWN_VERSION"
        assert error["extensions"]["version"] in error["message"]
    for wrong in ("17", "x", f"{number}-{mark}0", f"-1-{mark}", "17-zzzzzzzzzzzzzzzz"):
        assert (await get(editor, graphql_min_version=wrong)).status_code == 400


async def test_a_mutation_says_the_version_that_it_made(editor: Editor, database: str) -> None:
    mutation = PUBLISH.replace("published {", "contentVersion published {")
    slugs = [{"type": "GUIDE", "slug": "backend-belgium"}]
    await editor.save_guide(title={"en": "Changed"})
    dry = await editor.change(mutation, slugs=slugs, dryRun=True)
    assert dry["contentVersion"] is None
    [(before,)] = await rows(database, "select version from service.content_version")
    response = await editor.post({"query": mutation, "variables": {"slugs": slugs}})
    made = response.json()["data"]["publish"]["contentVersion"]
    assert response.headers["graphql-content-version"] == made
    assert Version.read(made).number == before + 1


LIFETIMES: dict[str, Any] = {"cdn_max_age": 60, "cdn_stale_while_revalidate": 5}


@pytest.mark.usefixtures("editor")
@pytest.mark.parametrize("preset", [each for each in TagsPreset if each is not TagsPreset.NONE])
async def test_tags_are_in_the_header_of_the_cache(database: str, preset: TagsPreset) -> None:
    header = HEADERS[preset]
    async with asking(database, cache_tags=preset, **LIFETIMES) as ask:
        found = await get(Editor(ask, ""))
        [(id_,)] = await rows(database, "select id from live.guide limit 1")
        tags = [each.strip(' "') for each in found.headers[header.name].split(header.separator)]
        assert hashed(EVERYTHING) == tags[0]
        assert hashed(f"guide_{id_}".encode()) in tags
        assert hashed(b"guide/backend-belgium") in tags
        assert found.headers["cdn-cache-control"] == (
            "public, s-maxage=60, stale-while-revalidate=5, stale-if-error=86400"
        )
        for private in (await ask.post({"query": GUIDE}), await ask.http.get(address("{ nope }"))):
            assert header.name not in private.headers
            assert "cdn-cache-control" not in private.headers


@pytest.mark.usefixtures("editor")
async def test_what_has_too_many_tags_is_not_for_cdns(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = HEADERS[TagsPreset.VARNISH]._replace(most=2)
    monkeypatch.setitem(HEADERS, TagsPreset.VARNISH, narrow)
    async with asking(database, cache_tags=TagsPreset.VARNISH, **LIFETIMES) as ask:
        found = await get(Editor(ask, ""))
    assert found.headers["cdn-cache-control"] == "no-store"
    assert found.headers["cache-control"] == PUBLIC
    assert "xkey" not in found.headers


async def test_very_many_items_of_a_type_are_one_tag(
    editor: Editor, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.planner.tags.MOST_IDS", 2)
    names = ("a", "b", "c")
    for each in names:
        await editor.save("Skill", {"slug": each, "name": {"en": each}})
    await editor.save_guide(skills=[*names], **LONG)
    skills = [{"type": "SKILL", "slug": each} for each in names]
    await editor.change(PUBLISH, slugs=[*skills, {"type": "GUIDE", "slug": "backend-belgium"}])
    query = '{ guide(slug: "backend-belgium") { skills { name } location { name } } }'
    async with asking(database, cache_tags=TagsPreset.VARNISH) as ask:
        tags = {*(await get(Editor(ask, ""), address(query))).headers["xkey"].split()}
    [(skill,)] = await rows(database, "select id from draft.skill where slug = 'a'")
    [(place,)] = await rows(database, "select id from draft.location")
    assert hashed(b"skill") in tags
    assert hashed(f"skill_{skill}".encode()) not in tags
    assert hashed(f"location_{place}".encode()) in tags


def test_a_setting_names_a_cache_that_is_known() -> None:
    with pytest.raises(ValueError, match="fastly"):
        Settings(cache_tags="akamai")  # type: ignore[arg-type]  # what an operator may write


async def test_operators_see_what_is_kept(editor: Editor, database: str) -> None:
    assert (await editor.ask.http.get("/metrics")).status_code == 404
    async with asking(database, response_cache=10**6, metrics=True) as ask:
        for _ in range(4):
            await get(Editor(ask, ""))
        found = await ask.http.get("/metrics")
    assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [each.split() for each in found.text.splitlines() if not each.startswith("#")]
    figures = {name.partition("{")[0].removeprefix("guidepost_"): int(n) for name, n in lines}
    assert (figures["response_cache_hits_total"], figures["response_cache_misses_total"]) == (2, 2)
    assert figures["response_cache_responses"] == 1
    assert figures["response_cache_bytes"] > len(LONG["whyHire"]["en"])
    assert figures["freshness_checks_total"] > 0
