"""Squashes revisions, and proves it.

The revisions are run on a scratch database, and the squashed revision on another one. The folder of
revisions changes only if both databases are the same.
"""

import asyncio
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.write_hooks import _run_hooks  # alembic has no public one
from alembic.util import CommandError

from service.database.pools import writing
from service.errors import GuidepostError
from service.migrations.revisions import Revisions, alembic_options
from service.migrations.squashing.choosing import (
    Chosen,
    SquashError,
    choose,
    files_of,
    refuse_uncommitted,
)
from service.migrations.squashing.comparing import Snapshot, differences, snapshot
from service.migrations.squashing.privileges import privileges
from service.migrations.squashing.recording import kept, recorded
from service.migrations.squashing.replacing import refuse_unwritable, replace
from service.migrations.squashing.rows import stored_rows
from service.migrations.squashing.scratch import Scratch, ScratchServer, scratch_server
from service.migrations.squashing.source import source
from service.migrations.squashing.tables import reflected_tables
from service.settings import Settings

Files = Mapping[str, bytes]
"""A revision and the files beside it, by name."""
Say = Callable[[str], None]


class Squashed(NamedTuple):
    """What was squashed."""

    revision: str
    replaced: int
    """How many revisions it has replaced."""
    written: list[Path]


def squash(settings: Settings, name: str, say: Say) -> Squashed:
    """Squash the revisions of a project, up to one that is named, into that one.

    Raises `SquashError`, or another `GuidepostError`, and has changed nothing then, if they cannot
    be squashed.
    """
    # It raises an error if there are several heads, or if the revisions are not consistent.
    Revisions.of(settings.project)
    config = Config(alembic_options(settings.project))
    scripts = ScriptDirectory.from_config(config)
    chosen = choose(scripts, name)
    removed = files_of(chosen, scripts)
    folder = Path(chosen.script.path).parent
    refuse_unwritable([Path(scripts.dir), *(each.parent for each in removed)])
    refuse_uncommitted(removed, [folder])
    files = _proved(config, settings, chosen, say)
    written = {folder / name: content for name, content in files.items()}
    replace(removed, written)
    return Squashed(chosen.script.revision, len(chosen.before), [*written])


def _proved(config: Config, settings: Settings, chosen: Chosen, say: Say) -> Files:
    """The files of the squashed revision, which makes the same database as what it replaces."""
    revision = chosen.script.revision
    with scratch_server(say) as server:
        say(f"running the {len(chosen.scripts)} revisions up to {revision} on a scratch database")
        with recorded() as statements, server.migrated(config, settings, revision) as database:
            ran = [*statements]
            old = snapshot(server, database)
            files = asyncio.run(_files(chosen, ran, database, old))
        say("running the squashed revision on another one, and comparing the two")
        with _alone(config, files) as (tried, formatted):
            new = _tried(server, tried, settings, revision)
    if found := differences(old, new):
        listed = "\n".join(found)
        raise SquashError(
            "nothing was changed, because a new database would not be the same. After - is what it "
            f"would lack, after + what it would have instead:\n{listed}\n"
            "squash up to an earlier revision, or move what makes the difference into a later one"
        )
    return formatted


async def _files(chosen: Chosen, ran: Sequence[str], database: Scratch, found: Snapshot) -> Files:
    """The squashed revision, and the files with the rows that it restores."""
    async with writing(database.url) as engine, engine.connect() as connection:
        tables = await connection.run_sync(reflected_tables)
    script = Path(chosen.script.path).name
    rows = {
        f"{chosen.script.revision}_{number}_rows.json": content
        for number, content in enumerate(await stored_rows(database, tables.order), 1)
    }
    granted = privileges(found, tables.order)
    return {script: source(chosen, tables, kept(ran), granted, [*rows]).encode(), **rows}


@contextmanager
def _alone(config: Config, files: Files) -> Iterator[tuple[Config, Files]]:
    """Settings for alembic in which a squashed revision is the only one, and it as formatted.

    Its folder is in that of alembic, so that the formatter finds its own settings.
    """
    location = Path(ScriptDirectory.from_config(config).dir)
    with tempfile.TemporaryDirectory(prefix=".squash-", dir=location) as folder:
        for each in location.glob("*.*"):
            if each.is_file():
                shutil.copy(each, folder)
        versions = Path(folder) / "versions"
        versions.mkdir()
        for name, content in files.items():
            (versions / name).write_bytes(content)
        alone = Config(config.config_file_name)
        for option, path in (("script_location", folder), ("version_locations", versions)):
            alone.set_main_option(option, str(path).replace("%", "%%"))
        alone.set_main_option("path_separator", "newline")
        _format(alone, versions)
        yield alone, {name: (versions / name).read_bytes() for name in files}


def _format(config: Config, versions: Path) -> None:
    """Run what alembic.ini has for new revisions."""
    hooks = ScriptDirectory.from_config(config).hooks
    try:
        with redirect_stdout(io.StringIO()):
            for script in versions.glob("*.py"):
                _run_hooks(script, hooks)
    except CommandError as error:
        raise SquashError(
            f"a hook of alembic.ini cannot be run: {error}; nothing was changed. Install what the "
            "hooks run, or leave them out"
        ) from error


def _tried(server: ScratchServer, config: Config, settings: Settings, revision: str) -> Snapshot:
    try:
        with server.migrated(config, settings, revision) as database:
            return snapshot(server, database)
    except GuidepostError as error:
        raise SquashError(
            f"nothing was changed, because the squashed revision does not run: {error}"
        ) from error
