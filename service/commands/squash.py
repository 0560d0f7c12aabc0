"""The command `guidepost squash`."""

from service.console import say
from service.settings import Settings


def squash(revision: str, /) -> None:
    """Make one revision of all up to REVISION; `service.cli` has the help.

    Parameters
    ----------
    revision
        The last revision to squash: its id or the beginning of that, or `head`. The squashed
        revision has its id.
    """
    settings = Settings.read()
    # This brings alembic.
    from service.migrations.squashing.squash import squash as squashing  # noqa: PLC0415

    done = squashing(settings, revision, say)
    first, *others = (path.name for path in done.written)
    also = f", with {', '.join(others)}" if others else ""
    say(f"{first}{also} replaces {done.replaced + 1} revisions; commit it with the files removed")
