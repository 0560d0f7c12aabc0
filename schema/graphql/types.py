"""The GraphQL schema of the content model, made with Strawberry.

No type here has a resolver that reads a database: `schema.planner` answers reads, with the same
names from the same model. Strawberry only makes the schema that GraphQL documents are validated
against.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from itertools import starmap
from typing import Any, cast

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLSchema,
    introspection_types,
    is_introspection_type,
)
from strawberry.scalars import ID
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.attributes import (
    Attribute,
    Computed,
    History,
    LookedUp,
    Provenance,
    ReadAs,
    Reading,
    Reference,
    Relation,
    Reverse,
    ScalarField,
    Scheduled,
    Statuses,
    Translations,
    status,
)
from schema.entities.content import ID_DOC, Statistics
from schema.entities.fields import Format
from schema.graphql.changes import CHANGE, REVISIONS
from schema.graphql.enumerations import STAGE as STAGE_TYPE
from schema.graphql.enumerations import with_values
from schema.graphql.executable import Description, executable
from schema.graphql.executable import describe as describe_schema
from schema.graphql.field_specs import PAGE, Argument, FieldSpec, connection, describe
from schema.graphql.inputs import Inputs
from schema.graphql.mutations import MutationTypes
from schema.graphql.redirects import redirects_field
from schema.graphql.scalars import SCALARS, LocaleCode, types_of
from schema.graphql.schedules import ITEM_SCHEDULE, releases_field
from schema.graphql.search import search_field
from schema.graphql.sitemap import sitemap_field
from schema.graphql.summaries import Summaries, list_of
from schema.model import ContentType, Model
from schema.planner.pages import MAXIMUM_PAGE

LOCALE = Argument(
    "locale",
    LocaleCode | None,
    "The locale to read, such as `nl` or `nl-BE`, in upper or lower case. Texts that are missing "
    "in this locale come from its fallbacks. Default: the header `GraphQL-Locale`, or without that "
    "header the default locale of the content.",
)
STAGE = Argument(
    "stage",
    STAGE_TYPE | None,
    "The copy to read. `DRAFT` requires a token with the scope `preview`. Default: the header "
    "`GraphQL-Stage`, or `LIVE` without that header.",
)
SCENE = (LOCALE, STAGE)
_BY_SLUG = "Results without sort keys, and ties, are sorted by `slug`."
_CURATED = "Items without sort keys, and ties, have the order that editors gave them."
WRITTEN_IN = Argument(
    "locale",
    LocaleCode | None,
    "The locale to format the value for. It may also be one without content, such as `de` or "
    "`pt-BR`. Default: the locale that the item is read in.",
)
_READINGS: Mapping[Reading, Any] = {
    Reading.ITEM_ID: ID,
    Reading.LOCALE: LocaleCode,
    Reading.STAGE: STAGE_TYPE,
}
"""The types of the fields that say what an item was read as."""
CONTENT_LOCALE: Any = describe(
    type("ContentLocale", (), {}),
    "A locale that content is written and served in.",
    [
        FieldSpec("code", LocaleCode, "The BCP 47 language tag of the locale."),
        FieldSpec(
            "name",
            str,
            "What its speakers call the language, such as `Nederlands`; the code if nobody said.",
        ),
        FieldSpec(
            "fallbacks",
            list[LocaleCode],
            "The locales that missing texts come from, in order. Only the default locale has none.",
        ),
        FieldSpec(
            "is_default", bool, "Whether it is read where a request names no locale. One is."
        ),
    ],
)
LOCALE_STATUS: Any = describe(
    type("LocaleStatus", (), {}),
    "The publication status of an item in a locale.",
    [
        FieldSpec("locale", LocaleCode, "The locale."),
        FieldSpec("status", types_of(status()).value, "The publication status in this locale."),
    ],
)
PROVENANCE: Any = describe(
    type("Provenance", (), {}),
    "The locale that a text of an item comes from.",
    [
        FieldSpec("field", str, "The name of the field, such as `title`."),
        FieldSpec("locale", LocaleCode, "The locale that the text is written for."),
    ],
)
TRANSLATION: Any = describe(
    type("Translation", (), {}),
    "An item in one locale.",
    [
        FieldSpec("locale", LocaleCode, "The locale."),
        FieldSpec("node_id", ID, "The `id` of the item in this locale, for `node`."),
        FieldSpec("slug", str, "The `localizedSlug` of the item."),
        FieldSpec(
            "title",
            str | None,
            "The first one-line text of the item, such as its `title` or `name`, in this locale.",
        ),
        FieldSpec(
            "is_complete",
            bool,
            "Whether all texts of the item and of its parts are in the language of this locale. "
            "A text that `nl-BE` takes from `nl` is; one that it takes from `en` is not. Inherited "
            "texts do not count.",
        ),
    ],
)
SLUG = Argument(
    "slug", str, "The slug of the item, its slug in any locale, or one of its former slugs."
)
_BY_LOCALE: Mapping[type, Any] = {
    Provenance: PROVENANCE,
    Statuses: LOCALE_STATUS,
    Translations: TRANSLATION,
}
PART = (
    Argument(
        "first",
        int | None,
        f"The maximum number of items: 0 to {MAXIMUM_PAGE}. Default: all items.",
    ),
    Argument("offset", int | None, "The number of items to skip at the start. Default: 0."),
)


def graphql_schema(model: Model) -> GraphQLSchema:
    """The executable schema of everything in the model."""
    return executable(schema_description(model))


def schema_description(model: Model) -> Description:
    """The schema of everything in the model, as data."""
    types = _Types(model)
    with _introspection_as_it_is():
        made = strawberry.Schema(
            query=types.query(),
            mutation=types.mutation(),
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        schema = made._schema  # noqa: SLF001  # Strawberry has no public name for it
        enumerations = {
            name: each.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].wrapped_cls
            for name, each in schema.type_map.items()
            if isinstance(each, GraphQLEnumType) and not is_introspection_type(each)
        }
        parsers = {str(each.name): each.parse_value for each in SCALARS.values()}
        return describe_schema(schema, enumerations, parsers)


@contextmanager
def _introspection_as_it_is() -> Iterator[None]:
    """Undo a change of Strawberry's to an introspection type, which all schemas share.

    Strawberry makes `__Type.isOneOf` read its own type definitions.
    """
    fields = cast(GraphQLObjectType, introspection_types["__Type"]).fields
    before = fields["isOneOf"]
    try:
        yield
    finally:
        fields["isOneOf"] = before


@strawberry.interface(description="An item or a part of one, which `node` finds by its id.")
class Node:
    """The interface that Relay's object identification specification prescribes."""

    id: ID = strawberry.field(description=ID_DOC)


