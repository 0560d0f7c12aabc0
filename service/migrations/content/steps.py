"""A migration that is being run, and the content model as the tables have it then."""

import io
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial, wraps
from pathlib import Path
from typing import Any, Protocol, TypeVar

import orjson
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, NestedTransaction, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only

from schema.entities.content import DRAFT, LIVE
from schema.model import Model, content_model
from schema.reflection import (
    ColumnShape,
    TableFacts,
    constraints_of,
    fits,
    reflected_model,
    with_any_names,
)
from service import authors
from service.documents.problems import ContentError
from service.documents.unknown_names import refuse_unknown_names
from service.editing.edits import Edit, begun
from service.editing.search_index import index_again
from service.migrations.content import images, locale_images, undoing
from service.migrations.content.branches import in_reverse
from service.migrations.content.constraints import DowngradeConstraints
from service.migrations.content.dropped import DroppedContent, TableName
from service.migrations.content.indexing import Indexed, are_outdated, indexed
from service.migrations.content.resolutions import Deciding, Force, MigrationConflictError
from service.migrations.content.table_comments import COMMENTS, comments_of
from service.migrations.content.undoing import Undo
from service.migrations.content.view import StoredContent
from service.migrations.failures import name_of, named_errors
from service.migrations.scripts import beside
from service.migrations.squashed import planned_steps

ATTACHED = "guidepost"
"""The key in the context's `opts` under which operations find the `Attached`."""
PRINTS_UPGRADES = "guidepost_prints_upgrades"
"""The key in the context's `opts` that says that an upgrade is being printed as SQL."""

T = TypeVar("T")
Migrate = Callable[..., None]
"""The upgrade or the downgrade of a migration."""

_FACTS = text(f"""
    select json_build_array(
        (select coalesce(
                json_agg(json_build_array(nspname, relname, attname, not attnotnull)), '[]'
            )
            from pg_attribute
            join pg_class on pg_class.oid = attrelid
            join pg_namespace on pg_namespace.oid = relnamespace
            where nspname in ('draft', 'live') and relkind in ('r', 'p')
            and attnum > 0 and not attisdropped),
        (select coalesce(json_agg(conname), '[]') from pg_constraint
            where contype in ('u', 'c') and connamespace = to_regnamespace('draft')),
        (select coalesce(json_agg(json_build_array(relname, attname, description)), '[]')
            from ({COMMENTS}) as said),
        (select count(*) from pg_constraint where contype = 'f'
            and connamespace in (to_regnamespace('draft'), to_regnamespace('live')))
    )::text
""")  # noqa: S608  # both parts are ours
"""What `TableFacts` are read from, in one text: most of the time it is as it was."""
_KNOWS = text(
    "select to_regclass('service.release') is not null,"
    " to_regproc('service.search_vector') is not null"
)
_KEEPS_IMAGES = text("select to_regclass('service.before_image') is not null")
_CHECK_KEYS = ("set constraints all immediate", "set constraints all deferred")
_HAS_IMAGES = text("select exists (select from service.before_image where migration = :revision)")


@dataclass
class ReflectedModel:
    """The content model as the tables of a database have it; read again when they have changed."""

    connection: Connection
    declared: Model = field(default_factory=content_model)
    is_newest: bool = False
    """Whether the declared constraints hold, although the tables may not have them (any more)."""
    _said: tuple[bool, str] | None = None
    """`is_newest`, and what the database said last."""
    _facts: TableFacts | None = None
    """What the model was read from."""
    _model: Model | None = None

    def model(self) -> Model:
        """The content model that fits the tables as they are now.

        Its enumerations can have any name: an older migration may write names that were removed
        since, and a newer one gives the items with such a name another one.
        """
        said = self.is_newest, str(self.connection.scalar(_FACTS))
        if self._model is None or said != self._said:
            self._said, facts = said, self._read(*said)
            # The server may say the same in another order.
            if self._model is None or facts != self._facts:
                self._facts = facts
                is_declared = fits(self.declared, facts)
                self._model = with_any_names(self.declared if is_declared else self._reflected())
        return self._model

    def _read(self, is_newest: bool, said: str) -> TableFacts:
        columns, names, comments, foreign_keys = orjson.loads(said)
        constraints = frozenset(names)
        return TableFacts(
            frozenset(ColumnShape(*each) for each in columns),
            constraints | constraints_of(self.declared) if is_newest else constraints,
            comments_of(comments),
            foreign_keys,
        )

    def _reflected(self) -> Model:
        """The model read from the tables, with everything about them; it takes most of a second."""
        found = MetaData()
        for schema in (DRAFT, LIVE):
            found.reflect(self.connection, schema=schema)
        return reflected_model(self.declared, found.tables)


