"""The database's revisions: where the code is, where the database is, and how it gets there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from service.errors import DatabaseError, SettingsError

URL = "url"
"""The key of alembic's `Config.attributes` under which env.py finds the database."""


def head(project: Path) -> str | None:
    """The revision that the code is at."""
    return ScriptDirectory.from_config(_config(project)).get_current_head()


def upgrade(project: Path, url: str) -> None:
    """Bring the database to the code's revision; raises `DatabaseError` where there is no way."""
    config = _config(project)
    config.attributes[URL] = url
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise DatabaseError(
            f"the database cannot be brought to the newest revision: {error}. If it was made by "
            "newer code, run that, or start with another database"
        ) from error


def _config(project: Path) -> Config:
    file = project / "alembic.ini"
    if not file.is_file():
        raise SettingsError(
            f"there is no {file}; run this in the project's folder, or name that in "
            "GUIDEPOST_PROJECT"
        )
    return Config(file)
