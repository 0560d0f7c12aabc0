"""PgBouncer, as Debian has it, in front of the server that tests run on."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from service.roles import PREVIEWER, READER, WRITER
from tests.databases import rows

PGBOUNCER = Path("/usr/sbin/pgbouncer")
PATIENCE = 20.0


@asynccontextmanager
async def pooling(url: str, **settings: str) -> AsyncIterator[str]:
    """PgBouncer before the server of an address, for its user and those of its password file.

    Yields the address of the same database through it.
    """
    if not os.access(PGBOUNCER, os.X_OK) and "CI" not in os.environ:
        pytest.skip("this takes Debian's pgbouncer; the gate installs it")
    address = make_url(url)
    owner = _owner(address)
    folder = _folder(address, settings)
    if owner is not None:
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner, -1)
    command: list[str | Path] = [PGBOUNCER, "-q", folder / "ini"]
    with subprocess.Popen(command, user=owner) as process:  # noqa: ASYNC220  # it takes a moment
        try:
            async with asyncio.timeout(PATIENCE):
                while not (folder / ".s.PGSQL.6432").exists():
                    assert process.poll() is None, "PgBouncer does not start"
                    await asyncio.sleep(0.01)
            query = {**address.query, "host": str(folder), "port": "6432"}
            yield address.set(query=query).render_as_string(hide_password=False)
        finally:
            process.kill()


async def with_logins(url: str, folder: Path) -> str:
    """An address whose roles have logins of their own, as those of the embedded server have."""
    address = make_url(url)
    if "passfile" in address.query:
        return url
    roles = (READER, PREVIEWER, WRITER)
    for role in roles:
        await rows(url, f"alter role {role} login password 'word'")
    file = folder / "passfile"
    file.write_text("".join(f"*:*:*:{role}:word\n" for role in roles))
    named = address.update_query_dict({"passfile": str(file)})
    return named.render_as_string(hide_password=False)


def _owner(address: URL) -> int | None:
    """Whom root runs it as, which it refuses to run for: who reaches the server's socket."""
    return Path(str(address.query["host"])).stat().st_uid if os.geteuid() == 0 else None


def _users(address: URL) -> dict[str, str]:
    """Who may log in, and with which password."""
    users = {str(address.username): str(address.password or "")}
    if passfile := address.query.get("passfile"):
        lines = Path(str(passfile)).read_text().splitlines()
        users |= dict(line.split(":")[3:] for line in lines)
    return users


def _folder(address: URL, settings: Mapping[str, str]) -> Path:
    """A folder with its files."""
    folder, users = Path(tempfile.mkdtemp()), _users(address)
    (folder / "users").write_text("".join(f'"{name}" "{word}"\n' for name, word in users.items()))
    said = {
        "unix_socket_dir": folder,
        "auth_type": "trust",
        "auth_file": folder / "users",
        "logfile": folder / "log",
        **settings,
    }
    server = f"host={address.query['host']} port={address.query.get('port', 5432)}"
    lines = (f"{name} = {value}\n" for name, value in said.items())
    (folder / "ini").write_text(f"[databases]\n* = {server}\n[pgbouncer]\n{''.join(lines)}")
    return folder
