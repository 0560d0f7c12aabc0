"""The order of downgrades where the history has branches: the reverse of that of the upgrades.

alembic takes back the revisions of branches in an order of its own. But a migration of one branch
may have changed what another one left, and that comes back only in the reverse order.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alembic.runtime.migration import RevisionStep
from sqlalchemy import Connection, text

_KEEPS_IMAGES = text("select to_regclass('service.before_image') is not null")
_LAST = text("select migration, max(id) as last from service.before_image group by migration")


def in_reverse(connection: Connection, steps: Sequence[RevisionStep]) -> Iterator[RevisionStep]:
    """The steps of a downgrade, in the reverse order of the upgrades that changed content.

    A revision never comes before one that builds on it.
    """
    rest = {each.revision.revision: each for each in steps}
    last = _last_changes(connection, rest) if len(rest) > 1 else {}
    while rest:
        needed = {name for each in rest.values() for name in _needs(each)}
        # max() takes the first one of those that are equal.
        ready = (name for name in rest if name not in needed)
        yield rest.pop(max(ready, key=lambda name: last.get(name, 0)))


def _last_changes(connection: Connection, steps: Mapping[str, RevisionStep]) -> dict[str, int]:
    """A number for each revision: the greater, the later it has changed content.

    Or one of those that it builds on, if it has changed none itself.
    """
    ran = {}
    if connection.scalar(_KEEPS_IMAGES):
        ran = {row.migration: row.last for row in connection.execute(_LAST)}
    found: dict[str, int] = {}
    for name, step in reversed([*steps.items()]):
        found[name] = max(ran.get(name, 0), *(found.get(each, 0) for each in _needs(step)), 0)
    return found


def _needs(step: RevisionStep) -> tuple[str, ...]:
    """The revisions that a revision builds on, or depends on."""
    script: Any = step.revision
    names: tuple[str, ...] = script._all_down_revisions  # noqa: SLF001  # the public ones are raw
    return names
