"""What is asked: operations over the whole schema by chance, and those that it seldom makes."""

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from graphql import GraphQLSchema

from schema.model import ContentType
from tests.benchmark.queries import GUIDE
from tests.differential.content import LOCALES, former_slugs
from tests.differential.drawing import Rolled
from tests.differential.operations import Author, Operation
from tests.differential.world import View, World

SLUGS = ("here", "there")
"""What items may be called besides the slugs that documents give them."""


class Question(NamedTuple):
    """An operation without places that only the service knows."""

    query: str
    variables: dict[str, Any]


def drawn(random: Random, schema: GraphQLSchema, world: World, depth: int) -> Operation:
    """An operation by chance."""
    return Author(Rolled(random), schema, world, depth).write()


def chosen(random: Random, world: World) -> Iterator[Question]:
    """Each of the shapes below once or more, about items by chance."""
    for type_ in world.model.content():
        yield from _of_type(random, world, type_)
    for _ in range(4):
        yield Question(WHOLE, {"slug": _slug(random, world, "Guide"), "locale": _locale(random)})
    for name, query in SHAPES:
        for item in random.sample(world.all(world.model[name]), 2 if name == "Guide" else 1):
            slug = item.content["slug"]
            yield Question(query, {"slug": slug, "locale": _locale(random)})
    for query in OTHERS:
        yield Question(query, {"locale": _locale(random)} if "$locale" in query else {})
    ids = [_id(random, world) for _ in range(3)]
    yield Question("query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", {"ids": ids})
    for each in ids:
        yield Question("query ($id: ID!) { node(id: $id) { __typename id } }", {"id": each})


def _of_type(random: Random, world: World, type_: ContentType) -> Iterator[Question]:
    """Look-ups of items, also by slugs that they had, or may get."""
    query = (
        f"query ($slug: String!, $locale: Locale) {{ {type_.graphql_name}"
        "(slug: $slug, locale: $locale) { id slug localizedSlug } }"
    )
    slugs = {_slug(random, world, type_.name) for _ in range(2)}
    former = [slug for (name, _), slug in former_slugs(_documents(world, type_)).items()]
    for each in (*sorted(slugs), *random.sample(former, min(1, len(former))), *SLUGS):
        yield Question(query, {"slug": each, "locale": _locale(random)})
    item = random.choice(world.all(type_))
    parts = (
        f"query ($id: ID!) {{ node(id: $id) {{ ... on {type_.name} {{ formerSlugs status "
        "statuses { locale status } translations { locale nodeId title slug isComplete } "
        "provenance { field locale } } } }"
    )
    yield Question(parts, {"id": world.id_of(View(item, random.choice(LOCALES)))})


def _documents(world: World, type_: ContentType) -> list[Any]:
    return [each.content for each in world.all(type_)]


def _slug(random: Random, world: World, name: str) -> str:
    return str(random.choice(world.all(world.model[name])).content["slug"])


def _locale(random: Random) -> str | None:
    return random.choice((None, *LOCALES))


def _id(random: Random, world: World) -> str:
    types = [each for each in world.model.values() if world.all(each)]
    item = random.choice(world.all(random.choice(types)))
    return world.id_of(View(item, random.choice(LOCALES)))


WHOLE = (
    "query ($slug: String!, $locale: Locale) { guide(slug: $slug, locale: $locale) "
    f"{{ ...Whole }} }}\n{GUIDE}"
)

_LISTS = ["companies", "hubs", "universities", "skills", "tools"]

_SHAPES = [
    # One inherited thing each, so that nothing else makes the answer anew.
    *(("Guide", f"guide {{ {name} {{ slug }} }}") for name in _LISTS),
    *(("Guide", f"guide {{ {name} {{ text }} }}") for name in ("techScene", "aboutRole")),
    ("Guide", "guide { careerPath { titles } }"),
    ("Guide", "guide { marketDemand { text } role { name } }"),
    ("Guide", "guide { provenance { field locale } }"),
    ("Guide", "guide { translations { locale isComplete title } }"),
    ("Guide", "guide { companies(first: 2, offset: 1) { slug headquarters { slug } } }"),
    ("Guide", 'guide { companies(where: { name: { contains: "a" } }) { slug } }'),
    ("Guide", "guide { companies(where: { headquarters: { parent: {} } }) { slug } }"),
    ("Guide", "guide { companies(orderBy: [{ headquarters: { name: ASC } }]) { slug } }"),
    ("Guide", "guide { skills(where: { guides: { some: {} } }) { slug } }"),
    ("Guide", "guide { hubs(where: { location: { companies: { some: {} } } }) { slug } }"),
    ("Guide", "guide { salaryRanges(where: { guide: { companies: { some: {} } } }) { level } }"),
    ("Guide", "guide { salaryRanges { level guide { location { name } } } }"),
    ("Guide", "guide { location { parent { parent { name } children { totalCount } } } }"),
    ("Role", "role { guides { totalCount nodes { slug } } }"),
    ("Role", "role { careerPath { titles } skills { name } }"),
    ("Company", "company { headquarters { name } guides { nodes { slug } } }"),
    ("Company", "company { guides(first: 1) { nodes { techScene { text } } } }"),
    ("Company", "company { guides { aggregate { count } } }"),
    ("Tool", "tool { guides { groups(groupBy: [LOCATION]) { nodes { location { name } } } } }"),
    ("Skill", "skill { roles { nodes { slug } } guides { totalCount } }"),
    ("Location", "location { children { nodes { name } } guides { nodes { title } } }"),
    ("Location", "location { guides(where: { hubs: { none: {} } }) { totalCount } }"),
    ("University", "university { guides { totalCount } }"),
]
"""What is asked of an item, by its type."""

