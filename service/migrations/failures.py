"""A database error in a revision, as a message of a few lines."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from alembic.script import Script
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException

from service.errors import DatabaseError
from service.messages import shortened

_LONGEST = 400
"""The most characters of a statement, or of what PostgreSQL says about it."""


class RevisionError(DatabaseError):
    """A statement of a revision failed; the message names the revision and the statement."""


@contextmanager
def named_errors(script: Script) -> Iterator[None]:
    """Raise `RevisionError` if PostgreSQL refuses a statement of the revision in this block."""
    try:
        yield
    except (DBAPIError, EmulatedDBAPIException, asyncpg.PostgresError) as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
        message = "\n  ".join(_lines(refusal))
        raise RevisionError(f"{name_of(script)}: {message}") from error


def name_of(script: Script) -> str:
    """A revision in messages: its id and what it does."""
    return f"revision {script.revision} ({shortened(' '.join(script.doc.split()).rstrip('.'), 80)})"


def _refusal(error: BaseException) -> asyncpg.PostgresError | None:
    """PostgreSQL's error inside those of SQLAlchemy; None if it is not PostgreSQL's."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, asyncpg.PostgresError):
        cause = cause.__cause__
    return cause


def _lines(refusal: asyncpg.PostgresError) -> Iterator[str]:
    yield _line(str(refusal).partition("\n")[0])
    for name in ("detail", "hint", "query"):
        if said := getattr(refusal, name, None):
            label = "statement" if name == "query" else name.upper()
            yield f"{label}: {_line(said)}"


def _line(text: str) -> str:
    return shortened(" ".join(text.split()), _LONGEST)
