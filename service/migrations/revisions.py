"""The alembic revisions of the code and of the database, and the way from one to the other."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from schema.entities.content import Base
from schema.model import content_model
from service.database.pools import Reader, reading, writing
from service.derived import derived
from service.documents.unknown_names import refuse_unknown_names
from service.errors import DatabaseError, SettingsError
from service.settings import Settings

if TYPE_CHECKING:
    from service.migrations.planning import PlannedRevision


class Revisions(NamedTuple):
    """The alembic revisions that the code has."""

    head: str | None
    """The revision that the code is made for; None without any migration."""
    known: frozenset[str]
    squashed: Mapping[str, str]
    """Those that it has no more, each with the one that it was squashed into."""

    @classmethod
    def of(cls, project: Path) -> "Revisions":
        """The revisions in a project's folder.

        Raises `DatabaseError` if there are several heads, and `SettingsError` if there is no
        alembic.ini.
        """
        folder, options = project / "alembic", alembic_options(project)

        def read() -> Any:
            # This imports alembic, which a command does not need if the database is up to date.
            from service.migrations.scripts import read_revisions  # noqa: PLC0415

            return read_revisions(options)

        if "version_locations" in options.read_text("utf-8"):
            # Other folders may have migrations too, whose files are not known here.
            heads, known, squashed = read()
        else:
            sources = [options, *folder.rglob("*.py")]
            heads, known, squashed = derived(folder, "history", sources, ["alembic"], read)
        if len(heads) > 1:
            raise DatabaseError(
                f"the revisions of the code have several heads, {' and '.join(heads)}; "
                "let one come after the other, or join them with `alembic merge heads`"
            )
        return cls(heads[0] if heads else None, frozenset(known), squashed)

    def are_behind(self, found: str | None) -> bool:
        """Whether the code does not know the database's revision: newer code made it."""
        return found is not None and found not in self.known and found not in self.squashed

    def require_way_from(self, found: str | None) -> None:
        """Raise `DatabaseError` if the code has no migrations from the database's revision on."""
        if found is not None and found in self.squashed:
            raise DatabaseError(squashed_message(found, self.squashed[found]))
        if self.are_behind(found):
            raise DatabaseError(made_by_newer_code(found))


async def incompatibility(reader: Reader, code: Revisions) -> str | None:
    """Why the code cannot serve from the database as it is; None if it can.

    A database that newer code has migrated is fine while it has every column that this code knows.
    """
    found = await reader.revision()
    if found == code.head:
        return None
    if found is not None and found in code.squashed:
        return squashed_message(found, code.squashed[found])
    if not code.are_behind(found):
        return (
            f"the database is at revision {found or 'none'}, the code at {code.head}; "
            "run `guidepost migrate` (or `guidepost serve --migrate`)"
        )
    lacking = await reader.lacking(_columns())
    if not lacking:
        return None
    return f"{made_by_newer_code(found)}. It lacks the column {lacking[0]}"


def squashed_message(found: str, into: str) -> str:
    """The message for a database at a revision that was squashed into another one."""
    return (
        f"the database is at revision {found}, which was squashed into {into}; migrate it to "
        f"{into} with the last release that still has revision {found}, and then with this one"
    )


def made_by_newer_code(found: str | None) -> str:
    """The message for a database at a revision that the code does not know."""
    return (
        f"the database is at revision {found}, which this code does not know: it was made by newer "
        "code; run the newer code, or use another database"
    )


def upgrade(
    settings: Settings, url: str, say: Callable[[str], None], force: Sequence[str] = ()
) -> None:
    """Migrate the database to the head of the code.

    `force` decides conflicts about content; see `service.migrations.content.resolutions`.

    Raises `DatabaseError` if newer code made the database, if its revision was squashed, or if a
    migration fails, and `ContentError` if content has names then that enumerations do not have.
    """
    code = Revisions.of(settings.project)
    found = asyncio.run(_revision(url))
    code.require_way_from(found)
    if found == code.head:
        asyncio.run(_refuse_unknown_names(url))
        say(f"the database is at the newest revision, {found}")
        return
    say("migrating the database to the newest revision")
    from service.migrations.scripts import run  # noqa: PLC0415  # brings alembic

    run(alembic_options(settings.project), settings.model_copy(update={"database_url": url}), force)


def plan(settings: Settings, url: str, force: Sequence[str] = ()) -> "list[PlannedRevision]":
    """What `upgrade` would do. Raises `DatabaseError` if there is no way from its revision."""
    code = Revisions.of(settings.project)
    found = asyncio.run(_revision(url))
    code.require_way_from(found)
    if found == code.head:
        return []
    # These bring alembic.
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    from service.migrations.content.resolutions import Force  # noqa: PLC0415
    from service.migrations.planning import planned  # noqa: PLC0415

    async def read() -> "list[PlannedRevision]":
        scripts = ScriptDirectory.from_config(Config(alembic_options(settings.project)))
        async with writing(url) as engine:
            return await planned(engine, scripts, found, Force.read(force))

    return asyncio.run(read())


async def _revision(url: str) -> str | None:
    async with reading(url, 1) as reader:
        return await reader.revision()


async def _refuse_unknown_names(url: str) -> None:
    async with writing(url) as engine, engine.connect() as connection:
        await refuse_unknown_names(connection, content_model())


def _columns() -> list[tuple[str, str, str]]:
    """Every column that the code knows: (schema, table, name)."""
    return [
        (str(table.schema), table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
    ]


def alembic_options(project: Path) -> Path:
    """The alembic.ini of a project; raises `SettingsError` if there is none."""
    file = project / "alembic.ini"
    if not file.is_file():
        raise SettingsError(
            f"there is no {file}; run this in the project's folder, or name that in "
            "GUIDEPOST_PROJECT"
        )
    return file