_OTHERS = [
    # A condition through an inheritance, on nothing but a count.
    *(f"guides(where: {{ {name}: {{ some: {{}} }} }}) {{ totalCount }}" for name in _LISTS),
    "guides(where: { careerPath: { some: {} } }) { totalCount }",
    'guides(where: { careerPath: { some: { titles: { has: "alpha" } } } }) { totalCount }',
    'guides(where: { techScene: { contains: "a" } }) { totalCount }',
    "guides(where: { aboutRole: { isNull: true } }) { totalCount }",
    'guides(where: { location: { parent: { name: { contains: "a" } } } }) { totalCount }',
    "guides(where: { location: { within: { companies: { some: {} } } } }) { totalCount }",
    'guides(where: { untranslated: { locale: "nl" } }) { totalCount }',
    "guides(where: { formerSlugs: { isEmpty: false } }) { totalCount }",
    "guides(where: { companies: { every: { headquarters: {} } } }) { totalCount }",
    "guides(orderBy: [{ location: { name: ASC } }], first: 2) { edges { cursor } }",
    "guides(orderBy: [{ techScene: DESC }], last: 2) { pageInfo { startCursor } totalCount }",
    "guides(first: 3) { nodes { role { name } companies { name } } }",
    "guides { aggregate { count } groups(groupBy: [ROLE]) { nodes { role { plural } } } }",
    "companies { groups(groupBy: [HEADQUARTERS]) { nodes { aggregate { count } } } }",
    "companies(where: { headquarters: { guides: { some: {} } } }) { totalCount }",
    "companies(where: { not: { headquarters: {} } }) { totalCount }",
    "hubs(where: { location: { children: { some: {} } } }) { totalCount }",
    "locations(where: { within: { guides: { some: {} } } }) { nodes { slug } }",
    "roles(where: { tools: { some: {} } }) { totalCount }",
    "skills(where: { roles: { some: {} } }) { totalCount nodes { name } }",
    "tools(where: { guides: { none: {} } }) { totalCount nodes { slug } }",
    "universities(orderBy: [{ location: { slug: ASC } }]) { nodes { slug } }",
    "salaryStatistics { nodes { currency aggregate { count maximum { avg } } } }",
    "salaryStatistics(groupBy: [LOCATION]) { nodes { location { name } } totalCount }",
    "salaryStatistics(where: { guide: { tools: { some: {} } } }) { totalCount }",
]
"""What is asked of all items."""


def _about_one(name: str, shape: str) -> tuple[str, str]:
    field, _, rest = shape.partition(" ")
    variables = "$slug: String!, $locale: Locale"
    return name, f"query ({variables}) {{ {field}(slug: $slug, locale: $locale) {rest} }}"


def _about_all(shape: str) -> str:
    field, bracket, rest = shape.partition("(")
    if not bracket or " " in field:
        field, _, rest = shape.partition(" ")
        return f"query ($locale: Locale) {{ {field}(locale: $locale) {rest} }}"
    return f"query ($locale: Locale) {{ {field}(locale: $locale, {rest} }}"


_HIT = "rank snippet node { __typename ... on Guide { title companies { name } } }"

SHAPES = [_about_one(*each) for each in _SHAPES]
OTHERS = [
    *map(_about_all, _OTHERS),
    *(
        f"query ($locale: Locale) {{ search(locale: $locale, {arguments}) {below} }}"
        for arguments, below in (
            ('text: "alpha"', f"{{ totalCount edges {{ {_HIT} }} }}"),
            ('text: "beta", types: [COMPANY]', "{ totalCount }"),
            ('text: "zed", first: 2', "{ edges { cursor node { __typename } } }"),
            (
                'text: "x", where: { guide: { location: { companies: { some: {} } } } }',
                "{ totalCount edges { snippet } }",
            ),
            ('text: "changed", where: { company: { guides: { some: {} } } }', "{ totalCount }"),
        )
    ),
    "{ locales { code name fallbacks isDefault } }",
    "{ sitemap(first: 100) { nodes { nodeId slug locale lastModified } totalCount } }",
    "{ sitemap(types: [ROLE], last: 3) { nodes { type alternates { locale slug } } } }",
    "query ($locale: Locale) { redirects(locale: $locale, first: 50) { nodes { from to type } } }",
    "{ redirects(types: [GUIDE]) { nodes { from item { id ... on Guide { title } } } } }",
]
