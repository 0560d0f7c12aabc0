"""The payloads of mutations, whose items are read as a preview reads them."""

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson
from graphql import get_nullable_type, is_list_type

from schema.model import ContentType, Model
from schema.planner.arguments import PlanRequest
from schema.planner.ids import Id
from schema.planner.plan import Plan, plan_items
from schema.planner.selection import TYPENAME, Selected
from service.api.worker import Worker
from service.cache import Cache
from service.documents.problems import ContentError, Path
from service.editing.changes import Change
from service.editing.edits import Edit
from service.editing.saving import SavedItem

KEPT_PLANS = 16_000_000
"""The largest size of the cache of plans, in bytes."""

Payload = dict[str, Any]
"""The fields of a payload by name; a field that is left out is null, or an empty list."""


class Found(NamedTuple):
    """Items in a payload."""

    ids: Sequence[Id]
    types: Sequence[ContentType]
    """The content types that they may have."""


class Payloads:
    """Selects the fields of payloads."""

    def __init__(self, model: Model, worker: Worker) -> None:
        self._model = model
        self._worker = worker
        self._plans = Cache[Hashable, Plan](KEPT_PLANS)

    async def answer(
        self, edit: Edit, request: PlanRequest, key: Hashable, selected: Selected, payload: Payload
    ) -> dict[str, Any]:
        """The selected fields of a payload; its plans are cached under the key."""
        return {
            each.key: await self._items(edit, request, (key, each.path), each, value)
            if isinstance(value := payload.get(each.name), Found)
            else _value(each, value)
            for each in selected.selections
        }

    async def _items(
        self, edit: Edit, request: PlanRequest, key: Hashable, selected: Selected, found: Found
    ) -> orjson.Fragment:
        plan = self._plans.get(key)
        if plan is None:
            make = partial(plan_items, self._model, found.types, selected, request.input)
            plan = await self._worker.run(edit.author, make)
            self._plans.put(key, plan, 1_000 + 2 * len(plan.sql))
        request = request._replace(items=found.ids)
        written = await edit.driver.fetchval(plan.sql, *plan.bind(request).values)
        items = plan.answer(written).data
        return orjson.Fragment(items if _is_list(selected) else items[1:-1])


def changes(saved: Sequence[SavedItem]) -> list[dict[str, Any]]:
    """The changes of items, as payloads have them."""
    return [
        {"type": item.key[0], "slug": item.key[1], **_change(each)}
        for item in saved
        for each in item.changes
    ]


def errors(error: ContentError) -> list[dict[str, Any]]:
    """The problems, as payloads have them."""
    return [
        {"code": each.code.name, "path": _written(each.path), "message": each.message}
        for each in error.problems
    ]


def _change(change: Change) -> dict[str, Any]:
    return {**change._asdict(), "path": _written(change.path)}


def _written(path: Path) -> list[str]:
    return [str(each) for each in path]


def _is_list(selected: Selected) -> bool:
    return selected.definition is not None and is_list_type(
        get_nullable_type(selected.definition.type)
    )


def _value(selected: Selected, value: Any) -> Any:
    if selected.name == TYPENAME:
        return selected.parent
    return [_object(selected, each) for each in value or ()] if _is_list(selected) else value


def _object(selected: Selected, value: Mapping[str, Any]) -> dict[str, Any]:
    """The selected fields of a change or an error."""
    return {
        each.key: each.parent if each.name == TYPENAME else value[each.name]
        for each in selected.selections
    }
