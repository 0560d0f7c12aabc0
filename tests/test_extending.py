"""What operators add to the application: middleware, exception handlers and routes."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access import AccessError
from service.errors import DatabaseError
from tests.asking import Asker, asking
from tests.databases import PROJECT
from tests.processes import DIRECT, started

QUERY = {"query": '{ tool(slug: "java") { name } }'}
LONG = {"query": "{ guides { nodes { title subtitle techScene { html } whyHire { html } } } }"}
SECRET = {"authorization": "Bearer nobody"}


class Metrics:
    """A pure ASGI middleware: notes the path and the status of every response."""

    def __init__(self, app: ASGIApp, seen: list[tuple[str, int]]) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._seen.append((scope["path"], message["status"]))
            await send(message)

        await self._app(scope, receive, noted)


class Signature:
    """A pure ASGI middleware: signs every response behind those that signed before."""

    def __init__(self, app: ASGIApp, name: bytes) -> None:
        self._app = app
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"signed", self._name)]
            await send(message)

        await self._app(scope, receive, signed)


class Closed:
    """A pure ASGI middleware: answers everything itself, with no more than ASGI asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 429})
        await send({"type": "http.response.body"})


async def broken(*_: Any) -> None:
    raise RuntimeError("secret")


async def test_middleware_sees_every_response(seeded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []
    async with asking(seeded, lambda app: app.add_middleware(Metrics, seen=seen)) as ask:
        assert (await ask.post(QUERY)).json() == {"data": {"tool": {"name": "Java"}}}
        await ask.http.get("/graphql", params=QUERY)
        await ask.http.get("/graphql", headers={"accept": "text/html"})
        await ask.http.options("/graphql")
        await ask.post([])
        await ask.post(QUERY, headers=SECRET)
        await ask.http.put("/graphql")
        monkeypatch.setattr("service.api.executor.Executor.answer", broken)
        await ask.post(QUERY)
        await ask.http.get("/livez")
        await ask.http.get("/none")
    statuses = (200, 200, 200, 204, 400, 401, 405, 500)
    assert seen == [*(("/graphql", each) for each in statuses), ("/livez", 200), ("/none", 404)]


@pytest.mark.parametrize("path", ["/graphql", "/livez", "/none"])
async def test_middleware_is_in_the_order_of_starlette(seeded: str, path: str) -> None:
    def extend(app: Starlette) -> None:
        app.add_middleware(Signature, name=b"inner")
        app.add_middleware(Signature, name=b"outer")

    async with asking(seeded, extend) as ask:
        response = await ask.http.get(path, params=QUERY)
    assert response.headers.get_list("signed") == ["inner", "outer"]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_middleware_may_answer_itself(seeded: str) -> None:
    async with asking(seeded, lambda app: app.add_middleware(Closed)) as ask:
        for response in (await ask.post(QUERY), await ask.http.get("/livez")):
            assert response.status_code == 429
            assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_response_varies_by_all_that_it_depends_on(seeded: str) -> None:
    def extend(app: Starlette) -> None:
        app.add_middleware(GZipMiddleware)

    async with asking(seeded, extend, cors_origins="https://www.example.com") as ask:
        response = await ask.post(LONG, headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    varies = response.headers.get_list("vary", split_commas=True)
    assert {"Accept-Encoding", "GraphQL-Stage"} <= {*varies}
    assert varies[-1] == "Origin"


async def test_an_exception_handler_answers_an_error_of_the_endpoint(seeded: str) -> None:
    async def answer(_: Request, error: Exception) -> Response:
        return PlainTextResponse(f"handled: {error}", 418)

    def extend(app: Starlette) -> None:
        app.add_exception_handler(AccessError, answer)

    async with asking(seeded, extend) as ask:
        response = await ask.post(QUERY, headers=SECRET)
        assert (response.status_code, response.text) == (418, "handled: The token is not valid.")
        assert response.headers["x-content-type-options"] == "nosniff"
        # All others are answered as ever.
        assert (await ask.post([])).json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_the_exception_handler_for_everything_answers_what_nobody_expected(
    seeded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled: list[Exception] = []

    async def answer(_: Request, error: Exception) -> Response:
        handled.append(error)
        return PlainTextResponse("handled", 500)

    async def unavailable(*_: Any) -> None:
        raise DatabaseError("it is away")

    async with asking(seeded, lambda app: app.add_exception_handler(Exception, answer)) as ask:
        for error in (await ask.post([]), await ask.post(QUERY, headers=SECRET)):
            assert error.json()["errors"]
        monkeypatch.setattr("service.api.executor.Executor.answer", unavailable)
        assert (await ask.post(QUERY)).status_code == 503
        assert not handled
        monkeypatch.setattr("service.api.executor.Executor.answer", broken)
        # Starlette answers and raises it again, for the server's log.
        with pytest.raises(RuntimeError, match="secret"):
            await ask.post(QUERY)
    assert [str(each) for each in handled] == ["secret"]


async def test_routes_are_found_in_their_order(seeded: str) -> None:
    async def hello(request: Request) -> Response:
        return PlainTextResponse(f"hello {request.url.path}")

    def extend(app: Starlette) -> None:
        app.add_route("/hello", hello)
        app.add_route("/graphql", hello)

    async with asking(seeded, extend) as ask:
        assert (await ask.http.get("/hello")).text == "hello /hello"
        assert (await ask.post(QUERY)).json() == {"data": {"tool": {"name": "Java"}}}

    def extend_in_front(app: Starlette) -> None:
        app.router.routes.insert(0, Route("/graphql", hello))

    async with asking(seeded, extend_in_front) as ask:
        assert (await ask.http.get("/graphql", params=QUERY)).text == "hello /graphql"


async def test_without_additions_the_endpoint_is_reached_at_once(
    seeds: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[str] = []
    call = ExceptionMiddleware.__call__

    async def noted(self: ExceptionMiddleware, scope: Scope, *arguments: Any) -> None:
        passed.append(scope["path"])
        await call(self, scope, *arguments)

    monkeypatch.setattr(ExceptionMiddleware, "__call__", noted)
    await seeds.post(QUERY)
    await seeds.http.get("/livez")
    assert passed == ["/livez"]


async def test_the_program_of_the_documentation_answers_for_its_hosts(
    seeded: str, tmp_path: Path
) -> None:
    [program] = re.findall(
        r"^```python\n(.*?)^```$",
        (PROJECT / "docs/extending.md").read_text("utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    file = tmp_path / "program.py"
    file.write_text(program, "utf-8")
    told = {"DATABASE_URL": seeded, "PORT": "0", "PYTHONPATH": str(PROJECT)}
    with started(sys.executable, str(file), **told) as service:
        address = await asyncio.to_thread(lambda: service.until(r"http://[\d.]+:\d+")[0])
        async with httpx2.AsyncClient(base_url=address, **DIRECT) as http:
            answer = await http.post("/graphql", json=LONG)
            assert answer.json()["data"]["guides"]["nodes"]
            for target in ("/graphql", "/livez"):
                refused = await http.get(target, headers={"host": "evil.example"})
                assert (refused.status_code, refused.text) == (400, "Invalid host header")
