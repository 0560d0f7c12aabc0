"""Carries out the mutations of a request."""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.errors import ErrorCode
from schema.model import Model
from schema.planner.answers import Version
from schema.planner.arguments import PlanRequest, arguments
from schema.planner.selection import TYPENAME, Selected
from service.access import Access
from service.api.mutations.fields import Call, fields
from service.api.mutations.payloads import Payloads, errors
from service.api.worker import Worker
from service.authors import ANONYMOUS
from service.documents.problems import ContentError, Problem
from service.documents.values import text
from service.editing.edits import Edit, content_version, editing
from service.editing.idempotency import first_answer, keep_answer
from service.errors import OutdatedError

VERSION = "contentVersion"
"""The field of each payload with the version of the content after the mutation."""


class MutationRequest(NamedTuple):
    """A valid request for mutations."""

    selections: Sequence[Selected]
    plan_request: PlanRequest
    access: Access
    plan: Hashable
    """The cache key of the plans of its payloads."""
    retry: tuple[str, bytes] | None = None
    """Its idempotency key, and a fingerprint that differs for another request with that key."""


class MutationExecutor:
    """Carries out mutations."""

    def __init__(self, model: Model, engine: AsyncEngine, worker: Worker) -> None:
        self._model = model
        self._engine = engine
        self._fields = fields(model)
        self._payloads = Payloads(model, worker)

    async def answer(self, request: MutationRequest) -> tuple[bytes, Version | None]:
        """The JSON of `data`, and the version of the content afterwards; None if nothing was done.

        If it raises `GraphQLError` or `AccessError`, nothing has changed.
        """
        for each in request.selections:
            self._require(request.access, each)
        if all(each.name == TYPENAME for each in request.selections):
            return orjson.dumps({each.key: each.parent for each in request.selections}), None
        with suppress(OutdatedError):
            return await self._carry_out(request)
        # A migration has changed the tables meanwhile. Nothing was written, so a retry is safe.
        return await self._carry_out(request)

    async def _carry_out(self, request: MutationRequest) -> tuple[bytes, Version]:
        author = request.access.name or ANONYMOUS
        async with editing(self._engine, self._model, author) as edit:
            if request.retry and (known := await first_answer(edit, *request.retry)):
                return known, await content_version(edit)
            data = {each.key: await self._field(edit, request, each) for each in request.selections}
            answer = orjson.dumps(data)
            if request.retry:
                await keep_answer(edit, *request.retry, answer)
            return answer, await content_version(edit)

    def _require(self, access: Access, selected: Selected) -> None:
        """Check the scope before any look-up: errors about arguments reveal which items exist."""
        if selected.name != TYPENAME:
            access.require(*self._fields[selected.name][:2])

    async def _field(self, edit: Edit, request: MutationRequest, selected: Selected) -> Any:
        if selected.name == TYPENAME:
            return selected.parent
        given = arguments(selected, request.plan_request)
        savepoint = await edit.connection.begin_nested()
        try:
            call = Call(replace(edit, reason=_reason(given)), given, request.access)
            payload = await self._fields[selected.name].run(call)
            if not given.get("dryRun"):
                payload = {**payload, VERSION: str(await content_version(edit))}
            answer = await self._answer(edit, request, selected, payload)
        except ContentError as error:
            await savepoint.rollback()
            return await self._answer(edit, request, selected, {"errors": errors(error)})
        await (savepoint.rollback() if given.get("dryRun") else savepoint.commit())
        return answer

    async def _answer(
        self, edit: Edit, request: MutationRequest, selected: Selected, payload: dict[str, Any]
    ) -> dict[str, Any]:
        return await self._payloads.answer(
            edit, request.plan_request, request.plan, selected, payload
        )


def fingerprint(query: str, operation_name: str | None, variables: Mapping[str, Any]) -> bytes:
    """A hash that is the same for a request that is sent again, and for no other."""
    said = orjson.dumps([query, operation_name, variables], option=orjson.OPT_SORT_KEYS)
    return sha256(said).digest()


def _reason(given: Mapping[str, Any]) -> str | None:
    """The argument `reason`; raises `ContentError` for a text that cannot be stored."""
    if not (reason := given.get("reason")):
        return None
    try:
        return text(reason)
    except ValueError as error:
        raise ContentError([Problem(ErrorCode.BAD_VALUE, ("reason",), str(error))]) from error
