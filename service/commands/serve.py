"""The command `guidepost serve`."""

import asyncio
import gc
import socket
from math import ceil

import uvicorn

from service.api.connections import limited
from service.application import create_app
from service.commands.startup import check_content, database
from service.console import say
from service.embedded import Outage
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
    settings, outage = Settings.read(), Outage()
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
        create_app(settings, outage),
        http=limited(settings),
        lifespan="on",
        log_level="warning",
        access_log=False,
        # What takes longer would be refused; a client that does not read must not hold up the end.
        timeout_graceful_shutdown=ceil(settings.deadline),
    )
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{listener.getsockname()[1]}"
    addresses = [
        f"GraphQL{' and its explorer' if settings.explorer else ''}: {address}/graphql",
        f"health: {address}/livez {address}/readyz",
    ]
    _Server(config, addresses).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says where it serves once it does."""

    def __init__(self, config: uvicorn.Config, addresses: list[str]) -> None:
        super().__init__(config)
        self._addresses = addresses

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # The schema and the model stay for good. Looking through them for garbage would hold up
        # a request for a tenth of a second now and then.
        gc.collect()
        gc.freeze()
        if not self.should_exit:
            for line in self._addresses:
                say(line)
