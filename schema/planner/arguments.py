"""The parameters of a plan, and the rules that compute their values.

A value never becomes part of a statement's text. Each value that a statement uses gets a parameter,
with a rule that computes it from the arguments of its field. The *shape* of the arguments does
become part of the text: which conditions there are, and how rows are sorted and grouped. Plans are
made from a `PlanInput`, which has the shapes. Only rules see a `PlanRequest`, which has the values.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from sqlalchemy import BindParameter, Text, bindparam
from sqlalchemy.types import TypeEngine

from schema.attributes import Computed
from schema.delivery import Stage
from schema.errors import ErrorCode, request_error, with_code
from schema.locales import Locales
from schema.planner.contexts import ReadContext
from schema.planner.ids import Id, suffix_of
from schema.planner.selection import Selected
from schema.planner.shapes import (
    ArgumentShape,
    DraftIds,
    ObjectShape,
    Structural,
    members,
    shape,
)
from schema.planner.tags import Scanned, Tag
from schema.texts import composed

Arguments = Mapping[str, Any]
"""The coerced arguments of a field, by their names in GraphQL."""

ArgumentPath = tuple[str | int, ...]
"""The path to a value in the arguments of a field."""


NONE = ObjectShape()
"""The shape of the arguments of a field that takes none."""

HISTORY = frozenset({"revisions", "diff", "releases"})
"""The root fields about the work of editors, which always read the working copy."""


BY_ID = frozenset({"node", "nodes"})
"""The root fields that read what ids name."""

_STAGES_OF_IDS: Mapping[ArgumentShape, frozenset[Stage]] = {
    DraftIds.ALL: frozenset({Stage.DRAFT}),
    DraftIds.SOME: frozenset(Stage),
}


class Direction(Structural):
    """The direction of a sort. Null sorts as if it were larger than every value."""

    ASC = "ASC"
    DESC = "DESC"


class PlanInput(NamedTuple):
    """Everything that a plan depends on besides the selection; equal inputs share a plan."""

    variables: ObjectShape
    """The shapes of the variables that have a value."""
    stage: Stage = Stage.LIVE
    """The stage of root fields that name none."""
    is_marked: bool = False
    """Whether the answer has marks of the items in it; see `schema.planner.tags`."""


class PlanRequest(NamedTuple):
    """The values of one request, from which rules compute a plan's parameters."""

    variables: VariableValues
    locales: Locales
    stage: Stage = Stage.LIVE
    """The stage of root fields that name none."""
    locale: str | None = None
    """The locale of root fields that name none; None for the default locale."""
    items: Sequence[Id] = ()
    """For the plan of a mutation's payload, the items in it."""
    is_marked: bool = False
    """Whether the answer has marks of the items in it."""

    @property
    def input(self) -> PlanInput:
        """The part of the request that its plan depends on."""
        return PlanInput(members(shape(self.variables.coerced)), self.stage, self.is_marked)


class RequestedField(NamedTuple):
    """A field with its arguments in one request."""

    selected: Selected
    given: Arguments
    locales: Locales
    locale: str | None = None
    """The locale of root fields that name none; None for the default locale."""
    items: Sequence[Id] = ()

    def error(self, code: ErrorCode, message: str, **extensions: Any) -> GraphQLError:
        """A GraphQL error about one of the arguments."""
        nodes, path = self.selected.nodes, self.selected.path
        return request_error(code, message, nodes, path, **extensions)


Rule = Callable[[RequestedField], Any]
"""Computes the value of a parameter; raises `GraphQLError` for an argument that is not valid."""


TagRule = Callable[[RequestedField], Iterable[Tag]]
"""Computes tags of what a field looks up; raises `GraphQLError` as a `Rule` does."""


