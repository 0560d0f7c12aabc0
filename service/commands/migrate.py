"""The command `guidepost migrate`."""

from service.commands.startup import database
from service.console import say
from service.migrations.revisions import upgrade
from service.settings import Settings


def migrate() -> None:
    """Migrate the database to the revision of the code; `service.cli` has the help."""
    settings = Settings.read()
    with database(settings) as url:
        upgrade(settings, url, say)
