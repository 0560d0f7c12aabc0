"""Restores items from a revision."""

from collections.abc import Collection, Sequence

from schema.editing import Action, Mode
from schema.errors import ErrorCode
from schema.model import HEADER
from service.documents import store
from service.documents.checking import keys, nearest
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import Edit, Items
from service.editing.history import RevisedItem, revision, states
from service.editing.saving import Save, SavedItem, save


async def restore(
    edit: Edit,
    number: int,
    fields: Collection[str] | None = None,
    expected_version: int | None = None,
) -> SavedItem:
    """Restore an item from a revision, or only some of its fields, by their GraphQL names.

    The item keeps its current slug. A deleted item comes back under its old id, and under its old
    slug if that is free. Raises `ContentError`.
    """
    found = await revision(edit.connection, number)
    if found.type not in edit.model:
        message = f"the content type {found.type} no longer exists"
        raise ContentError([Problem(ErrorCode.UNKNOWN_TYPE, ("revision",), message)])
    key, known = await _present(edit, found)
    content = {**found.document, "slug": key[1]}
    if fields is not None:
        current = (await states(edit, known))[key].document if known else {}
        _require_fields(edit, found.type, fields)
        kept = {name: value for name, value in current.items() if name not in fields}
        content = {
            name: value for name, value in content.items() if name in {*fields, *HEADER}
        } | kept
    wanted = Save(
        UncheckedDocument(content), Mode.REPLACE, expected_version, path=("expectedVersion",)
    )
    [saved] = await save(edit, [wanted], action=Action.RESTORE, ids={key: found.id})
    return saved


async def _present(edit: Edit, found: RevisedItem) -> tuple[Key, Items]:
    """The key of a revision's item now, and the item; empty if it was deleted."""
    type_ = edit.model[found.type]
    slugs = await store.slugs_of(edit.connection, type_, [found.id])
    if found.id in slugs:
        key = (found.type, slugs[found.id])
        return key, {key: found.id}
    key = (found.type, found.slug)
    if await store.ids(edit.connection, edit.model, [key]):
        message = (
            f"{' '.join(key)} was deleted, and another item has its slug now; rename or delete "
            "that item first"
        )
        raise ContentError([Problem(ErrorCode.DUPLICATE, ("revision",), message)])
    return key, {}


def _require_fields(edit: Edit, name: str, fields: Collection[str]) -> None:
    known = keys(edit.model[name])
    problems = [
        Problem(ErrorCode.UNKNOWN_FIELD, ("fields", index), _unknown(name, field, known))
        for index, field in enumerate(fields)
        if field not in known
    ]
    if problems:
        raise ContentError(problems)


def _unknown(name: str, field: str, known: Sequence[str]) -> str:
    hint = nearest(field, known) or f"; its fields are {', '.join(known)}"
    return f"the content type {name} has no field {field!r}{hint}"
