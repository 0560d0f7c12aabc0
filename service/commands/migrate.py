"""The command `guidepost migrate`."""

from typing import Annotated

from cyclopts import Parameter

from service.commands.startup import database
from service.console import say
from service.migrations.revisions import upgrade
from service.settings import Settings


def migrate(*, force: Annotated[list[str] | None, Parameter(negative=())] = None) -> None:
    """Migrate the database to the revision of the code; `service.cli` has the help.

    Parameters
    ----------
    force
        Who wins where others changed the content that a migration changes: `theirs` keeps what is
        in the database, `ours` takes what the migration says. `theirs:Type/slug` and
        `ours:Type/slug` decide for one item. Can be given several times.
    """
    settings = Settings.read()
    with database(settings) as url:
        upgrade(settings, url, say, force or ())
