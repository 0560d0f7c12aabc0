"""The web application, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from schema.model import content_model
from schema.types import graphql_schema
from service import migrations
from service.database import Reader, reading
from service.endpoint import GraphQLEndpoint
from service.engine import Engine
from service.errors import DatabaseError
from service.explorer.page import explorer_assets
from service.health import livez, readyz
from service.limits import Limits
from service.settings import Settings

ENDPOINT = "/graphql"


class State(TypedDict):
    """What the application holds while it runs; `request.state` has it."""

    engine: Engine
    reader: Reader
    head: str | None
    """The database's revision that the code is made for."""


class Application(Starlette):
    """Starlette, with a way of its own for what is asked most."""

    def __init__(self, endpoint: GraphQLEndpoint, **options: Any) -> None:
        super().__init__(**options)
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on: to the endpoint at once, or through middleware and routes.

        The endpoint answers every error itself, so it needs none of them; they cost 7 µs.
        """
        if scope["type"] == "http" and scope["path"] == ENDPOINT:
            await self._endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings) -> Starlette:
    """The application on the database at `settings.database_url`, which has to be there."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[State]:
        if settings.database_url is None:
            raise DatabaseError("the application needs a database; `guidepost serve` brings one")
        model = content_model()
        schema = graphql_schema(model)
        async with reading(
            settings.database_url, settings.read_connections, settings.statement_timeout
        ) as reader:
            yield {
                "engine": Engine(schema, model, reader, await reader.locales(), _limits(settings)),
                "reader": reader,
                "head": migrations.head(settings.project),
            }

    endpoint = GraphQLEndpoint(settings)
    return Application(
        endpoint,
        routes=[
            Route("/", lambda _: RedirectResponse("graphql")),
            Route(ENDPOINT, endpoint),
            explorer_assets(),
            Route("/livez", livez),
            Route("/readyz", readyz),
        ],
        lifespan=lifespan,
    )


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
    )
