"""The items that a mutation names, by ids or by slugs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from schema.errors import ErrorCode
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


async def _with_ids(edit: Edit, ids: Sequence[str]) -> dict[Key, UUID]:
    prefixes = {each.table_name: each for each in edit.model.content()}
    found: dict[Key, UUID] = {}
    problems: list[Problem] = []
    for index, each in enumerate(ids):
        try:
            id_ = parse_id(each, prefixes)
        except ValueError as error:
            problems.append(Problem(ErrorCode.UNKNOWN_ITEM, ("ids", index), str(error)))
            continue
        type_ = prefixes[id_.prefix]
        slugs = await store.slugs_of(edit.connection, type_, [id_.uuid])
        if not slugs:
            message = f"there is no item with the id {each!r}"
            problems.append(Problem(ErrorCode.UNKNOWN_ITEM, ("ids", index), message))
        found |= {(type_.name, slug): uuid for uuid, slug in slugs.items()}
    if problems:
        raise ContentError(problems)
    return found


def _keys(given: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Path, Key]]:
    """The named items with their paths."""
    for index, each in enumerate(given):
        yield ("slugs", index), (each["type"].value, each["slug"])
