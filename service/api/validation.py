"""The validation of documents against the schema, in bounded time."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from graphql import (
    SKIP,
    DocumentNode,
    FloatValueNode,
    GraphQLError,
    GraphQLFloat,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableNode,
    VariablesInAllowedPositionRule,
    VisitorAction,
    get_named_type,
    get_nullable_type,
    is_input_object_type,
    specified_rules,
    type_from_ast,
    validate,
    validate_input_literal,
)
from graphql.validation import ASTValidationRule, ValidationContext, ValidationRule
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.rules.variables_in_allowed_position import allowed_variable_usage
from graphql.validation.validate import ValidationAbortedError
from graphql.validation.validation_context import VariableUsage

from schema.errors import ErrorCode, request_error, with_code

OVERLAP_BUDGET = 100_000
"""How much work it may be to compare fields with the same response key.

A fifth of graphql-core's default; some 20 ms. GraphiQL's queries need less than 1,000.
"""

_ABORTED = "Validation aborted."


def problems(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """The errors in a document; none if it is valid."""
    # graphql-core's way to set the budget; it is read when a validation starts.
    overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = OVERLAP_BUDGET
    return [_problem(error) for error in validate(schema, document, RULES)]


class LocatedValuesRule(ValuesOfCorrectTypeRule):
    """Values have the right types; every error has a location.

    graphql-core gives no location for a list or an object in the place of a scalar.
    """

    def is_valid_value_node(
        self, node: ValueNode, input_type: GraphQLInputType | None
    ) -> VisitorAction:
        """Report the errors in a value."""

        def on_error(error: GraphQLError, path: Sequence[str | int]) -> None:
            located = error if error.locations else GraphQLError(error.message, _at(node, path))
            self.report_error(located)

        if input_type:
            hide = self.context.hide_suggestions
            validate_input_literal(node, input_type, on_error, hide_suggestions=hide)
        return SKIP


def _at(node: ValueNode, path: Sequence[str | int]) -> ValueNode:
    """The node at a path in a value."""
    for key in path:
        if isinstance(node, ObjectValueNode):
            node = next(each.value for each in node.fields if each.name.value == key)
        elif isinstance(node, ListValueNode) and isinstance(key, int):
            node = node.values[key]
    return node


class AllowedVariablesRule(ValidationRule):
    """All variable usages are allowed.

    https://spec.graphql.org/September2025/#sec-All-Variable-Usages-Are-Allowed. graphql-core's own
    rule overlooks fields of OneOf inputs that are in lists, and refuses defaults in those that are
    not.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._in_one_of: set[int] = set()

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        """Remember the variables that are the field of a OneOf input."""
        parent = get_named_type(self.context.get_parent_input_type())
        is_one_of = is_input_object_type(parent) and parent.is_one_of
        if is_one_of and isinstance(node.value, VariableNode):
            self._in_one_of.add(id(node.value))

    def leave_document(self, document: DocumentNode, *_: Any) -> None:
        """Check the variables of each operation, once all fragments are known."""
        for each in document.definitions:
            if isinstance(each, OperationDefinitionNode):
                self._look_at(each)

    def _look_at(self, operation: OperationDefinitionNode) -> None:
        defined = operation.variable_definitions or ()
        definitions = {each.variable.name.value: each for each in defined}
        for usage in self.context.get_recursive_variable_usages(operation):
            definition = definitions.get(usage.node.name.value)
            if definition is None or usage.type is None:
                continue
            type_ = type_from_ast(self.context.schema, definition.type)
            wanted = self._wanted(usage)
            if type_ and not allowed_variable_usage(
                self.context.schema, type_, definition.default_value, wanted, usage.default_value
            ):
                message = (
                    f"Variable '${usage.node.name.value}' of type '{type_}' used "
                    f"in position expecting type '{wanted}'."
                )
                self.report_error(GraphQLError(message, [definition, usage.node]))

    def _wanted(self, usage: VariableUsage) -> Any:
        """The type that a position expects; the fields of a OneOf input may not be null."""
        if id(usage.node) in self._in_one_of:
            return GraphQLNonNull(get_nullable_type(usage.type))
        return usage.type


class FiniteFloatsRule(ValidationRule):
    """Numbers are in the range of `Float`.

    https://spec.graphql.org/September2025/#sec-Float.Input-Coercion. graphql-core reads a literal
    outside of it as infinity.
    """

    def enter_float_value(self, node: FloatValueNode | IntValueNode, *_: Any) -> None:
        """Report a number that is out of range."""
        is_float = get_named_type(self.context.get_input_type()) is GraphQLFloat
        if is_float and not isfinite(float(node.value)):
            message = "Float cannot represent a number beyond 1.7976931348623157e308."
            self.report_error(GraphQLError(message, node))

    enter_int_value = enter_float_value


_OURS: dict[type[ASTValidationRule], type[ASTValidationRule]] = {
    ValuesOfCorrectTypeRule: LocatedValuesRule,
    VariablesInAllowedPositionRule: AllowedVariablesRule,
}
RULES = (*(_OURS.get(each, each) for each in specified_rules), FiniteFloatsRule)


def _problem(error: GraphQLError) -> GraphQLError:
    if isinstance(error, ValidationAbortedError) and error.message == _ABORTED:
        message = (
            "The document selects the same fields too often, or nests fragments too deeply. "
            "Select each field once, and nest fewer fragments."
        )
        return request_error(ErrorCode.TOO_LARGE, message, limit="overlaps")
    return with_code(ErrorCode.VALIDATION_FAILED, error)
