"""The commands `guidepost documents register | check | list | retire`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from cyclopts import App, Parameter
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.model import content_model
from service import persisted_documents
from service.api.limits import Limits
from service.commands import startup
from service.commands.startup import database
from service.console import print_json, say, table
from service.database.pools import writing
from service.errors import GuidepostError
from service.manifests import checking
from service.manifests.checking import Checked
from service.manifests.problems import ManifestError, lines
from service.manifests.reading import ManifestDocument, read
from service.persisted_documents import DocumentInfo, normal_id
from service.schema_cache import executable_schema
from service.settings import Settings

HEADINGS = ("operations", "id", "clients", "registered", "state")

T = TypeVar("T")

JsonOption = Annotated[bool, Parameter(negative=())]

documents = App(name="documents")


@documents.command
def register(files: list[Path], /, *, client: str = "default", json: JsonOption = False) -> None:
    """Register the documents of a client, all or none: from then on it can send only their ids.

    Nothing is registered if one of them is not valid against the schema, or exceeds a limit on
    requests. Documents that are registered already stay as they are, so the command can be part
    of every deployment. Services find new documents at once, or half a second after they were
    asked for in vain.

    --json prints `{"registered": ["<id>", …], "unchanged": 0, "warnings": […]}`; the warnings are
    those of `check`.

    Parameters
    ----------
    files
        The documents: an Apollo manifest, a JSON object with documents by their ids, as GraphQL
        Code Generator and Relay write it, or a file `.graphql` with one document, which gets its
        SHA-256 as its id.
    client
        The name of the client that uses the documents.
    json
        Print what was done as JSON.
    """
    found = _checked(read(files))
    if found.problems:
        raise ManifestError(found.problems)
    if not client.strip() or not client.isprintable():
        raise GuidepostError(f"--client {client!r} is no name; use printable characters")
    new = _run(lambda it: persisted_documents.register(it, client, found.documents))
    unchanged = len(found.documents) - len(new)
    for line in lines(found.warnings):
        say(line)
    say(f"documents of {client!r}: {len(new)} registered, {unchanged} unchanged")
    if json:
        warnings = [each.as_json() for each in found.warnings]
        print_json({"registered": sorted(new), "unchanged": unchanged, "warnings": warnings})


@documents.command
def check(files: list[Path] | None = None, /, *, json: JsonOption = False) -> int:
    """Check documents against the schema of this code; the exit code is 1 if one of them breaks.

    With files, this needs no database. Without files, it checks all documents that are registered
    and not retired, so that a change of the schema shows which pages of which clients it breaks.
    The database may be at another revision than the code.

    --json prints `{"documents": 0, "problems": […], "warnings": […]}`. Warnings are about what is
    deprecated. Each of them has:

    - `source`: the file, or the clients that registered the document
    - `id`: the id of the document; null if the whole file is wrong
    - `operations`: the operations that it is about, such as `query Guide`
    - `coordinate`: what they use of the schema, such as `Guide.subtitle`; null if it is not known
    - `line` and `column`: the place in the document, from 1; null if there is none
    - `message`

    Parameters
    ----------
    files
        The documents, in the forms that `register` reads. Default: those that are registered.
    json
        Print what was found as JSON.
    """
    given = read(files) if files else _registered()
    found = _checked(given)
    if json:
        print_json(_as_json(len(given), found))
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines(found.problems))
        sys.stdout.writelines(f"warning: {line}\n" for line in lines(found.warnings))
    broken = len(given) - len(found.documents)
    say(f"documents: {len(given)} checked, {broken} refused")
    return 1 if broken else 0


@documents.command(name="list")
def list_(*, json: JsonOption = False) -> None:
    """Print the operations, the id, the clients and the state of each registered document.

    Parameters
    ----------
    json
        Print them as JSON.
    """
    found = _run(persisted_documents.listed)
    if json:
        print_json([each.as_json() for each in found])
    else:
        rows = [_row(each) for each in found]
        sys.stdout.writelines(f"{line}\n" for line in table([HEADINGS, *rows]))


@documents.command
def retire(ids: list[str], /, *, client: str | None = None) -> None:
    """Retire documents: within a second, services do not find them any more.

    Their ids are not given to other documents. Registering the same documents again brings them
    back.

    Parameters
    ----------
    ids
        The ids of the documents.
    client
        The client that does not use them any more; a document that other clients use stays.
        Default: all clients.
    """
    known = [*_normal(ids)]
    retired = _run(lambda it: persisted_documents.retire(it, known, client))
    say(f"documents: {len(retired)} retired")
    for each in sorted({*known} - {*retired}):
        say(f"{each}: other clients use it, or it was retired before")


def _checked(given: Sequence[ManifestDocument]) -> Checked:
    limits = Limits.of(Settings.read())
    return checking.check(given, executable_schema(content_model()), limits)


def _registered() -> list[ManifestDocument]:
    found = _run(persisted_documents.in_use, at_any_revision=True)
    return [ManifestDocument(", ".join(each.clients), each.id, text) for each, text in found]


def _as_json(count: int, found: Checked) -> dict[str, Any]:
    return {
        "documents": count,
        "problems": [each.as_json() for each in found.problems],
        "warnings": [each.as_json() for each in found.warnings],
    }


def _normal(ids: Sequence[str]) -> Iterator[str]:
    for each in ids:
        try:
            yield normal_id(each)
        except ValueError as error:
            raise GuidepostError(f"{each!r} is no id of a document: {error}") from error


def _run(work: Callable[[AsyncConnection], Awaitable[T]], *, at_any_revision: bool = False) -> T:
    """Do something with the database in one transaction."""
    settings = Settings.read()

    async def run(url: str) -> T:
        if not at_any_revision:
            await startup.check(settings, url)
        async with writing(url) as engine, engine.begin() as connection:
            return await work(connection)

    with database(settings) as url:
        return asyncio.run(run(url))


def _row(document: DocumentInfo) -> tuple[str, ...]:
    return (
        ", ".join(document.operations),
        document.id,
        ", ".join(document.clients),
        _time(document.registered_at),
        f"retired {_time(document.retired_at)}" if document.retired_at else "active",
    )


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