class FinalOperation(Protocol):
    """An operation that a downgrade carries out at its end."""

    async def run(self, step: "RunningRevision", edit: Edit) -> None:
        """Carry out the operation."""

    def follow(self, names: Mapping[str, str], type_: str | None = None) -> None:
        """Go on with the new names of types, or of the fields of a type."""


@dataclass
class RunningRevision:
    """A migration that is being run, up or down."""

    script: Script
    scripts: ScriptDirectory
    reason: str | None
    tables: ReflectedModel
    connection: AsyncConnection
    say: Callable[[str], None]
    deciding: Deciding
    dropped: DroppedContent
    constraints: DowngradeConstraints

    undo: Undo | None = None
    """What a downgrade has to finish on the old tables."""
    last: list[FinalOperation] = field(default_factory=list)
    """What a downgrade does to content at its end, after which the declarations do not fit it."""
    is_ending: bool = False
    has_restored: bool = False
    """Whether rows of a squashed revision were restored, which have no search entries yet."""

    def refuse_conflicts(self) -> None:
        """Raise `MigrationConflictError` if there are conflicts that nobody has decided."""
        if self.deciding.conflicts:
            raise MigrationConflictError(self.revision, "upgrade", self.deciding.conflicts)

    @property
    def revision(self) -> str:
        """The name of the migration."""
        return self.script.revision

    @property
    def folder(self) -> Path:
        """The folder with the file of the migration."""
        return Path(self.script.path).parent

    @cached_property
    def _beside(self) -> frozenset[str]:
        return beside(self.scripts, self.revision)

    def view(self, edit: Edit) -> StoredContent:
        """What the migration sees of the content."""
        return StoredContent(edit, self.revision, self._beside)

    @property
    def author(self) -> str:
        """The author of what the migration does, in the history."""
        return authors.migration(self.revision)

    def run(self, work: Callable[[Edit], Awaitable[T]]) -> T:
        """Change content in the migration's transaction, on the tables as they are now."""
        model = self.tables.model()

        async def edit() -> T:
            begun_ = await begun(self.connection, model, self.author, self.reason)
            releases, words = (await self.connection.execute(_KNOWS)).one()
            done = await work(replace(begun_, knows_releases=releases, has_words=words))
            # PostgreSQL refuses to alter a table while foreign keys of it are still to be checked.
            await begun_.driver.execute("; ".join(_CHECK_KEYS))
            return done

        return await_only(edit())


@dataclass
class Attached:
    """What operations on content need to know of the command that runs them."""

    tables: ReflectedModel
    connection: AsyncConnection
    say: Callable[[str], None]
    step: RunningRevision | None = None
    """The migration that is being run."""
    trial: NestedTransaction | None = None
    """The savepoint in which autogenerate has tried the renames."""

    async def edit(self, model: Model) -> Edit:
        """An edit that nobody is going to see."""
        return await begun(self.connection, model, "autogenerate", None)


def attach(
    context: Any,
    sync: Connection,
    connection: AsyncConnection,
    say: Callable[[str], None],
) -> None:
    """Let the migrations that alembic's `context` runs change content, and undo it in downgrades.

    `-x force=theirs|ours` decides the conflicts; see `Force`. `say` gets the progress.
    """
    migration = context.get_context()
    given = (each.partition("=") for each in context.get_x_argument())
    force = Force.read(value for name, _, value in given if name == "force")
    scripts = migration.environment_context.script
    attached = Attached(ReflectedModel(sync), connection, say)
    migration.opts[ATTACHED] = attached

    def begin(each: RevisionStep) -> Migrate:
        script = each.revision
        reason = script.doc if each.is_upgrade else f"taken back: {script.doc}"
        attached.tables.is_newest = each.is_upgrade and script.is_head
        dropped = DroppedContent(sync, script.revision, bool(each.is_upgrade), force.side)
        attached.step = RunningRevision(
            script,
            scripts,
            reason,
            attached.tables,
            connection,
            say,
            Deciding(force, say),
            dropped,
            DowngradeConstraints(sync),
        )
        way = _up if each.is_upgrade else _down
        done = "upgraded" if each.is_upgrade else "downgraded"
        migrate = partial(way, attached.step, each.migration_fn)
        return partial(_reporting, script, done, migrate, say)

    def end() -> None:
        if {*migration.get_current_heads()} == {*context.get_head_revisions()}:
            tables = attached.tables
            await_only(refuse_unknown_names(connection, tables.declared, tables.model()))

    _wrap_each(migration, begin, end, partial(in_reverse, sync))


def attach_printing(context: Any) -> None:
    """Refuse to print the downgrade of a migration as SQL if the migration changes content.

    The migration's own `downgrade` does not say so; see `service.migrations.content.undoing`.
    """
    migration = context.get_context()

    def begin(each: RevisionStep) -> Migrate:
        migrate: Migrate = each.migration_fn
        migration.opts[PRINTS_UPGRADES] = each.is_upgrade
        down = partial(_print_down, migration, each.revision, migrate)
        return migrate if each.is_upgrade else down

    _wrap_each(migration, begin)


