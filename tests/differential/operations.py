"""Valid operations over the whole schema, made by chance, and driven by the schema."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_non_null_type,
)
from hypothesis import strategies as st

from schema.attributes import camel_case
from schema.model import ContentType
from tests.differential.content import LOCALES
from tests.differential.drawing import Chance, Drawn, Variables
from tests.differential.inputs import Inputs
from tests.differential.literals import Name, Variable, has_variable, literal, plain
from tests.differential.world import View, World

ELSEWHERE = {"search", "revisions", "diff", "releases", "schedule", "sitemap"}
"""Fields that have tests of their own: what a word is, PostgreSQL alone can say, and of what was
done to items, and is to be, these know nothing."""

DEPTH = 5
MOST_OBJECTS = 30

LIMITS = dict.fromkeys(
    (
        "document_limit",
        "token_limit",
        "field_limit",
        "object_limit",
        "alias_limit",
        "directive_limit",
        "condition_limit",
        "planning_limit",
        "cost_limit",
    ),
    10**9,
)
"""What is made by chance may be more than anybody would ask for at once."""


class Place(NamedTuple):
    """A cursor that a variable has to be: of an item, in an order of its type."""

    variable: str
    type: ContentType
    order: Any
    locale: str
    view: View


class Operation(NamedTuple):
    """An operation, and what it needs."""

    query: str
    variables: dict[str, Any]
    places: list[Place]


class Author:
    """Writes one operation."""

    def __init__(
        self, drawn: Chance, schema: GraphQLSchema, world: World, depth: int = DEPTH
    ) -> None:
        self._schema = schema
        self._world = world
        self._drawn = drawn
        self._depth = depth
        self._variables = Variables(self._drawn)
        self._inputs = Inputs(self._drawn, self._variables, world)
        self._places: list[Place] = []
        self._fragments: list[str] = []
        self._objects = 0
        self._locale = "en"

    def write(self) -> Operation:
        """The operation."""
        root = self._schema.query_type
        assert root is not None
        names = [name for name in root.fields if name not in ELSEWHERE]
        # As many as there are of other kinds, so that they come as often.
        names += [camel_case(each.name) for _, each in self._world.model.statistics()] * 3
        chosen = [self._drawn.pick(names) for _ in range(self._drawn.number(1, 2))]
        lines = [self._field(root, each, self._depth, alone=False) for each in chosen]
        query = f"query Q{self._variables.declaration} {{ {' '.join(lines)} }}"
        whole = " ".join([query, *self._fragments])
        return Operation(whole, self._variables.values, self._places)

    def _selection(self, type_: Any, depth: int, *, alone: bool) -> str:
        """A selection set; `alone` where its names may meet those of other types."""
        if not isinstance(type_, GraphQLObjectType):
            return self._abstract(type_, depth)
        names = [
            name
            for name, each in type_.fields.items()
            if name not in ELSEWHERE
            and (depth > 0 or not is_composite_type(get_named_type(each.type)))
        ]
        names.append("__typename")
        lines = []
        for _ in range(self._drawn.number(1, 4)):
            name = self._drawn.pick(names)
            composite = name != "__typename" and is_composite_type(
                get_named_type(type_.fields[name].type)
            )
            if composite and self._objects >= MOST_OBJECTS:
                continue
            lines.append(self._field(type_, name, depth - 1, alone=alone))
        lines = lines or ["__typename"]
        return f"{{ {' '.join(self._wrapped(type_, lines))} }}"

    def _abstract(self, type_: GraphQLInterfaceType, depth: int) -> str:
        lines = [self._drawn.pick(("id", "__typename", "... { id }"))]
        possible = self._schema.get_possible_types(type_)
        for _ in range(self._drawn.number(0, 3)):
            each = self._drawn.pick(possible)
            lines.append(f"... on {each.name} {self._selection(each, depth, alone=True)}")
        return f"{{ {' '.join(lines)} }}"

    def _wrapped(self, type_: GraphQLObjectType, lines: list[str]) -> list[str]:
        """Some of the lines within fragments."""
        if not self._drawn.chance(25):
            return lines
        cut = self._drawn.number(0, len(lines))
        on = self._drawn.pick((type_.name, *(each.name for each in type_.interfaces)))
        if on != type_.name:
            return [*lines, f"... on {on} {self._directive()}{{ id __typename }}"]
        inner = " ".join(lines[cut:]) or "__typename"
        if self._drawn.chance(50):
            return [*lines[:cut], f"... on {on} {self._directive()}{{ {inner} }}"]
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {on} {{ {inner} }}")
        return [*lines[:cut], f"...{name} {self._directive()}", f"...{name}"]

    def _field(self, type_: GraphQLObjectType, name: str, depth: int, *, alone: bool) -> str:
        directive = self._directive()
        if name == "__typename":
            return f"__typename {directive}"
        field_ = type_.fields[name]
        arguments = self._arguments(type_, field_)
        is_alone = alone or bool(arguments) or self._drawn.chance(15)
        alias = f"a{self._variables.next()}: " if is_alone else ""
        named = get_named_type(field_.type)
        below = ""
        if is_composite_type(named):
            self._objects += 1
            below = self._selection(named, depth, alone=alone)
        return f"{alias}{name}{arguments} {directive}{below}"

    def _directive(self) -> str:
        if not self._drawn.chance(8):
            return ""
        name, value = self._drawn.pick(("skip", "include")), self._drawn.chance(60)
        if self._drawn.chance(50):
            return f"@{name}(if: {self._variables.add('Boolean!', value)}) "
        return f"@{name}(if: {json.dumps(value)}) "

    def _arguments(self, parent: GraphQLObjectType, field_: GraphQLField) -> str:
        values: dict[str, Any] = {}
        is_root = parent is self._schema.query_type
        if "locale" in field_.args and self._drawn.chance(50):
            # Upper and lower case do not matter.
            code = self._drawn.pick(LOCALES)
            values["locale"] = code.upper() if self._drawn.chance(10) else code
        if is_root:
            self._locale = values.get("locale", "en").lower()
        for key, argument in field_.args.items():
            value = self._argument(
                key, argument, field_, is_required=is_non_null_type(argument.type)
            )
            # The stage is that of all fields, and in a header.
            if value is not None and key not in {"locale", "stage"}:
                values[key] = value
        values |= self._page(field_)
        self._cursor(values, field_)
        if not values:
            return ""
        written = (f"{key}: {self._given(field_.args[key], it)}" for key, it in values.items())
        return f"({', '.join(written)})"

    def _argument(
        self, key: str, argument: GraphQLArgument, field_: GraphQLField, *, is_required: bool
    ) -> Any:
        if not is_required and not self._drawn.chance(45):
            return None
        makers: dict[str, Callable[[], Any]] = {
            "slug": lambda: self._slug(field_),
            "id": self._inputs.id,
            "ids": lambda: [self._inputs.id() for _ in range(self._drawn.number(0, 4))],
            "where": lambda: self._inputs.where(get_named_type(argument.type), 2),
            "orderBy": lambda: [
                self._inputs.order(get_named_type(argument.type), 2)
                for _ in range(self._drawn.number(0, 3))
            ],
            "groupBy": lambda: [
                Name(self._drawn.pick(names_of(argument.type)))
                for _ in range(self._drawn.number(0, 3))
            ],
            "types": lambda: [
                Name(self._drawn.pick(names_of(argument.type)))
                for _ in range(self._drawn.number(0, 3))
            ],
            "offset": lambda: self._drawn.number(0, 4),
        }
        return makers[key]() if key in makers else None

    def _slug(self, field_: GraphQLField) -> str:
        type_ = self._world.model[get_named_type(field_.type).name]
        slugs = [
            slug
            for each in self._world.all(type_)
            for slug in (
                each.content["slug"],
                *each.content.get("localizedSlug", {}).values(),
                *each.facts["formerSlugs"],
            )
        ]
        return str(self._drawn.pick([*slugs, f"{slugs[0]}0"]))

    def _page(self, field_: GraphQLField) -> dict[str, Any]:
        """`first` or `last`."""
        names = [each for each in ("first", "last") if each in field_.args]
        if not names or not self._drawn.chance(60):
            return {}
        return {self._drawn.pick(names): self._drawn.number(0, 6)}

    def _cursor(self, values: dict[str, Any], field_: GraphQLField) -> None:
        """Begin or end some pages of items at an item, whether or not it is among them."""
        connection = get_named_type(field_.type).name
        target = connection.removesuffix("Connection")
        if (
            "after" not in field_.args
            or target not in self._world.model
            or not self._drawn.chance(40)
        ):
            return
        type_ = self._world.model[target]
        item = self._drawn.pick(self._world.all(type_))
        place = Place(
            f"v{self._variables.next()}",
            type_,
            values.get("orderBy"),
            self._locale,
            View(item, self._locale),
        )
        self._places.append(place)
        self._variables.declared.append(f"${place.variable}: String")
        values[self._drawn.pick(("after", "before"))] = Variable(place.variable)

    def _given(self, argument: GraphQLArgument, value: Any) -> str:
        """An argument's value as a literal, or as a variable with or without a default."""
        if isinstance(value, Variable) or not self._drawn.chance(35) or has_variable(value):
            return literal(value)
        return self._variables.add(str(argument.type), plain(value), literal=literal(value))


def names_of(type_: Any) -> list[str]:
    """The names of the values of an enumeration."""
    return [*get_named_type(type_).values]


@st.composite
def operations(draw: st.DrawFn, schema: GraphQLSchema, world: World) -> Operation:
    """Valid operations, with values that the world knows."""
    return Author(Drawn(draw), schema, world).write()
