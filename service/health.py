"""Whether the process lives, and whether it can do its work."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.database import Reader
from service.embedded import Outage
from service.errors import DatabaseError, SessionError
from service.migrations import misfit


async def livez(outage: Outage, _: Request) -> Response:
    """The process answers, and the database that it runs itself can be started."""
    if problem := outage.problem:
        return PlainTextResponse(f"{problem}\n", 503)
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """The database answers, has what the code needs, and keeps readers off drafts."""
    reader: Reader = request.state.reader
    try:
        await reader.verify()
        problem = await misfit(reader, request.state.revisions)
    except SessionError as error:
        problem = str(error)
    except DatabaseError:
        return PlainTextResponse("the database does not answer\n", 503)
    if problem:
        return PlainTextResponse(f"{problem}\n", 503)
    return PlainTextResponse("ok\n")
