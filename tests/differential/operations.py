"""Valid operations over the whole schema, made by hypothesis, and driven by the schema."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)
from hypothesis import strategies as st

from schema.attributes import Field, camel_case
from schema.model import ContentType
from tests.differential.conditions import comparable
from tests.differential.content import LOCALES, WORDS
from tests.differential.world import View, World

ELSEWHERE = {"search"}
"""Root fields that have tests of their own: what a word is, PostgreSQL alone can say."""

DEPTH = 5
MOST_OBJECTS = 30

_NUMBERS: dict[tuple[int, int], st.SearchStrategy[int]] = {}


class Name(str):
    """A value of an enumeration."""

    __slots__ = ()


class Place(NamedTuple):
    """A cursor that a variable has to be: of an item, in an order of its type."""

    variable: str
    type: ContentType
    order: Any
    locale: str
    view: View


@dataclass
class Operation:
    """An operation, and what it needs."""

    query: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)


class Author:
    """Writes one operation."""

    def __init__(self, draw: st.DrawFn, schema: GraphQLSchema, world: World) -> None:
        self._draw = draw
        self._schema = schema
        self._world = world
        self._made = Operation()
        self._declared: list[str] = []
        self._fragments: list[str] = []
        self._objects = 0
        self._names = 0
        self._locale = "en"

    def write(self) -> Operation:
        """The operation."""
        root = self._schema.query_type
        assert root is not None
        names = [name for name in root.fields if name not in ELSEWHERE]
        # As many as there are of other kinds, so that they come as often.
        names += [camel_case(each.name) for _, each in self._world.model.statistics()] * 3
        chosen = [self._pick(names) for _ in range(self._number(1, 2))]
        lines = [self._field(root, each, DEPTH, alone=False) for each in chosen]
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        body = " ".join(lines)
        self._made.query = " ".join([f"query Q{declared} {{ {body} }}", *self._fragments])
        return self._made

    # What is drawn.

    def _number(self, low: int, high: int) -> int:
        strategy = _NUMBERS.get((low, high))
        if strategy is None:
            strategy = _NUMBERS[low, high] = st.integers(low, high)
        return self._draw(strategy)

    def _pick(self, values: Sequence[Any]) -> Any:
        return values[self._number(0, len(values) - 1)]

    def _chance(self, percent: int) -> bool:
        """Small draws say no, so that what shrinks becomes simple."""
        return self._number(0, 99) >= 100 - percent

    # Selections.

    def _selection(self, type_: Any, depth: int, *, alone: bool) -> str:
        """A selection set; `alone` where its names may meet those of other types."""
        if not isinstance(type_, GraphQLObjectType):
            return self._abstract(type_, depth)
        names = [
            name
            for name, each in type_.fields.items()
            if depth > 0 or not is_composite_type(get_named_type(each.type))
        ]
        names.append("__typename")
        lines = []
        for _ in range(self._number(1, 4)):
            name = self._pick(names)
            composite = name != "__typename" and is_composite_type(
                get_named_type(type_.fields[name].type)
            )
            if composite and self._objects >= MOST_OBJECTS:
                continue
            lines.append(self._field(type_, name, depth - 1, alone=alone))
        lines = lines or ["__typename"]
        return f"{{ {' '.join(self._wrapped(type_, lines))} }}"

    def _abstract(self, type_: GraphQLInterfaceType, depth: int) -> str:
        lines = [self._pick(("id", "__typename", "... { id }"))]
        possible = self._schema.get_possible_types(type_)
        for _ in range(self._number(0, 3)):
            each = self._pick(possible)
            lines.append(f"... on {each.name} {self._selection(each, depth, alone=True)}")
        return f"{{ {' '.join(lines)} }}"

    def _wrapped(self, type_: GraphQLObjectType, lines: list[str]) -> list[str]:
        """Some of the lines within fragments."""
        if not self._chance(25):
            return lines
        cut = self._number(0, len(lines))
        on = self._pick((type_.name, *(each.name for each in type_.interfaces)))
        if on != type_.name:
            return [*lines, f"... on {on} {self._directive()}{{ id __typename }}"]
        inner = " ".join(lines[cut:]) or "__typename"
        if self._chance(50):
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
        is_alone = alone or bool(arguments) or self._chance(15)
        alias = f"a{self._next()}: " if is_alone else ""
        named = get_named_type(field_.type)
        below = ""
        if is_composite_type(named):
            self._objects += 1
            below = self._selection(named, depth, alone=alone)
        return f"{alias}{name}{arguments} {directive}{below}"

    def _next(self) -> int:
        self._names += 1
        return self._names

    def _directive(self) -> str:
        if not self._chance(8):
            return ""
        name, value = self._pick(("skip", "include")), self._chance(60)
        if self._chance(50):
            return f"@{name}(if: {self._variable('Boolean!', value)}) "
        return f"@{name}(if: {json.dumps(value)}) "

    # Arguments.

    def _arguments(self, parent: GraphQLObjectType, field_: GraphQLField) -> str:
        values: dict[str, Any] = {}
        is_root = parent is self._schema.query_type
        if "locale" in field_.args and self._chance(50):
            values["locale"] = self._pick(LOCALES)
        if is_root:
            self._locale = values.get("locale", "en")
        for key, argument in field_.args.items():
            value = self._argument(
                key, argument, field_, is_required=is_non_null_type(argument.type)
            )
            if value is not None and key != "locale":
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
        if not is_required and not self._chance(45):
            return None
        makers: dict[str, Callable[[], Any]] = {
            "slug": lambda: self._slug(field_),
            "id": self._id,
            "ids": lambda: [self._id() for _ in range(self._number(0, 4))],
            "where": lambda: self._where(get_named_type(argument.type), 2),
            "orderBy": lambda: [
                self._order(get_named_type(argument.type), 2) for _ in range(self._number(0, 3))
            ],
            "groupBy": lambda: [
                Name(self._pick(names_of(argument.type))) for _ in range(self._number(0, 3))
            ],
            "offset": lambda: self._number(0, 4),
        }
        return makers[key]() if key in makers else None

    def _slug(self, field_: GraphQLField) -> str:
        type_ = self._world.model[get_named_type(field_.type).name]
        slugs = [each.content["slug"] for each in self._world.all(type_)]
        return str(self._pick([*slugs, f"{slugs[0]}0"]))

    def _page(self, field_: GraphQLField) -> dict[str, Any]:
        """`first` or `last`."""
        names = [each for each in ("first", "last") if each in field_.args]
        if not names or not self._chance(60):
            return {}
        return {self._pick(names): self._number(0, 6)}

    def _cursor(self, values: dict[str, Any], field_: GraphQLField) -> None:
        """Begin or end some pages of items at an item, whether or not it is among them."""
        connection = get_named_type(field_.type).name
        target = connection.removesuffix("Connection")
        if "after" not in field_.args or target not in self._world.model or not self._chance(40):
            return
        type_ = self._world.model[target]
        item = self._pick(self._world.all(type_))
        place = Place(
            f"v{self._next()}",
            type_,
            values.get("orderBy"),
            self._locale,
            View(item, self._locale),
        )
        self._made.places.append(place)
        self._declared.append(f"${place.variable}: String")
        values[self._pick(("after", "before"))] = _Variable(place.variable)

    def _id(self) -> str:
        items = [each for type_ in self._world.model.content() for each in self._world.all(type_)]
        if self._chance(15):
            return "guide_01920000-0000-7000-8000-000000000000"
        found: str = self._pick(items).facts["id"]
        return found

    def _where(self, type_: Any, depth: int) -> dict[str, Any]:
        """Conditions on a type; the name of the input type says which."""
        content = self._world.model[type_.name.removesuffix("Where")]
        fields = {each.graphql_name for each in content.fields()}
        found: dict[str, Any] = {}
        for _ in range(self._number(0, 2)):
            key = self._pick([*type_.fields])
            if key not in found and (depth or key in fields):
                found[key] = self._condition(content, type_, key, depth)
        return found

    def _condition(self, content: ContentType, type_: Any, key: str, depth: int) -> Any:
        if key in {"and", "or"}:
            return [self._where(type_, depth - 1) for _ in range(self._number(0, 2))]
        if key == "not":
            return self._where(type_, depth - 1)
        inner = get_named_type(type_.fields[key].type)
        if isinstance(content.named(key), Field):
            return self._filter(content, key, inner)
        return self._related(inner, depth - 1)

    def _related(self, type_: Any, depth: int) -> dict[str, Any]:
        if not type_.name.endswith("ListWhere"):
            return self._where(type_, depth)
        quantifiers = [*type_.fields]
        chosen = {self._pick(quantifiers) for _ in range(self._number(1, 2))}
        where = get_named_type(type_.fields[quantifiers[0]].type)
        return {each: self._where(where, depth) for each in sorted(chosen)}

    def _filter(self, content: ContentType, key: str, type_: Any) -> dict[str, Any]:
        attribute = content.named(key)
        assert isinstance(attribute, Field)
        operator = self._pick([*type_.fields])
        operand: GraphQLInputField = type_.fields[operator]
        named = get_named_type(operand.type)
        if operator in {"isNull", "isEmpty"}:
            value: Any = self._chance(50)
        else:
            items = self._world.all(content)
            values = [
                found
                for each in items
                for locale in LOCALES
                if (found := comparable(self._world, View(each, locale), attribute)) is not None
            ]
            known = [one for each in values for one in (each if isinstance(each, list) else [each])]
            value = self._operand(operand, named, known)
        if self._chance(20):
            value = _Variable(self._variable(str(operand.type), _plain(value))[1:])
        return {operator: value}

    def _operand(self, field_: GraphQLInputField, named: Any, known: list[Any]) -> Any:
        if is_list_type(get_nullable_type(field_.type)):
            return [self._one_operand(named, known) for _ in range(self._number(0, 3))]
        return self._one_operand(named, known)

    def _one_operand(self, named: Any, known: list[Any]) -> Any:
        if isinstance(named, GraphQLEnumType):
            return Name(self._pick([*named.values]))
        if named.name == "Boolean":
            return self._chance(50)
        if not known:
            defaults: dict[str, Any] = {
                "Int": 1, "Float": 1.5, "Date": "2021-01-11", "DateTime": "2021-01-11T00:00:00Z",
                "ID": self._id(),
            }  # fmt: skip
            return defaults.get(named.name, "x")
        value = self._pick(known)
        if named.name == "DateTime":
            return value.isoformat()
        if named.name == "String" and self._chance(50):
            return self._part(value)
        return value

    def _part(self, text: str) -> str:
        """A piece of a text, or another in its stead, in another case perhaps."""
        if self._chance(20):
            return str(self._pick(WORDS))
        start = self._number(0, max(0, len(text) - 1))
        piece = text[start : start + self._number(1, 6)]
        swapped = "".join(each.swapcase() if each.isascii() else each for each in piece)
        return swapped if self._chance(30) else piece

    def _order(self, type_: Any, depth: int) -> dict[str, Any]:
        """One thing to order by."""
        names = [
            name
            for name, each in type_.fields.items()
            if depth > 0 or isinstance(get_named_type(each.type), GraphQLEnumType)
        ]
        name = self._pick(names)
        inner = get_named_type(type_.fields[name].type)
        if isinstance(inner, GraphQLInputObjectType):
            return {name: self._order(inner, depth - 1)}
        return {name: Name(self._pick(("ASC", "DESC")))}

    # Values.

    def _given(self, argument: GraphQLArgument, value: Any) -> str:
        """An argument's value as a literal, or as a variable with or without a default."""
        if isinstance(value, _Variable) or not self._chance(35) or _has_variable(value):
            return literal(value)
        return self._variable(str(argument.type), _plain(value), literal=literal(value))

    def _variable(self, type_: str, value: Any, literal: str | None = None) -> str:
        name = f"v{self._next()}"
        if literal is not None and not type_.endswith("!") and self._chance(25):
            self._declared.append(f"${name}: {type_} = {literal}")
        else:
            self._declared.append(f"${name}: {type_}")
            self._made.variables[name] = value
        return f"${name}"


def names_of(type_: Any) -> list[str]:
    """The names of the values of an enumeration."""
    return [*get_named_type(type_).values]


class _Variable(str):
    """A variable's name, in the place of a value."""

    __slots__ = ()


def _has_variable(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_variable, value.values()))
    if isinstance(value, list):
        return any(map(_has_variable, value))
    return isinstance(value, _Variable)


def _plain(value: Any) -> Any:
    """A value as it stands in JSON."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return str(value) if isinstance(value, Name) else value


def literal(value: Any) -> str:
    """A value as it stands in a document."""
    if isinstance(value, _Variable):
        return f"${value}"
    if isinstance(value, Name):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


@st.composite
def operations(draw: st.DrawFn, schema: GraphQLSchema, world: World) -> Operation:
    """Valid operations, with values that the world knows."""
    return Author(draw, schema, world).write()
