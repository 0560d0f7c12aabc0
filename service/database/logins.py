"""How a role gets into the database.

With a login of its own, where the address names a password file that knows one:
`postgresql://owner:…@host/database?passfile=/run/secrets/guidepost`. Nobody can then become more in
such a session, whatever statement somebody finds a way to send. Without it, the address's user
takes on the role, as `set role` does.

https://www.postgresql.org/docs/current/libpq-pgpass.html
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, make_url

from service.errors import SettingsError


class Login(NamedTuple):
    """What a connection is asked with, beside the address."""

    options: dict[str, str]
    """The user and the password; none where they are those of the address."""
    settings: dict[str, str]


class _Entry(NamedTuple):
    """A line of a password file; `*` is anything."""

    host: str
    port: str
    database: str
    user: str
    password: str

    def is_for(self, *place: str) -> bool:
        return all(said in {"*", found} for said, found in zip(self, place, strict=False))


def login(url: str, role: str | None) -> Login:
    """How a role gets in; None for the address's user, as who it is.

    Raises `SettingsError` where the password file cannot be used.
    """
    if role is None:
        return Login({}, {})
    address = make_url(url) if "passfile=" in url else URL.create("postgresql")
    passfile = address.query.get("passfile")
    entries = [each for each in _entries(str(passfile)) if each.user == role] if passfile else []
    if not entries:
        return Login({}, {"role": role})
    place = _place(address)
    for entry in entries:
        if entry.is_for(*place):
            return Login({"user": role, "password": entry.password}, {})
    raise SettingsError(
        f"{passfile}, the password file that DATABASE_URL names, has the role {role}, but not for "
        f"{':'.join(place)}; add a line for that"
    )


def _place(address: URL) -> tuple[str, str, str]:
    """The host, port and database, as password files have them."""
    host = str(address.query.get("host") or address.host or "localhost")
    port = address.query.get("port") or address.port or 5432
    return "localhost" if host.startswith("/") else host, str(port), address.database or ""


def _entries(passfile: str) -> Iterator[_Entry]:
    try:
        lines = Path(passfile).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{passfile}, the password file that DATABASE_URL names, cannot be read: {error}"
        ) from error
    for line in lines:
        if not line.startswith("#") and (found := _LINE.fullmatch(line)):
            yield _Entry(*(re.sub(r"\\(.)", r"\1", field) for field in found.groups()))


_LINE = re.compile(r"((?:[^\\:]|\\.)*):" * 4 + "(.*)")
"""Colons part the fields, but not behind a backslash, nor in the password."""
