"""The commands `guidepost content plan | apply | export`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from cyclopts import App, Parameter
from rich.status import Status
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.model import Model, content_model
from service.commands.startup import check_content, database
from service.console import console, print_json, print_lines, say
from service.database.pools import writing
from service.documents.problems import format_path
from service.editing.merging import Side
from service.folders import applying
from service.folders.applying import ApplyResult, Progress
from service.folders.choosing import choice
from service.folders.exporting import Exported, Exporting, export
from service.folders.identity import FILE, name_of
from service.folders.items import PlannedAction
from service.folders.planning import Options
from service.folders.plans import ManyDeletionsError
from service.folders.printing import lines, still_published
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
    """Print what `apply` would do, without doing it.

    The exit code is 0 if there is nothing to do, 2 if there are changes or conflicts, and 1 if
    there is an error.

    --json prints `{"items": […], "gone": […], "still_published": […], "unchanged": 0}`. `unchanged`
    is the number of items without a difference. `gone` lists the `type` and `slug` of items that
    were deleted from the folder since it was last applied, and are kept in the content.
    `still_published` lists the `type`, `slug` and `locales` of items that are published where their
    documents do not publish them, such as with `draft: true`; `apply` unpublishes nothing. An error
    is `{"error": {"message": …, "problems": […]}}`. Each of `items` has:

    - `type` and `slug`
    - `file`: the path of its document; null if it has none
    - `action`: create, update, delete, publish, rename, keep (only others changed it) or conflict
    - `renamed_from`: the slug that it has in the content, if it is renamed; otherwise null
    - `publish`: whether the item is published as it is in the working copy afterwards
    - `locales`: the locales in which it is published; null for all
    - `held`: whether it is not published because it contains unpublished changes of others
    - `unpublished`: the locales in which others unpublished it, so it is not published there
    - `changes`: a list of `{"path": ["title", "en"], "before": …, "after": …}`
    - `kept`: the changes of others that are kept, a list of `{"path", "base", "theirs"}`
    - `conflicts`: a list of `{"path", "base", "theirs", "ours"}`

    `base` is the value when the folder was last applied, `theirs` the value in the content, `ours`
    the value in the folder. A missing value is null. The path of a whole item is empty; the path of
    a published copy in a locale is `["live", "en"]`.

    Parameters
    ----------
    directory
        The folder of documents: YAML files with one document each.
    only
        A content type, such as Guide, or an item, such as Guide/slug; can be repeated. Default:
        everything.
    delete
        Delete the items that were deleted from the folder since it was last applied.
    conflicts
        Which value to take in a conflict: ours (from the folder) or theirs (from the content).
    publish
        Publish items as their documents say: in all locales, in none (`draft: true`), or in some
        (`published: [nl]`), and in others the copies under `live`.
    json
        Print the plan as JSON.
    """
    options = _options(only, delete, conflicts, publish)
    found = _run(
        lambda engine, model, progress: applying.plan(engine, model, directory, options, progress)
    )
    if json:
        print_json(found.as_json())
    else:
        print_lines(lines(found))
    return SOMETHING_TO_DO if found.does_something else 0


@content.command
def apply(  # noqa: PLR0913  # the options of the command
    directory: Path,
    /,
    *,
    only: Only = None,
    delete: Annotated[bool, Parameter(negative=())] = False,
    deletions: int | None = None,
    conflicts: Conflicts | None = None,
    publish: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Apply the documents of a folder to the content, all or none.

    This is a three-way merge. Its merge base is the folder as it was last applied: changes of the
    folder are applied, and changes that others made to the content are kept. A value that both
    changed is a conflict, and nothing is applied unless --conflicts is given. An item that was
    never applied has no merge base: a value that only one side has is taken, and different values
    are a conflict.

    Parameters
    ----------
    directory
        The folder of documents: YAML files with one document each. A field that a document leaves
        out is empty.
    only
        A content type, such as Guide, or an item, such as Guide/slug; can be repeated. Default:
        everything.
    delete
        Delete the items that were deleted from the folder since it was last applied. Other items
        are never deleted.
    deletions
        The number of items that --delete deletes, to confirm that it may. Required if it is more
        than GUIDEPOST_DELETED_SHARE allows.
    conflicts
        Which value to take in a conflict: ours (from the folder) or theirs (from the content).
    publish
        Publish items as their documents say: in all locales, in none (`draft: true`), or in some
        (`published: [nl]`), and in others the copies under `live`. An item with unpublished changes
        of others is not published.
    json
        Print what was done as JSON: the plan, as `plan --json` prints it, and under `published` the
        `type` and `slug` of the items that were published.
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
    if json:
        print_json(done.as_json())
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
            f"{directory} has no name, and {FILE} could not be written to it: --delete will not "
            "delete the items that it brought"
        )
    return f"{directory} now has the name {name!r}: keep {FILE} with its documents"


@content.command(name="export")
def export_content(directory: Path, /, *, stage: StageOption = "both") -> None:
    """Write the content to a folder of documents, one for each item.

    A document contains the working copy of its item. `draft: true` means that this is published in
    no locale, `published: [nl]` that it is published in these locales only. `live` contains what is
    published in other locales.

    Parameters
    ----------
    directory
        The folder. Files that are up to date already are not written.
    stage
        Which copy to export: the published one (live), the working copy (draft), or both.
    """
    settings = Settings.read()
    exporting = Exporting(stage)
    with database(settings) as url:
        asyncio.run(check_content(settings, url))
        done = asyncio.run(_export(url, directory, exporting))
    say(f"{done.written} files written, {done.unchanged} unchanged")
    missing = "is not published" if exporting is Exporting.LIVE else "does not exist"
    for file in done.others:
        say(f"{file}: the item {missing}; the file was left as it is")


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
        if item.renamed_from is not None:
            say(f"{name}: renamed from {item.renamed_from}")
        if item.has_kept and (kept := item.merge.kept):
            paths = ", ".join(format_path(each.path) for each in kept if each.path)
            say(f"{name}: changes by others were kept{paths and f': {paths}'}")
        if item.unpublished:
            codes = ", ".join(sorted(item.unpublished))
            say(f"{name}: stays unpublished in {codes}, where others unpublished it")
        if item.is_held:
            say(f"{name}: was not published, because it has unpublished changes by others")
    for key in plan.gone:
        say(f"{' '.join(key)}: was removed from the folder; --delete deletes it")
    for key, locales in plan.still_published.items():
        say(still_published(key, locales))


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
        asyncio.run(check_content(settings, url))
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
