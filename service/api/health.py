"""Health checks: whether the process works, and whether it can answer requests."""

from asyncio import Task, create_task, wait
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.database.pools import Reader
from service.embedded import Outage
from service.errors import DatabaseError, SessionError
from service.migrations.revisions import Revisions, incompatibility
from service.process import Drain

DEADLINE = 2.0
"""The seconds that the database has to answer before the service counts as not ready."""

_ASKING: set[Task[Any]] = set()
"""Checks that were cancelled and have not ended; the event loop holds only weak references."""


async def livez(outage: Outage, _: Request) -> Response:
    """Answer 200, or 503 with the reason if the embedded database cannot be started."""
    if problem := outage.problem:
        return PlainTextResponse(f"{problem}\n", 503)
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Answer 200, or 503 with the reason.

    The service is ready if it is not about to end, and the database answers, has the tables that
    the code needs, and does not let the role for reads see drafts.
    """
    drain: Drain = request.state.drain
    if drain.is_on:
        return _answer("the service is stopping")
    reader: Reader = request.state.reader
    asking = create_task(_problem(reader, request.state.revisions))
    # Not a timeout: cancelling a statement waits for the server, which may take as long again.
    await wait({asking}, timeout=DEADLINE)
    if not asking.done():
        _ASKING.add(asking)
        asking.add_done_callback(_ASKING.discard)
        asking.cancel()
        return _answer("the database does not answer in time")
    try:
        return _answer(asking.result())
    except SessionError as error:
        return _answer(str(error))
    except DatabaseError:
        return _answer("the database does not answer")


async def _problem(reader: Reader, revisions: Revisions) -> str | None:
    await reader.verify()
    return await incompatibility(reader, revisions)


def _answer(problem: str | None) -> Response:
    return PlainTextResponse(f"{problem}\n", 503) if problem else PlainTextResponse("ok\n")