class Shapes:
    """The shapes of the arguments of fields, equal in all requests that share a plan."""

    def __init__(self, input_: PlanInput) -> None:
        self.is_marked = input_.is_marked
        self._stage = input_.stage
        self._variables = VariableValues({}, dict(input_.variables))
        self._known: dict[int, ObjectShape] = {}

    def of(self, selected: Selected) -> ObjectShape:
        """The shapes of a field's arguments.

        Raises `GraphQLError` if a required argument is null or missing.
        """
        if selected.definition is None or not selected.definition.args:
            return NONE
        # The ids are unique, because the whole selection exists while it is planned.
        if id(selected) not in self._known:
            self._known[id(selected)] = members(shape(_coerced(selected, self._variables)))
        return self._known[id(selected)]

    def absent(self, selected: Selected) -> tuple[ArgumentPath, ...]:
        """The paths to variables without a value inside a field's arguments.

        GraphQL leaves out the members of an object that are such variables. A condition with a
        forgotten variable would then match everything.
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
        """The stage that a root field reads, unless ids name it."""
        if selected.name in HISTORY:
            return Stage.DRAFT
        found = self.of(selected).get("stage")
        return found if isinstance(found, Stage) else self._stage

    def stages(self, selected: Selected) -> frozenset[Stage]:
        """All stages that a root field reads."""
        if selected.name not in BY_ID:
            return frozenset({self.stage(selected)})
        given = (shape for _, shape in self.of(selected))
        return _STAGES_OF_IDS.get(next(given, None), frozenset({Stage.LIVE}))


@dataclass
class Parameters:
    """The parameters of a plan that is being made."""

    shapes: Shapes
    rules: dict[str, tuple[int, Rule]] = field(default_factory=dict)
    """By the name of the parameter: the index of its field in `fields`, and the rule."""
    fields: list[Selected] = field(default_factory=list)
    computations: list[Computed] = field(default_factory=list)
    scanned: Scanned = field(default_factory=Scanned)
    tags: list[tuple[int, TagRule]] = field(default_factory=list)
    """The index of a field in `fields`, and the rule for tags of what is looked up."""
    names: int = 0

    def given(self, selected: Selected) -> ObjectShape:
        """The shapes of a field's arguments; see `Shapes.of`."""
        return self.shapes.of(selected)

    def name(self, prefix: str) -> str:
        """A name for a subquery, unique among those with these parameters."""
        self.names += 1
        return f"{prefix}_{self.names}"

    def context(self, selected: Selected) -> ReadContext:
        """The locale, as a parameter, and the stage that a root field reads."""
        return self.context_at(selected, self.shapes.stage(selected))

    def context_at(self, selected: Selected, stage: Stage) -> ReadContext:
        """The locale that a field reads, as a parameter, and a stage."""

        def suffix(requested: RequestedField) -> str:
            return suffix_of(locale(requested), stage, requested.locales.default)

        ends = self.add(selected, Text(), suffix)
        return ReadContext(self.add(selected, Text(), locale), stage, ends, self.scanned)

    def computation(self, attribute: Computed) -> int:
        """The index of a computed field in `computations`, which it is added to if it is new."""
        if attribute not in self.computations:
            self.computations.append(attribute)
        return self.computations.index(attribute)

    def add(self, selected: Selected, type_: TypeEngine[Any], rule: Rule) -> BindParameter[Any]:
        """Add a parameter of an SQL type, whose value `rule` computes."""
        name = f"p{len(self.rules)}"
        self.rules[name] = (self._index(selected), rule)
        return bindparam(name, type_=type_)

    def tag(self, selected: Selected, rule: TagRule) -> None:
        """Note that the answer depends on what a field looks up: the tags that `rule` computes."""
        self.tags.append((self._index(selected), rule))

    def _index(self, selected: Selected) -> int:
        if not self.fields or self.fields[-1] is not selected:
            self.fields.append(selected)
        return len(self.fields) - 1


def arguments(selected: Selected, request: PlanRequest) -> Arguments:
    """The coerced arguments of a field.

    Raises `GraphQLError` if a required argument is null or missing.
    """
    return _coerced(selected, request.variables)


def _coerced(selected: Selected, variables: VariableValues) -> dict[str, Any]:
    if selected.definition is None:
        return {}
    try:
        return get_argument_values(selected.definition, selected.nodes[0], variables)
    except GraphQLError as error:
        raise with_code(ErrorCode.BAD_VARIABLES, error) from error


def _variables(node: ValueNode, path: ArgumentPath) -> Iterator[tuple[ArgumentPath, VariableNode]]:
    """The variables in a value, each with its path."""
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
    """The text as PostgreSQL could store it: normalized, without NUL and lone surrogates.

    PostgreSQL rejects both, so no stored text contains them.
    """
    whole = text.encode("utf-8", "replace").decode()
    return composed(whole.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def slug(requested: RequestedField) -> str:
    """The argument `slug`. A slug that no item can have is not an error: it finds nothing."""
    return storable(requested.given["slug"])


def locale(requested: RequestedField) -> str:
    """The argument `locale`, or that of the request; raises `GraphQLError` if it is not known."""
    asked = requested.given.get("locale")
    if asked is None:
        return requested.locale or requested.locales.default
    return known_locale(requested, str(asked))


def known_locale(requested: RequestedField, asked: str) -> str:
    """The locale that an argument names; raises `GraphQLError` if there is none."""
    if found := requested.locales.match(asked):
        return found
    message, known = unknown_locale(asked, requested.locales)
    raise requested.error(ErrorCode.UNKNOWN_LOCALE, message, known=known)


def unknown_locale(asked: str, locales: Locales) -> tuple[str, list[str]]:
    """The message about a locale that does not exist, and those that do."""
    known = sorted(locales.codes)
    return f"There is no locale {asked!r}. Use one of: {', '.join(known)}.", known
