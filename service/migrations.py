"""The database's revisions: where the code is, where the database is, and how it gets there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from service.errors import SettingsError

URL = "url"
"""The key of alembic's `Config.attributes` under which env.py finds the database."""


def head(project: Path) -> str | None:
    """The revision that the code is at."""
    return ScriptDirectory.from_config(_config(project)).get_current_head()


def upgrade(project: Path, url: str) -> None:
    """Bring the database to the code's revision."""
    config = _config(project)
    config.attributes[URL] = url
    command.upgrade(config, "head")


def _config(project: Path) -> Config:
    file = project / "alembic.ini"
    if not file.is_file():
        raise SettingsError(
            f"there is no {file}; run this in the project's folder, or name that in "
            "GUIDEPOST_PROJECT"
        )
    return Config(file)
