"""The revisions' files, which alembic reads and runs."""

import warnings
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from service.errors import DatabaseError
from service.settings import Settings

SETTINGS = "settings"
"""The key of alembic's `Config.attributes` under which env.py finds the settings."""


def heads_and_revisions(options: Path) -> tuple[list[str], list[str]]:
    """The revisions that no other comes after, and all of them, as alembic.ini says.

    Raises `DatabaseError` where one misses another, or is there twice.
    """
    scripts = ScriptDirectory.from_config(Config(options))
    try:
        with warnings.catch_warnings():
            # Of either, alembic only warns.
            warnings.simplefilter("error", UserWarning)
            return scripts.get_heads(), [each.revision for each in scripts.walk_revisions()]
    except (CommandError, UserWarning) as error:
        raise DatabaseError(f"the revisions of the code do not fit: {error}") from error


def run(options: Path, settings: Settings) -> None:
    """Run the revisions that the database of the settings lacks, as alembic.ini says.

    Raises `DatabaseError` where there is no way to the newest.
    """
    config = Config(options)
    config.attributes[SETTINGS] = settings
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        # With newer code, another command may have been at it in the meantime.
        raise DatabaseError(
            f"the database cannot be brought to the newest revision: {error}. If it was made by "
            "newer code, run that, or use another database"
        ) from error