class _Types:
    """The Python classes that Strawberry reads.

    They refer to one another, so all are made first and described afterwards.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._inputs = Inputs(model)
        self._objects = {each.name: type(each.name, (Node,), {}) for each in model.values()}
        self._summaries = Summaries(model, self._objects)
        self._connections = {each.name: self._connection(each) for each in model.content()}
        members = {each.table_name.upper(): each.name for each in model.content()}
        make: Any = Enum
        self._item_type = with_values(
            strawberry.enum(make("ItemType", members), description="A content type."),
            lambda name: f"{model[members[name]].labels.capitalize()}.",
        )
        self._mutations = MutationTypes(model, self._objects, Node, self._item_type)
        for each in model.values():
            describe(
                self._objects[each.name], each.doc, map(self._attribute, each.attributes.values())
            )

    def query(self) -> type:
        """The root type `Query`: for each content type, a field for one item and one for all."""
        return describe(
            type("Query", (), {}),
            "Reads content: what is published, or, with `stage: DRAFT`, the working copy.",
            [
                *(field for each in self._model.content() for field in self._root_fields(each)),
                *starmap(self._statistics, self._model.statistics()),
                *_nodes(),
                FieldSpec(
                    "locales",
                    list[CONTENT_LOCALE],
                    "All locales, the default one first, then by their codes.",
                ),
                *self._history(),
                sitemap_field(self._item_type, STAGE),
                releases_field(Node, LOCALE),
                redirects_field(Node, self._item_type, SCENE),
                search_field(self._objects, self._model.content(), self._inputs, SCENE),
            ],
        )

    def mutation(self) -> type:
        """The root type `Mutation`."""
        return self._mutations.root()

    def _root_fields(self, each: ContentType) -> Iterable[FieldSpec]:
        yield FieldSpec(
            each.table_name,
            self._objects[each.name] | None,
            f"The {each.label} with this slug; null if there is none in this locale and at this "
            "stage.",
            (SLUG, *SCENE),
        )
        yield FieldSpec(
            each.plural,
            self._connections[each.name],
            f"All {each.labels}, page by page.",
            (*self._narrowing(each.name, _BY_SLUG), *PAGE, *SCENE),
        )

    def _history(self) -> Iterable[FieldSpec]:
        type_: Any = self._item_type
        yield FieldSpec(
            "revisions",
            REVISIONS,
            "The revisions of the items of a type that had a slug, newest first, including deleted "
            "items. Requires the scope `preview`.",
            (
                Argument("type", type_, "The content type of the item."),
                Argument("slug", str, "The slug that the item had at the time of the revision."),
                *PAGE,
            ),
        )
        yield FieldSpec(
            "diff",
            list[CHANGE] | None,
            "The values that differ between two revisions; null if one of them does not exist. "
            "Requires the scope `preview`.",
            (
                Argument("from", ID, "The id of the revision whose values are `before`."),
                Argument("to", ID, "The id of the revision whose values are `after`."),
            ),
        )

    def _statistics(self, part: ContentType, statistics: Statistics) -> FieldSpec:
        groups = self._summaries
        return FieldSpec(
            statistics.name,
            groups.groups(part, statistics.units),
            f"Statistics about the {part.labels} of all items, in groups. Numbers in different "
            f"units are never mixed: {list_of(statistics.units)} always separate groups.",
            (
                self._where(part.name),
                *groups.arguments(part, statistics.units),
                *SCENE,
            ),
        )

    def _connection(self, each: ContentType) -> type:
        more = self._summaries.of_connection(each)
        return connection(each.name, each.labels, self._objects[each.name], more)

    def _where(self, target: str) -> Argument:
        where: Any = self._inputs.where[target]
        return Argument(
            "where",
            where | None,
            f"Return only {self._model[target].labels} that meet these conditions.",
        )

    def _narrowing(self, target: str, usual: str) -> tuple[Argument, ...]:
        orders: Any = self._inputs.order[target]
        return (
            self._where(target),
            Argument(
                "orderBy",
                list[orders] | None,
                f"The sort keys, most significant first. {usual}",
            ),
        )

    def _attribute(self, attribute: Attribute) -> FieldSpec:
        match attribute:
            case ScalarField():
                annotation = _annotation(attribute)
                return FieldSpec(attribute.name, annotation, attribute.doc)
            case Computed():
                return FieldSpec(attribute.name, attribute.returns, attribute.doc, (WRITTEN_IN,))
            case ReadAs() | Provenance() | Statuses() | Translations() | Scheduled() | History():
                return _looked_up(attribute)
            case Reverse():
                connection = self._connections[attribute.target]
                narrowing = (*self._narrowing(attribute.target, _BY_SLUG), *PAGE)
                return FieldSpec(attribute.name, connection, attribute.doc, narrowing)
            case Reference():
                target: Any = self._objects[attribute.target]
                annotation = target if attribute.required else target | None
                return FieldSpec(attribute.name, annotation, attribute.doc)
            case Relation():
                target = self._objects[attribute.target]
                narrowing = (*self._narrowing(attribute.target, _CURATED), *PART)
                return FieldSpec(attribute.name, list[target], attribute.doc, narrowing)
        raise TypeError(f"{attribute} is of a kind that GraphQL has no type for")


def _nodes() -> Iterable[FieldSpec]:
    id_ = Argument("id", ID, "The `id` of an item or a part, of any type.")
    ids = Argument("ids", list[ID], f"Up to {MAXIMUM_PAGE} ids of items and parts, of any types.")
    yield FieldSpec(
        "node",
        Node | None,
        "What was read under this id: an item or a part of one, in the locale and at the stage "
        "that the id names. Null if it is not there, or no longer.",
        (id_,),
    )
    yield FieldSpec(
        "nodes",
        list[Node | None],
        "What was read under these ids, as `node` finds it, in the order of the ids; null for each "
        "id that finds nothing.",
        (ids,),
    )


def _looked_up(attribute: ReadAs | LookedUp) -> FieldSpec:
    if isinstance(attribute, ReadAs):
        return FieldSpec(attribute.name, _READINGS[attribute.reading], attribute.doc)
    if isinstance(attribute, Provenance | Statuses | Translations):
        by_locale: Any = _BY_LOCALE[type(attribute)]
        return FieldSpec(attribute.name, list[by_locale], attribute.doc)
    doc = f"{attribute.doc} Requires `stage: DRAFT`."
    if isinstance(attribute, Scheduled):
        return FieldSpec(attribute.name, ITEM_SCHEDULE | None, doc)
    return FieldSpec(attribute.name, REVISIONS, doc, PAGE)


def _annotation(field: ScalarField) -> Any:
    made = types_of(field).value
    is_there = field.required or field.format is Format.LOCALIZED_SLUG
    return made if is_there else made | None
