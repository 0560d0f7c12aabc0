"""Which revisions are squashed."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from service.errors import GuidepostError
from service.messages import some
from service.migrations.squashed import squashes

_FILE = re.compile(r"[\"']([^\"'/\\\n]+\.json)[\"']")
"""The name of a JSON file beside a revision, in its source."""


class SquashError(GuidepostError):
    """Revisions cannot be squashed; nothing was changed."""


class Chosen(NamedTuple):
    """The revisions that are squashed into the last of them."""

    script: Script
    """The last one, which stays."""
    before: Sequence[Script]
    """The others, the first one first."""

    @property
    def scripts(self) -> list[Script]:
        """All of them in the order in which they are run."""
        return [*self.before, self.script]

    @property
    def replaced(self) -> tuple[str, ...]:
        """The ids that are gone; those that were squashed earlier come first."""
        return tuple(id_ for each in self.scripts for id_ in (*squashes(each), each.revision))[:-1]


def choose(scripts: ScriptDirectory, name: str) -> Chosen:
    """The revisions up to one with this name, `head`, or the beginning of an id.

    Raises `SquashError` if there is no such revision, if there is nothing before it, or if others
    come after one before it.
    """
    script = _named(scripts, name)
    found = [*scripts.iterate_revisions(script.revision, "base")]
    before = [each for each in reversed(found) if each.revision != script.revision]
    if not before:
        raise SquashError(
            f"{script.revision} is the first revision, and there are none before it to squash; "
            "name a later one, or head"
        )
    chosen = Chosen(script, before)
    _refuse_branches(scripts, chosen)
    return chosen


def files_of(chosen: Chosen, scripts: ScriptDirectory) -> list[Path]:
    """The files of the revisions that are squashed, with the JSON files that belong to them."""
    squashed = {Path(each.path) for each in chosen.scripts}
    others = {Path(each.path) for each in scripts.walk_revisions()} - squashed
    kept = {file for path in others for file in _beside(path)}
    data = {file for path in squashed for file in _beside(path)} - kept
    return sorted(squashed | data)


def refuse_uncommitted(files: Iterable[Path], folders: Iterable[Path]) -> None:
    """Raise `SquashError` if git has uncommitted changes in files that go, or in their folders."""
    git = shutil.which("git")
    for folder in {*folders, *(each.parent for each in files)}:
        command = [git or "", "-C", str(folder), "status", "--porcelain", "--", "."]
        done = git and subprocess.run(command, capture_output=True, text=True, check=False)
        # Without git, or outside of a repository, nobody knows.
        if done and done.returncode == 0 and (changed := done.stdout.splitlines()):
            names = some([line[3:] for line in changed])
            raise SquashError(
                f"{folder} has changes that are not committed: {names}; commit them, so that what "
                "is squashed can be had from git"
            )


def _named(scripts: ScriptDirectory, name: str) -> Script:
    try:
        found = scripts.get_revision(name)
    except CommandError as error:
        raise SquashError(f"{error}; `alembic history` lists the revisions") from error
    if found is None:
        raise SquashError(f"{name!r} names no revision; give the id of one, or head")
    return found


def _refuse_branches(scripts: ScriptDirectory, chosen: Chosen) -> None:
    """Raise `SquashError` if revisions that stay come after one that goes, and not after the last.

    They would have nothing to come after.
    """
    gone = {each.revision for each in chosen.before}
    for each in scripts.walk_revisions():
        is_squashed = each.revision in gone or each.revision == chosen.script.revision
        if torn := not is_squashed and gone & {*each._all_down_revisions}:  # noqa: SLF001
            raise SquashError(
                f"revision {each.revision} comes after {some(sorted(torn))}, and not after "
                f"{chosen.script.revision}, so it would have no place; {_right(scripts, chosen)}"
            )


def _right(scripts: ScriptDirectory, chosen: Chosen) -> str:
    """The first revision that all others come after, in words."""
    later = [*scripts.iterate_revisions("head", chosen.script.revision)]
    joining = [each.revision for each in reversed(later) if each.is_merge_point]
    return f"squash {joining[0]}, in which they come together, or a later one"


def _beside(path: Path) -> set[Path]:
    """The JSON files that the source of a revision names."""
    names = _FILE.findall(path.read_text("utf-8"))
    return {file for name in names if (file := path.with_name(name)).is_file()}
