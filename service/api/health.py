"""Whether the process lives, and whether it can do its work."""

from asyncio import Task, create_task, wait
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.database.pools import Reader
from service.embedded import Outage
from service.errors import DatabaseError, SessionError
from service.migrations.revisions import Revisions, incompatibility

DEADLINE = 2.0
"""The seconds after which a database that does not answer counts as one that will not."""

_ASKING: set[Task[Any]] = set()
"""What was given up and has not ended yet; the event loop itself would not hold on to it."""


async def livez(outage: Outage, _: Request) -> Response:
    """The process answers, and the database that it runs itself can be started."""
    if problem := outage.problem:
        return PlainTextResponse(f"{problem}\n", 503)
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """The database answers, has what the code needs, and keeps readers off drafts."""
    reader: Reader = request.state.reader
    asking = create_task(_problem(reader, request.state.revisions))
    # Who gives up a statement waits until the server has noticed, which may take as long again.
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
