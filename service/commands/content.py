"""The commands `guidepost content plan | apply | export`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import orjson
from cyclopts import App, Parameter
from rich.console import Console
from rich.status import Status
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.model import Model, content_model
from service.commands.startup import check, database
from service.console import console, say
from service.database.pools import writing
from service.documents.problems import format_path
from service.editing.merging import Side
from service.folders import applying
from service.folders.applying import ApplyResult, Progress
from service.folders.choosing import choice
from service.folders.exporting import Exported, Exporting, export
from service.folders.identity import FILE, name_of
from service.folders.planning import Options
from service.folders.plans import ManyDeletionsError, PlannedAction
from service.folders.printing import lines
from service.roles import PREVIEWER
from service.settings import Settings

SOMETHING_TO_DO = 2
"""The exit code of a plan that is not empty; 1 is an error."""

T = TypeVar("T")

Only = Annotated[list[str] | None, Parameter(negative=())]
Conflicts = Literal["ours", "theirs"]
StageOption = Literal["live", "draft", "both"]

content = App(name="content")


@content.command
def plan(
    directory: Path,
    /,
    *,
    only: Only = None,
    delete: Annotated[bool, Parameter(negative=())] = False,
    conflicts: Conflicts | None = None,
    publish: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Print what `apply` would do, and do nothing.

    Exits with 0 where there is nothing to do, with 2 where there is something to do or to decide,
    and with 1 where it cannot be done.

    As JSON it is `{"items": […], "gone": […], "unchanged": 0}`. An item has `type`, `slug`, `file`
    (null if there is none), `action` (create, update, delete, publish, keep or conflict), `publish`
    (whether it is published as it is then), `locales` (where it is; null is everywhere), `held`
    (whether it is not, though its document says so),
    `changes` (`{"path": ["title", "en"], "before": …, "after": …}`), `kept`
    (`{"path", "base", "theirs"}`), and `conflicts` (`{"path", "base", "theirs", "ours"}`). What is
    not there is null; the path of a whole item is empty, and that of what is published in a locale
    is `["live", "en"]`. `gone` lists `{"type", "slug"}` of what the folder had when it was last
    applied, and is left as it is.

    Parameters
    ----------
    directory
        The folder that holds the documents, one in each YAML file.
    only
        A type, such as Guide, or an item, such as Guide/slug; can be said several times.
    delete
        Delete what the folder had when it was last applied, and has no more.
    conflicts
        Who prevails where both were changed: ours, the folder, or theirs, what is there.
    publish
        Publish what the folder holds, as its documents say: not at all (`draft: true`), or in some
        locales (`published`), and in others what they have under `live`.
    json
        Print it for machines.
    """
    options = _options(only, delete, conflicts, publish)
    found = _run(
        lambda engine, model, progress: applying.plan(engine, model, directory, options, progress)
    )
    if json:
        sys.stdout.write(orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        out = Console(highlight=False, soft_wrap=True)
        for line in lines(found):
            out.print(line)
    return SOMETHING_TO_DO if found.does_something else 0


@content.command
def apply(
    directory: Path,
    /,
    *,
    only: Only = None,
    delete: Annotated[bool, Parameter(negative=())] = False,
    deletions: int | None = None,
    conflicts: Conflicts | None = None,
    publish: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Make the content be what documents say, all of it or, on an error, nothing.

    What the folder changed since it was last applied is changed, and what others changed in the
    meantime stays. Where both changed a value, nothing is done at all, unless --conflicts says who
    prevails. What was never applied here is compared as it is: what only one of both says is taken,
    and where they say different things there is a conflict.

    Parameters
    ----------
    directory
        The folder that holds the documents, one in each YAML file. They are the whole truth about
        their items: a field that is left out is not there.
    only
        A type, such as Guide, or an item, such as Guide/slug; can be said several times.
    delete
        Delete what the folder had when it was last applied, and has no more. What it did not bring
        itself is never deleted.
    deletions
        How many items are deleted: has to be said where they are many.
    conflicts
        Who prevails where both were changed: ours, the folder, or theirs, what is there.
    publish
        Publish what the folder holds, as its documents say: not at all (`draft: true`), or in some
        locales (`published`), and in others what they have under `live`. Items that hold what
        others changed and did not publish are not published.
    """
    options = _options(only, delete, conflicts, publish)._replace(
        confirmed=deletions, most_deleted=Settings.read().deleted_share
    )
    was_named = name_of(directory)
    try:
        done = _apply(directory, options)
    except ManyDeletionsError as error:
        if not _is_meant(error):
            raise
        done = _apply(directory, options._replace(confirmed=error.count))
    report(done)
    if not was_named:
        say(_named(directory, done.plan.folder))


def _apply(directory: Path, options: Options) -> ApplyResult:
    return _run(
        lambda engine, model, progress: applying.apply(engine, model, directory, options, progress)
    )


def _is_meant(error: ManyDeletionsError) -> bool:
    """Whether the person at the terminal, if there is one, says how many items are deleted."""
    if not (sys.stdin.isatty() and console.is_terminal):
        return False
    say(f"{error.count} items would be deleted. Type that number to delete them:")
    return sys.stdin.readline().strip() == str(error.count)


def _named(directory: Path, name: str | None) -> str:
    if name is None:
        return (
            f"{directory} has no name, and none could be written to {FILE} in it: "
            "--delete will not delete what it brought"
        )
    return f"{directory} is the folder {name!r} from now on: keep {FILE} with its documents"


@content.command(name="export")
def export_content(directory: Path, /, *, stage: StageOption = "both") -> None:
    """Make the files in a folder say what the content is.

    A document is the working copy of its item. `draft: true` says that it is not published, and
    `published: [nl]` that it is in these locales only. `live` has what is published in others.

    Parameters
    ----------
    directory
        The folder. Files that say what is there already are left as they are.
    stage
        What is exported: what is live, the working copy, which is the draft, or both.
    """
    settings = Settings.read()
    exporting = Exporting(stage)
    with database(settings) as url:
        asyncio.run(check(settings, url))
        done = asyncio.run(_export(url, directory, exporting))
    say(f"{done.written} files written, {done.unchanged} unchanged")
    missing = f"there is no such item{' published' if exporting is Exporting.LIVE else ''}"
    for file in done.others:
        say(f"{file}: {missing}; it was left as it is")


def report(done: ApplyResult) -> None:
    """Say what was done, and what was not, and why."""
    plan = done.plan
    counts = {each: plan.count(each) for each in PlannedAction}
    left = plan.unchanged + counts[PlannedAction.PUBLISH] + counts[PlannedAction.KEEP]
    say(
        f"content: {counts[PlannedAction.CREATE]} created, {counts[PlannedAction.UPDATE]} changed, "
        f"{counts[PlannedAction.DELETE]} deleted, {left} unchanged, {len(done.published)} published"
    )
    for item in plan.items:
        name = " ".join(item.key)
        if item.has_kept and (kept := item.merge.kept):
            paths = ", ".join(format_path(each.path) for each in kept if each.path)
            say(f"{name}: what others changed of it was kept{paths and f': {paths}'}")
        if item.unpublished:
            codes = ", ".join(sorted(item.unpublished))
            say(f"{name}: it stays unpublished in {codes}, where others unpublished it")
        if item.is_held:
            say(f"{name}: it was not published, because that was not")
    for key in plan.gone:
        say(f"{' '.join(key)}: it is gone from the folder; --delete deletes it")


def _options(
    only: list[str] | None, delete: bool, conflicts: Conflicts | None, publish: bool
) -> Options:
    return Options(
        choice(content_model(), only or ()),
        Side(conflicts) if conflicts else None,
        deleting=delete,
        publishing=publish,
    )


def _run(work: Callable[[AsyncEngine, Model, Progress], Awaitable[T]]) -> T:
    """Do something with the database of the settings, and show how far it is."""
    settings = Settings.read()
    with database(settings) as url:
        asyncio.run(check(settings, url))
        with Status("", console=console) as status:

            def progress(step: str) -> None:
                status.update(step)

            async def run() -> T:
                async with writing(url) as engine:
                    return await work(engine, content_model(), progress)

            return asyncio.run(run())


async def _export(url: str, directory: Path, stage: Exporting) -> Exported:
    async with writing(url, role=PREVIEWER) as engine:
        return await export(engine, content_model(), directory, stage)
