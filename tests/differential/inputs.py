"""Conditions, orders and ids: what the arguments of a field say."""

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from schema.attributes import ScalarField
from schema.model import ContentType
from tests.differential.conditions import comparable
from tests.differential.content import LOCALES, WORDS
from tests.differential.drawing import Chance, Variables
from tests.differential.literals import Name, Variable, plain
from tests.differential.world import View, World


class Inputs:
    """Makes values that the world knows, or nearly."""

    def __init__(self, drawn: Chance, variables: Variables, world: World) -> None:
        self._drawn = drawn
        self._variables = variables
        self._world = world

    def id(self) -> str:
        """The id of an item, or of nothing."""
        items = [each for type_ in self._world.model.values() for each in self._world.all(type_)]
        if self._drawn.chance(15):
            return "guide_01920000-0000-7000-8000-000000000000"
        return self._world.id_of(View(self._drawn.pick(items), self._drawn.pick(LOCALES)))

    def where(self, type_: Any, depth: int) -> dict[str, Any]:
        """Conditions on a type; the name of the input type says which."""
        content = self._world.model[type_.name.removesuffix("Where")]
        fields = {each.graphql_name for each in content.fields()}
        found: dict[str, Any] = {}
        for _ in range(self._drawn.number(0, 2)):
            key = self._drawn.pick([*type_.fields])
            if key not in found and (depth or key in fields):
                found[key] = self._condition(content, type_, key, depth)
        return found

    def _condition(self, content: ContentType, type_: Any, key: str, depth: int) -> Any:
        if key in {"and", "or"}:
            return [self.where(type_, depth - 1) for _ in range(self._drawn.number(0, 2))]
        if key in {"not", "within"}:
            return self.where(type_, depth - 1)
        inner = get_named_type(type_.fields[key].type)
        if key == "untranslated":
            return self._untranslated(inner)
        if isinstance(content.named(key), ScalarField):
            return self._filter(content, key, inner)
        return self._related(inner, depth - 1)

    def _untranslated(self, type_: Any) -> dict[str, Any]:
        names = [*get_named_type(type_.fields["fields"].type).values]
        chosen = [Name(self._drawn.pick(names)) for _ in range(self._drawn.number(0, 2))]
        where = {"locale": self._drawn.pick(LOCALES)}
        return {**where, "fields": chosen} if self._drawn.chance(60) else where

    def _related(self, type_: Any, depth: int) -> dict[str, Any]:
        if not type_.name.endswith("ListWhere"):
            return self.where(type_, depth)
        quantifiers = [*type_.fields]
        chosen = {self._drawn.pick(quantifiers) for _ in range(self._drawn.number(1, 2))}
        where = get_named_type(type_.fields[quantifiers[0]].type)
        return {each: self.where(where, depth) for each in sorted(chosen)}

    def _filter(self, content: ContentType, key: str, type_: Any) -> dict[str, Any]:
        attribute = content.named(key)
        assert isinstance(attribute, ScalarField)
        operator = self._drawn.pick([*type_.fields])
        operand: GraphQLInputField = type_.fields[operator]
        named = get_named_type(operand.type)
        if operator in {"isNull", "isEmpty"}:
            value: Any = self._drawn.chance(50)
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
        if self._drawn.chance(20):
            value = Variable(self._variables.add(str(operand.type), plain(value))[1:])
        return {operator: value}

    def _operand(self, field_: GraphQLInputField, named: Any, known: list[Any]) -> Any:
        if is_list_type(get_nullable_type(field_.type)):
            return [self._one_operand(named, known) for _ in range(self._drawn.number(0, 3))]
        return self._one_operand(named, known)

    def _one_operand(self, named: Any, known: list[Any]) -> Any:
        if isinstance(named, GraphQLEnumType):
            return Name(self._drawn.pick([*named.values]))
        if named.name == "Boolean":
            return self._drawn.chance(50)
        if not known:
            defaults: dict[str, Any] = {
                "Int": 1, "Float": 1.5, "Date": "2021-01-11", "DateTime": "2021-01-11T00:00:00Z",
                "ID": self.id(),
            }  # fmt: skip
            return defaults.get(named.name, "x")
        value = self._drawn.pick(known)
        if named.name == "DateTime":
            return value.isoformat()
        if named.name == "String" and self._drawn.chance(50):
            return self._part(value)
        return value

    def _part(self, text: str) -> str:
        """A piece of a text, or another in its stead, in another case perhaps."""
        if self._drawn.chance(20):
            return str(self._drawn.pick(WORDS))
        start = self._drawn.number(0, max(0, len(text) - 1))
        piece = text[start : start + self._drawn.number(1, 6)]
        swapped = "".join(each.swapcase() if each.isascii() else each for each in piece)
        return swapped if self._drawn.chance(30) else piece

    def order(self, type_: Any, depth: int) -> dict[str, Any]:
        """One thing to order by."""
        names = [
            name
            for name, each in type_.fields.items()
            if depth > 0 or isinstance(get_named_type(each.type), GraphQLEnumType)
        ]
        name = self._drawn.pick(names)
        inner = get_named_type(type_.fields[name].type)
        if isinstance(inner, GraphQLInputObjectType):
            return {name: self.order(inner, depth - 1)}
        return {name: Name(self._drawn.pick(("ASC", "DESC")))}
