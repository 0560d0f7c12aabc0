"""The cost of an operation: how many rows it makes the database look up, at most.

    an object      1, plus the cost of its selection
    a scalar       0; 5 if it takes arguments, because it is then computed in Python
    a list         its length times the cost of an item

The length of a list in a connection is the `first` or `last` of that connection, with the values of
the request's variables, or else the default page. Any other list counts as long as its own `first`
or its `ids`, or as `LIST` items. Fields that `@skip` and `@include` leave out cost nothing. Fields
that are merged count at each place where they are selected.

    { guides(first: 50) { nodes { title hubs { name location { name } } } } }
      1 +          50 *  (1     +       10 *  (1 +     1))              = 1,051

The conditions in `where` and `orderBy` are counted apart: see `service.api.argument_size`. So is
introspection, which is answered from memory: it costs the number of fields in the response, as
estimated from the size of the schema.

A fragment is weighed once. Where it is spread changes its cost in one way only: by the length of
the page, if it is on a connection. So a weight has two numbers.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
)

from schema.planner.pages import DEFAULT_PAGE, LENGTHS, MAXIMUM_PAGE
from schema.planner.selection import fragments_of
from service.api.argument_size import ArgumentSize, argument_size
from service.api.complexity import SATURATED

LIST = 10
"""The assumed length of a list without `first`; these are curated by hand, and short."""

COMPUTED = 5
"""The cost of a field that Python computes, which takes about as long as some rows."""

Parent = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
"""A type with fields to select. The costs of all fragments on an abstract type are added up."""


class Cost(NamedTuple):
    """The cost of an operation."""

    content: int
    conditions: int
    condition_depth: int
    introspection: int


class _Weight(NamedTuple):
    """The cost of a selection set on an object: `own + length * listed`."""

    own: float = 0
    listed: float = 0
    """The cost per item of the lists whose length the object decides, as a connection does."""
    conditions: float = 0
    introspection: float = 0

    def __add__(self, other: tuple[Any, ...]) -> "_Weight":
        mine = zip(self, other, strict=True)
        return _Weight(*(min(one + another, SATURATED) for one, another in mine))

    def of_object(self, length: int) -> float:
        """The cost of an object whose lists have this length."""
        return min(1 + self.own + length * self.listed, SATURATED)


class Weigher:
    """Weighs operations on one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._lengths = _introspection_lengths(schema)

    def cost(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> Cost:
        """The cost of an operation of a valid document, with coerced variables."""
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            return Cost(0, 0, 0, 0)
        weighing = _Weighing(self._schema, self._lengths, fragments_of(document), variables)
        weight = weighing.selections(operation.selection_set, root)
        content = int(weight.of_object(LIST)) - 1
        return Cost(
            content,
            int(weight.conditions),
            weighing.condition_depth,
            int(weight.introspection),
        )

    @cached_property
    def allowed_introspection(self) -> int:
        """Three times the cost of the query that tools send, which selects the whole schema."""
        everything = parse(get_introspection_query(input_value_deprecation=True))
        [operation] = (
            each for each in everything.definitions if isinstance(each, OperationDefinitionNode)
        )
        return 3 * self.cost(everything, operation, {}).introspection


class _Weighing:
    """The weighing of one document with the variables of one request."""

    def __init__(
        self,
        schema: GraphQLSchema,
        lengths: Mapping[str, float],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._lengths = lengths
        self._fragments = fragments
        self._variables = variables
        self._known: dict[str, _Weight] = {}
        self._known_conditions: dict[str, ArgumentSize] = {}
        self.condition_depth = 0

    def selections(self, selections: SelectionSetNode, parent: Parent) -> _Weight:
        """The weight of a selection set on a type."""
        found = _Weight()
        for node in selections.selections:
            if not node.directives or self._included(node.directives):
                found += self._selection(node, parent)
        return found

    def _selection(self, node: SelectionNode, parent: Parent) -> _Weight:
        if isinstance(node, FieldNode):
            return self._field(node, parent)
        if isinstance(node, InlineFragmentNode):
            return self.selections(node.selection_set, self._type_of(node) or parent)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(self._fragments[node.name.value])
        return _Weight()

    def _fragment(self, fragment: FragmentDefinitionNode) -> _Weight:
        name = fragment.name.value
        type_ = self._type_of(fragment)
        if name not in self._known and type_ is not None:
            self._known[name] = self.selections(fragment.selection_set, type_)
        return self._known[name]

    def _type_of(self, node: InlineFragmentNode | FragmentDefinitionNode) -> Parent | None:
        condition = node.type_condition
        type_ = self._schema.get_type(condition.name.value) if condition else None
        return type_ if isinstance(type_, Parent) else None

    def _field(self, node: FieldNode, parent: Parent) -> _Weight:
        field = self._schema.get_field(parent, node.name.value)
        if field is None or node.selection_set is None:
            computed = COMPUTED if field is not None and field.args else 0
            return _Weight(own=computed, introspection=parent.name.startswith("__"))
        type_ = get_named_type(field.type)
        if not isinstance(type_, Parent):
            return _Weight()
        below = self.selections(node.selection_set, type_)
        if type_.name.startswith("__"):
            length = self._lengths.get(node.name.value, 1)
            return _Weight(introspection=min(1 + length * (1 + below.introspection), SATURATED))
        # A mutation's arguments are documents, not conditions; other limits count their values.
        said = below.conditions
        if parent is not self._schema.mutation_type:
            said = min(said + self._conditions(node), SATURATED)
        if not is_list_type(get_nullable_type(field.type)):
            own = below.of_object(self._length(node, field, DEFAULT_PAGE))
            return _Weight(own=own, conditions=said)
        item = below.of_object(LIST)
        if LENGTHS.isdisjoint(field.args):
            return _Weight(listed=item, conditions=said)
        own = min(self._length(node, field, LIST) * item, SATURATED)
        return _Weight(own=own, conditions=said)

    def _length(self, node: FieldNode, field: GraphQLField, default: int) -> int:
        """The length of a field that is a list, or of the lists in a field that is a connection.

        A length over the maximum counts as the maximum: it is refused with an error of its own.
        """
        if LENGTHS.isdisjoint(field.args):
            return LIST
        arguments = [each for each in node.arguments or () if each.name.value in LENGTHS]
        values = [self._value(each.value) for each in arguments]
        given = [each for each in values if each is not None]
        lengths = [len(each) if isinstance(each, list) else each for each in given]
        return min(max(0, *lengths), MAXIMUM_PAGE) if lengths else default

    def _conditions(self, node: FieldNode) -> int:
        total = 0
        for each in node.arguments or ():
            found = self._condition(each.value)
            total += found.said
            self.condition_depth = max(self.condition_depth, found.depth)
        return total

    def _condition(self, node: ValueNode) -> ArgumentSize:
        if not isinstance(node, VariableNode):
            return argument_size(node, self._variables)
        name = node.name.value
        if name not in self._known_conditions:
            self._known_conditions[name] = argument_size(node, self._variables)
        return self._known_conditions[name]

    def _included(self, directives: Iterable[DirectiveNode]) -> bool:
        return all(
            self._value((each.arguments or ())[0].value) is (each.name.value == "include")
            for each in directives
            if each.name.value in {"include", "skip"}
        )

    def _value(self, node: ValueNode | None) -> Any:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value)
        if isinstance(node, IntValueNode):
            return int(node.value)
        if isinstance(node, ListValueNode):
            return [self._value(each) for each in node.values]
        return node.value if isinstance(node, BooleanValueNode) else None


def _introspection_lengths(schema: GraphQLSchema) -> dict[str, float]:
    """The average lengths of the lists in introspection, by field name."""
    types = schema.type_map.values()
    fields = [field for each in types for field in getattr(each, "fields", {}).values()]
    arguments = [argument for field in fields for argument in getattr(field, "args", ())]
    values = [value for each in types for value in getattr(each, "values", ())]
    return {
        "types": len(types),
        "directives": len(schema.directives),
        "fields": len(fields) / len(types),
        "inputFields": len(fields) / len(types),
        "args": len(arguments) / max(len(fields), 1),
        "enumValues": len(values) / len(types),
        # Few types have any of these, and few have more than two wrappers.
        "interfaces": 0.5,
        "possibleTypes": 0.5,
        "ofType": 0.5,
    }