def _wrap_each(
    migration: MigrationContext,
    begin: Callable[[RevisionStep], Migrate],
    end: Callable[[], None] = lambda: None,
    in_order: Callable[[Sequence[RevisionStep]], Iterable[RevisionStep]] = iter,
) -> None:
    """Let alembic run what `begin` returns for each migration, up or down.

    After upgrades it calls `end`, in the same transaction. `in_order` puts those of a downgrade
    into another order.
    """
    # alembic has no public hook that is called before each migration.
    original: Any = migration._migrations_fn  # noqa: SLF001

    def run(heads: Any, ran: MigrationContext) -> Iterator[Any]:
        steps: Sequence[Any] = [*planned_steps(original, heads, ran)]
        if all(isinstance(each, RevisionStep) and not each.is_upgrade for each in steps):
            steps = [*in_order(steps)]
        is_upgraded = False
        for each in steps:
            if isinstance(each, RevisionStep):
                each.migration_fn = wraps(each.migration_fn)(begin(each))
                is_upgraded = each.is_upgrade
            yield each
        if is_upgraded:
            end()

    migration._migrations_fn = run  # noqa: SLF001


def _reporting(
    script: Script, done: str, migrate: Migrate, say: Callable[[str], None], **options: Any
) -> None:
    """Run a migration; say how long it took, and name it in an error of the database."""
    start = time.monotonic()
    with named_errors(script):
        migrate(**options)
    say(f"{name_of(script)}: {done} in {time.monotonic() - start:.1f} s")


def _check_keys(connection: Connection) -> None:
    """Check the keys that are checked last, so that an error is one of this migration."""
    for statement in _CHECK_KEYS:
        connection.execute(text(statement))


def _up(step: RunningRevision, migrate: Migrate, **options: Any) -> None:
    before = indexed(step.tables.connection)
    migrate(**options)
    step.refuse_conflicts()
    if _has_images(step):
        own = step.deciding.unpublished
        step.run(partial(images.complete, migration=step.revision, unpublished=own))
        step.run(partial(locale_images.complete, migration=step.revision))
    step.dropped.end()
    _index_again(step, before)
    _check_keys(step.tables.connection)


def _down(step: RunningRevision, migrate: Migrate, **options: Any) -> None:
    before = indexed(step.tables.connection)
    if _has_images(step):
        for table, column in step.run(partial(undoing.lacking, migration=step.revision)):
            step.dropped.do_not_require_yet(TableName(DRAFT, table), column)
        step.undo = Undo(step.revision, step.deciding.force)
        step.run(step.undo.decide)
        # Items may get texts back in a locale that the migration removed.
        step.run(step.undo.put_back_locales)
        _put_back(step, step.undo)
    migrate(**options)
    if step.undo is not None:
        step.run(step.undo.finish)
    step.is_ending = True
    for each in step.last:
        step.run(partial(each.run, step))
    step.constraints.end()
    step.dropped.check_references()
    step.dropped.end()
    _index_again(step, before)
    _check_keys(step.tables.connection)


def _put_back(step: RunningRevision, undo: Undo) -> None:
    """Put back content, if need be without the constraints that the downgrade drops later."""
    point = step.tables.connection.begin_nested()
    try:
        step.run(undo.put_back)
    except ContentError:
        point.rollback()
        step.constraints.without(partial(step.run, undo.put_back))
    else:
        point.commit()


def _print_down(
    migration: MigrationContext, script: Script, migrate: Migrate, **options: Any
) -> None:
    """Print a downgrade, after the upgrade has been printed to nowhere: operations refuse that."""
    printed, migration.impl.output_buffer = migration.impl.output_buffer, io.StringIO()
    migration.opts[PRINTS_UPGRADES] = True
    try:
        script.module.upgrade()
    except CommandError as error:
        raise CommandError(f"downgrade of revision {script.revision}: {error}") from error
    except Exception as error:
        raise CommandError(
            f"downgrade of revision {script.revision}: it cannot be printed as SQL, because its "
            f"upgrade needs a database, and what that does to content is not known ({error!r}); "
            "downgrade the database itself"
        ) from error
    finally:
        migration.impl.output_buffer, migration.opts[PRINTS_UPGRADES] = printed, False
    migrate(**options)


def _index_again(step: RunningRevision, before: Indexed) -> None:
    came_back = step.dropped.has_come_back or step.has_restored
    if are_outdated(step.tables.connection, before, step.tables.model, came_back):
        step.run(index_again)


def _has_images(step: RunningRevision) -> bool:
    connection = step.tables.connection
    if not connection.scalar(_KEEPS_IMAGES):
        return False
    return bool(connection.scalar(_HAS_IMAGES, {"revision": step.revision}))
