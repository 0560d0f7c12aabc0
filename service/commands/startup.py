"""What commands begin with: the database that they work on, and whether it fits the code."""

from collections.abc import Iterator
from contextlib import contextmanager

from schema.model import content_model
from service.console import say
from service.database.address import database_url
from service.database.pools import reading, try_roles, writing
from service.documents.unknown_names import refuse_unknown_names
from service.embedded import Outage
from service.errors import DatabaseError
from service.migrations.revisions import Revisions, incompatibility, made_by_newer_code
from service.settings import Settings


@contextmanager
def database(settings: Settings, outage: Outage | None = None) -> Iterator[str]:
    """Where the database is; see `database_url`."""
    if settings.database_url is None:
        say(f"PostgreSQL: the embedded one in {settings.data.absolute()}")
    with database_url(settings, say, outage) as url:
        yield url


async def check_content(settings: Settings, url: str, *, serving: bool = False) -> None:
    """Refuse what `check` refuses, and content with names that enumerations do not have.

    Reads do not look at stored names. Newer code may have added names, and its database is served.
    """
    if await check(settings, url, serving=serving):
        async with writing(url) as engine, engine.connect() as connection:
            await refuse_unknown_names(connection, content_model())


async def check(settings: Settings, url: str, *, serving: bool = False) -> bool:
    """Refuse a database that is not at the code's revision; who only serves may use a newer one.

    Returns whether the database is at the code's revision.
    """
    code = Revisions.of(settings.project)
    async with reading(url, 1) as reader:
        found = await reader.revision()
        problem = await incompatibility(reader, code)
    if problem:
        raise DatabaseError(problem)
    is_newer = code.are_behind(found)
    if is_newer:
        if not serving:
            raise DatabaseError(made_by_newer_code(found))
        say(f"the database is at revision {found} of newer code; it has all that this code needs")
    if serving:
        await try_roles(url)
    return not is_newer
