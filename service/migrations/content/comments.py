"""What readers will see of a revision that is being generated."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from schema.locales import Locales
from schema.model import Model
from service.documents.records import Key
from service.documents.store import by_type
from service.editing.merging import Side
from service.messages import some
from service.migrations.content.locales import (
    AddLocaleOp,
    ChangeLocaleOp,
    LocaleOperation,
    RemoveLocaleOp,
    RenameLocaleOp,
)
from service.migrations.content.operation import CommentOp
from service.migrations.content.operations import PublishOp
from service.migrations.content.planned import PlannedChange, PlannedContent
from service.migrations.content.planning import pages, plan_operation
from service.migrations.content.resolutions import Deciding, Force

_SHOWN = 10
"""The number of items that a comment names."""


async def what_readers_see(
    connection: AsyncConnection, tables: Model, locales: Locales, operations: Sequence[Any]
) -> list[CommentOp]:
    """A comment about what readers will see of operations; none if that is nothing."""
    content = PlannedContent.of(connection, tables, locales)
    in_locales = [line for each in operations if (line := _of_locale(each))]
    deciding = Deciding(Force(Side.OURS), lambda _: None)
    for each in operations:
        # Locales have been changed already, where this is compared.
        if not isinstance(each, LocaleOperation | RenameLocaleOp):
            await plan_operation(deciding, content, each)
    seen = [each for each in content.changes() if each.is_seen]
    own = {each.key for each in seen}
    others = [" ".join(key) for key in await pages(connection, content, seen) if key not in own]
    lines = [*in_locales, *(_line(each) for each in seen[:_SHOWN])]
    if len(seen) > _SHOWN:
        lines.append(f"changes of {len(seen) - _SHOWN:,} more items")
    if others:
        lines.append(f"the same on {some(others)}, which show these items")
    return [CommentOp(["Readers will see:", *(f"- {line}" for line in lines)])] if lines else []


def _of_locale(operation: Any) -> str | None:
    """What readers will see of an operation on a locale; None if that is nothing."""
    match operation:
        case AddLocaleOp():
            return f"in {operation.code}, everything that is published in {operation.fallback}"
        case ChangeLocaleOp() if operation.changes.get("default"):
            return f"{operation.code}, where a request names no locale"
        case ChangeLocaleOp() if "fallback" in operation.changes:
            return f"in {operation.code}, missing texts from {operation.changes['fallback']}"
        case RemoveLocaleOp():
            return f"nothing in {operation.code} any more"
        case RenameLocaleOp():
            return f"{operation.new} as the code of {operation.old}"
    return None


async def unseen(
    connection: AsyncConnection,
    tables: Model,
    locales: Locales,
    keys: Collection[Key],
    say: Callable[[str], None],
) -> set[Key]:
    """Those of these items of which readers would see nothing new if a revision published them.

    They are live with the same values, or editors hold or took back what is not live; `say` gets
    the latter.
    """
    content = PlannedContent.of(connection, tables, locales)
    deciding = Deciding(Force(), say)
    for name, slugs in by_type(keys).items():
        await plan_operation(deciding, content, PublishOp(name, slugs))
    return {*keys} - {each.key for each in content.changes() if each.is_seen}


def _line(change: PlannedChange) -> str:
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
