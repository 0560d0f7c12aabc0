"""How a connection gets its role.

If the address names a password file with an entry for the role, the role logs in itself:
`postgresql://owner:…@host/database?passfile=/run/secrets/guidepost`. Such a session can never get
the rights of another role, whatever statement is smuggled in. Otherwise the address's user takes on
the role, as `set role` does.

https://www.postgresql.org/docs/current/libpq-pgpass.html
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, make_url

from service.errors import SettingsError


class Login(NamedTuple):
    """What a connection is opened with besides the address."""

    options: dict[str, str]
    """The user and the password; empty if the address's own are used."""
    settings: dict[str, str]


class _Entry(NamedTuple):
    """A line of a password file; `*` matches anything."""

    host: str
    port: str
    database: str
    user: str
    password: str

    def is_for(self, *place: str) -> bool:
        return all(said in {"*", found} for said, found in zip(self, place, strict=False))


def login(url: str, role: str | None) -> Login:
    """How a connection gets a role; with None it stays the address's user.

    Raises `SettingsError` if the password file cannot be read, or has the role only for other
    places.
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
    """The host, port and database of an address, as password files write them."""
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
"""Fields are separated by colons, except colons after a backslash, and colons in the password."""
