"""What revisions that others were squashed into say: to databases before them, and to downgrades.

A squashed revision names the revisions that it replaces in a module attribute:

    squashes = ("bc71222f9874", "a85427638d7d")
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from alembic.runtime.migration import RevisionStep
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError

from service.messages import some
from service.migrations.revisions import squashed_message

_TOO_FAR_BACK = re.compile(r"^Relative revision -|^Walked too far")
"""What alembic says to `downgrade -5` where there are four revisions."""


def squashes(script: Script) -> tuple[str, ...]:
    """The revisions that were squashed into a revision."""
    found: Sequence[str] = getattr(script.module, "squashes", ())
    return (*found,)


def squashed_revisions(scripts: Iterable[Script]) -> dict[str, str]:
    """The revisions that are gone, each with the one that it was squashed into."""
    return {old: script.revision for script in scripts for old in squashes(script)}


def planned_steps(
    plan: Callable[[Any, Any], Iterable[Any]], heads: Sequence[str], context: Any
) -> list[Any]:
    """What alembic's `plan` runs on a database that is at `heads`.

    Raises `CommandError` before anything is run if revisions were squashed that it needs.
    """
    scripts: ScriptDirectory = context.environment_context.script
    try:
        steps = [*plan(heads, context)]
    except CommandError as error:
        explained = _explained(error, heads, [*scripts.walk_revisions()])
        if explained is None:
            raise
        raise CommandError(explained) from error
    for each in steps:
        if isinstance(each, RevisionStep) and each.is_downgrade and squashes(each.revision):
            raise CommandError(_no_way_down(each.revision))
    return steps


def _explained(error: CommandError, heads: Sequence[str], scripts: Sequence[Script]) -> str | None:
    """What an error of alembic's is about, if it is about revisions that were squashed."""
    squashed = squashed_revisions(scripts)
    for found in heads:
        if found in squashed:
            return squashed_message(found, squashed[found])
    cause = error.__cause__
    asked = str(cause.argument) if isinstance(cause, ResolutionError) else ""
    for old, into in squashed.items():
        if asked and old.startswith(asked):
            return (
                f"there is no revision {asked} any more: it was squashed into {into}, which is the "
                f"first one now; name {into} or a later one"
            )
    if _TOO_FAR_BACK.search(str(error)):
        return next((_no_way_down(each) for each in scripts if squashes(each)), None)
    return None


def _no_way_down(script: Script) -> str:
    return (
        f"revision {script.revision} cannot be downgraded: {some(squashes(script))} were squashed "
        "into it, and their downgrades are gone; nothing was changed. Downgrade to "
        f"{script.revision} at most, or go on with the last release before they were squashed"
    )
