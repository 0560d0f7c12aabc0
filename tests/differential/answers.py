"""What has to be answered: graphql-core executes the operation over Python objects."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, execute_sync, parse

from schema.attributes import (
    Attribute,
    Computed,
    Owner,
    Parts,
    Provenance,
    ReadAs,
    Reading,
    Reference,
    Relation,
    Reverse,
    ScalarField,
    Statuses,
    Translations,
    camel_case,
)
from schema.delivery import Stage
from schema.entities.fields import Format
from schema.model import ContentType
from schema.planner.formats import FORMATS
from tests.differential.conditions import (
    Key,
    comparable,
    compare,
    holds,
    keys_of,
    ordered,
    slug_key,
)
from tests.differential.content import LOCALES as LOCALE_CODES
from tests.differential.world import View, World

LOCALES = [
    {"code": "en", "name": "English", "fallbacks": [], "isDefault": True},
    {"code": "fr", "name": "français", "fallbacks": ["en"], "isDefault": False},
    {"code": "nl", "name": "Nederlands", "fallbacks": ["en"], "isDefault": False},
]
CURSOR = "\0cursor"
"""Stands for any cursor."""

Arguments = Mapping[str, Any]
Resolver = Callable[..., Any]


class Evaluator:
    """Answers operations over a world."""

    def __init__(self, schema: GraphQLSchema, world: World) -> None:
        self._schema = schema
        self._world = world
        self._roots: dict[str, Resolver] = {"node": self._node, "nodes": self._nodes}
        self._roots["locales"] = lambda: LOCALES
        self._roots["redirects"] = self._redirects
        for type_ in world.model.content():
            self._roots[type_.graphql_name] = self._by_slug(type_)
            self._roots[type_.graphql_plural] = self._all(type_)
        for part, declared in world.model.statistics():
            self._roots[camel_case(declared.name)] = self._statistics(part, declared.units)
        self._cursors: Mapping[str, View] = {}

    def data(self, query: str, variables: Mapping[str, Any], cursors: Mapping[str, View]) -> Any:
        """The `data` of an operation; cursors stand for the places of items."""
        self._cursors = cursors
        result = execute_sync(
            self._schema,
            parse(query),
            variable_values=dict(variables),
            field_resolver=self._resolve,
            type_resolver=lambda source, *_: source.item.type.name,
        )
        assert not result.errors, result.errors
        return result.data

    def _resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if source is None:
            return self._roots[info.field_name](**arguments)
        if isinstance(source, View):
            return self._of_item(source, source.item.type.named(info.field_name), arguments)
        found = source[info.field_name]
        return found(**arguments) if callable(found) else found

    def _by_slug(self, type_: ContentType) -> Resolver:
        def resolve(slug: str, locale: str | None = None) -> View | None:
            item = self._world.led(type_.name, slug)
            return View(item, (locale or "en").lower()) if item else None

        return resolve

    def _all(self, type_: ContentType) -> Resolver:
        def resolve(locale: str | None = None, **arguments: Any) -> Any:
            views = [View(each, (locale or "en").lower()) for each in self._world.all(type_)]
            return self._connection(type_, views, arguments)

        return resolve

    def _statistics(self, part: ContentType, units: Sequence[str]) -> Resolver:
        def resolve(
            locale: str | None = None,
            where: Arguments | None = None,
            groupBy: Sequence[str] | None = None,  # noqa: N803  # GraphQL's
            **arguments: Any,
        ) -> Any:
            views = [View(each, (locale or "en").lower()) for each in self._world.all(part)]
            found = [each for each in views if holds(self._world, each, where or {})]
            by = [*(groupBy or ()), *(each.upper() for each in units)]
            return self._groups(part, found, {**arguments, "groupBy": by})

        return resolve

    def _redirects(
        self, locale: str | None = None, types: Sequence[str] | None = None, **arguments: Any
    ) -> Any:
        rows = [
            self._redirect(View(item, (locale or "en").lower()), former)
            for type_ in self._world.model.content()
            for item in self._world.all(type_)
            for former in item.facts["formerSlugs"]
        ]
        chosen = [each for each in rows if types is None or each["type"] in types]
        keys = [Key(lambda row: row["type"]), Key(lambda row: row["from"])]
        return _Page(chosen, keys, arguments, {}).fields()

    def _redirect(self, view: View, former: str) -> dict[str, Any]:
        type_ = view.item.type
        slug = next(it for it in type_.fields() if it.format is Format.LOCALIZED_SLUG)
        to = self._world.value(view, slug)
        return {"type": type_.table_name.upper(), "from": former, "to": to, "item": view}

    def _node(self, id: str) -> View | None:  # noqa: A002  # GraphQL's
        bare, *named = id.split(".")
        item = self._world.with_id(bare)
        is_draft = named[-1:] == ["DRAFT"]
        if item is None or is_draft is not (self._world.stage is Stage.DRAFT):
            return None
        return View(item, next((each for each in named if each != "DRAFT"), "en"))

    def _nodes(self, ids: Sequence[str]) -> list[View | None]:
        return [self._node(each) for each in ids]

    def _of_item(self, view: View, attribute: Attribute, arguments: Arguments) -> Any:
        item, locale = view
        match attribute:
            case ReadAs() | ScalarField():
                return self._read(view, attribute)
            case Computed():
                by_name = {each.name: each for each in item.type.fields()}
                values = [self._world.value(view, by_name[each]) for each in attribute.needs]
                return attribute.compute(arguments.get("locale") or locale, *map(_decimal, values))
            case Statuses() | Provenance() | Translations():
                return self._by_locale(view, attribute)
            case Reference():
                other = self._world.one(item, attribute)
                return View(other, locale) if other else None
        assert isinstance(attribute, Relation)
        views = [View(each, locale) for each in self._world.many(item, attribute)]
        target = self._world.model[attribute.target]
        if isinstance(attribute, Reverse):
            return self._connection(target, views, arguments)
        return self._list(target, views, arguments)

    def _by_locale(self, view: View, attribute: Statuses | Provenance | Translations) -> Any:
        match attribute:
            case Statuses():
                return view.item.facts["statuses"]
            case Provenance():
                found = {each: self._world.source(view, each) for each in view.item.type.texts}
                return [
                    {"field": each.graphql_name, "locale": code}
                    for each, code in found.items()
                    if code
                ]
            case Translations():
                return [self._translation(View(view.item, code)) for code in sorted(LOCALE_CODES)]

    def _translation(self, view: View) -> dict[str, Any]:
        item = view.item
        title = next(each for each in item.type.texts if each.format is Format.LOCALIZED)
        slug = next(it for it in item.type.fields() if it.format is Format.LOCALIZED_SLUG)
        parts = [
            View(each, view.locale)
            for relation in item.type.relations()
            if isinstance(relation, Parts)
            for each in self._world.many(item, relation)
        ]
        return {
            "locale": view.locale,
            "slug": self._world.value(view, slug),
            "title": self._world.value(view, title),
            "nodeId": self._world.id_of(view),
            "isComplete": not any(map(self._world.untranslated, (view, *parts))),
        }

    def _read(self, view: View, field: ReadAs | ScalarField) -> Any:
        if isinstance(field, ScalarField):
            value = self._world.value(view, field)
            if field.format is Format.RICH_TEXT and value is not None:
                return {**value, "locale": self._world.source(view, field)}
            return self._world.id_of(view) if field.format is Format.ID else _written(value)
        return {
            Reading.ITEM_ID: view.item.facts["id"],
            Reading.LOCALE: view.locale,
            Reading.STAGE: self._world.stage.name,
        }[field.reading]

    def _chosen(self, views: Sequence[View], arguments: Arguments) -> list[View]:
        where = arguments.get("where") or {}
        return [each for each in views if holds(self._world, each, where)]

    def _list(self, type_: ContentType, views: Sequence[View], arguments: Arguments) -> list[View]:
        keys = keys_of(self._world, type_, arguments.get("orderBy"))
        found = ordered(self._chosen(views, arguments), keys)
        found = found[arguments.get("offset") or 0 :]
        first = arguments.get("first")
        return found if first is None else found[:first]

    def _connection(
        self, type_: ContentType, views: Sequence[View], arguments: Arguments
    ) -> dict[str, Any]:
        keys = [*keys_of(self._world, type_, arguments.get("orderBy")), slug_key()]
        found = self._chosen(views, arguments)
        places = {
            name: self._cursors[arguments[name]]
            for name in ("after", "before")
            if arguments.get(name)
        }
        return {
            **_Page(found, keys, arguments, places).fields(),
            "aggregate": lambda: self._aggregate(type_, found),
            "groups": lambda **given: self._groups(type_, found, given),
        }

    def _aggregate(self, type_: ContentType, views: Sequence[View]) -> dict[str, Any]:
        found: dict[str, Any] = {"count": len(views)}
        for each in _numbers(type_):
            values = (comparable(self._world, view, each) for view in views)
            found[each.graphql_name] = _aggregated([v for v in values if v is not None])
        return found

    def _groups(
        self, type_: ContentType, views: Sequence[View], arguments: Arguments
    ) -> dict[str, Any]:
        names = [*dict.fromkeys(arguments["groupBy"])]
        groups: dict[tuple[Any, ...], list[View]] = {}
        for view in views:
            common = tuple(self._trait(view, each) for each in names)
            groups.setdefault(common, []).append(view)
        every = [name for name, _ in _traits(self._world, type_)]
        nodes = [
            {
                **dict.fromkeys(every),
                **{
                    camel_case(name.lower()): value
                    for name, value in zip(names, common, strict=True)
                },
                "aggregate": self._aggregate(type_, members),
            }
            for common, members in groups.items()
        ]
        keys = [_group_key(each) for each in arguments.get("orderBy") or ()]
        keys += [_trait_key(camel_case(each.lower())) for each in names]
        return _Page(nodes, keys, arguments, {}).fields()

    def _trait(self, view: View, name: str) -> Any:
        """A value, or a view of another item."""
        item, locale = view
        attribute = item.type.attributes.get(name.lower())
        if attribute is None:
            assert item.owner is not None
            return self._trait(View(item.owner, locale), name)
        if isinstance(attribute, ScalarField):
            return self._world.value(view, attribute)
        other = self._world.one(item, attribute)
        return View(other, locale) if other else None


@dataclass(frozen=True)
class _Page:
    """A page of rows, as a connection's fields."""

    rows: Sequence[Any]
    keys: Sequence[Key]
    arguments: Arguments
    places: Mapping[str, Any]

    def fields(self) -> dict[str, Any]:
        rows = ordered(self.rows, self.keys)
        inside = [each for each in rows if self._is_behind("after", each) and self._is_before(each)]
        last = self.arguments.get("last")
        backward = last is not None
        size = last if backward else self.arguments.get("first")
        size = 20 if size is None else size
        page = (inside[len(inside) - min(size, len(inside)) :]) if backward else inside[:size]
        more = len(inside) > size
        info = {
            "hasNextPage": self._beyond("before", rows) if backward else more,
            "hasPreviousPage": more if backward else self._beyond("after", rows),
            "startCursor": CURSOR if page else None,
            "endCursor": CURSOR if page else None,
        }
        return {
            "nodes": page,
            "edges": [{"cursor": CURSOR, "node": each} for each in page],
            "pageInfo": info,
            "totalCount": len(rows),
        }

    def _is_behind(self, argument: str, row: Any) -> bool:
        return argument not in self.places or self._place(argument, row) > 0

    def _is_before(self, row: Any) -> bool:
        return "before" not in self.places or self._place("before", row) < 0

    def _beyond(self, argument: str, rows: Sequence[Any]) -> bool:
        if argument not in self.places:
            return False
        sign = 1 if argument == "before" else -1
        return any(self._place(argument, each) * sign >= 0 for each in rows)

    def _place(self, argument: str, row: Any) -> int:
        return compare(self.keys, row, self.places[argument])


