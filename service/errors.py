"""Every error that Guidepost raises on purpose.

    GuidepostError
    ├── SettingsError            an environment variable that cannot be used
    ├── DatabaseError            a server that cannot be reached or is not at the right revision
    │   ├── EmbeddedError        the embedded PostgreSQL does not start or stop
    │   ├── SessionError         a connection is not what was asked for, as behind a pooler
    │   └── StatementTimeoutError  a statement takes longer than it may
    └── ContentError             content that cannot be what is asked: holds every problem found

The message says what is wrong, where, and what would be right; the command line prints it and
nothing else. What a *request* can do wrong is a `graphql.GraphQLError` with a `code` among its
extensions; see `schema.errors`.
"""


class GuidepostError(Exception):
    """Something that a person can mend; its message says how."""


class SettingsError(GuidepostError):
    """A setting has a value that cannot be used."""


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
