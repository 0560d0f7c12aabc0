"""Where the bind parameters of a plan get their values from.

A value never becomes part of a statement's text: each value that is used gets a parameter, and
stays a rule for computing it from the arguments of the field that it belongs to. The *shape* of the
arguments does become part of the text: which conditions there are, in which order rows come, and
what they are grouped by. A `PlanInput` has the shapes, and plans are made from it; a `PlanRequest`
has the values, which only rules see.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_argument_values,
)
from graphql.execution.values import VariableValues
from sqlalchemy import BindParameter, ColumnElement, Text, bindparam
from sqlalchemy.types import TypeEngine

from schema.attributes import Computed
from schema.delivery import Stage
from schema.errors import ErrorCode, request_error, with_code
from schema.locales import Locales
from schema.planner.ids import Id
from schema.planner.selection import Selected
from schema.planner.shapes import ObjectShape, Structural, members, shape
from schema.texts import composed

Arguments = Mapping[str, Any]
"""The arguments of a field, coerced, by their names in GraphQL."""

ArgumentPath = tuple[str | int, ...]
"""Where something stands in them."""


NONE = ObjectShape()
"""The arguments of a field that takes none."""

HISTORY = frozenset({"revisions", "diff", "releases"})
"""The root fields that tell what editors did, and so read the working copy."""


class Direction(Structural):
    """The direction of a sort. Null sorts as if it were larger than every value."""

    ASC = "ASC"
    DESC = "DESC"


class PlanInput(NamedTuple):
    """All that a plan depends on, besides what is selected: requests with the same one share it."""

    variables: ObjectShape
    """The shapes of those that have a value."""
    stage: Stage = Stage.LIVE
    """That of a root field that names none."""


class PlanRequest(NamedTuple):
    """What the values of a plan's parameters are computed from."""

    variables: VariableValues
    locales: Locales
    stage: Stage = Stage.LIVE
    """That of a root field that names none."""
    items: Sequence[Id] = ()
    """What a mutation was about, where its payload is planned."""

    @property
    def input(self) -> PlanInput:
        """What of it may decide how its plan looks."""
        return PlanInput(members(shape(self.variables.coerced)), self.stage)


class ReadContext(NamedTuple):
    """Which of its copies of the content a root field is about, and in what language."""

    locale: ColumnElement[str]
    stage: Stage


class RequestedField(NamedTuple):
    """A field with its arguments in one request."""

    selected: Selected
    given: Arguments
    locales: Locales
    items: Sequence[Id] = ()

    def error(self, code: ErrorCode, message: str, **extensions: Any) -> GraphQLError:
        """An error with one of the arguments."""
        nodes, path = self.selected.nodes, self.selected.path
        return request_error(code, message, nodes, path, **extensions)


Rule = Callable[[RequestedField], Any]
"""The value of a parameter."""


class Shapes:
    """The shapes of the arguments of fields, in all requests that a plan is made for."""

    def __init__(self, input_: PlanInput) -> None:
        self._stage = input_.stage
        self._variables = VariableValues({}, dict(input_.variables))
        self._known: dict[int, ObjectShape] = {}

    def of(self, selected: Selected) -> ObjectShape:
        """Those of a field; raises `GraphQLError` where a null or nothing is no value."""
        if selected.definition is None or not selected.definition.args:
            return NONE
        # All that are selected are there for as long as they are planned.
        if id(selected) not in self._known:
            self._known[id(selected)] = members(shape(_coerced(selected, self._variables)))
        return self._known[id(selected)]

    def absent(self, selected: Selected) -> tuple[ArgumentPath, ...]:
        """Where variables stand inside of a field's arguments that requests have no value for.

        GraphQL would leave them out, and what somebody forgot to fill would answer everything.
        """
        given = self._variables.coerced
        return tuple(
            path
            for each in selected.nodes[0].arguments or ()
            if not isinstance(each.value, VariableNode)
            for path, variable in _variables(each.value, (each.name.value,))
            if variable.name.value not in given
        )

    def stage(self, selected: Selected) -> Stage:
        """The copy of the content that a root field reads."""
        if selected.name in HISTORY:
            return Stage.DRAFT
        found = self.of(selected).get("stage")
        return found if isinstance(found, Stage) else self._stage


@dataclass
class Parameters:
    """The parameters of a plan that is being made."""

    shapes: Shapes
    rules: dict[str, tuple[int, Rule]] = field(default_factory=dict)
    """By the name of the parameter: the index of the field that it belongs to, and the rule."""
    fields: list[Selected] = field(default_factory=list)
    computations: list[Computed] = field(default_factory=list)
    names: int = 0

    def given(self, selected: Selected) -> ObjectShape:
        """The shapes of the field's arguments."""
        return self.shapes.of(selected)

    def name(self, prefix: str) -> str:
        """A name for a subquery that nothing else in the statement has."""
        self.names += 1
        return f"{prefix}_{self.names}"

    def context(self, selected: Selected) -> ReadContext:
        """What a root field is about."""
        return ReadContext(self.add(selected, Text(), locale), self.shapes.stage(selected))

    def computation(self, attribute: Computed) -> int:
        """The index of a computation among those of the plan."""
        if attribute not in self.computations:
            self.computations.append(attribute)
        return self.computations.index(attribute)

    def add(self, selected: Selected, type_: TypeEngine[Any], rule: Rule) -> BindParameter[Any]:
        """A new parameter of this SQL type, whose value the rule computes."""
        if not self.fields or self.fields[-1] is not selected:
            self.fields.append(selected)
        name = f"p{len(self.rules)}"
        self.rules[name] = (len(self.fields) - 1, rule)
        return bindparam(name, type_=type_)


def arguments(selected: Selected, request: PlanRequest) -> Arguments:
    """The field's arguments; raises `GraphQLError` where a null or nothing is no value."""
    return _coerced(selected, request.variables)


def _coerced(selected: Selected, variables: VariableValues) -> dict[str, Any]:
    if selected.definition is None:
        return {}
    try:
        return get_argument_values(selected.definition, selected.nodes[0], variables)
    except GraphQLError as error:
        raise with_code(ErrorCode.BAD_VARIABLES, error) from error


def _variables(node: ValueNode, path: ArgumentPath) -> Iterator[tuple[ArgumentPath, VariableNode]]:
    """The variables in a value, each with the place where it stands."""
    match node:
        case VariableNode():
            yield path, node
        case ListValueNode():
            for index, each in enumerate(node.values):
                yield from _variables(each, (*path, index))
        case ObjectValueNode():
            for member in node.fields:
                yield from _variables(member.value, (*path, member.name.value))


def storable(text: str) -> str:
    """The text as the database could hold it: composed, and without NUL and lone surrogates.

    PostgreSQL refuses these, so nothing holds them.
    """
    whole = text.encode("utf-8", "replace").decode()
    return composed(whole.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def slug(requested: RequestedField) -> str:
    """`slug`; one that no item can have is as good as any other."""
    return storable(requested.given["slug"])


def locale(requested: RequestedField) -> str:
    """`locale`, which has to be a known one, or the default."""
    asked = requested.given.get("locale")
    if asked is None:
        return requested.locales.default
    if asked in requested.locales.codes:
        return str(asked)
    known = sorted(requested.locales.codes)
    message = f"There is no locale {str(asked)!r}. Use one of: {', '.join(known)}."
    raise requested.error(ErrorCode.UNKNOWN_LOCALE, message, known=known)
