"""The web application, put together."""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, TypedDict

from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from schema.delivery import Stage
from schema.model import content_model
from service import jobs
from service.access import anonymous
from service.api.compiler import Compiler
from service.api.endpoint import GraphQLEndpoint
from service.api.executor import Executor
from service.api.headers import ResponseHeaders
from service.api.health import livez, readyz
from service.api.limits import Limits
from service.api.mutations.mutations import MutationExecutor
from service.api.worker import Worker
from service.database.pools import EDITORS, Reader, reading, writing
from service.embedded import Outage
from service.errors import DatabaseError
from service.explorer.page import explorer_assets
from service.migrations.revisions import Revisions
from service.roles import PREVIEWER, READER, WRITER
from service.schema_cache import executable_schema
from service.settings import Settings
from service.tokens import Tokens

ENDPOINT = "/graphql"


class ApplicationState(TypedDict):
    """What the application holds while it runs; `request.state` has it."""

    engine: Executor
    reader: Reader
    tokens: Tokens
    revisions: Revisions


class Application(Starlette):
    """Starlette, with a way of its own for what is asked most."""

    def __init__(self, endpoint: GraphQLEndpoint, origins: Collection[str], **options: Any) -> None:
        super().__init__(**options)
        self._endpoint = endpoint
        self._answer = ResponseHeaders(self._routed, origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._answer(scope, receive, send)

    async def _routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on: to the endpoint at once, or through middleware and routes.

        The endpoint answers every error itself, so it needs none of them; they cost 7 µs.
        """
        if scope["type"] == "http" and scope["path"] == ENDPOINT:
            await self._endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings, outage: Outage | None = None) -> Starlette:
    """The application on the database at `settings.database_url`, which has to be there.

    `outage` tells why not, where Guidepost itself runs the database.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[ApplicationState]:
        if settings.database_url is None:
            raise DatabaseError("the application needs a database; `guidepost serve` brings one")
        async with AsyncExitStack() as stack:
            yield await _state(settings, settings.database_url, stack)

    endpoint = GraphQLEndpoint(settings)
    routes: list[BaseRoute] = [
        Route("/", lambda _: RedirectResponse("graphql")),
        Route(ENDPOINT, endpoint),
        Route("/livez", partial(livez, outage or Outage())),
        Route("/readyz", readyz),
    ]
    if settings.explorer:
        routes.append(explorer_assets())
    app = Application(endpoint, settings.origins, routes=routes, lifespan=lifespan)
    # What it would redirect to says what the request's `Host` says, which is anybody's.
    app.router.redirect_slashes = False
    return app


async def _state(settings: Settings, url: str, stack: AsyncExitStack) -> ApplicationState:
    """What there is to hold, put together."""
    model = content_model()
    size, timeout = settings.read_connections, settings.statement_timeout
    readers = {
        stage: await stack.enter_async_context(reading(url, size, timeout, role=role))
        for stage, role in ((Stage.LIVE, READER), (Stage.DRAFT, PREVIEWER))
    }
    writer = await stack.enter_async_context(writing(url, role=WRITER, connections=EDITORS))
    # Connections of their own: writes wait for one another, and who only reads is not to wait too.
    noting = await stack.enter_async_context(writing(url, role=WRITER))
    tokens = Tokens(noting, anonymous(settings.anonymous))
    stack.push_async_callback(tokens.close)
    await stack.enter_async_context(
        jobs.running(writer, noting, model, settings.revisions_kept_for)
    )
    locales = await readers[Stage.LIVE].locales()
    worker = Worker()
    stack.callback(worker.close)
    planner = Compiler(executable_schema(model), model, locales, _limits(settings), worker)
    return {
        "engine": Executor(planner, readers, MutationExecutor(model, writer, worker)),
        "reader": readers[Stage.LIVE],
        "tokens": tokens,
        "revisions": Revisions.of(settings.project),
    }


def _limits(settings: Settings) -> Limits:
    return Limits(
        characters=settings.document_limit,
        tokens=settings.token_limit,
        depth=settings.depth_limit,
        fields=settings.field_limit,
        objects=settings.object_limit,
        aliases=settings.alias_limit,
        root_fields=settings.root_field_limit,
        directives=settings.directive_limit,
        values=settings.value_limit,
        conditions=settings.condition_limit,
        cost=settings.cost_limit,
        planning=settings.planning_limit,
    )