def _traits(world: World, type_: ContentType) -> Iterator[tuple[str, Attribute]]:
    for each in type_.attributes.values():
        if isinstance(each, Owner):
            yield from _traits(world, world.model[each.target])
        elif isinstance(each, Reference) or (
            isinstance(each, ScalarField) and FORMATS[each.format].is_shared
        ):
            yield each.graphql_name, each


def _trait_key(name: str) -> Key:
    def value(group: Mapping[str, Any]) -> Any:
        found = group[name]
        return found.item.content["slug"] if isinstance(found, View) else found

    return Key(value)


def _group_key(order: Arguments) -> Key:
    [(name, how)] = order.items()
    if name == "count":
        return Key(lambda group: group["aggregate"]["count"], how == "DESC")
    [(function, direction)] = how.items()
    return Key(lambda group: group["aggregate"][name][function], direction == "DESC")


def _numbers(type_: ContentType) -> list[ScalarField]:
    return [
        each
        for each in type_.fields()
        if FORMATS[each.format].is_number and each.name != "position"
    ]


def _aggregated(values: Sequence[float]) -> dict[str, Any]:
    if not values:
        return dict.fromkeys(("min", "max", "avg", "median"))
    return {
        "min": min(values),
        "max": max(values),
        "avg": float(sum(map(Fraction, values)) / len(values)),
        "median": float(statistics.median(map(Fraction, values))),
    }


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _decimal(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float) else value
