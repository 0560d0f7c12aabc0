"""Items by their ids, whatever their types: Relay's object identification."""

from collections.abc import Callable, Sequence

from sqlalchemy import ARRAY, Text, Uuid, case, cast, func, select

from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.arguments import FieldInContext, ReadContext
from schema.planner.ids import Id, parse_id
from schema.planner.json import json_list, name
from schema.planner.objects import Objects
from schema.planner.pages import MAXIMUM_PAGE
from schema.planner.rows import item
from schema.planner.selection import Selected


def node(
    objects: Objects, types: Sequence[ContentType], selected: Selected, scene: ReadContext
) -> Expression:
    """The item with the id that is asked for."""
    parameters = objects.parameters
    prefix = parameters.add(selected, Text(), lambda argued: _id(argued, types).prefix)
    uuid = parameters.add(selected, Uuid(), lambda argued: _id(argued, types).uuid)
    return either(objects, types, selected, scene, prefix, uuid)


def nodes(
    objects: Objects, types: Sequence[ContentType], selected: Selected, scene: ReadContext
) -> Expression:
    """The items with the ids that are asked for, in their order, null for what is not there."""
    return in_order(objects, types, selected, scene, lambda argued: _ids(argued, types))


def in_order(
    objects: Objects,
    types: Sequence[ContentType],
    selected: Selected,
    scene: ReadContext,
    ids: Callable[[FieldInContext], Sequence[Id]],
) -> Expression:
    """The items with these ids, in their order, null for what is not there."""
    texts = ARRAY(Text())
    prefixes = objects.parameters.add(
        selected, texts, lambda argued: [each.prefix for each in ids(argued)]
    )
    uuids = objects.parameters.add(
        selected, texts, lambda argued: [str(each.uuid) for each in ids(argued)]
    )
    asked = (
        func.unnest(prefixes, uuids)
        .table_valued("prefix", "uuid", with_ordinality="place", name="asked")
        .render_derived()
    )
    uuid = cast(asked.c.uuid, Uuid())
    found = either(objects, types, selected, scene, asked.c.prefix, uuid)
    return select(json_list(found, [asked.c.place])).select_from(asked).scalar_subquery()


def either(
    objects: Objects,
    types: Sequence[ContentType],
    selected: Selected,
    scene: ReadContext,
    prefix: Expression,
    uuid: Expression,
) -> Expression:
    """The object of whichever type the prefix names; only that is looked up."""
    branches = []
    for type_ in types:
        found = objects.one(item(type_, uuid, *scene), _selections(selected, type_))
        branches.append((prefix == name(type_.table_name), found))
    return case(*branches)


def _selections(selected: Selected, type_: ContentType) -> Sequence[Selected]:
    """What is selected of a type, where there may be others or where there are none."""
    return selected.possible.get(type_.name, selected.selections)


def _id(argued: FieldInContext, types: Sequence[ContentType]) -> Id:
    return _read(argued, argued.given["id"], types)


def _ids(argued: FieldInContext, types: Sequence[ContentType]) -> list[Id]:
    given = argued.given["ids"]
    if len(given) > MAXIMUM_PAGE:
        message = f"`ids` are {len(given)}; they have to be {MAXIMUM_PAGE} at most."
        raise argued.error("BAD_PAGE", message, maximum=MAXIMUM_PAGE)
    return [_read(argued, each, types) for each in given]


def _read(argued: FieldInContext, text: str, types: Sequence[ContentType]) -> Id:
    try:
        return parse_id(text, [each.table_name for each in types])
    except ValueError as error:
        raise argued.error("BAD_ID", f"{error}.") from error
