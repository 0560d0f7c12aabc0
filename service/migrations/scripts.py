"""The files of migrations, which alembic reads and runs."""

import warnings
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from service.errors import DatabaseError
from service.migrations.squashed import squashed_revisions
from service.settings import Settings

SETTINGS = "settings"
"""The key of alembic's `Config.attributes` under which env.py finds our settings."""


def read_revisions(options: Path) -> tuple[list[str], list[str], dict[str, str]]:
    """The heads and all alembic revisions that alembic.ini leads to, and those that are gone.

    Each of the last was squashed into another one, which stands with it.

    Raises `DatabaseError` if a revision occurs twice, or names a predecessor that is missing.
    """
    scripts = ScriptDirectory.from_config(Config(options))
    try:
        with warnings.catch_warnings():
            # alembic only warns of these.
            warnings.simplefilter("error", UserWarning)
            found = [*scripts.walk_revisions()]
            known = [each.revision for each in found]
            return scripts.get_heads(), known, squashed_revisions(found)
    except (CommandError, UserWarning) as error:
        raise DatabaseError(f"the revisions of the code are not consistent: {error}") from error


def beside(scripts: ScriptDirectory, revision: str) -> frozenset[str]:
    """The revisions that do not come before this one: later ones, and those of other branches.

    The database may have run those of other branches first. One whose file is gone counts as one
    that came before.
    """
    before = {each.revision for each in scripts.iterate_revisions(revision, "base")}
    return frozenset(each.revision for each in scripts.walk_revisions()) - before


def run(options: Path, settings: Settings, force: Sequence[str]) -> None:
    """Run the migrations that the database of the settings lacks.

    `force` has the values of alembic's option `-x force=…`.

    Raises `DatabaseError` if there is no way from its revision to the head.
    """
    config = Config(options, cmd_opts=Namespace(x=[f"force={each}" for each in force]))
    config.attributes[SETTINGS] = settings
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        # Another command, with newer code, may have migrated it in the meantime.
        raise DatabaseError(
            f"the database cannot be migrated to the newest revision: {error}. If it was made by "
            "newer code, run the newer code, or use another database"
        ) from error
