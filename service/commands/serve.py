"""The command `guidepost serve`."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from math import ceil

import uvicorn

from service.api.connections import limited
from service.commands.making import make_app
from service.commands.startup import check_content, database
from service.commands.supervisor import supervise
from service.console import say
from service.embedded import Outage, SharedOutage
from service.errors import SettingsError
from service.migrations.revisions import upgrade
from service.settings import Settings


def serve(*, migrate: bool = False) -> None:
    """Serve GraphQL over HTTP.

    Parameters
    ----------
    migrate
        Migrate the database to the revision of the code first.
    """
    settings = Settings.read()
    is_shared = settings.workers > 1 and settings.database_url is None
    outage = SharedOutage() if is_shared else Outage()
    with _listen(settings) as listener, database(settings, outage) as url:
        if migrate:
            upgrade(settings, url, say)
        asyncio.run(check_content(settings, url, serving=True))
        _serve(settings.model_copy(update={"database_url": url}), outage, listener)


def _listen(settings: Settings) -> socket.socket:
    """Take the port before anything is started for it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        # From now on nobody else can have it; who connects waits.
        listener.listen()
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
            "name another port in PORT, or another address in GUIDEPOST_HOST"
        ) from error
    return listener


def _serve(settings: Settings, outage: Outage, listener: socket.socket) -> None:
    config = uvicorn.Config(
        partial(make_app, settings, outage),
        factory=True,
        http=limited(settings),
        lifespan="on",
        log_level="warning",
        access_log=False,
        workers=settings.workers,
        # What takes longer would be refused; a client that does not read must not hold up the end.
        timeout_graceful_shutdown=ceil(settings.deadline),
    )
    ready = partial(_say_addresses, settings, listener.getsockname()[1])
    if settings.workers == 1:
        _Server(config, ready).run(sockets=[listener])
    else:
        supervise(config, listener, settings.drain, ready)


def _say_addresses(settings: Settings, port: int) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{port}"
    say(f"GraphQL{' and its explorer' if settings.explorer else ''}: {address}/graphql")
    say(f"health: {address}/livez {address}/readyz")


class _Server(uvicorn.Server):
    """Says where it serves once it does."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()
