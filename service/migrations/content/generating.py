"""Autogenerate for content: operations that make the database's content that of a folder.

alembic.ini names the folder as `content`. The option `-x rename=Company/old:new` renames an item;
`-x delete=yes` deletes the items that a migration made and that have no document in the folder,
`-x delete=all` also those that others made.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from alembic.autogenerate import comparators
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript, UpgradeOps
from alembic.util import CommandError
from alembic.util.langhelpers import DispatchPriority, PriorityDispatchResult
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only

from schema.attributes import Attribute, Parts, Reference, ScalarField
from schema.delivery import Stage
from schema.errors import ErrorCode
from schema.locales import Locales
from schema.model import ContentType, Model
from service.authors import APPLYING
from service.documents.checking import CheckedDocument, check_documents
from service.documents.document import Document
from service.documents.files import read_documents
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.serialization import document_of
from service.documents.store import by_type
from service.documents.unknown_names import UnknownName, problems, unknown_names
from service.editing.edits import Edit, known_locales
from service.editing.merging import Side
from service.folders.exporting import documents
from service.messages import some
from service.migrations.content import (
    images,
    source,  # noqa: F401  # registers
)
from service.migrations.content.frozen import MOST, folder_of, frozen
from service.migrations.content.needs import dangling, needed
from service.migrations.content.operation import CommentOp, LeftOp
from service.migrations.content.operations import DeleteOp, PublishOp, SaveOp
from service.migrations.content.ordering import There, WantedItem, operations_for, renamed
from service.migrations.content.planned import PlannedChange, PlannedContent
from service.migrations.content.planning import pages, plan_operation
from service.migrations.content.resolutions import Deciding, Force
from service.migrations.content.steps import ATTACHED, Attached
from service.migrations.content.view import StoredContent

CONTENT = "content"
"""The option of alembic.ini that names the folder of documents."""
_SHOWN = 10
"""The number of items that a comment names."""
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
    there, locales = await_only(_there(attached.connection, tables))
    there = {key: each for key, each in there.items() if key[0] in declared}
    checked = _checked(folder, declared, locales)
    wanted = {
        each.record.key: WantedItem(document_of(declared, each.record), each.is_draft)
        for each in checked
    }
    given = [option.partition("=")[::2] for option in options]
    renames = dict(_rename(value, wanted, there) for name, value in given if name == "rename")
    delete = _delete([value for name, value in given if name == "delete"])
    there = renamed(declared, there, renames)
    gone = {key: each for key, each in there.items() if key not in wanted}
    made = {key for key, each in gone.items() if each.is_made}
    deleted = {"no": set[Key](), "yes": made, "all": {*gone}}[delete]
    if wrong := [
        *dangling(checked, there),
        *needed(declared, wanted, there, deleted),
        *_lacking(declared, wanted, there, deleted),
    ]:
        raise ContentError(wrong)
    operations = operations_for(declared, wanted, there, renames, deleted)
    unknown = await_only(unknown_names(attached.connection, declared, tables))
    if stays := [*_staying(unknown, operations, renames)]:
        raise ContentError([*problems(declared, stays)])
    for line in _left(folder, gone.keys() - deleted, made):
        attached.say(line)
    left = (LeftOp(*each) for each in by_type(sorted(made - deleted)).items())
    seen = await_only(_seen(attached.connection, tables, locales, operations))
    return [*seen, *operations, *left]


async def _seen(
    connection: AsyncConnection, tables: Model, locales: Locales, operations: Sequence[Any]
) -> list[CommentOp]:
    """A comment about what readers will see of operations."""
    edit = Edit(connection, None, tables, locales, APPLYING)
    content = PlannedContent(StoredContent(edit, ""))
    deciding = Deciding(Force(Side.OURS), lambda _: None)
    for each in operations:
        await plan_operation(deciding, content, each)
    done = [*content.changes()]
    changed = [each for each in done if each.live != each.live_before]
    others = [
        " ".join(key) for key in await pages(edit, done) if key not in {it.key for it in changed}
    ]
    lines = [_seen_of(each) for each in changed[:_SHOWN]]
    if len(changed) > _SHOWN:
        lines.append(f"and of {len(changed) - _SHOWN:,} more items")
    if others:
        lines.append(f"these are also shown by {some(others)}")
    return [CommentOp(["Readers will see:", *(f"- {line}" for line in lines)])] if lines else []


def _seen_of(change: PlannedChange) -> str:
    """What readers will see of an item."""
    name = " ".join(change.key)
    if not change.live:
        return f"{name} no longer"
    if not change.live_before:
        return f"{name}, which is new"
    fields = {
        field: None
        for code, copy in change.live.items()
        for field in {**copy, **change.live_before.get(code, {})}
        if copy.get(field) != change.live_before.get(code, {}).get(field)
    }
    return f"{name}: another {', '.join(fields)}"


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


def freeze(context: Any, scripts: Iterable[MigrationScript]) -> None:
    """Let what saves very many documents be rendered with a file beside the revision."""
    for script in scripts:
        folder = folder_of(script, context.environment_context.script)
        operations = script.upgrade_ops.ops if script.upgrade_ops else []
        saves = [each for each in operations if isinstance(each, SaveOp)]
        many = [each for each in saves if not each.bases and len(frozen(each.documents)) > MOST]
        for number, each in enumerate(many, 1):
            each.file = folder / f"{script.rev_id}_{number}_{each.type.lower()}.json"


def _lacking(
    model: Model,
    wanted: Mapping[Key, WantedItem],
    there: Mapping[Key, There],
    deleted: Collection[Key],
) -> Iterator[Problem]:
    """Items that would be without a required value, which no operation gives them."""
    for key, item in there.items():
        found = wanted.get(key)
        if found is None and key not in deleted:
            advice = "write a document for the item, or delete it with -x delete=yes"
        elif found is not None and found.is_draft and item.is_live:
            advice = "the item stays published without it: leave out `draft: true`"
        else:
            continue
        for path in _missing(model, model[key[0]], item.document):
            message = f"{' '.join(key)}: {path} is required, and has no value; {advice}"
            yield Problem(ErrorCode.BAD_VALUE, (), message)


def _missing(model: Model, type_: ContentType, document: Document) -> Iterator[str]:
    """The required fields that have no value in a document, or in its parts."""
    for field in (*type_.written(), *type_.relations()):
        name, value = field.graphql_name, document.get(field.graphql_name)
        if isinstance(field, Parts):
            for number, part in enumerate(value or ()):
                yield from (
                    f"{name}[{number}].{path}"
                    for path in _missing(model, model[field.target], part)
                )
        elif value is None and _is_required(field):
            yield name


def _is_required(attribute: Attribute) -> bool:
    if isinstance(attribute, ScalarField):
        return attribute.required and attribute.column.server_default is None
    return isinstance(attribute, Reference) and attribute.required


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
            "`alembic -x delete=yes revision …` deletes such items; `-x rename=Type/old:new` is "
            "for an item that has another slug now"
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
        is_current = not document.pop("draft", False)
        document.pop("published", None)
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
