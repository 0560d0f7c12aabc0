"""The variables of a request, coerced, and the cost of the operation with them."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from graphql import GraphQLSchema, get_variable_values
from graphql.execution.values import VariableValues

from schema.errors import ErrorCode, request_error, with_code
from service.api.cost import Cost, Weigher
from service.api.limits import Limits, too_large
from service.api.operations import Operation
from service.errors import RefusedError

CACHED_COSTS = 50
"""The most costs to cache for each operation."""

DirectiveValuesKey = frozenset[tuple[str, bool]]
"""The values of the variables that `@skip` and `@include` depend on, as a key."""


class BoundVariables(NamedTuple):
    """The variables of one request, as its operation declares them."""

    values: VariableValues
    directives: DirectiveValuesKey
    cost: Cost
    """The cost of the operation with them."""


class VariableBinder:
    """Binds the variables of requests to the operations of one schema."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._weigher = Weigher(schema)

    def bind(self, operation: Operation, given: Mapping[str, Any]) -> BoundVariables:
        """Coerce the variables, and check the limits.

        Raises `RefusedError` if they do not match the operation's definitions, and `GraphQLError`
        if they are too large or the operation costs too much with them.
        """
        _require_small(given, self._limits)
        values = self._coerced(operation, given)
        cost = self._cost(operation, values)
        return BoundVariables(values, _directive_values(operation, values), cost)

    def _coerced(self, operation: Operation, given: Mapping[str, Any]) -> VariableValues:
        definitions = operation.node.variable_definitions or ()
        found = get_variable_values(self._schema, definitions, dict(given), max_errors=20)
        if isinstance(found, VariableValues):
            return found
        raise RefusedError([with_code(ErrorCode.BAD_VARIABLES, error) for error in found])

    def _cost(self, operation: Operation, variables: VariableValues) -> Cost:
        values = variables.coerced
        key = tuple(values.get(name) for name in sorted(operation.priced))
        # Objects (conditions) and lists (ids) affect the cost too, but hardly ever repeat.
        plain = not any(isinstance(each, dict | list) for each in values.values())
        if plain and key in operation.costs:
            return operation.costs[key]
        cost = self._weigher.cost(operation.document, operation.node, values)
        self._require_affordable(cost)
        if plain and len(operation.costs) < CACHED_COSTS:
            operation.costs[key] = cost
        return cost

    def _require_affordable(self, cost: Cost) -> None:
        for name, found, allowed in (
            ("cost", cost.content, self._limits.cost),
            ("conditions", cost.conditions, self._limits.conditions),
            ("condition_depth", cost.condition_depth, self._limits.condition_depth),
            ("introspection", cost.introspection, self._weigher.allowed_introspection),
        ):
            if found > allowed:
                raise too_large(name, found, allowed)


def _require_small(variables: Mapping[str, Any], limits: Limits) -> None:
    """Raise `GraphQLError` if the variables have too many values, or nest too deeply."""
    found, depth, level = 0, 0, [*variables.values()]
    while level:
        found, depth = found + len(level), depth + 1
        if found > limits.values:
            raise too_large("values", f"more than {limits.values}", limits.values)
        if depth > limits.value_depth:
            raise too_large("value_depth", f"more than {limits.value_depth}", limits.value_depth)
        level = [inner for each in level for inner in _inside(each)]


def _inside(value: Any) -> Collection[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _directive_values(operation: Operation, variables: VariableValues) -> DirectiveValuesKey:
    """The values of the variables in `@skip` and `@include`."""
    found = {name: variables.coerced.get(name) for name in operation.directive_variables}
    for name, value in found.items():
        if not isinstance(value, bool):
            message = (
                f"The variable ${name} is null or missing, but `@include` or `@skip` depends on "
                "it; it has to be true or false."
            )
            raise request_error(ErrorCode.BAD_VARIABLES, message)
    return frozenset((name, value is True) for name, value in found.items())
