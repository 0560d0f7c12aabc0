"""The plan of `guidepost migrate --plan`: what the pending migrations would do to a database.

The operations on content are carried out on documents in memory, read in one snapshot, and the
operations on tables are only printed. Nothing is written and nothing is locked.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from rich.text import Text
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.documents.records import Key
from service.editing.changes import Change, changes
from service.editing.edits import known_locales
from service.folders.items import PlannedAction
from service.folders.printing import change_lines, head
from service.messages import shortened, some
from service.migrations import content as _  # noqa: F401  # registers the operations
from service.migrations.content.locale_images import KEYS
from service.migrations.content.locale_images import as_json as locale_json
from service.migrations.content.operation import PLANNED, ContentOperation, PlannedOperations
from service.migrations.content.planned import LocaleChange, PlannedChange, PlannedContent
from service.migrations.content.planning import pages, plan_operation
from service.migrations.content.resolutions import Deciding, Force, MigrationConflict
from service.migrations.content.steps import ReflectedModel
from service.migrations.scripts import beside

_NAME = r"(?:if (?:not )?exists )?(?:only )?([\w.\"]+)"
_LOCKS = {
    rf"alter table {_NAME} validate constraint": "SHARE UPDATE EXCLUSIVE",
    rf"alter table {_NAME} add (?:constraint \S+ )?foreign key": "SHARE ROW EXCLUSIVE",
    rf"alter table {_NAME}": "ACCESS EXCLUSIVE",
    rf"drop table {_NAME}": "ACCESS EXCLUSIVE",
    rf"create (?:unique )?index concurrently \S+ on {_NAME}": "SHARE UPDATE EXCLUSIVE",
    rf"create (?:unique )?index \S+ on {_NAME}": "SHARE",
}
"""Statements that lock a table, with PostgreSQL's name of the lock; the first one that fits."""
_REFERENCES = re.compile(rf"references {_NAME}", re.IGNORECASE)
_MAKES = re.compile(rf"create table {_NAME}", re.IGNORECASE)


class Lock(NamedTuple):
    """A lock on a table, which a migration holds until it commits."""

    table: str
    mode: str


@dataclass
class PlannedItem:
    """What a migration does to an item."""

    key: Key
    action: PlannedAction
    changes: Sequence[Change]
    published: Sequence[str]
    """The locales in which readers see something else of it."""
    withdrawn: Sequence[str]
    """The locales in which it is not published any more."""


