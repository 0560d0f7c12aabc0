"""The explorer's page and its files, as HTTP responses."""

import gzip
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from service.explorer.page import CONTENT_SECURITY_POLICY, DIST, explorer_assets, explorer_page
from tests.browser.visits import NOT_BUILT
from tests.processes import DIRECT


async def test_the_page_forbids_scripts_and_connections_from_elsewhere(base_url: str) -> None:
    async with httpx2.AsyncClient(**DIRECT) as client:
        response = await client.get(f"{base_url}/graphql", headers={"accept": "text/html"})
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    policy = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-cache"
    assert "Accept" in response.headers.get_list("vary"), "programs get JSON at the same address"


async def test_files_are_cached_for_good_and_missing_ones_are_not(base_url: str) -> None:
    script = next(DIST.glob("assets/index-*.js"), None)
    assert script is not None, NOT_BUILT
    async with httpx2.AsyncClient(base_url=f"{base_url}/graphql/assets/", **DIRECT) as http:
        found = await http.get(script.name)
        missing = await http.get("index-00000000.js")
    assert found.status_code == 200
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("identity, gzip;q=0.5", None),
        ("br;q=0.0, gzip;q=0", None),
        ("deflate", None),
        ("", None),
    ],
)
async def test_files_are_sent_in_the_coding_that_the_client_prefers(
    base_url: str, accepted: str, coding: str | None
) -> None:
    script = next(DIST.glob("assets/index-*.js"), None)
    assert script is not None, NOT_BUILT
    async with httpx2.AsyncClient(base_url=f"{base_url}/graphql/assets/", **DIRECT) as http:
        headers = {"accept-encoding": accepted}
        async with http.stream("GET", script.name, headers=headers) as found:
            body = b"".join([part async for part in found.aiter_raw()])
        again = {**headers, "if-none-match": found.headers["etag"]}
        assert (await http.get(script.name, headers=again)).status_code == 304
    assert found.headers.get("content-encoding") == coding
    assert "Accept-Encoding" in found.headers.get_list("vary")
    assert found.headers["content-type"].startswith("text/javascript")
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    if coding == "gzip":
        assert gzip.decompress(body) == script.read_bytes()
    if coding is None:
        assert body == script.read_bytes()


def test_each_file_is_compressed_where_that_makes_it_smaller() -> None:
    files = [path for path in DIST.glob("assets/*") if path.suffix not in {".br", ".gz"}]
    assert files, NOT_BUILT
    for path in files:
        for suffix in (".br", ".gz"):
            compressed = path.with_name(path.name + suffix)
            assert compressed.exists() == (path.stat().st_size > 1000), path
            assert not compressed.exists() or compressed.stat().st_size < path.stat().st_size


async def test_without_its_files_the_page_says_how_to_get_them(tmp_path: Path) -> None:
    response = explorer_page(tmp_path / "dist")
    assert response.status_code == 503
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    text = bytes(response.body).decode()
    assert "make explorer" in text
    assert "pip install 'guidepost[explorer]'" in text
    assert "The GraphQL endpoint at this address works" in text


async def test_without_its_files_the_routes_still_answer(tmp_path: Path) -> None:
    app = Starlette(routes=[explorer_assets(tmp_path / "dist")])
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.get("/graphql/assets/index-00000000.js")
    assert response.status_code == 404


def test_the_page_is_read_anew_after_a_build(tmp_path: Path) -> None:
    for build in ("one build", "another build"):
        (tmp_path / "index.html").write_text(build, encoding="utf-8")
        assert explorer_page(tmp_path).body == build.encode()
