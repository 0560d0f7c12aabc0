"""What commands begin with: the database that they work on, and whether it fits the code."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.console import say
from service.database.address import database_url
from service.database.pools import reading, try_roles
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


async def check(settings: Settings, url: str, *, serving: bool = False) -> None:
    """Refuse a database that is not at the code's revision; who only serves may use a newer one."""
    code = Revisions.of(settings.project)
    async with reading(url, 1) as reader:
        found = await reader.revision()
        problem = await incompatibility(reader, code)
    if problem:
        raise DatabaseError(problem)
    if code.are_behind(found):
        if not serving:
            raise DatabaseError(made_by_newer_code(found))
        say(f"the database is at revision {found} of newer code; it has all that this code needs")
    if serving:
        await try_roles(url)
