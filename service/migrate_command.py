"""The command `guidepost migrate`."""

from service.console import say
from service.migrations import upgrade
from service.settings import Settings
from service.startup import database


def migrate() -> None:
    """Bring the database to the code's revision; `service.cli` has the help."""
    settings = Settings.read()
    with database(settings) as url:
        upgrade(settings, url, say)
