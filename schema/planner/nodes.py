"""Items by their ids, whatever their types: Relay's object identification."""

from collections.abc import Callable, Sequence

from sqlalchemy import ARRAY, Text, Uuid, case, cast, func, select

from schema.errors import ErrorCode
from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.arguments import ReadContext, RequestedField
from schema.planner.ids import Id, parse_id
from schema.planner.json import json_list, name
from schema.planner.objects import Objects
from schema.planner.pages import MAXIMUM_PAGE
from schema.planner.rows import item
from schema.planner.selection import Selected


def node(
    objects: Objects, types: Sequence[ContentType], selected: Selected, context: ReadContext
) -> Expression:
    """The item with the id in the argument `id`; null if there is none."""
    parameters = objects.parameters
    prefix = parameters.add(selected, Text(), lambda requested: _id(requested, types).prefix)
    uuid = parameters.add(selected, Uuid(), lambda requested: _id(requested, types).uuid)
    return either(objects, types, selected, context, prefix, uuid)


def nodes(
    objects: Objects, types: Sequence[ContentType], selected: Selected, context: ReadContext
) -> Expression:
    """The items with the ids in the argument `ids`, in that order; null for ids without an item."""
    return in_order(objects, types, selected, context, lambda requested: _ids(requested, types))


def in_order(
    objects: Objects,
    types: Sequence[ContentType],
    selected: Selected,
    context: ReadContext,
    ids: Callable[[RequestedField], Sequence[Id]],
) -> Expression:
    """The items with these ids, in that order; null for ids without an item."""
    texts = ARRAY(Text())
    prefixes = objects.parameters.add(
        selected, texts, lambda requested: [each.prefix for each in ids(requested)]
    )
    uuids = objects.parameters.add(
        selected, texts, lambda requested: [str(each.uuid) for each in ids(requested)]
    )
    asked = (
        func.unnest(prefixes, uuids)
        .table_valued("prefix", "uuid", with_ordinality="place", name="asked")
        .render_derived()
    )
    uuid = cast(asked.c.uuid, Uuid())
    found = either(objects, types, selected, context, asked.c.prefix, uuid)
    return select(json_list(found, [asked.c.place])).select_from(asked).scalar_subquery()


def either(
    objects: Objects,
    types: Sequence[ContentType],
    selected: Selected,
    context: ReadContext,
    prefix: Expression,
    uuid: Expression,
) -> Expression:
    """The item with this id, of the type that the prefix names; no other type is read."""
    branches = []
    for type_ in types:
        found = objects.one(item(type_, uuid, *context), _selections(selected, type_))
        branches.append((prefix == name(type_.table_name), found))
    return case(*branches)


def _selections(selected: Selected, type_: ContentType) -> Sequence[Selected]:
    """The selection for a type, whether that of the field is abstract or concrete."""
    return selected.possible.get(type_.name, selected.selections)


def _id(requested: RequestedField, types: Sequence[ContentType]) -> Id:
    return _read(requested, requested.given["id"], types)


def _ids(requested: RequestedField, types: Sequence[ContentType]) -> list[Id]:
    given = requested.given["ids"]
    if len(given) > MAXIMUM_PAGE:
        message = f"`ids` has {len(given)} ids; it may have at most {MAXIMUM_PAGE}."
        raise requested.error(ErrorCode.BAD_PAGE, message, maximum=MAXIMUM_PAGE)
    return [_read(requested, each, types) for each in given]


def _read(requested: RequestedField, text: str, types: Sequence[ContentType]) -> Id:
    try:
        return parse_id(text, [each.table_name for each in types])
    except ValueError as error:
        raise requested.error(ErrorCode.BAD_ID, f"{error}.") from error