@dataclass
class PlannedRevision:
    """What a migration does."""

    revision: str
    message: str
    locales: list[LocaleChange] = field(default_factory=list)
    items: list[PlannedItem] = field(default_factory=list)
    conflicts: list[MigrationConflict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What it leaves as it is, and what is not known of it."""
    pages: list[Key] = field(default_factory=list)
    """The published items whose readers see something else, and those that show these."""
    statements: list[str] = field(default_factory=list)
    """What it does to tables, as SQL."""
    locks: list[Lock] = field(default_factory=list)


async def planned(
    engine: AsyncEngine, scripts: ScriptDirectory, found: str | None, force: Force
) -> list[PlannedRevision]:
    """What the migrations would do that a database lacks which is `found` at a revision."""
    pending = [*reversed([*scripts.iterate_revisions("heads", found or "base")])]
    if found is None:
        # There is no content yet that it could change.
        return [PlannedRevision(each.revision, _message(each)) for each in pending]
    async with engine.connect() as connection:
        await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        tables = await connection.run_sync(lambda sync: ReflectedModel(sync).model())
        content = PlannedContent.of(connection, tables, await known_locales(connection))
        return [await _planned(connection, content, scripts, script, force) for script in pending]


async def _planned(
    connection: AsyncConnection,
    content: PlannedContent,
    scripts: ScriptDirectory,
    script: Script,
    force: Force,
) -> PlannedRevision:
    made = PlannedRevision(script.revision, _message(script))
    content.begin(script.revision, beside(scripts, script.revision))
    operations = await connection.run_sync(_run, script, made)
    deciding = Deciding(force, made.notes.append, made.conflicts)
    for each in operations:
        await plan_operation(deciding, content, each)
    done = [*content.changes()]
    made.locales = [*content.planned_locales.changes()]
    made.items = [item for each in done if (item := _item(each))]
    made.pages = await pages(connection, content, [each for each in done if each.is_seen])
    made.locks = [*dict.fromkeys(_locks(made.statements))]
    return made


def _message(script: Script) -> str:
    return " ".join(script.doc.split()).rstrip(".")


def _run(connection: Connection, script: Script, made: PlannedRevision) -> list[ContentOperation]:
    """Let a migration say what it does; its operations on tables are printed."""
    found, output = PlannedOperations(Path(script.path).parent), io.StringIO()
    options = {"as_sql": True, "output_buffer": output, "literal_binds": True, PLANNED: found}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    # A migration may look into the database for what it has to do.
    context.impl.connection = connection
    upgrade: Callable[[], None] = script.module.upgrade
    try:
        with Operations.context(context):
            upgrade()
    except Exception as error:  # noqa: BLE001  # whatever a migration does by itself
        said = shortened(" ".join(f"{type(error).__name__}: {error}".split()), 200)
        made.notes.append(f"what else it does is not known, since it needs to write: {said}")
    made.statements = [line for each in output.getvalue().split(";\n") if (line := each.strip())]
    return found.operations


def _item(change: PlannedChange) -> PlannedItem | None:
    """What is planned for an item; None if nothing is."""
    before, after = change.before, change.after
    made = changes(before or {}, after or {}) if after is not None else []
    renamed = before and after and before["slug"] != after["slug"]
    if before and after and renamed:
        made = [Change(("slug",), before["slug"], after["slug"]), *made]
    published = [code for code, copy in change.live.items() if copy != change.live_before.get(code)]
    withdrawn = [code for code in change.live_before if code not in change.live]
    if after is None:
        action = PlannedAction.DELETE
    elif before is None:
        action = PlannedAction.CREATE
    elif made:
        action = PlannedAction.UPDATE
    elif published or withdrawn:
        action = PlannedAction.PUBLISH
    else:
        return None
    return PlannedItem(change.key, action, made, sorted(published), sorted(withdrawn))


def _locks(statements: Iterable[str]) -> Iterator[Lock]:
    """The locks that statements take on tables which are there before them."""
    made: set[str] = set()
    for statement in statements:
        line = " ".join(statement.split())
        if new := _MAKES.match(line):
            made.add(new[1])
        for pattern, mode in _LOCKS.items():
            there = re.match(pattern, line, re.IGNORECASE)
            if there and there[1] not in made:
                yield Lock(there[1], mode)
            if there:
                break
        yield from (
            Lock(each, "SHARE ROW EXCLUSIVE")
            for each in _REFERENCES.findall(line)
            if each not in made
        )


def lines(plan: Sequence[PlannedRevision]) -> Iterator[Text]:
    """The lines that describe a plan, with the summary last."""
    for revision in plan:
        yield Text(f"revision {revision.revision} ({revision.message})", "bold")
        for locale in revision.locales:
            yield from _locale_lines(locale)
        for item in revision.items:
            yield from _item_lines(item)
        for conflict in revision.conflicts:
            yield Text(f"! conflict {shortened(str(conflict))}", "bold red")
        for note in revision.notes:
            yield Text(f"  {shortened(note)}", "yellow")
        if revision.pages:
            found = some([" ".join(key) for key in revision.pages])
            yield Text(f"  readers see a difference on {found}")
        for lock in revision.locks:
            yield Text(f"  locks {lock.table}: {lock.mode}", "dim")
    conflicts = sum(len(each.conflicts) for each in plan)
    items = sum(len(each.items) for each in plan)
    said = f"{_number(len(plan), 'migration')}, {_number(items, 'item')} changed"
    yield Text(said + (f", {conflicts} in conflict" if conflicts else ""))


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _locale_lines(locale: LocaleChange) -> Iterator[Text]:
    yield head(_action(locale), ("locale", locale.code), (), publishes=False)
    for change in _locale_changes(locale) if locale.after else ():
        yield from change_lines(change)


def _action(locale: LocaleChange) -> PlannedAction:
    if locale.before is None:
        return PlannedAction.CREATE
    return PlannedAction.UPDATE if locale.after else PlannedAction.DELETE


def _locale_changes(locale: LocaleChange) -> list[Change]:
    before, after = (locale_json(locale.code, each) or {} for each in (locale.before, locale.after))
    names = [key for key in KEYS if before.get(key) or after.get(key)]
    return changes(*({key: each.get(key) or None for key in names} for each in (before, after)))


def _item_lines(item: PlannedItem) -> Iterator[Text]:
    line = head(item.action, item.key, item.published, publishes=bool(item.published))
    if item.withdrawn:
        line.append(f"; unpublished in {', '.join(item.withdrawn)}")
    yield line
    for change in item.changes:
        yield from change_lines(change)


def as_json(plan: Sequence[PlannedRevision]) -> dict[str, Any]:
    """The plan as `guidepost migrate --plan --json` prints it."""
    return {"revisions": [_revision(each) for each in plan]}


def _revision(plan: PlannedRevision) -> dict[str, Any]:
    return {
        "revision": plan.revision,
        "message": plan.message,
        "locales": [
            {
                "code": each.code,
                "action": _action(each).value,
                "changes": [change._asdict() for change in _locale_changes(each)],
            }
            for each in plan.locales
        ],
        "items": [
            {
                "type": each.key[0],
                "slug": each.key[1],
                "action": each.action.value,
                "changes": [change._asdict() for change in each.changes],
                "published": each.published,
                "unpublished": each.withdrawn,
            }
            for each in plan.items
        ],
        "conflicts": [
            {name: each for name, each in conflict._asdict().items() if name != "hint"}
            for conflict in plan.conflicts
        ],
        "notes": plan.notes,
        "pages": [{"type": name, "slug": slug} for name, slug in plan.pages],
        "locks": [each._asdict() for each in plan.locks],
        "statements": plan.statements,
    }
