"""Answers requests: text to document, to selection, to plan, to SQL, to bytes.

What depends on the text alone is done once and kept. A read then computes its parameters, runs one
statement, and hands on what the database made.
"""

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
    get_variable_values,
    parse,
    validate,
)
from graphql.execution.values import VariableValues

from schema.errors import request_error, with_code
from schema.locales import Locales
from schema.model import Model
from schema.planner.arguments import Request as PlanRequest
from schema.planner.arguments import shape
from schema.planner.plan import Plan, plan
from schema.planner.selection import INTROSPECTION, conditional_variables, select
from service.database import Reader
from service.requests import Request

KEPT_DOCUMENTS = 1_000
KEPT_PLANS = 2_000


Conditions = frozenset[tuple[str, bool]]


class RefusedError(Exception):
    """Why a request was not executed."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        self.errors = errors
        super().__init__("; ".join(error.message for error in errors))


class Operation(NamedTuple):
    """A valid operation, with what has to be known of it before it is planned."""

    document: DocumentNode
    node: OperationDefinitionNode
    conditional: frozenset[str]
    """The variables that decide what is selected."""


class Planned(NamedTuple):
    """How an operation is answered: by a plan, by introspection, or by both."""

    keys: tuple[str, ...]
    """The keys of the answer, in order."""
    plan: Plan | None
    introspection: DocumentNode | None


class Engine:
    """Answers the operations of one schema from one database."""

    def __init__(
        self, schema: GraphQLSchema, model: Model, reader: Reader, locales: Locales
    ) -> None:
        self._schema = schema
        self._model = model
        self._reader = reader
        self._locales = locales
        self._operation = lru_cache(KEPT_DOCUMENTS)(self._read_operation)
        self._plans: dict[Hashable, Planned] = {}

    def operation(self, request: Request) -> Operation:
        """The operation that a request names; raises `RefusedError` unless it is valid."""
        return self._operation(request.query, request.operation_name)

    async def answer(self, request: Request) -> bytes:
        """The JSON of `data`; raises `RefusedError` where there can be none."""
        operation = self.operation(request)
        variables = self._variables(operation, request.variables)
        planned = self._planned(request, operation, variables)
        data = await self._run(planned.plan, variables) if planned.plan else b"{}"
        if planned.introspection is None:
            return data
        introspected = self._introspect(planned.introspection, request.variables)
        return _merged(planned.keys, data, introspected)

    def _read_operation(self, text: str, name: str | None) -> Operation:
        try:
            document = parse(text, no_location=False)
        except GraphQLError as error:
            raise RefusedError([with_code("SYNTAX_ERROR", error)]) from error
        if errors := validate(self._schema, document):
            raise RefusedError([with_code("VALIDATION_FAILED", error) for error in errors])
        return Operation(document, _chosen(document, name), conditional_variables(document))

    def _variables(self, operation: Operation, given: Mapping[str, Any]) -> VariableValues:
        definitions = operation.node.variable_definitions or ()
        found = get_variable_values(self._schema, definitions, dict(given))
        if isinstance(found, VariableValues):
            return found
        raise RefusedError([with_code("BAD_VARIABLES", error) for error in found])

    def _planned(
        self, request: Request, operation: Operation, variables: VariableValues
    ) -> Planned:
        """The plan for requests of this shape, made for the first of them."""
        conditions = _conditions(operation, variables)
        shapes = tuple((name, shape(each)) for name, each in variables.coerced.items())
        key = (request.query, request.operation_name, shapes, conditions)
        planned = self._plans.get(key)
        if planned is None:
            try:
                planned = self._make_plan(operation, variables, dict(conditions))
            except RecursionError as error:
                raise _too_deep() from error
            except GraphQLError as error:
                raise RefusedError([error]) from error
            while len(self._plans) >= KEPT_PLANS:
                self._plans.pop(next(iter(self._plans)))
            self._plans[key] = planned
        return planned

    def _make_plan(
        self, operation: Operation, variables: VariableValues, conditions: dict[str, bool]
    ) -> Planned:
        selections = select(self._schema, operation.document, operation.node, conditions)
        stored = [each for each in selections if each.name not in INTROSPECTION]
        nodes = [node for each in selections if each.name in INTROSPECTION for node in each.nodes]
        return Planned(
            tuple(each.key for each in selections),
            plan(self._model, stored, PlanRequest(variables, self._locales)) if stored else None,
            _introspection(operation, nodes) if nodes else None,
        )

    async def _run(self, made: Plan, variables: VariableValues) -> bytes:
        try:
            values = made.values(PlanRequest(variables, self._locales))
        except GraphQLError as error:
            raise RefusedError([error]) from error
        return await self._reader.json(made.sql, values)

    def _introspect(self, document: DocumentNode, variables: dict[str, Any]) -> dict[str, Any]:
        result = execute_sync(self._schema, document, variable_values=variables)
        if result.errors or result.data is None:
            errors = result.errors or ()
            raise RefusedError([with_code("BAD_VARIABLES", error) for error in errors])
        return result.data


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    named = [each for each in found if name is None or (each.name and each.name.value == name)]
    if len(named) == 1:
        return named[0]
    names = ", ".join(each.name.value for each in found if each.name) or "none with a name"
    message = (
        f"There is no operation called {name!r}; there are: {names}."
        if name is not None
        else f"The document holds several operations; name one of them: {names}."
    )
    raise RefusedError([request_error("UNKNOWN_OPERATION", message)])


def _conditions(operation: Operation, variables: VariableValues) -> Conditions:
    """The values of the variables that decide what is selected."""
    found = {name: variables.coerced.get(name) for name in operation.conditional}
    for name, value in found.items():
        if not isinstance(value, bool):
            message = f"The variable ${name} decides what is included; it has to be true or false."
            raise RefusedError([request_error("BAD_VARIABLES", message)])
    return frozenset((name, value is True) for name, value in found.items())


def _introspection(operation: Operation, nodes: list[FieldNode]) -> DocumentNode:
    """The operation with nothing but these fields of its root."""
    fragments = [
        each for each in operation.document.definitions if isinstance(each, FragmentDefinitionNode)
    ]
    root = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=operation.node.variable_definitions,
        selection_set=SelectionSetNode(selections=tuple(nodes)),
    )
    return DocumentNode(definitions=(root, *fragments))


def _merged(keys: tuple[str, ...], data: bytes, introspected: dict[str, Any]) -> bytes:
    both = {**orjson.loads(data), **introspected}
    return orjson.dumps({key: both[key] for key in keys})


def _too_deep() -> RefusedError:
    message = "The document is nested too deeply; ask for less at once."
    return RefusedError([request_error("TOO_DEEP", message)])
