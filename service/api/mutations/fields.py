"""The fields of the root type `Mutation`: what each of them does."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from schema.attributes import camel_case
from schema.editing import Follow, Mode, OnConflict, UnpublishedReferences
from schema.errors import ErrorCode, ProblemCode
from schema.model import ContentType, Model
from schema.planner.ids import Id, parse_number
from schema.planner.revisions import PREFIX
from schema.planner.schedules import PREFIX as RELEASE
from service.access import Access, Scope
from service.api.mutations.lookup import find_items, with_id, with_slugs
from service.api.mutations.payloads import Found, Payload, changes
from service.documents.problems import ContentError, Path, Problem
from service.documents.records import Key
from service.documents.unchecked import UncheckedDocument
from service.editing.deleting import remove
from service.editing.edits import Edit, Items
from service.editing.history import states
from service.editing.publishing import publish
from service.editing.restoring import restore
from service.editing.saving import Save, save
from service.editing.scheduling import Times, confirm, schedule
from service.editing.unpublishing import unpublish


@dataclass(frozen=True)
class Call:
    """A call of a mutation field."""

    edit: Edit
    given: Mapping[str, Any]
    """The arguments, by name."""
    access: Access

    @property
    def expected_version(self) -> int | None:
        """The version that the caller has read."""
        return self.given.get("expectedVersion")

    def option(self, name: str, default: Any) -> Any:
        """The value of an argument, or the default if it is left out or null."""
        found = self.given.get(name)
        return default if found is None else found

    async def items(self) -> dict[Key, UUID]:
        """The items that the arguments name; raises `AccessError` if one may not be published."""
        found = await find_items(self.edit, self.given)
        for name, _ in found:
            self.access.require(Scope.PUBLISH, name)
        return found

    def found(self, items: Items, types: Sequence[ContentType] | None = None) -> Found:
        """Items for a payload."""
        model = self.edit.model
        ids = [Id(model[name].table_name, id_) for (name, _), id_ in items.items()]
        return Found(ids, types or model.content())


class MutationField(NamedTuple):
    """A field of the root type `Mutation`."""

    scope: Scope
    type: str | None
    """The content type that the scope has to cover; None if it depends on the arguments."""
    run: Callable[[Call], Awaitable[Payload]]


def fields(model: Model) -> dict[str, MutationField]:
    """All fields, by name."""
    found = {
        "publish": MutationField(Scope.PUBLISH, None, _publish),
        "unpublish": MutationField(Scope.PUBLISH, None, _unpublish),
        "schedule": MutationField(Scope.PUBLISH, None, _schedule),
        "confirm": MutationField(Scope.PUBLISH, None, _confirm),
        "restore": MutationField(Scope.WRITE, None, _restore),
    }
    for each in model.content():
        for name, run in (("save", _save), ("delete", _delete)):
            field = MutationField(Scope.WRITE, each.name, partial(run, each))
            found[camel_case(f"{name}_{each.table_name}")] = field
    return found


async def _save(type_: ContentType, call: Call) -> Payload:
    mode = call.option("mode", Mode.MERGE)
    on_conflict = call.option("onConflict", OnConflict.FAIL)
    path: Path = ("expectedVersion",)
    given: list[tuple[ContentType, Any, Path]] = [(type_, call.given["document"], ("document",))]
    for index, each in enumerate(call.given.get("with") or ()):
        [(name, other)] = each.items()
        [of] = (it for it in call.edit.model.content() if it.graphql_name == name)
        call.access.require(Scope.WRITE, of.name)
        given.append((of, other, ("with", index, name)))
    saves = [await _to_save(call, mode, *each) for each in given]
    saves[0] = replace(
        saves[0], expected_version=call.expected_version, on_conflict=on_conflict, path=path
    )
    saved = await save(call.edit, saves)
    return {
        type_.graphql_name: call.found({saved[0].key: saved[0].id}, [type_]),
        "changes": changes(saved),
    }


async def _to_save(
    call: Call, mode: Mode, type_: ContentType, given: Mapping[str, Any], path: Path
) -> Save:
    """The document in an argument, and the item that its `id` names."""
    document = _document(type_, given)
    id_ = document.pop("id", None)
    key = None if id_ is None else await with_id(call.edit, type_, id_, (*path, "id"))
    return Save(UncheckedDocument(document, path), mode, key=key)


async def _delete(type_: ContentType, call: Call) -> Payload:
    items = await with_slugs(call.edit, [(("slug",), (type_.name, call.given["slug"]))])
    [(key, id_)] = items.items()
    version = (await states(call.edit, items))[key].version
    if call.expected_version not in {None, version}:
        message = (
            f"the item has version {version}, not {call.expected_version}; read it again before "
            "you delete it"
        )
        raise ContentError([Problem(ErrorCode.CONFLICT, ("expectedVersion",), message)])
    if await remove(call.edit, items):
        # The live copy was deleted too.
        call.access.require(Scope.PUBLISH, type_.name)
    return {"deletedId": f"{type_.table_name}_{id_}"}


async def _publish(call: Call) -> Payload:
    items = await call.items()
    references = call.option("references", UnpublishedReferences.FAIL)
    done = await publish(call.edit, items, references, call.given.get("locales"))
    for name, _ in done.published:
        call.access.require(Scope.PUBLISH, name)
    return {
        "published": call.found(done.published),
        "unchanged": call.found(done.unchanged),
    }


async def _unpublish(call: Call) -> Payload:
    done = await unpublish(call.edit, await call.items(), call.given.get("locales"))
    return {
        "unpublished": call.found(done.published),
        "unchanged": call.found(done.unchanged),
    }


async def _schedule(call: Call) -> Payload:
    items = await call.items()
    others = await schedule(
        call.edit,
        items,
        Times(call.given.get("at"), call.given.get("unpublishAt")),
        call.option("references", UnpublishedReferences.FAIL),
        call.given.get("locales"),
        call.option("version", Follow.PINNED),
    )
    for name, _ in others:
        call.access.require(Scope.PUBLISH, name)
    return {"scheduled": call.found(items)}


async def _confirm(call: Call) -> Payload:
    number = _number(call, "release", RELEASE, ErrorCode.UNKNOWN_RELEASE)
    items = await confirm(call.edit, number)
    for name, _ in items:
        call.access.require(Scope.PUBLISH, name)
    return {"scheduled": call.found(items)}


async def _restore(call: Call) -> Payload:
    number = _number(call, "revision", PREFIX, ErrorCode.UNKNOWN_REVISION)
    saved = await restore(call.edit, number, call.given.get("fields"), call.expected_version)
    call.access.require(Scope.WRITE, saved.key[0])
    return {"item": call.found({saved.key: saved.id}), "changes": changes([saved])}


def _number(call: Call, argument: str, prefix: str, code: ProblemCode) -> int:
    """The number in an id; raises `ContentError` for an id of another kind."""
    try:
        return parse_number(call.given[argument], prefix)
    except ValueError as error:
        raise ContentError([Problem(code, (argument,), str(error))]) from error


def _document(type_: ContentType, given: Mapping[str, Any]) -> dict[str, Any]:
    """The document in an argument, with enumerations and dates as files have them."""
    return {"type": type_.name, **_plain(given)}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.name
        case date():
            return value.isoformat()
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_filled(_plain(each)) for each in value]
    return value


def _filled(value: Any) -> Any:
    """A part without its null values: a save replaces the whole part, so that null means absent."""
    match value:
        case Mapping():
            return {key: _filled(each) for key, each in value.items() if each is not None}
    return value
