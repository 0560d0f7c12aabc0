"""Plans: the selection of an operation as one SQL statement."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, func, literal_column, select

from schema.attributes import Computed, camel_case
from schema.delivery import Stage
from schema.expressions import Expression
from schema.model import ContentType, Model
from schema.planner.answers import Answer, read_answer, with_version
from schema.planner.arguments import (
    BY_ID,
    Parameters,
    PlanInput,
    PlanRequest,
    RequestedField,
    Rule,
    Shapes,
    TagRule,
    arguments,
    slug,
)
from schema.planner.compiled import DIALECT
from schema.planner.contexts import ReadContext
from schema.planner.json import json_object
from schema.planner.locales import locales
from schema.planner.nodes import in_order, node, nodes
from schema.planner.objects import Objects
from schema.planner.redirects import redirects
from schema.planner.releases import releases
from schema.planner.revisions import RevisionConnection, difference
from schema.planner.rows import all_rows
from schema.planner.search import search
from schema.planner.selection import Selected
from schema.planner.sitemap import sitemap
from schema.planner.slugs import current_slug
from schema.planner.tags import Tag, slug_tag
from schema.planner.templates import Texts


class Bound(NamedTuple):
    """A plan's part of a request."""

    values: list[Any]
    """The parameters of the statement."""
    tags: frozenset[Tag]
    """What the answer depends on, besides the items in it."""


class Plan(NamedTuple):
    """A statement that returns one value, the bytes of an answer: see `schema.planner.answers`."""

    sql: str
    fields: tuple[Selected, ...]
    """The fields whose arguments the parameters are computed from."""
    rules: tuple[tuple[int, Rule], ...]
    """For `$1`, `$2`, …: the index of its field in `fields`, and the rule for its value."""

    computations: tuple[Computed, ...]
    scanned: frozenset[Tag]
    """The tags of the types of which items are looked through."""
    tags: tuple[tuple[int, TagRule], ...]
    """For the tags of what is looked up: the index of a field in `fields`, and the rule."""
    is_marked: bool
    """Whether the answer has marks of the items in it."""

    def answer(self, written: bytes) -> Answer:
        """What the statement returned, in its parts, with the computed fields filled in."""
        return read_answer(written, self.computations, is_marked=self.is_marked)

    def bind(self, request: PlanRequest) -> Bound:
        """The parameters for a request; raises `GraphQLError` if one is invalid."""
        requested = [
            RequestedField(
                each, arguments(each, request), request.locales, request.locale, request.items
            )
            for each in self.fields
        ]
        values = [rule(requested[index]) for index, rule in self.rules]
        looked_up = (tag for index, rule in self.tags for tag in rule(requested[index]))
        return Bound(values, self.scanned.union(looked_up))


def plan(model: Model, selections: Sequence[Selected], input_: PlanInput) -> Plan:
    """The plan for the root selection of a query."""

    def value(selected: Selected, parameters: Parameters) -> Expression:
        return _Root(model, parameters).value(selected)

    texts = Texts(Shapes(input_), value)
    return _plan(texts, json_object(selections, texts.value))


def plan_items(
    model: Model, types: Sequence[ContentType], selected: Selected, input_: PlanInput
) -> Plan:
    """The plan for a list of items in the payload of a mutation, by default in the working copy.

    `selected` is the field of the payload; `types` are the content types that the items may have.
    """

    def value(selected: Selected, parameters: Parameters) -> Expression:
        asked = parameters.given(selected).get("stage")
        stage = asked if isinstance(asked, Stage) else Stage.DRAFT
        context = parameters.context_at(selected, stage)
        objects = Objects(model, parameters)
        return in_order(objects, types, selected, context, lambda requested: requested.items)

    texts = Texts(Shapes(input_), value)
    return _plan(texts, texts.value(selected))


def _plan(texts: Texts, answer: Expression) -> Plan:
    written = func.convert_to(with_version(answer), literal_column("'UTF8'"))
    return Plan(
        str(select(written).compile(dialect=DIALECT)),
        tuple(texts.fields),
        tuple(texts.rules),
        tuple(texts.computations),
        frozenset(texts.scanned),
        tuple(texts.tags),
        texts.shapes.is_marked,
    )


RootField = Callable[[Selected, ReadContext], Expression]
"""Makes the value of a root field."""


class _Root:
    """Makes the values of the fields of `Query`."""

    def __init__(self, model: Model, parameters: Parameters) -> None:
        self._model = model
        self._parameters = parameters
        self._objects = Objects(model, parameters)
        types = model.content()
        self._fields: dict[str, RootField] = {
            "search": partial(search, self._objects, types),
            "revisions": self._revisions,
            "diff": self._difference,
            "releases": partial(releases, self._objects, types),
            "sitemap": partial(sitemap, model, parameters, types),
            "redirects": partial(redirects, self._objects, types),
            "locales": lambda selected, _: locales(selected),
        }
        for type_ in types:
            self._fields[type_.graphql_name] = partial(self._item, type_)
            self._fields[type_.graphql_plural] = partial(self._items, type_)
        for part, statistics in model.statistics():
            name_ = camel_case(statistics.name)
            self._fields[name_] = partial(self._groups, part, statistics.units)

    def value(self, selected: Selected) -> Expression:
        """The value of a root field."""
        if selected.name in BY_ID:
            by_id = {"node": node, "nodes": nodes}[selected.name]
            return by_id(self._objects, [*self._model.values()], selected)
        return self._fields[selected.name](selected, self._parameters.context(selected))

    def _revisions(self, selected: Selected, _: ReadContext) -> Expression:
        type_ = self._parameters.add(
            selected, Text(), lambda requested: requested.given["type"].value
        )
        key = self._parameters.add(selected, Text(collation="C"), slug)
        return RevisionConnection(
            self._parameters,
            selected,
            lambda rows: and_(rows.c.type == type_, rows.c.slug == key),
        ).page()

    def _difference(self, selected: Selected, _: ReadContext) -> Expression:
        return difference(self._parameters, selected)

    def _item(self, type_: ContentType, selected: Selected, context: ReadContext) -> Expression:
        rows = all_rows(type_, context.shown)
        self._parameters.tag(selected, lambda it: [slug_tag(type_.table_name, slug(it))])
        key = self._parameters.add(selected, Text(collation="C"), slug)
        current = current_slug(type_, key, context)
        found = rows.narrowed(rows.row["slug"] == current)
        return self._objects.one(found, selected.selections)

    def _items(self, type_: ContentType, selected: Selected, context: ReadContext) -> Expression:
        return self._objects.page(all_rows(type_, context), selected)

    def _groups(
        self, part: ContentType, units: Sequence[str], selected: Selected, context: ReadContext
    ) -> Expression:
        return self._objects.groups(all_rows(part, context), selected, units)
