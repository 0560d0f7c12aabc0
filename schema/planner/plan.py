"""A selection as one statement."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, select
from sqlalchemy.dialects.postgresql import asyncpg

from schema.model import ContentType, Model
from schema.planner.arguments import Argued, Parameters, Request, Rule, arguments, locale, slug
from schema.planner.json import json_object, name
from schema.planner.nodes import node, nodes
from schema.planner.objects import Objects
from schema.planner.rows import all_rows
from schema.planner.selection import TYPENAME, Selected

_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


class Plan(NamedTuple):
    """A statement whose only row has one column: the JSON of `data`."""

    sql: str
    fields: tuple[Selected, ...]
    """The fields whose arguments are values of the statement."""
    rules: tuple[tuple[int, Rule], ...]
    """For `$1`, `$2`, …: the index of the field that it belongs to, and the rule for its value."""

    def values(self, request: Request) -> list[Any]:
        """What to bind for a request; raises `GraphQLError` where its values are not fit."""
        argued = [Argued(each, arguments(each, request), request.locales) for each in self.fields]
        return [rule(argued[index]) for index, rule in self.rules]


def plan(model: Model, selections: Sequence[Selected], request: Request) -> Plan:
    """The plan that answers a query's root selection, for every request of this one's shape."""
    parameters = Parameters(request)
    root = _Root(model, Objects(model, parameters), parameters)
    answer = json_object((each.key, root.value(each)) for each in selections)
    compiled = select(answer).compile(dialect=_DIALECT)
    rules = tuple(parameters.rules[each] for each in compiled.positiontup or ())
    return Plan(str(compiled), tuple(parameters.fields), rules)


class _Root(NamedTuple):
    """Answers the fields of `Query`."""

    model: Model
    objects: Objects
    parameters: Parameters

    def value(self, selected: Selected) -> ColumnElement[Any]:
        if selected.name == TYPENAME:
            return name("Query")
        asked = self.parameters.add(selected, Text(), locale)
        types = self.model.content()
        if selected.name == "node":
            return node(self.objects, types, selected, asked)
        if selected.name == "nodes":
            return nodes(self.objects, types, selected, asked)
        for type_ in types:
            if selected.name == type_.graphql_name:
                return self._item(type_, selected, asked)
            if selected.name == type_.graphql_plural:
                return self.objects.page(partial(all_rows, type_, asked), selected)
        raise TypeError(f"Query has no field {selected.name}")

    def _item(
        self, type_: ContentType, selected: Selected, asked: ColumnElement[str]
    ) -> ColumnElement[Any]:
        rows = all_rows(type_, asked)
        key = self.parameters.add(selected, Text(collation="C"), slug)
        found = rows.narrowed(rows.row["slug"] == key)
        return self.objects.one(found, selected.selections)
