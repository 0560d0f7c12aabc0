"""Whether the process lives, and whether it can do its work."""

from asyncio import Task, create_task, wait
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.database import Reader
from service.errors import DatabaseError, StatementTimeoutError
from service.migrations import misfit

DEADLINE = 2.0
"""The seconds after which a database that does not answer counts as one that will not."""

_ASKING: set[Task[Any]] = set()
"""What was given up and has not ended yet; the event loop itself would not hold on to it."""


async def livez(_: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """The database answers, and has what the code needs."""
    reader: Reader = request.state.reader
    asking = create_task(misfit(reader, request.state.revisions))
    # Who gives up a statement waits until the server has noticed, which may take as long again.
    await wait({asking}, timeout=DEADLINE)
    if not asking.done():
        _ASKING.add(asking)
        asking.add_done_callback(_ASKING.discard)
        asking.cancel()
        return _not_ready("the database does not answer in time")
    try:
        problem = asking.result()
    except (DatabaseError, StatementTimeoutError):
        return _not_ready("the database does not answer")
    return _not_ready(problem) if problem else PlainTextResponse("ok\n")


def _not_ready(problem: str) -> Response:
    return PlainTextResponse(f"{problem}\n", 503)
