"""Whether the process lives, and whether it can do its work."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.database import Reader
from service.errors import DatabaseError
from service.migrations import misfit


async def livez(_: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """The database answers, and has what the code needs."""
    reader: Reader = request.state.reader
    try:
        problem = await misfit(reader, request.state.revisions)
    except DatabaseError:
        return PlainTextResponse("the database does not answer\n", 503)
    if problem:
        return PlainTextResponse(f"{problem}\n", 503)
    return PlainTextResponse("ok\n")
