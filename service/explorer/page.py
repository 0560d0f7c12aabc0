"""The explorer as HTTP responses: its page, its files, and the headers that go with them.

npm builds the files, and compressed ones beside them (see `build.mjs`); git does not track them.
Where they are missing, a page says how to get them.
"""

from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from service.negotiation import accepted_codings

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
# Programs that ask for JSON get another response at the page's address.
PAGE_HEADERS: Mapping[str, str] = MappingProxyType(
    {**HEADERS, "Cache-Control": "no-cache", "Vary": "Accept"}
)
# The files' names hold a hash of their content, so what has one name never changes.
ASSET_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        **HEADERS,
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
)

CODINGS: Mapping[str, str] = MappingProxyType({"br": ".br", "gzip": ".gz"})
"""The codings that the build makes, the smallest first, and how the names of their files end."""

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

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file in the coding that the client prefers, under the address of its plain form.

        The plain form is acceptable whatever the client says: an error would help nobody.
        """
        accepted = Headers(scope=scope).get("accept-encoding", "")
        for coding in accepted_codings(accepted, CODINGS):
            with suppress(HTTPException):  # there is no such file, but maybe the next one
                response = await super().get_response(path + CODINGS[coding], scope)
                return _described(response, coding)
        return _described(await super().get_response(path, scope))


def _described(response: Response, coding: str | None = None) -> Response:
    response.headers.update(ASSET_HEADERS)
    if coding and isinstance(response, FileResponse):
        response.headers["Content-Encoding"] = coding
    return response
