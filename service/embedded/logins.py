"""The logins of the roles of connections, each with a password of its own.

They are in a password file that PostgreSQL's clients can read, and that the server's address names.
A connection that logs in as one of the roles is never the superuser, and cannot become it.
"""

import os
import secrets

from service.embedded.account import Account
from service.embedded.binaries import Binaries
from service.embedded.failure import quoted
from service.embedded.initdb import NAME
from service.embedded.layout import Layout
from service.errors import EmbeddedError
from service.roles import ROLES

# The role may exist already, and the migration that makes the roles skips one that exists.
_MAKE = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{role}') then
    create role {role};
  end if;
end $$;
alter role {role} login password '{password}';
"""


def make_logins(layout: Layout, account: Account, binaries: Binaries) -> None:
    """Give a login to every role without one. The server runs, and the caller holds the gate."""
    known = layout.passfile.read_text("ascii") if layout.passfile.exists() else ""
    fresh = {role: secrets.token_hex(24) for role in ROLES if f":{role}:" not in known}
    if not fresh:
        return
    _run(
        "".join(_MAKE.format(role=role, password=fresh[role]) for role in fresh),
        layout,
        account,
        binaries,
    )
    lines = (f"*:*:*:{role}:{password}\n" for role, password in fresh.items())
    account.write(layout.passfile, f"{known}{''.join(lines)}")


def _run(sql: str, layout: Layout, account: Account, binaries: Binaries) -> None:
    result = account.run(
        binaries / "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        stdin=sql,
        PGHOST=os.fspath(layout.run),
        PGPORT="5432",
        PGUSER=NAME,
        PGDATABASE=NAME,
        PGPASSWORD=layout.password.read_text("ascii").strip(),
    )
    if result.returncode:
        raise EmbeddedError(
            f"PostgreSQL could not create logins in {layout.cluster}. Its output:\n"
            f"{quoted(result.stderr)}"
        )
