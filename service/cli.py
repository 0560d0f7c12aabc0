"""The command line: `guidepost serve | migrate | content load | schema print | token …`."""

import asyncio
import gc
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import orjson
import uvicorn
from cyclopts import App
from rich.status import Status

from schema.model import content_model
from schema.sdl import schema_language
from schema.types import graphql_schema
from service import __version__
from service.application import create_app
from service.console import check, console, database, say
from service.content import Loaded, load_content
from service.database import PREVIEWER, writing
from service.documents.json_schema import json_schema
from service.errors import GuidepostError, SettingsError
from service.exporting import Exported, export
from service.migrations import upgrade
from service.settings import Settings
from service.token_commands import token

app = App(name="guidepost", help="A GraphQL backend for recruiting guides.", version=__version__)
content = App(name="content", help="Content as documents.")
schema = App(name="schema", help="The GraphQL schema.")
app.command(content)
app.command(schema)
app.command(token)


def main() -> NoReturn:
    """Run a command; what a person can mend is said in a line and exits with 1."""
    signal.signal(signal.SIGTERM, _terminate)
    # Also where the parent ignores it, as shells do for what they run in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A terminal that is closed ends what runs in it; uvicorn knows SIGTERM and not this.
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        app()
    except GuidepostError as error:
        # Of the sentence nothing is markup: it quotes what people wrote.
        console.print("error: ", style="red", end="")
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


@app.command
def serve(
    *,
    migrate: bool = False,
    content: Path | None = None,  # the option is called as the command is
) -> None:
    """Answer GraphQL requests.

    Parameters
    ----------
    migrate
        Bring the database to the code's revision first.
    content
        Load and publish the documents in this folder first.
    """
    settings = Settings.read()
    listener = _listen(settings)
    with database(settings) as url:
        if migrate:
            upgrade(settings, url, say)
        if content is not None:
            _report(_load(url, content, publish=True))
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


@content.command
def load(directory: Path, /, *, publish: bool = False) -> None:
    """Make the content be what documents say, all of it or, on an error, none.

    Parameters
    ----------
    directory
        The folder that holds the documents, one in each YAML file.
    publish
        Publish what is loaded, but for documents that say `draft: true`.
    """
    settings = Settings.read()
    with database(settings) as url:
        asyncio.run(check(settings, url))
        _report(_load(url, directory, publish=publish))


@content.command(name="export")
def export_content(directory: Path, /) -> None:
    """Make the files in a folder say what the working copy is.

    Parameters
    ----------
    directory
        The folder. Files that say what is there already are left as they are.
    """
    settings = Settings.read()
    with database(settings) as url:
        asyncio.run(check(settings, url))
        done = asyncio.run(_export(url, directory))
    say(f"{done.written} files written, {done.unchanged} unchanged")
    for file in done.others:
        say(f"{file}: there is no such item; it was left as it is")


@schema.command(name="documents")
def print_json_schema() -> None:
    """Print the JSON Schema of documents."""
    written = orjson.dumps(json_schema(content_model()), option=orjson.OPT_INDENT_2)
    sys.stdout.write(written.decode() + "\n")


@schema.command(name="print")
def print_schema() -> None:
    """Print the GraphQL schema."""
    sys.stdout.write(schema_language(graphql_schema(content_model())))


def _load(url: str, directory: Path, *, publish: bool) -> Loaded:
    async def run() -> Loaded:
        async with writing(url) as engine:
            return await load_content(
                engine, content_model(), directory, publishing=publish, progress=progress
            )

    with Status("", console=console) as status:

        def progress(step: str) -> None:
            status.update(step)

        return asyncio.run(run())


async def _export(url: str, directory: Path) -> Exported:
    async with writing(url, role=PREVIEWER) as engine:
        return await export(engine, content_model(), directory)


def _report(loaded: Loaded) -> None:
    say(
        f"content: {loaded.created} created, {loaded.changed} changed, "
        f"{loaded.unchanged} unchanged, {loaded.published} published"
    )


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
