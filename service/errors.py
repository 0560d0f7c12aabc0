"""Every error that Guidepost raises on purpose.

    GuidepostError
    ├── SettingsError              an environment variable that cannot be used
    ├── WorkerError                a process that serves cannot start
    ├── DatabaseError              a server that cannot be reached or is not at the right revision
    │   ├── EmbeddedError          the embedded PostgreSQL does not start or stop
    │   ├── RevisionError          a statement of a revision fails
    │   ├── SessionError           a connection is not what was asked for, as behind a pooler
    │   ├── StatementTimeoutError  a statement takes longer than it may
    │   └── OutdatedError          a statement was prepared for tables that a migration changed
    ├── ContentError               content that cannot be what is asked: holds every problem found
    ├── ManyDeletionsError         a folder lacks so much that it is likely not the whole of it
    ├── MigrationConflictError     others changed the content that a migration changes
    ├── SquashError                migrations cannot be squashed
    ├── ManifestError              documents of clients are wrong: holds every problem
    └── RequestError               a request that is not carried out: holds its GraphQL errors
        ├── ProtocolError          it is no GraphQL request
        ├── AccessError            its sender may not do this
        └── RefusedError           several things are wrong with its document or its variables

The message says what is wrong, where, and what would be right; the command line prints it and
nothing else. `service.api.responses` answers requests with it. A single thing that is wrong with a
document or its variables is a `graphql.GraphQLError`, made by `schema.errors`, which has all codes.

A class that needs more than its name stands beside what it needs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError


class GuidepostError(Exception):
    """Something that a person can mend; its message says how."""

    def as_json(self) -> dict[str, Any]:
        """The error as commands print it with `--json`."""
        return {"message": str(self), "problems": []}


class SettingsError(GuidepostError):
    """A setting has a value that cannot be used."""


class WorkerError(GuidepostError):
    """A process that serves cannot start."""


class DatabaseError(GuidepostError):
    """The database cannot be reached or is not in the state that the code needs."""


class EmbeddedError(DatabaseError):
    """The embedded PostgreSQL cannot be prepared, started or stopped."""


class SessionError(DatabaseError):
    """What is in force in a connection is not what was asked for; it is not to be used."""


class StatementTimeoutError(DatabaseError):
    """A statement takes longer than it may; the connection is as good as before."""


class OutdatedError(DatabaseError):
    """A statement was prepared for tables that are otherwise by now; the next time it will do."""


class RequestError(GuidepostError):
    """A request is not carried out, and nothing was changed."""

    def __init__(
        self,
        errors: Sequence[GraphQLError],
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.errors = errors
        self.status = status
        """Of the response; if None, that of a well-formed request which is not executed."""
        self.headers = dict(headers or {})
        super().__init__("; ".join(error.message for error in errors))


class RefusedError(RequestError):
    """Several things are wrong with the document of a request, or with its variables."""
