"""Checks that the session of a connection is what was asked for.

A pooler may drop what a connection asks for: its role, that it only reads, its timeouts. In
transaction mode, any server process may answer a statement, and it has nothing that was set or
prepared in another process. Neither raises an error by itself, and everything that keeps anonymous
readers from drafts may be gone. So each connection is checked before it is used.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import asyncpg

from service.database.connection import DatabaseConnection
from service.database.logins import login
from service.errors import SessionError
from service.roles import READER

_FREE = frozenset({"application_name", "role"})
"""Settings that a pooler may change, or that `current_user` shows better."""

_IN_FORCE = """
    select json_build_object(
        'process', pg_backend_pid(),
        'role', current_user,
        'login', session_user,
        'draft', {draft},
        'settings', json_build_object({settings})
    )
"""

_SETTING = """
    '{0}', json_build_array(current_setting('{0}', true), set_config('{0}', '{1}', true))
"""
"""The value in force, and the value asked for, set until the end of the statement.

Setting it makes the server write both in the same form.
"""

_DRAFT = """
    coalesce(
        case when has_schema_privilege(to_regnamespace('draft'), 'usage') then (
            select min('draft.' || relname) from pg_class
            where relnamespace = to_regnamespace('draft') and relkind in ('r', 'p', 'v', 'm')
            and has_any_column_privilege(oid, 'select')
        ) end,
        case when has_any_column_privilege(to_regclass('service.revision'), 'select')
        then 'service.revision' end
    )
"""
"""A table of the working copy or its history that can be read; null if there is none.

The tables are searched only if the role may use the schema: searching takes as long as connecting.
"""

_PROCESS = "select pg_backend_pid()"

_SHARED = "one server process serves several connections, or several serve one"

_PATIENCE = 10.0
"""The seconds that a pooler may take to open a second connection and have both checked."""
_TURNS, _PAUSE = 50, 0.001
"""How often two connections are asked in turn, and the seconds in between."""


class Session:
    """What is asked of the connections of one kind: their role and settings."""

    def __init__(self, url: str, role: str | None, settings: Mapping[str, str]) -> None:
        found = login(url, role)
        self._role = role
        self._login = role if found.options else None
        known = {name: asked for name, asked in settings.items() if name not in _FREE}
        self._statement = _IN_FORCE.format(
            settings=",".join(_SETTING.format(*each) for each in known.items()),
            draft=_DRAFT if role == READER else "null",
        )
        self._is_tried = False
        self.options: dict[str, Any] = {
            "dsn": url,
            **found.options,
            "server_settings": {**settings, **found.settings},
            "connection_class": DatabaseConnection,
        }
        """The arguments of `asyncpg.connect`."""

    async def verify(self, connection: Any) -> None:
        """Raise `SessionError` if a connection is not what was asked for.

        `connection` is a `DatabaseConnection`, or the proxy of one that a pool returns.
        """
        try:
            found = json.loads(await connection.fetchval(self._statement))
            is_pooled = found["process"] != connection.get_server_pid()
            if differences := "; ".join(self._differences(found)):
                raise of_a_pooler(differences) if is_pooled else _unlike(differences)
            if is_pooled:
                await self._check_process(connection, found["process"])
        except asyncpg.InvalidSQLStatementNameError as error:
            raise of_a_pooler(str(error)) from error

    def _differences(self, found: Mapping[str, Any]) -> Iterator[str]:
        if self._role not in {None, found["role"]}:
            yield f"the role is {found['role']}, not {self._role}"
        if self._login not in {None, found["login"]}:
            yield f"the login is {found['login']}, not {self._login}"
        for name, (is_, asked) in found["settings"].items():
            if is_ != asked:
                yield f"{name} is {is_}, not {asked}"
        if found["draft"]:
            yield f"{self._role} may read {found['draft']}"

    async def _check_process(self, connection: Any, process: int) -> None:
        """Check that one server process answers this connection alone, and always the same one."""
        if not connection.is_answered_by(process):
            raise of_a_pooler(_SHARED)
        if self._is_tried:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                other = await asyncpg.connect(**self.options)
                try:
                    await _compete(connection, other)
                finally:
                    # Closing it would wait for an answer that may not come.
                    other.terminate()
        except TimeoutError as error:
            raise of_a_pooler("it does not open a second connection") from error
        self._is_tried = True


async def _compete(*connections: Any) -> None:
    """Ask two connections in turn, and check that each has a server process of its own.

    In transaction mode, a process that becomes free soon serves the other connection. That may take
    some turns while other clients are busy too.
    """
    processes: set[tuple[int, ...]] = set()
    for _ in range(_TURNS):
        processes.add(tuple([await each.fetchval(_PROCESS) for each in connections]))
        if len({*chain(*processes)}) != len(connections):
            raise of_a_pooler(_SHARED)
        await asyncio.sleep(_PAUSE)


def _unlike(differences: str) -> SessionError:
    return SessionError(
        f"connections to the database are not as Guidepost requires: {differences}. "
        "Revert what was granted or set outside of its migrations"
    )


def of_a_pooler(difference: str) -> SessionError:
    """The error for a pooler that does not keep a session; `difference` is what it does or says."""
    # Without the driver's advice, which is not to prepare statements.
    line, *_ = difference.splitlines()
    return SessionError(
        "a pooler in front of the database does not keep the session that Guidepost requires: "
        f"{line}. Set DATABASE_URL to the address of PostgreSQL itself, not of the pooler"
    )
