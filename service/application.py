"""The ASGI application, put together."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, TypedDict

from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from schema.delivery import Stage
from schema.model import content_model
from service import jobs
from service.access import anonymous
from service.api.compiler import Compiler
from service.api.deadline import Deadline
from service.api.documents import DocumentResolver
from service.api.endpoint import GraphQLEndpoint
from service.api.executor import Executor
from service.api.headers import ResponseHeaders
from service.api.health import livez, readyz
from service.api.introspection import Introspector
from service.api.limits import Limits
from service.api.metrics import metrics
from service.api.mutations.mutations import MutationExecutor
from service.api.response_cache import ResponseCache
from service.api.worker import Worker
from service.database.pools import EDITORS, Reader, reading, writing
from service.embedded import Outage
from service.errors import DatabaseError
from service.explorer.page import explorer_assets
from service.freshness import Freshness
from service.jobs import Retention
from service.migrations.revisions import Revisions
from service.persisted_documents import PersistedDocuments
from service.process import Drain, serving
from service.roles import PREVIEWER, READER, WRITER
from service.schema_cache import executable_schema
from service.settings import Settings
from service.tokens import Tokens


class ApplicationState(TypedDict):
    """What the application holds while it runs; handlers find it in `request.state`."""

    executor: Executor
    reader: Reader
    tokens: Tokens
    revisions: Revisions
    deadline: Deadline
    responses: ResponseCache
    drain: Drain


class Application(Starlette):
    """Starlette with a shortcut to the endpoint, and with the headers of every response."""

    def __init__(
        self, endpoint: Route, origins: Collection[str], routes: Sequence[BaseRoute], **options: Any
    ) -> None:
        super().__init__(routes=[endpoint, *routes], **options)
        self._endpoint = endpoint
        self._origins = origins

    def build_middleware_stack(self) -> ASGIApp:
        """Starlette's stack inside the response headers. Starlette calls this when it starts."""
        stack = super().build_middleware_stack()
        is_extended = self.user_middleware or self.exception_handlers or self.max_body_size
        return ResponseHeaders(stack if is_extended else self._shortened(stack), self._origins)

    def _shortened(self, stack: ASGIApp) -> ASGIApp:
        """A shortcut to the endpoint, around a stack to which nobody has added anything.

        The endpoint answers every error itself, so it does not need the stack, which costs 7 µs. A
        route that is put in front of the endpoint's still comes first.
        """
        router, route = self.router, self._endpoint
        path, endpoint = route.path, route.app

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            is_short = scope["type"] == "http" and scope["path"] == path
            if is_short and router.routes[0] is route:
                await endpoint(scope, receive, send)
            else:
                await stack(scope, receive, send)

        return answer


def create_app(settings: Settings, outage: Outage | None = None) -> Starlette:
    """The application on the database at `settings.database_url`, which has to be set.

    `outage` tells why the database is away, where Guidepost itself runs it.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[ApplicationState]:
        if settings.database_url is None:
            raise DatabaseError("DATABASE_URL is not set; set it, or use `guidepost serve`")
        async with AsyncExitStack() as stack:
            yield await _state(settings, settings.database_url, stack)

    routes: list[BaseRoute] = [
        Route("/", lambda _: RedirectResponse("graphql")),
        Route("/livez", partial(livez, outage or Outage())),
        Route("/readyz", readyz),
    ]
    if settings.metrics:
        routes.append(Route("/metrics", metrics))
    if settings.explorer:
        routes.append(explorer_assets())
    answering = GraphQLEndpoint(settings)
    routes.append(Route("/graphql/{document}", answering))
    endpoint = Route("/graphql", answering)
    app = Application(endpoint, settings.origins, routes, lifespan=lifespan)
    # The address of such a redirect would contain the request's `Host`, which anybody can choose.
    app.router.redirect_slashes = False
    return app


async def _state(settings: Settings, url: str, stack: AsyncExitStack) -> ApplicationState:
    """Open everything that the application holds; `stack` closes it."""
    model = content_model()
    size, timeout = settings.read_connections, settings.statement_timeout
    readers = {
        stage: await stack.enter_async_context(reading(url, size, timeout, role=role))
        for stage, role in ((Stage.LIVE, READER), (Stage.DRAFT, PREVIEWER))
    }
    writer = await stack.enter_async_context(writing(url, role=WRITER, connections=EDITORS))
    # Connections of their own: edits wait for one another, and a client that only reads must not
    # wait with them.
    noting = await stack.enter_async_context(writing(url, role=WRITER))
    tokens = Tokens(noting, anonymous(settings.anonymous))
    stack.push_async_callback(tokens.close)
    locales = await readers[Stage.LIVE].locales()
    worker = Worker()
    stack.callback(worker.close)
    schema = executable_schema(model)
    registered = PersistedDocuments(noting)
    stack.push_async_callback(registered.close)
    is_limited = settings.documents == "registered"
    documents = DocumentResolver(registered.text, only_registered=is_limited)
    limits = Limits.of(settings)
    compiler = Compiler(schema, model, locales, limits, worker, documents)
    retention = Retention(settings.changes_kept_for, settings.revisions_kept_for)
    await stack.enter_async_context(jobs.running(writer, noting, model, compiler.serve, retention))
    checking = await stack.enter_async_context(reading(url, 1, timeout, role=READER))
    freshness = Freshness(checking)
    stack.push_async_callback(freshness.close)
    await freshness.ask()
    responses = ResponseCache(freshness, settings.response_cache)
    deadline = Deadline(settings.deadline)
    stack.callback(deadline.close)
    return {
        "executor": Executor(
            compiler,
            Introspector(schema, worker),
            readers,
            MutationExecutor(model, writer, worker),
            responses,
            settings.cost_limit,
        ),
        "reader": readers[Stage.LIVE],
        "tokens": tokens,
        "revisions": Revisions.of(settings.project),
        "deadline": deadline,
        "responses": responses,
        # Last: nothing that is made before it is garbage.
        "drain": stack.enter_context(serving(settings.drain)),
    }
