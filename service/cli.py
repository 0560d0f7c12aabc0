"""The command line: `guidepost serve | migrate | schema | content … | token …`."""

import asyncio
import gc
import signal
import socket
import sys
from types import FrameType
from typing import NoReturn

import orjson
import uvicorn
from cyclopts import App, CycloptsError

from schema.model import content_model
from schema.sdl import schema_language
from schema.types import graphql_schema
from service import __version__, content_commands
from service.application import create_app
from service.console import check, console, database, say
from service.documents.json_schema import json_schema
from service.errors import GuidepostError, SettingsError
from service.migrations import upgrade
from service.settings import Settings
from service.token_commands import token

app = App(name="guidepost", help="A GraphQL backend for recruiting guides.", version=__version__)
schema = App(name="schema", help="The GraphQL schema.")
app.command(content_commands.content)
app.command(schema)
app.command(token)


def main() -> NoReturn:
    """Run a command; what a person can mend is said in a line and exits with 1.

    So does a command that there is not: 2 is an answer of `content plan`.
    """
    signal.signal(signal.SIGTERM, _terminate)
    # Also where the parent ignores it, as shells do for what they run in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A terminal that is closed ends what runs in it; uvicorn knows SIGTERM and not this.
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        app(exit_on_error=False)
    except CycloptsError:  # which has said what is wrong
        sys.exit(1)
    except GuidepostError as error:
        # Of the sentence nothing is markup: it quotes what people wrote.
        console.print("error: ", style="red", end="")
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


@app.command
def serve(*, migrate: bool = False) -> None:
    """Answer GraphQL requests.

    Parameters
    ----------
    migrate
        Bring the database to the code's revision first.
    """
    settings = Settings.read()
    listener = _listen(settings)
    with database(settings) as url:
        if migrate:
            upgrade(settings, url, say)
        asyncio.run(check(settings, url, serving=True))
        _serve(settings.model_copy(update={"database_url": url}), listener)


@app.command
def migrate() -> None:
    """Bring the database to the code's revision, beside a service that goes on.

    It waits while another command does so, and starts anew where others are in its way, for as long
    as GUIDEPOST_MIGRATION_PATIENCE says.
    """
    settings = Settings.read()
    with database(settings) as url:
        upgrade(settings, url, say)


@schema.command(name="documents")
def print_json_schema() -> None:
    """Print the JSON Schema of documents."""
    written = orjson.dumps(json_schema(content_model()), option=orjson.OPT_INDENT_2)
    sys.stdout.write(written.decode() + "\n")


@schema.command(name="print")
def print_schema() -> None:
    """Print the GraphQL schema."""
    sys.stdout.write(schema_language(graphql_schema(content_model())))


def _listen(settings: Settings) -> socket.socket:
    """Take the port before anything is started for it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
            "name another port in PORT, or another address in GUIDEPOST_HOST"
        ) from error
    return listener


def _serve(settings: Settings, listener: socket.socket) -> None:
    config = uvicorn.Config(
        create_app(settings), lifespan="on", log_level="warning", access_log=False
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


def _terminate(number: int, _: FrameType | None) -> NoReturn:
    """Leave as from an error, so that what was started is stopped."""
    sys.exit(128 + number)
