"""The database's revisions: where the code is, where the database is, and how it gets there."""

import asyncio
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from schema.entities.content import Base
from service.database import Reader, reading
from service.errors import DatabaseError, SettingsError
from service.settings import Settings

SETTINGS = "settings"
"""The key of alembic's `Config.attributes` under which env.py finds the settings."""


class Revisions(NamedTuple):
    """The revisions that the code has."""

    head: str | None
    """The one that the code is made for."""
    known: frozenset[str]

    @classmethod
    def of(cls, project: Path) -> "Revisions":
        """Those in a project's folder; raises `DatabaseError` unless they lead to one head."""
        scripts = ScriptDirectory.from_config(_config(project))
        try:
            with warnings.catch_warnings():
                # Of revisions that miss another, or are there twice, alembic only warns.
                warnings.simplefilter("error", UserWarning)
                heads = scripts.get_heads()
                known = frozenset(each.revision for each in scripts.walk_revisions())
        except (CommandError, UserWarning) as error:
            raise DatabaseError(f"the revisions of the code do not fit: {error}") from error
        if len(heads) > 1:
            raise DatabaseError(
                f"the revisions of the code have several heads, {' and '.join(heads)}; "
                "let one come after the other, or join them with `alembic merge heads`"
            )
        return cls(heads[0] if heads else None, known)

    def are_behind(self, found: str | None) -> bool:
        """Whether a database that is at this revision was made by newer code."""
        return found is not None and found not in self.known


async def misfit(reader: Reader, code: Revisions) -> str | None:
    """Why the code cannot serve from the database as it is; None where it can.

    One that newer code has migrated will do, for as long as it has all that this code knows.
    """
    found = await reader.revision()
    if found == code.head:
        return None
    if not code.are_behind(found):
        return (
            f"the database is at revision {found or 'none'}, the code at {code.head}; "
            "run `guidepost migrate` (or `guidepost serve --migrate`)"
        )
    lacking = await reader.lacking(_columns())
    if not lacking:
        return None
    return f"{made_by_newer_code(found)}. It has no {lacking[0]}"


def made_by_newer_code(found: str | None) -> str:
    """What there is to say of a database at a revision that the code does not know."""
    return (
        f"the database is at revision {found}, which this code does not know: it was made by newer "
        "code; run that, or use another database"
    )


def upgrade(settings: Settings, url: str, say: Callable[[str], None]) -> None:
    """Bring the database to the code's revision; raises `DatabaseError` where there is no way."""
    code = Revisions.of(settings.project)
    found = asyncio.run(_revision(url))
    if code.are_behind(found):
        raise DatabaseError(made_by_newer_code(found))
    if found == code.head:
        say(f"the database is at the newest revision, {found}")
        return
    say("bringing the database to the newest revision")
    config = _config(settings.project)
    config.attributes[SETTINGS] = settings.model_copy(update={"database_url": url})
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        # With newer code, another command may have been at it in the meantime.
        raise DatabaseError(
            f"the database cannot be brought to the newest revision: {error}. If it was made by "
            "newer code, run that, or use another database"
        ) from error


async def _revision(url: str) -> str | None:
    async with reading(url, 1) as reader:
        return await reader.revision()


def _columns() -> list[tuple[str, str, str]]:
    """Every column that the code knows: its schema, table and name."""
    return [
        (str(table.schema), table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
    ]


def _config(project: Path) -> Config:
    file = project / "alembic.ini"
    if not file.is_file():
        raise SettingsError(
            f"there is no {file}; run this in the project's folder, or name that in "
            "GUIDEPOST_PROJECT"
        )
    return Config(file)
