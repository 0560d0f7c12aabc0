"""The GraphQL face of the content model, derived with Strawberry.

No type here has a resolver that touches a database: reads are answered by `schema.planner`, which
knows the same names from the same model. Strawberry makes the schema that documents are validated
against, and answers what SQL cannot.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import strawberry
from graphql import GraphQLSchema
from strawberry.annotation import StrawberryAnnotation
from strawberry.scalars import ID
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import StrawberryArgument

from schema.inputs import Inputs
from schema.model import (
    Attribute,
    ContentType,
    Field,
    Model,
    Relation,
    Reverse,
    ToOne,
    camel_case,
)
from schema.planner.pages import DEFAULT_PAGE, MAXIMUM_PAGE
from schema.scalars import SCALARS, LocaleCode, annotation_of


class Argument(NamedTuple):
    """An argument of a derived field."""

    name: str
    type: Any
    description: str


LOCALE = Argument("locale", LocaleCode | None, "The locale to serve; the default one if left out.")
SLUG = Argument("slug", str, "The natural key.")
PAGE = (
    Argument(
        "first",
        int | None,
        f"How many from the beginning, {MAXIMUM_PAGE} at most; {DEFAULT_PAGE} if left out.",
    ),
    Argument("after", str | None, "Begin behind this cursor."),
    Argument("last", int | None, f"How many from the end, {MAXIMUM_PAGE} at most."),
    Argument("before", str | None, "End before this cursor."),
)
PART = (
    Argument("first", int | None, f"How many at most, {MAXIMUM_PAGE} or less; all if left out."),
    Argument("offset", int | None, "How many to leave out at the beginning."),
)


@strawberry.type(description="Where a page lies in its connection.")
class PageInfo:
    """The type that Relay's cursor connections specification prescribes."""

    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(description="Whether some come before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last edge; pass it as `after` for the next page."
    )


def graphql_schema(model: Model) -> GraphQLSchema:
    """The executable schema of everything in the model."""
    config = StrawberryConfig(scalar_map=SCALARS)
    made = strawberry.Schema(query=_Types(model).query(), config=config)
    return made._schema  # noqa: SLF001  # Strawberry has no public name for it


@strawberry.interface(description="An item that can be found by its id.")
class Node:
    """The interface that Relay's object identification specification prescribes."""

    id: ID = strawberry.field(description="The same for good.")


class _Types:
    """The Python classes that Strawberry reads.

    They refer to one another, so all are made first and described after.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._inputs = Inputs(model)
        self._objects = {
            each.name: type(each.name, () if each.is_part else (Node,), {})
            for each in model.values()
        }
        self._connections = {
            each.name: _connection(each, self._objects) for each in model.content()
        }
        for each in model.values():
            _describe(
                self._objects[each.name], each.doc, map(self._attribute, each.attributes.values())
            )

    def query(self) -> type:
        """The root type: for each content type a field for one item and one for many."""
        return _describe(
            type("Query", (), {}),
            "Everything that is published.",
            [
                *(field for each in self._model.content() for field in self._root_fields(each)),
                *_nodes(),
            ],
        )

    def _root_fields(self, each: ContentType) -> Iterable["_Described"]:
        label = each.table_name.replace("_", " ")
        yield _Described(
            each.table_name,
            self._objects[each.name] | None,
            f"The {label} with this slug; null where none is published.",
            (SLUG, LOCALE),
        )
        yield _Described(
            each.plural,
            self._connections[each.name],
            f"All {each.plural.replace('_', ' ')}, by slug unless `orderBy` says otherwise.",
            (*self._narrowing(each.name), *PAGE, LOCALE),
        )

    def _narrowing(self, target: str) -> tuple[Argument, ...]:
        orders: Any = self._inputs.order[target]
        where: Any = self._inputs.where[target]
        return (
            Argument("where", where | None, "Only those for which this holds."),
            Argument("orderBy", list[orders] | None, "What comes first; ties by the usual order."),
        )

    def _attribute(self, attribute: Attribute) -> "_Described":
        match attribute:
            case Field():
                annotation = _annotation(attribute)
                return _Described(attribute.name, annotation, attribute.doc)
            case Reverse():
                connection = self._connections[attribute.target]
                narrowing = (*self._narrowing(attribute.target), *PAGE)
                return _Described(attribute.name, connection, attribute.doc, narrowing)
            case ToOne():
                target: Any = self._objects[attribute.target]
                annotation = target if attribute.required else target | None
                return _Described(attribute.name, annotation, attribute.doc)
            case Relation():
                target = self._objects[attribute.target]
                narrowing = (*self._narrowing(attribute.target), *PART)
                return _Described(attribute.name, list[target], attribute.doc, narrowing)
        raise TypeError(f"{attribute} is of a kind that GraphQL has no type for")


class _Described(NamedTuple):
    """A field of a derived type."""

    name: str
    annotation: Any
    description: str | None
    arguments: tuple[Argument, ...] = ()


def _nodes() -> Iterable[_Described]:
    id_ = Argument("id", ID, "The id.")
    ids = Argument("ids", list[ID], f"The ids, {MAXIMUM_PAGE} at most.")
    yield _Described(
        "node", Node | None, "The item with this id; null where none is published.", (id_, LOCALE)
    )
    yield _Described(
        "nodes",
        list[Node | None],
        "The items with these ids, in their order; null for what is not published.",
        (ids, LOCALE),
    )


def _describe(cls: type, description: str, fields: Iterable[_Described]) -> type:
    """Make a Strawberry type of an empty class."""
    cls.__annotations__ = {}
    for each in fields:
        made = strawberry.field(name=camel_case(each.name), description=each.description)
        made.arguments = [_argument(argument) for argument in each.arguments]
        cls.__annotations__[each.name] = each.annotation
        setattr(cls, each.name, made)
    return strawberry.type(cls, description=description)


def _argument(argument: Argument) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=argument.name,
        graphql_name=argument.name,
        type_annotation=StrawberryAnnotation(argument.type),
        description=argument.description,
        default=strawberry.UNSET,
    )


def _annotation(field: Field) -> Any:
    made = annotation_of(field)
    return made if field.required else made | None


def _connection(each: ContentType, objects: dict[str, type]) -> type:
    node: Any = objects[each.name]
    label = each.plural.replace("_", " ")
    edge: Any = _describe(
        type(f"{each.name}Edge", (), {}),
        f"One of the {label} in a connection.",
        [
            _Described("cursor", str, "Its place in this order."),
            _Described("node", node, "The item."),
        ],
    )
    return _describe(
        type(f"{each.name}Connection", (), {}),
        f"A page of {label}.",
        [
            _Described("nodes", list[node], "The items of the page."),
            _Described("edges", list[edge], "The items of the page with their cursors."),
            _Described("page_info", PageInfo, "Where the page lies."),
            _Described("total_count", int, "How many there are on all pages."),
        ],
    )
