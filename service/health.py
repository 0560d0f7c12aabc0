"""Whether the process lives, and whether it can do its work."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.database import Reader
from service.errors import DatabaseError


async def livez(_: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """The database answers, and is at the revision that the code is made for."""
    reader: Reader = request.state.reader
    head = request.state.head
    try:
        found = await reader.revision()
    except DatabaseError:
        return PlainTextResponse("the database does not answer\n", 503)
    if found != head:
        message = f"the database is at revision {found or 'none'}, the code at {head}\n"
        return PlainTextResponse(message, 503)
    return PlainTextResponse("ok\n")
