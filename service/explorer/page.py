"""The explorer as HTTP responses: its page, its files, and the headers that go with them.

npm builds the files (see `build.mjs`); git does not track them. Where they are missing, a page
says how to get them.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

DIST = Path(__file__).parent / "dist"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    # Monaco positions every line of text with a style attribute.
    "style-src 'self' 'unsafe-inline'; "
    "font-src 'self'; "
    # Monaco's style sheet holds a few small images itself.
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "worker-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)

# On every file as well as on the page: a worker obeys the policy that came with its own script.
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
PAGE_HEADERS: Mapping[str, str] = MappingProxyType({**HEADERS, "Cache-Control": "no-cache"})
# The files' names hold a hash of their content, so what has one name never changes.
ASSET_HEADERS: Mapping[str, str] = MappingProxyType(
    {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
)

_MISSING = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="color-scheme" content="light dark">
    <title>Guidepost</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; }
    </style>
  </head>
  <body>
    <h1>The explorer has not been built</h1>
    <p>The GraphQL endpoint at this address works: send it a POST request.</p>
    <p>To get this page as well, run <code>make explorer</code> and reload. That needs npm, which
    <code>pip install 'guidepost[explorer]'</code> brings where the machine has none.</p>
  </body>
</html>
"""


def explorer_page(folder: Path = DIST) -> Response:
    """The page that a browser shows at `/graphql`, from the files in `folder`.

    Without those it is 503: 200 would tell a check after a deployment that the explorer is there,
    and 404 would tell a person that the address is wrong.
    """
    try:
        html = (folder / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return HTMLResponse(_MISSING, HTTPStatus.SERVICE_UNAVAILABLE, PAGE_HEADERS)
    return HTMLResponse(html, headers=PAGE_HEADERS)


def explorer_assets(folder: Path = DIST) -> Mount:
    """The route of the files that the page loads, at the address by which it calls them."""
    return Mount("/graphql/assets", _Assets(directory=folder / "assets", check_dir=False))


class _Assets(StaticFiles):
    async def check_config(self) -> None:
        """Accept a missing folder, which then has no files: each is 404, not an error of ours."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(ASSET_HEADERS)
        return response
