"""Introspection: the fields of an operation that are about the schema, answered from memory."""

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLSchema, execute_sync

from schema.errors import ErrorCode, with_code
from service.api.compiler import BoundOperation, CompiledOperation
from service.api.worker import Worker
from service.cache import Cache
from service.errors import RefusedError

CACHED_INTROSPECTIONS = 16_000_000
"""The largest size of the cache, in bytes."""


class Introspector:
    """Answers the introspection of one schema."""

    def __init__(self, schema: GraphQLSchema, worker: Worker) -> None:
        self._schema = schema
        self._worker = worker
        self._answers = Cache[Hashable, dict[str, bytes]](CACHED_INTROSPECTIONS)

    async def complete(
        self, planned: CompiledOperation, bound: BoundOperation, data: bytes, client: Hashable
    ) -> bytes:
        """The JSON of `data`, with the fields about the schema added; raises `RefusedError`."""
        if planned.introspection is None:
            return data
        key = (bound.plan, orjson.dumps(bound.variables))
        found = self._answers.get(key)
        if found is None:
            make = partial(self._answer, planned.introspection, bound.variables)
            found = await self._worker.once(client, key, make)
            self._answers.put(key, found, sum(map(len, found.values())) + 5 * len(key[1]))
        if planned.plan is None:
            return _together(planned.keys, found, data)
        return await self._worker.run(client, _together, planned.keys, found, data)

    def _answer(self, document: DocumentNode, variables: dict[str, Any]) -> dict[str, bytes]:
        """The JSON of each field of an introspection; raises `RefusedError`."""
        result = execute_sync(self._schema, document, variable_values=variables)
        if result.errors or result.data is None:
            errors = result.errors or ()
            raise RefusedError([with_code(ErrorCode.BAD_VARIABLES, error) for error in errors])
        return {key: orjson.dumps(value) for key, value in result.data.items()}


def _together(keys: Sequence[str], found: Mapping[str, bytes], data: bytes) -> bytes:
    """The JSON of `data` with these fields added, in the order of the keys."""
    both = {**orjson.loads(data), **{key: orjson.Fragment(each) for key, each in found.items()}}
    return orjson.dumps({key: both[key] for key in keys})
