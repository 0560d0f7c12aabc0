"""Autogenerate for content: operations that make the database's content that of a folder.

alembic.ini names the folder as `content`. The option `-x rename=Company/old:new` renames an item,
as `renamedFrom` in its document does;
`-x delete=yes` deletes the items that a migration made and that have no document in the folder,
`-x delete=all` also those that others made.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from alembic.autogenerate import comparators
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import UpgradeOps
from alembic.util import CommandError
from alembic.util.langhelpers import DispatchPriority, PriorityDispatchResult
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only

from schema.attributes import Reference
from schema.delivery import Stage
from schema.errors import ErrorCode
from schema.locales import Locales
from schema.model import OLD_SLUG, ContentType, Model
from service.documents.checking import CheckedDocument, check_documents
from service.documents.files import read_documents
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.serialization import document_of
from service.documents.store import by_type
from service.documents.unknown_names import UnknownName, problems, unknown_names
from service.editing.edits import known_locales
from service.editing.former_slugs import former_slugs, renames
from service.folders.exporting import documents
from service.folders.locale_file import read_locales
from service.messages import some
from service.migrations.content import (
    images,
    source,  # noqa: F401  # registers
)
from service.migrations.content.comments import unseen, what_readers_see
from service.migrations.content.locale_changes import removals, tried
from service.migrations.content.needs import clashing, dangling, lacking, needed
from service.migrations.content.operation import LeftOp
from service.migrations.content.operations import DeleteOp, PublishOp, SaveOp
from service.migrations.content.ordering import (
    There,
    WantedItem,
    held_by,
    not_current,
    operations_for,
    renamed,
)
from service.migrations.content.steps import ATTACHED, Attached

CONTENT = "content"
"""The option of alembic.ini that names the folder of documents."""
_DELETIONS = ("no", "yes", "all")


# It comes before `service.migrations.generating`, which puts all operations into order.
@comparators.dispatch_for("schema", qualifier="postgresql", priority=DispatchPriority.LAST)
def compare_content(context: AutogenContext, upgrade: UpgradeOps, _: Any) -> PriorityDispatchResult:
    """Add the operations on content to a new migration."""
    migration: Any = context.migration_context
    folder = migration.config.get_main_option(CONTENT)
    attached = migration.opts.get(ATTACHED)
    if folder and isinstance(attached, Attached):
        options = migration.environment_context.get_x_argument()
        upgrade.ops += _operations(attached, Path(folder), options)
    return PriorityDispatchResult.CONTINUE


def _operations(attached: Attached, folder: Path, options: Sequence[str]) -> list[Any]:
    declared, tables = attached.tables.declared, attached.tables.model()
    file = read_locales(folder)
    locale_changes = tried(attached, file) if file else []
    gone_locales = removals(attached, file) if file else []
    there, known = await_only(_there(attached.connection, tables))
    locales = file.known if file else known
    every_item, there = there, {key: each for key, each in there.items() if key[0] in declared}
    checked = _checked(folder, declared, locales)
    wanted = {
        each.record.key: WantedItem(document_of(declared, each.record), each.is_draft)
        for each in checked
    }
    given = [option.partition("=")[::2] for option in options]
    renamings = await_only(_renames(attached.connection, tables, checked))
    renamings |= dict(_rename(value, wanted, there) for name, value in given if name == "rename")
    delete = _delete([value for name, value in given if name == "delete"])
    doubtful = not_current(declared, wanted, there)
    for key in await_only(unseen(attached.connection, tables, locales, doubtful, attached.say)):
        there[key] = there[key]._replace(is_current=True)
    held = {*held_by(tables, declared, renamed(tables, every_item, renamings))}
    there = renamed(declared, there, renamings)
    gone = {key: each for key, each in there.items() if key not in wanted}
    made = {key for key, each in gone.items() if each.is_made}
    deleted = {"no": set[Key](), "yes": made, "all": {*gone}}[delete]
    if wrong := [
        *dangling(checked, there),
        *needed(declared, wanted, there, deleted),
        *lacking(declared, wanted, there, deleted),
        *clashing(declared, wanted, there, deleted),
    ]:
        raise ContentError(wrong)
    operations = operations_for(declared, wanted, there, renamings, deleted, held)
    unknown = await_only(unknown_names(attached.connection, declared, tables))
    if stays := [*_staying(unknown, operations, renamings)]:
        raise ContentError([*problems(declared, stays)])
    for line in _left(folder, gone.keys() - deleted, made):
        attached.say(line)
    left = (LeftOp(*each) for each in by_type(sorted(made - deleted)).items())
    every = [*locale_changes, *operations, *gone_locales]
    seen = await_only(what_readers_see(attached.connection, tables, locales, every))
    return [*seen, *every, *left]


def _staying(
    unknown: Iterable[UnknownName], made: Iterable[Any], renames: Mapping[Key, str]
) -> Iterator[UnknownName]:
    """The unknown names that are still in the content after the operations."""
    gone: dict[Stage, set[Key]] = {stage: set() for stage in Stage}
    for each in made:
        match each:
            case SaveOp():
                gone[Stage.DRAFT] |= {(each.type, str(it["slug"])) for it in each.documents}
            case PublishOp():
                gone[Stage.LIVE] |= {(each.type, slug) for slug in each.slugs}
            case DeleteOp():
                gone[Stage.DRAFT].add((each.type, each.slug))
                gone[Stage.LIVE].add((each.type, each.slug))
    for name in unknown:
        if (name.type, renames.get(name.key, name.slug)) not in gone[name.stage]:
            yield name


def _delete(given: Sequence[str]) -> str:
    """Which items without a document are deleted; raises `CommandError`."""
    value = [*given, "no"][0]
    if value not in _DELETIONS:
        raise CommandError(f"-x delete={value} is not valid; use {' or '.join(_DELETIONS)}")
    return value


def _left(folder: Path, left: Collection[Key], made: Collection[Key]) -> Iterator[str]:
    """What is said of items without a document that stay."""
    lost = sorted(" ".join(key) for key in left if key in made)
    others = sorted(" ".join(key) for key in left if key not in made)
    if lost:
        yield (
            f"{folder} has no document of {some(lost)}; the revision does not change that. "
            "`alembic -x delete=yes revision …` deletes such items; where an item has another slug "
            f"now, write `{OLD_SLUG}` with the old one into its document"
        )
    if others:
        yield (
            f"{folder} has no document of {some(others)}, which no revision made; they stay. "
            "`alembic -x delete=all revision …` deletes such items too, but other databases may "
            "not have them, and the revision cannot be run there"
        )


def _checked(folder: Path, model: Model, locales: Locales) -> list[CheckedDocument]:
    """The documents of a folder; raises `ContentError` for any problem in it."""
    problems: list[Problem] = []
    checked, wrong = check_documents([*read_documents(folder, problems)], model, locales)
    wrong += (_unable(each) for each in checked if each.published or each.live)
    if problems or wrong:
        raise ContentError(problems + wrong)
    return checked


def _unable(checked: CheckedDocument) -> Problem:
    path = ("published" if checked.published else "live",)
    message = (
        "a revision publishes a whole document, in all locales; leave this out, or write "
        "`draft: true` and publish the item in another way"
    )
    return checked.document.problem(ErrorCode.BAD_VALUE, path, message)


async def _there(connection: AsyncConnection, model: Model) -> tuple[dict[Key, There], Locales]:
    """The items that a database has, and its locales."""
    locales = await known_locales(connection)
    live: set[Key] = set()
    made: set[Key] = set()
    required: dict[Key, frozenset[Key]] = {}
    for type_ in model.content():
        slugs = await connection.scalars(
            select(type_.draft.c.slug).join(type_.live, type_.live.c.id == type_.draft.c.id)
        )
        live |= {(type_.name, slug) for slug in slugs}
        made |= {(type_.name, slug) for slug in await images.made(connection, type_)}
        required |= await _required(connection, model, type_)
    found: dict[Key, There] = {}
    async for key, document in documents(connection, model):
        is_current = not (document.pop("draft", False) or document.pop("published", None))
        needs = required.get(key, frozenset())
        found[key] = There(document, key in live, is_current, key in made, needs)
    return found, locales


async def _required(
    connection: AsyncConnection, model: Model, type_: ContentType
) -> dict[Key, frozenset[Key]]:
    """The items that the live copy of each item of a type requires."""
    found: dict[Key, frozenset[Key]] = {}
    for relation in type_.relations():
        if isinstance(relation, Reference) and relation.required:
            end = model[relation.target].draft.alias()
            statement = (
                select(type_.draft.c.slug, end.c.slug)
                .distinct()
                .join(type_.live, type_.live.c.id == type_.draft.c.id)
                .join(end, end.c.id == type_.live.c[relation.column])
            )
            for owner, target in await connection.execute(statement):
                key = (type_.name, owner)
                found[key] = found.get(key, frozenset()) | {(relation.target, target)}
    return found


async def _renames(
    connection: AsyncConnection, tables: Model, checked: Iterable[CheckedDocument]
) -> dict[Key, str]:
    """The new slugs of items whose documents name a former one; raises `ContentError`."""
    said = former_slugs(tables, (each.document for each in checked))
    found = await renames(connection, tables, said)
    if found.problems:
        raise ContentError(found.problems)
    return dict(found.slugs)


def _rename(
    option: str, wanted: Mapping[Key, WantedItem], there: Mapping[Key, There]
) -> tuple[Key, str]:
    """The item and its new slug, from an option `Type/old:new`; raises `CommandError`."""
    name, _, slugs = option.partition("/")
    old, _, new = slugs.partition(":")
    if (name, old) not in there or (name, new) not in wanted or (name, new) in there:
        raise CommandError(
            f"-x rename={option} is not valid; write it as Type/old:new, where the database has "
            "the old slug and the documents have the new one"
        )
    return (name, old), new
