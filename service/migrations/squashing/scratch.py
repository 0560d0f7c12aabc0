"""Scratch databases: a PostgreSQL server of one's own, for as long as revisions are tried."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import make_url

from service.embedded import embedded_postgres
from service.embedded.account import account_for
from service.embedded.binaries import binaries_for
from service.embedded.layout import layout_of
from service.errors import GuidepostError
from service.migrations.scripts import SETTINGS
from service.settings import Settings

_NAME = "scratch"
_CLOCK = "select clock_timestamp()"
_ROLES = "select rolname from pg_roles order by 1"


@dataclass(frozen=True)
class Scratch:
    """A database that revisions were run on, from nothing."""

    url: str
    begin: datetime
    end: datetime
    """The time in which they were run, by the server's clock."""


@dataclass
class ScratchServer:
    """A server with at most one database, which is empty before revisions are run on it."""

    url: str
    data: Path
    say: Callable[[str], None]

    @contextmanager
    def migrated(self, config: Config, settings: Settings, revision: str) -> Iterator[Scratch]:
        """A database at a revision; raises `GuidepostError` if it cannot be brought there.

        Roles that the revisions make are gone afterwards, too: the next ones have to make theirs.
        """
        roles = {each for (each,) in self._run(_ROLES)}
        self._run(f"create database {_NAME}")
        try:
            begin = self._clock()
            self._migrate(config, settings, revision)
            yield Scratch(self._database, begin, self._clock())
        finally:
            self._run(f"drop database {_NAME} with (force)")
            for (role,) in self._run(_ROLES):
                if role not in roles:
                    self._run(f'drop role "{role}"')

    def program(self, name: str, *arguments: str) -> str:
        """What one of PostgreSQL's programs prints about the database."""
        account = account_for(self.data)
        program = binaries_for(account, self.say) / name
        done = account.run(program, f"--dbname={self._database}", *arguments)
        if done.returncode:
            raise GuidepostError(f"{name} failed on the scratch database: {done.stderr.strip()}")
        return done.stdout

    @property
    def _database(self) -> str:
        return make_url(self.url).set(database=_NAME).render_as_string(hide_password=False)

    def _migrate(self, config: Config, settings: Settings, revision: str) -> None:
        config.attributes[SETTINGS] = settings.model_copy(update={"database_url": self._database})
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise GuidepostError(str(error)) from error

    def _clock(self) -> datetime:
        [(now,)] = self._run(_CLOCK)
        found: datetime = now
        return found

    def _run(self, statement: str) -> Sequence[tuple[Any, ...]]:
        return asyncio.run(rows(self.url, statement))


@contextmanager
def scratch_server(say: Callable[[str], None]) -> Iterator[ScratchServer]:
    """An embedded server in a temporary folder; raises `EmbeddedError`."""
    data = Path(tempfile.mkdtemp(prefix="guidepost-squash-"))
    try:
        with embedded_postgres(data, say) as url:
            yield ScratchServer(url, data, say)
    finally:
        # Root's server may have its files elsewhere.
        shutil.rmtree(layout_of(data).home, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)


async def rows(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement finds in a database."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()
