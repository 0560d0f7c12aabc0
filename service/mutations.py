"""Mutations: what a request changes, and what it is answered.

A request is one transaction. Each of its fields is a savepoint: what is wrong with one takes that
one back, and is said in its payload. The items in a payload are read as a preview is, by the
planner, in the same transaction.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from graphql import get_nullable_type, is_list_type
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.attributes import camel_case
from schema.editing import Code, Mode, OnConflict, References
from schema.model import ContentType, Model
from schema.planner.arguments import Request as PlanRequest
from schema.planner.arguments import arguments
from schema.planner.ids import Id, read, read_number
from schema.planner.plan import Plan, plan_items
from schema.planner.revisions import PREFIX
from schema.planner.selection import TYPENAME, Selected
from service.access import Access, Scope
from service.documents import store
from service.documents.entries import Key
from service.documents.given import Given
from service.documents.problems import ContentError, Path, Problem
from service.documents.reading import nearest
from service.documents.values import text
from service.editing.answers import first_answer, keep_answer
from service.editing.changes import Change
from service.editing.deleting import remove
from service.editing.edits import Edit, Items, editing
from service.editing.history import states
from service.editing.publishing import publish, unpublish
from service.editing.restoring import restore
from service.editing.saving import Save, SavedItem, save
from service.editing.scheduling import Times, schedule
from service.kept import Kept

KEPT_PLANS = 16_000_000
"""How much memory the plans of payloads may take, in bytes."""

Arguments = Mapping[str, Any]
Payload = dict[str, Any]
"""The fields of a payload by their names; what is left out is null, or empty."""


class Found(NamedTuple):
    """Items in a payload."""

    ids: Sequence[Id]
    types: Sequence[ContentType]
    """Those that they may be of."""


class Asked(NamedTuple):
    """A request for mutations that may be carried out."""

    selections: Sequence[Selected]
    request: PlanRequest
    access: Access
    plan: Hashable
    """What the plans of its payloads are kept under."""
    retry: tuple[str, bytes] | None = None
    """Its idempotency key, and what tells it from another request with the same key."""


@dataclass(frozen=True)
class _Call:
    """One field, as it is carried out."""

    edit: Edit
    given: Arguments
    access: Access

    @property
    def expected_version(self) -> int | None:
        return self.given.get("expectedVersion")

    def option(self, name: str, default: Any) -> Any:
        """An argument, or what it is where it is left out."""
        found = self.given.get(name)
        return default if found is None else found


class _Field(NamedTuple):
    """A field of the root."""

    scope: Scope
    type: str | None
    """The content type that the scope has to reach; None where that depends on the arguments."""
    run: Callable[[_Call], Awaitable[Payload]]


class Mutations:
    """Carries mutations out."""

    def __init__(self, model: Model, engine: AsyncEngine) -> None:
        self._model = model
        self._engine = engine
        self._plans = Kept[Hashable, Plan](KEPT_PLANS)
        self._fields = {
            "publish": _Field(Scope.PUBLISH, None, self._publish),
            "unpublish": _Field(Scope.PUBLISH, None, self._unpublish),
            "schedule": _Field(Scope.PUBLISH, None, self._schedule),
            "restore": _Field(Scope.WRITE, None, self._restore),
        }
        for each in model.content():
            for name, run in (("save", self._save), ("delete", self._delete)):
                field = _Field(Scope.WRITE, each.name, partial(run, each))
                self._fields[camel_case(f"{name}_{each.table_name}")] = field

    async def answer(self, asked: Asked) -> bytes:
        """The JSON of `data`; raises `GraphQLError` or `AccessError`, having changed nothing."""
        for each in asked.selections:
            self._require(asked.access, each)
        author = asked.access.name or "anonymous"
        async with editing(self._engine, self._model, author) as edit:
            if asked.retry and (known := await first_answer(edit, *asked.retry)):
                return known
            data = {each.key: await self._field(edit, asked, each) for each in asked.selections}
            answer = orjson.dumps(data)
            if asked.retry:
                await keep_answer(edit, *asked.retry, answer)
            return answer

    def _require(self, access: Access, selected: Selected) -> None:
        """Before anything is looked up: what there is shows in what is said of the arguments."""
        if selected.name != TYPENAME:
            access.require(*self._fields[selected.name][:2])

    async def _field(self, edit: Edit, asked: Asked, selected: Selected) -> Any:
        if selected.name == TYPENAME:
            return "Mutation"
        given = arguments(selected, asked.request)
        savepoint = await edit.connection.begin_nested()
        try:
            call = _Call(replace(edit, reason=_reason(given)), given, asked.access)
            payload = await self._fields[selected.name].run(call)
            answer = await self._payload(edit, asked, selected, payload)
        except ContentError as error:
            await savepoint.rollback()
            return await self._payload(edit, asked, selected, {"errors": _errors(error)})
        await (savepoint.rollback() if given.get("dryRun") else savepoint.commit())
        return answer

    async def _payload(
        self, edit: Edit, asked: Asked, selected: Selected, payload: Payload
    ) -> dict[str, Any]:
        return {
            each.key: await self._value(edit, asked, each, payload.get(each.name), selected.name)
            for each in selected.selections
        }

    async def _value(
        self, edit: Edit, asked: Asked, selected: Selected, value: Any, field: str
    ) -> Any:
        if selected.definition is None:
            return f"{field[0].upper()}{field[1:]}Payload"
        is_list = is_list_type(get_nullable_type(selected.definition.type))
        if isinstance(value, Found):
            items = await self._items(edit, asked, selected, value)
            return orjson.Fragment(items if is_list else items[1:-1])
        if is_list:
            return [_object(selected, each) for each in value or ()]
        return value

    async def _items(self, edit: Edit, asked: Asked, selected: Selected, found: Found) -> bytes:
        """The items, as JSON in a list."""
        request = asked.request._replace(items=found.ids)
        key = (asked.plan, selected.path)
        plan = self._plans.get(key)
        if plan is None:
            plan = plan_items(self._model, found.types, selected, request)
            self._plans.put(key, plan, 1_000 + 2 * len(plan.sql))
        driver = await edit.driver()
        return plan.complete(await driver.fetchval(plan.sql, *plan.values(request)))

    async def _save(self, type_: ContentType, call: _Call) -> Payload:
        mode = call.option("mode", Mode.MERGE)
        on_conflict = call.option("onConflict", OnConflict.FAIL)
        path: Path = ("expectedVersion",)
        given = Given(_document(type_, call.given["document"]), ("document",))
        saves = [Save(given, mode, call.expected_version, on_conflict, path)]
        for index, each in enumerate(call.given.get("with") or ()):
            [(name, other)] = each.items()
            [of] = (it for it in self._model.content() if it.graphql_name == name)
            saves.append(Save(Given(_document(of, other), ("with", index, name)), mode))
            call.access.require(Scope.WRITE, of.name)
        saved = await save(call.edit, saves)
        return {
            type_.graphql_name: self._found({saved[0].key: saved[0].id}, [type_]),
            "changes": _changes(saved),
        }

    async def _delete(self, type_: ContentType, call: _Call) -> Payload:
        items = await self._by_slugs(call.edit, [(("slug",), (type_.name, call.given["slug"]))])
        [(key, id_)] = items.items()
        version = (await states(call.edit, items))[key].version
        if call.expected_version not in {None, version}:
            message = f"the item is at version {version}, not {call.expected_version}"
            raise ContentError([Problem(Code.CONFLICT, ("expectedVersion",), message)])
        await remove(call.edit, items)
        return {"deletedId": f"{type_.table_name}_{id_}"}

    async def _publish(self, call: _Call) -> Payload:
        items = await self._given_items(call, Scope.PUBLISH)
        references = call.option("references", References.FAIL)
        done = await publish(call.edit, items, references, call.given.get("locales"))
        for name, _ in done.published:
            call.access.require(Scope.PUBLISH, name)
        return {
            "published": self._found(done.published),
            "unchanged": self._found(done.unchanged),
        }

    async def _unpublish(self, call: _Call) -> Payload:
        done = await unpublish(call.edit, await self._given_items(call, Scope.PUBLISH))
        return {
            "unpublished": self._found(done.published),
            "unchanged": self._found(done.unchanged),
        }

    async def _schedule(self, call: _Call) -> Payload:
        items = await self._given_items(call, Scope.PUBLISH)
        times = Times(call.given.get("at"), call.given.get("unpublishAt"))
        await schedule(call.edit, items, times, call.option("references", References.FAIL))
        return {"scheduled": self._found(items)}

    async def _restore(self, call: _Call) -> Payload:
        try:
            number = read_number(call.given["revision"], PREFIX)
        except ValueError as error:
            raise ContentError(
                [Problem(Code.UNKNOWN_REVISION, ("revision",), str(error))]
            ) from error
        saved = await restore(call.edit, number, call.given.get("fields"), call.expected_version)
        call.access.require(Scope.WRITE, saved.key[0])
        return {"item": self._found({saved.key: saved.id}), "changes": _changes([saved])}

    def _found(self, items: Items, types: Sequence[ContentType] | None = None) -> Found:
        ids = [Id(self._model[name].table_name, id_) for (name, _), id_ in items.items()]
        return Found(ids, types or self._model.content())

    async def _given_items(self, call: _Call, scope: Scope) -> dict[Key, UUID]:
        """The items that `ids` and `slugs` name; raises `ContentError` where there is none."""
        asked = [*_keys(call.given.get("slugs") or ())]
        by_id = await self._by_ids(call.edit, call.given.get("ids") or ())
        items = by_id | await self._by_slugs(call.edit, asked)
        if not items:
            message = "no items are named; give their `ids` or their `slugs`"
            raise ContentError([Problem(Code.MISSING, ("ids",), message)])
        for name, _ in items:
            call.access.require(scope, name)
        return items

    async def _by_ids(self, edit: Edit, ids: Sequence[str]) -> dict[Key, UUID]:
        prefixes = {each.table_name: each for each in self._model.content()}
        found: dict[Key, UUID] = {}
        problems: list[Problem] = []
        for index, each in enumerate(ids):
            try:
                id_ = read(each, prefixes)
            except ValueError as error:
                problems.append(Problem(Code.UNKNOWN_ITEM, ("ids", index), str(error)))
                continue
            type_ = prefixes[id_.prefix]
            slugs = await store.slugs_of(edit.connection, type_, [id_.uuid])
            if not slugs:
                message = f"there is no item with the id {each!r}"
                problems.append(Problem(Code.UNKNOWN_ITEM, ("ids", index), message))
            found |= {(type_.name, slug): uuid for uuid, slug in slugs.items()}
        if problems:
            raise ContentError(problems)
        return found

    async def _by_slugs(self, edit: Edit, asked: Sequence[tuple[Path, Key]]) -> dict[Key, UUID]:
        found = await store.ids(edit.connection, self._model, [key for _, key in asked])
        problems = []
        for path, key in asked:
            if key not in found:
                known = await store.slugs(edit.connection, self._model[key[0]])
                message = f"there is no {key[0]} {key[1]!r}{nearest(key[1], known)}"
                problems.append(Problem(Code.UNKNOWN_ITEM, path, message))
        if problems:
            raise ContentError(problems)
        return found


def fingerprint(query: str, operation_name: str | None, variables: Mapping[str, Any]) -> bytes:
    """What is the same for a request that is sent again, and for no other."""
    said = orjson.dumps([query, operation_name, variables], option=orjson.OPT_SORT_KEYS)
    return sha256(said).digest()


def _keys(given: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Path, Key]]:
    """The items that are named, and where; raises `ContentError` where one is half named."""
    problems = [
        Problem(Code.MISSING, ("slugs", index, name), f"is missing; give the item's {name}")
        for index, each in enumerate(given)
        for name in ("type", "slug")
        if each.get(name) is None
    ]
    if problems:
        raise ContentError(problems)
    for index, each in enumerate(given):
        yield ("slugs", index), (each["type"].value, each["slug"])


def _reason(given: Arguments) -> str | None:
    """What is given as the reason; raises `ContentError` for a text that cannot be kept."""
    if not (reason := given.get("reason")):
        return None
    try:
        return text(reason)
    except ValueError as error:
        raise ContentError([Problem(Code.BAD_VALUE, ("reason",), str(error))]) from error


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
    """A part of a document without what is null in it: a part is said anew, whole."""
    match value:
        case Mapping():
            return {key: _filled(each) for key, each in value.items() if each is not None}
    return value


def _changes(saved: Sequence[SavedItem]) -> list[dict[str, Any]]:
    return [
        {"type": item.key[0], "slug": item.key[1], **_change(each)}
        for item in saved
        for each in item.changes
    ]


def _change(change: Change) -> dict[str, Any]:
    return {**change._asdict(), "path": _written(change.path)}


def _errors(error: ContentError) -> list[dict[str, Any]]:
    return [
        {"code": each.code.name, "path": _written(each.path), "message": each.message}
        for each in error.problems
    ]


def _written(path: Path) -> list[str]:
    return [str(each) for each in path]


def _object(selected: Selected, value: Mapping[str, Any]) -> dict[str, Any]:
    """A change or an error, with what is selected of it."""
    typename = "ContentError" if selected.name == "errors" else "ItemChange"
    return {
        each.key: typename if each.name == TYPENAME else value[each.name]
        for each in selected.selections
    }
