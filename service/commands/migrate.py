"""The command `guidepost migrate`."""

from typing import Annotated

from cyclopts import Parameter

from service.commands.startup import database
from service.console import print_json, print_lines, say
from service.migrations.revisions import plan as planning
from service.migrations.revisions import upgrade
from service.settings import Settings

SOMETHING_TO_DO = 2
"""The exit code of a plan that is not empty; 1 is an error."""

Flag = Annotated[bool, Parameter(negative=())]


def migrate(
    *,
    force: Annotated[list[str] | None, Parameter(negative=())] = None,
    plan: Flag = False,
    json: Flag = False,
) -> int:
    """Migrate the database to the revision of the code; `service.cli` has the help.

    The exit code of --plan is 0 if there is nothing to do, 2 if there are migrations to run, and 1
    if there is an error.

    --plan --json prints `{"revisions": […]}`. Each revision has:

    - `revision` and `message`
    - `locales`: the `code` and `action` (create, update or delete) of each locale that changes, and
      `changes`, a list of `{"path", "before", "after"}`
    - `items`: the `type`, `slug` and `action` (create, update, delete or publish) of each item that
      changes; `changes`, a list of `{"path", "before", "after"}`; and the locales in which readers
      see it `published` anew or `unpublished`
    - `conflicts`: a list of `{"item", "field", "base", "theirs", "ours"}`
    - `notes`: what it leaves as it is, and what is not known of it
    - `pages`: the `type` and `slug` of the published items whose readers see a difference
    - `locks`: a list of `{"table", "mode"}`, with PostgreSQL's names of the modes
    - `statements`: what it does to tables, as SQL

    Parameters
    ----------
    force
        Who wins where others changed the content that a migration changes: `theirs` keeps what is
        in the database, `ours` takes what the migration says. `theirs:Type/slug` and
        `ours:Type/slug` decide for one item. Can be given several times.
    plan
        Print what the migrations would do to this database, without doing it: items and their
        values before and after, conflicts, the published items that readers would see differ, and
        the locks on tables. It reads the content in one snapshot, and locks nothing.
    json
        Print the plan as JSON.
    """
    settings = Settings.read()
    with database(settings) as url:
        if not plan:
            upgrade(settings, url, say, force or ())
            return 0
        found = planning(settings, url, force or ())
        # They bring alembic.
        from service.migrations.planning import as_json, lines  # noqa: PLC0415

        if json:
            print_json(as_json(found))
        else:
            print_lines(lines(found))
    return SOMETHING_TO_DO if found else 0
