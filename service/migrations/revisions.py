"""The database's revisions: where the code is, where the database is, and how it gets there."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from schema.entities.content import Base
from service.database.pools import Reader, reading
from service.derived import derived
from service.errors import DatabaseError, SettingsError
from service.settings import Settings


class Revisions(NamedTuple):
    """The revisions that the code has."""

    head: str | None
    """The one that the code is made for."""
    known: frozenset[str]

    @classmethod
    def of(cls, project: Path) -> "Revisions":
        """Those in a project's folder; raises `DatabaseError` unless they lead to one head."""
        folder, options = project / "alembic", _options(project)

        def read() -> Any:
            # It brings alembic, which no command needs that finds the database as it should be.
            from service.migrations.scripts import heads_and_revisions  # noqa: PLC0415

            return heads_and_revisions(options)

        if "version_locations" in options.read_text("utf-8"):
            # There may be more of them anywhere.
            heads, known = read()
        else:
            sources = [options, *folder.rglob("*.py")]
            heads, known = derived(folder, "revisions", sources, ["alembic"], read)
        if len(heads) > 1:
            raise DatabaseError(
                f"the revisions of the code have several heads, {' and '.join(heads)}; "
                "let one come after the other, or join them with `alembic merge heads`"
            )
        return cls(heads[0] if heads else None, frozenset(known))

    def are_behind(self, found: str | None) -> bool:
        """Whether a database that is at this revision was made by newer code."""
        return found is not None and found not in self.known


async def incompatibility(reader: Reader, code: Revisions) -> str | None:
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
    from service.migrations.scripts import run  # noqa: PLC0415  # brings alembic

    run(_options(settings.project), settings.model_copy(update={"database_url": url}))


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


def _options(project: Path) -> Path:
    file = project / "alembic.ini"
    if not file.is_file():
        raise SettingsError(
            f"there is no {file}; run this in the project's folder, or name that in "
            "GUIDEPOST_PROJECT"
        )
    return file
