"""The items that a mutation names, by ids or by slugs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from schema.errors import ErrorCode
from schema.model import ContentType
from schema.planner.ids import parse_id
from service.documents import store
from service.documents.checking import nearest
from service.documents.problems import ContentError, Path, Problem
from service.documents.records import Key
from service.editing.edits import Edit


async def find_items(edit: Edit, given: Mapping[str, Any]) -> dict[Key, UUID]:
    """The items in `ids` and `slugs`; raises `ContentError` if one is unknown, or none is named."""
    asked = [*_keys(given.get("slugs") or ())]
    items = await _with_ids(edit, given.get("ids") or ()) | await with_slugs(edit, asked)
    if not items:
        message = "no items are named; give their `ids` or their `slugs`"
        raise ContentError([Problem(ErrorCode.MISSING, ("ids",), message)])
    return items


async def with_slugs(edit: Edit, asked: Sequence[tuple[Path, Key]]) -> dict[Key, UUID]:
    """The items with these slugs; raises `ContentError` with the paths of unknown ones."""
    found = await store.ids(edit.connection, edit.model, [key for _, key in asked])
    problems = []
    for path, key in asked:
        if key not in found:
            known = await store.slugs(edit.connection, edit.model[key[0]])
            message = f"there is no {key[0]} {key[1]!r}{nearest(key[1], known)}"
            problems.append(Problem(ErrorCode.UNKNOWN_ITEM, path, message))
    if problems:
        raise ContentError(problems)
    return found


async def with_id(edit: Edit, type_: ContentType, given: str, path: Path) -> Key:
    """The item of a type with this id; raises `ContentError` with the path if there is none."""
    [key] = await _with_id(edit, [type_], given, path)
    return key


async def _with_ids(edit: Edit, ids: Sequence[str]) -> dict[Key, UUID]:
    found: dict[Key, UUID] = {}
    problems: list[Problem] = []
    for index, each in enumerate(ids):
        try:
            found |= await _with_id(edit, edit.model.content(), each, ("ids", index))
        except ContentError as error:
            problems += error.problems
    if problems:
        raise ContentError(problems)
    return found


async def _with_id(
    edit: Edit, types: Sequence[ContentType], given: str, path: Path
) -> dict[Key, UUID]:
    prefixes = {each.table_name: each for each in types}
    try:
        id_ = parse_id(given, prefixes)
    except ValueError as error:
        raise ContentError([Problem(ErrorCode.UNKNOWN_ITEM, path, str(error))]) from error
    type_ = prefixes[id_.prefix]
    slugs = await store.slugs_of(edit.connection, type_, [id_.uuid])
    if not slugs:
        message = f"there is no item with the id {given!r}"
        raise ContentError([Problem(ErrorCode.UNKNOWN_ITEM, path, message)])
    return {(type_.name, slug): uuid for uuid, slug in slugs.items()}


def _keys(given: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Path, Key]]:
    """The named items with their paths."""
    for index, each in enumerate(given):
        yield ("slugs", index), (each["type"].value, each["slug"])
