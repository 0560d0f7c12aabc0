"""The headers that every response has, and what the pages of other origins may do."""

import httpx2
import pytest

from service.errors import SettingsError
from service.settings import Settings
from tests.asking import Asker, asking

QUERY = {"query": '{ tool(slug: "java") { name } }'}
HERE, ELSEWHERE = "https://www.example.com", "https://example.org"
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,graphql-stage",
}


async def responses(ask: Asker, **headers: str) -> list[httpx2.Response]:
    """Some of every kind."""
    return [
        await ask.post(QUERY, headers=headers),
        await ask.post({"query": "{ nope }"}, headers=headers),
        await ask.post([], headers=headers),
        await ask.post(QUERY, headers={**headers, "authorization": "Bearer nobody"}),
        await ask.post({"query": "{ guides(stage: DRAFT) { totalCount } }"}, headers=headers),
        await ask.http.put("/graphql", headers=headers),
        await ask.http.options("/graphql", headers=headers),
        *[
            await ask.http.get(path, headers=headers)
            for path in ("/", "/graphql", "/graphql/", "/graphql/assets/none", "/livez", "/none")
        ],
    ]


async def test_every_response_has_what_protects_it(seeds: Asker) -> None:
    for response in await responses(seeds):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["cache-control"] == "private, no-store"
        assert response.headers["access-control-allow-origin"] == "*"
        assert "origin" not in response.headers.get("vary", "").lower()


async def test_what_a_response_says_itself_counts(seeds: Asker) -> None:
    page = await seeds.http.get("/graphql", headers={"accept": "text/html"})
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers.get_list("referrer-policy") == ["no-referrer"]


async def test_the_pages_of_any_origin_may_read(seeds: Asker) -> None:
    for response in await responses(seeds, origin=ELSEWHERE):
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["access-control-expose-headers"] == "*"
        assert "access-control-allow-credentials" not in response.headers
    told = await seeds.http.options("/graphql", headers={"origin": ELSEWHERE, **PREFLIGHT})
    assert (told.status_code, told.headers["access-control-allow-origin"]) == (204, "*")
    assert "POST" in told.headers["access-control-allow-methods"]
    allowed = told.headers["access-control-allow-headers"].lower()
    assert {*PREFLIGHT["access-control-request-headers"].split(",")} <= {*allowed.split(", ")}


async def test_only_the_pages_of_origins_that_are_named_may_read(seeded: str) -> None:
    async with asking(seeded, cors_origins=f"{HERE}, http://localhost:3000") as ask:
        for origin in (HERE, "http://localhost:3000"):
            for response in await responses(ask, origin=origin):
                assert response.headers["access-control-allow-origin"] == origin
                assert response.headers["vary"].split(", ")[-1] == "Origin"
        for origin in (ELSEWHERE, f"{HERE}.evil.example", "null"):
            asked = {"origin": origin, **PREFLIGHT}
            told = await ask.http.options("/graphql", headers=asked)
            for response in [told, *await responses(ask, origin=origin)]:
                assert "access-control-allow-origin" not in response.headers
                assert response.headers["vary"].split(", ")[-1] == "Origin"
        [response, *_] = await responses(ask)
        assert "access-control-allow-origin" not in response.headers


async def test_no_other_page_may_read_where_that_is_not_allowed(seeded: str) -> None:
    async with asking(seeded, cors_origins="none") as ask:
        told = await ask.http.options("/graphql", headers={"origin": HERE, **PREFLIGHT})
        for response in [told, *await responses(ask, origin=HERE)]:
            assert not [name for name in response.headers if name.startswith("access-control")]
            assert response.headers["x-content-type-options"] == "nosniff"


async def test_no_response_leads_to_another_host(seeds: Asker) -> None:
    for path in ("/", "/graphql/", "/livez/"):
        response = await seeds.http.get(path, headers={"host": "evil.example"})
        assert "evil.example" not in str(response.headers)


@pytest.mark.parametrize(
    "origins", ["https://a.example/", "a.example", "*,https://a.example", "https://A.example", ","]
)
def test_what_is_no_origin_is_said(monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    monkeypatch.setenv("GUIDEPOST_CORS_ORIGINS", origins)
    with pytest.raises(SettingsError, match=r"GUIDEPOST_CORS_ORIGINS=.*is not an origin; use"):
        Settings.read()
