"""The errors of the drivers, raised as `DatabaseError`."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException

from service.database.session import of_a_pooler
from service.errors import DatabaseError, OutdatedError

T = TypeVar("T")

_REFUSED = "unsupported startup parameter"
"""PgBouncer's message for a startup parameter that it does not know."""

GONE = (
    OSError,
    asyncpg.InterfaceError,
    # A connection that was cut while it was idle raises this.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # Behind a pooler, another server process may answer, which has none of our prepared statements.
    asyncpg.InvalidSQLStatementNameError,
)
"""The driver's errors of a statement if the server fails, and not the statement."""


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise `DatabaseError` if the server goes away in this block.

    Raises `OutdatedError` if the tables have changed since a statement was prepared.
    """
    try:
        yield
    except (*GONE, asyncpg.InvalidCachedStatementError, *_SQLALCHEMYS) as error:
        cause = _drivers(error)
        if isinstance(cause, asyncpg.InvalidCachedStatementError):
            raise OutdatedError(f"the tables have changed: {cause}") from error
        if not isinstance(cause, GONE):
            raise
        raise DatabaseError(f"the connection to the database was lost: {cause}") from error


_SQLALCHEMYS = (DBAPIError, EmulatedDBAPIException)
"""The errors in which SQLAlchemy, or its cursors, wrap an error of asyncpg."""


def _drivers(error: BaseException) -> BaseException | None:
    """The driver's error inside those of SQLAlchemy; None if there is none."""
    cause: BaseException | None = error
    while isinstance(cause, _SQLALCHEMYS):
        cause = cause.__cause__
    return cause


async def reached(connecting: Awaitable[T]) -> T:
    """The new connection; raises `DatabaseError` if there can be none."""
    try:
        return await connecting
    except asyncpg.InvalidParameterValueError as error:
        raise DatabaseError(
            f"the database does not fit the code ({error}); run `guidepost migrate`"
        ) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        if _REFUSED in str(error):
            raise of_a_pooler(str(error)) from error
        raise DatabaseError(
            f"the database cannot be reached: {str(error) or type(error).__name__}. "
            "Check that the server is running and that DATABASE_URL is right"
        ) from error
