"""`__typename` of every object that can be answered, wherever it is answered."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    OperationType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_object_type,
)

from schema.attributes import camel_case
from schema.delivery import Stage
from schema.model import content_model
from schema.planner.words import title_of
from service.schema_cache import executable_schema
from tests.databases import Server, rows
from tests.differential.operations import LIMITS
from tests.editing import SCHEDULE, Document, Editor, editing_app, items, skill

MODEL = content_model()
SCHEMA = executable_schema(MODEL)
TYPES = sorted(
    name
    for name, each in SCHEMA.type_map.items()
    if is_object_type(each) and not name.startswith("__")
)
ENOUGH: dict[str, Any] = {**LIMITS, "root_field_limit": 100}
SLUG = "a"
PROBLEMS = 'update service.release set problems = \'[{"code": "a", "message": "b"}]\''
WAYS = 3
"""As many ways to a type are gone as this, while something that it leads to was not answered."""


class Way(NamedTuple):
    """A way from the root to objects of a type: the fields, with their arguments."""

    operation: OperationType
    type: GraphQLObjectType
    fields: tuple[str, ...] = ()

    @classmethod
    def root(cls, operation: OperationType) -> Self:
        """None yet."""
        type_ = SCHEMA.get_root_type(operation)
        assert type_ is not None
        return cls(operation, type_)

    def query(self, selection: str) -> str:
        """The operation that selects so much at its end."""
        return (
            f"{self.operation.value} {''.join(f'{{ {each} ' for each in self.fields)}{selection}"
            + (" }" * len(self.fields))
        )


class Answered(NamedTuple):
    """What was answered."""

    types: set[str]
    wrong: list[str]
    """What was not said, or not as it is."""
    missing: set[str]
    """The fields of which no object was answered."""


class Walk:
    """Asks for the type of all that fields lead to, on from one type to the next."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._given: Mapping[str, str] = {}
        self._known: set[str] = set()
        self.answered = Answered(set(), [], set())

    async def __call__(self, start: Way, given: Mapping[str, str]) -> None:
        """Go all ways from there, with these arguments of its fields."""
        self._given, ways = given, [start]
        gone: Counter[str] = Counter()
        for way in ways:
            is_new = way is start or way.type.name not in self._known
            fields = dict(self._unanswered(way.type, is_first=is_new))
            if fields and gone[way.type.name] < WAYS:
                gone[way.type.name] += 1
                self._known.add(way.type.name)
                ways += [each async for each in self._asked(way, fields)]

    def _unanswered(
        self, type_: GraphQLObjectType, *, is_first: bool
    ) -> Iterator[tuple[str, GraphQLField]]:
        for name, field in type_.fields.items():
            if is_composite_type(get_named_type(field.type)) and (
                is_first or f"{type_.name}.{name}" in self.answered.missing
            ):
                yield name, field

    async def _asked(self, way: Way, fields: dict[str, GraphQLField]) -> AsyncIterator[Way]:
        calls = {name: self._call(way.type, name, field) for name, field in fields.items()}
        below = (f"{calls[name]} {_selection(fields[name])}" for name in fields)
        data = await self._editor(way.query(f"{{ __typename {' '.join(below)} }}"))
        objects = list(_objects(data, len(way.fields)))
        assert objects, way
        self._check(way.type, objects, str(way.fields))
        for name, field in fields.items():
            place, type_ = f"{way.type.name}.{name}", get_named_type(field.type)
            found = [it for each in objects for it in _objects({"": each[name]}, 1)]
            self._check(type_, found, place)
            (self.answered.missing.discard if found else self.answered.missing.add)(place)
            if found and isinstance(type_, GraphQLObjectType):
                yield Way(way.operation, type_, (*way.fields, calls[name]))

    def _check(self, type_: GraphQLNamedType, objects: list[dict[str, Any]], place: str) -> None:
        for each in objects:
            said = each.get("__typename")
            if is_abstract_type(type_):
                [expected] = (
                    it.name
                    for it in MODEL.content()
                    if it.table_name == each["id"].rpartition("_")[0]
                )
            else:
                expected = type_.name
            if said != expected:
                self.answered.wrong.append(f"{place}: {said}, not {expected}")
            self.answered.types.add(expected)

    def _call(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> str:
        place = f"{type_.name}.{name}"
        given = [self._given[place]] if place in self._given else []
        if "groupBy" in field.args:
            enum = get_named_type(field.args["groupBy"].type)
            assert isinstance(enum, GraphQLEnumType)
            given.append(f"groupBy: [{' '.join(enum.values)}]")
        return f"{name}({', '.join(given)})" if given else name


def _selection(field: GraphQLField) -> str:
    if is_abstract_type(get_named_type(field.type)):
        return "{ __typename ... on Node { id } }"
    return "{ __typename }"


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """The objects that are so many fields below, in whatever lists."""
    match value:
        case list():
            for each in value:
                yield from _objects(each, depth)
        case dict() if depth:
            for each in value.values():
                if isinstance(each, dict | list):
                    yield from _objects(each, depth - 1)
        case dict():
            yield value


def _queries(slugs: dict[str, str], revisions: Sequence[str], item: str) -> dict[str, str]:
    """The arguments that fields of the root need."""
    old, *_, new = revisions
    return {
        **{f"Query.{each.graphql_name}": f'slug: "{slugs[each.name]}"' for each in MODEL.content()},
        "Query.node": f'id: "{item}"',
        "Query.nodes": f'ids: ["{item}"]',
        "Query.search": 'text: "developer"',
        "Query.revisions": f'type: SKILL, slug: "{SLUG}"',
        "Query.diff": f'from: "{old}", to: "{new}"',
    }


def _mutations(slugs: dict[str, str], revision: str, *, well: bool) -> dict[str, str]:
    """The arguments of mutations that go well, or do not; nothing is changed by them."""
    keys = f'{{ type: SKILL, slug: "{SLUG}" }} {{ type: TOOL, slug: "{slugs["Tool"]}" }}'
    if not well:
        keys += ' { type: TOOL, slug: "none" }'
    restored = f'revision: "{revision if well else "revision_0"}", dryRun: true'
    found = {
        "publish": f"slugs: [{keys}], dryRun: true",
        "unpublish": f"slugs: [{keys}], dryRun: true",
        "schedule": f'slugs: [{keys}], at: "2100-01-01T00:00:00Z"',
        "confirm": f'release: "release_{int(well)}"',
        "restore": restored,
    }
    for type_ in MODEL.content():
        slug, title = f'slug: "{slugs[type_.name] if well else "none"}"', title_of(type_)
        assert title
        said = f'document: {{ {slug} {title.graphql_name}: {{ en: "Other" }} }}'
        version = "" if well else ", expectedVersion: 10000"
        found[camel_case(f"save_{type_.table_name}")] = f"{said}, dryRun: true{version}"
        found[camel_case(f"delete_{type_.table_name}")] = f"{slug}, dryRun: true"
    return {f"Mutation.{name}": said for name, said in found.items()}


@pytest.fixture(scope="module")
async def answered(server: Server, template: str) -> AsyncIterator[Answered]:
    async with (
        server.new(template) as url,
        editing_app(url, **ENOUGH) as editor,
    ):
        editor.ask.http.headers["graphql-stage"] = Stage.DRAFT.value
        for name in "AB":
            await editor.save("Skill", skill(SLUG, name))
        slugs = await _slugs(editor)
        # What is published under another slug has a former slug from now on.
        old, slugs["Hub"] = slugs["Hub"], "renamed"
        await editor.save("Hub", {"slug": "renamed", "renamedFrom": old})
        for type_, document in _more(slugs).items():
            await editor.save(type_, {"slug": slugs[type_], **document})
        await editor.change(SCHEDULE, slugs=items(**slugs), at="2100-01-01T00:00:00Z")
        await rows(url, PROBLEMS)
        yield await _walked(editor, slugs)


def _more(slugs: Mapping[str, str]) -> dict[str, Document]:
    """What the first items have to say so that all is there that can be."""
    place = slugs["Location"]
    return {
        "Company": {"headquarters": place, "description": {"en": "A"}},
        "University": {"location": place},
    }


async def _slugs(editor: Editor) -> dict[str, str]:
    """Those of the first items, by the names of their types."""
    lists = (f"{it.name}: {it.graphql_plural} {{ nodes {{ slug }} }}" for it in MODEL.content())
    data = await editor(f"{{ {' '.join(lists)} }}")
    return {name: page["nodes"][0]["slug"] for name, page in data.items()}


async def _walked(editor: Editor, slugs: dict[str, str]) -> Answered:
    asked = f'{{ skill(slug: "{SLUG}") {{ id revisions {{ nodes {{ id }} }} }} }}'
    found = (await editor(asked))["skill"]
    revisions = [each["id"] for each in found["revisions"]["nodes"]][::-1]
    walk = Walk(editor)
    await walk(Way.root(OperationType.QUERY), _queries(slugs, revisions, found["id"]))
    for well in (True, False):
        given = _mutations(slugs, revisions[0], well=well)
        await walk(Way.root(OperationType.MUTATION), given)
    return walk.answered


def test_each_object_says_of_which_type_it_is(answered: Answered) -> None:
    assert answered.wrong == []


def test_objects_of_all_types_were_answered(answered: Answered) -> None:
    assert {*TYPES} - answered.types == set()


def test_they_were_answered_wherever_they_can_be(answered: Answered) -> None:
    assert sorted(answered.missing) == []
