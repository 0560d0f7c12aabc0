"""Items by their ids, whatever their types: Relay's object identification."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, TableValuedAlias, Text, Uuid, case, cast, func, select
from sqlalchemy.types import TypeEngine

from schema.errors import ErrorCode
from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.arguments import RequestedField
from schema.planner.contexts import ReadContext
from schema.planner.ids import Id, parse_id, suffix_of
from schema.planner.json import json_list, name
from schema.planner.objects import Objects
from schema.planner.pages import MAXIMUM_PAGE
from schema.planner.rows import item
from schema.planner.selection import Selected
from schema.planner.tags import Tag, looked_up_tag


def node(objects: Objects, types: Sequence[ContentType], selected: Selected) -> Expression:
    """The item with the id in the argument `id`, as the id names it; null if there is none."""
    parameters = objects.parameters

    def given(value: Callable[[Id], Any], type_: TypeEngine[Any]) -> Expression:
        return parameters.add(selected, type_, lambda it: value(_id(it, types)))

    def suffix(requested: RequestedField) -> str:
        return _suffix(requested, _id(requested, types))

    locale = parameters.add(selected, Text(), lambda it: _locale(it, _id(it, types)))
    [stage] = parameters.shapes.stages(selected)
    ends = parameters.add(selected, Text(), suffix)
    context = ReadContext(locale, stage, ends, parameters.scanned, is_shown=True)
    parameters.tag(selected, lambda it: [_tag(_id(it, types), types)])
    prefix, uuid = given(lambda it: it.prefix, Text()), given(lambda it: it.uuid, Uuid())
    return either(objects, types, selected, context, prefix, uuid)


def nodes(objects: Objects, types: Sequence[ContentType], selected: Selected) -> Expression:
    """The items with the ids in the argument `ids`, in that order; null for ids without an item."""

    def ids(requested: RequestedField) -> Sequence[Id]:
        return _ids(requested, types)

    asked = _asked(objects, selected, ids, "locale", "stage", "suffix")
    uuid = cast(asked.c.uuid, Uuid())
    objects.parameters.tag(selected, lambda it: [_tag(each, types) for each in ids(it)])
    by_stage = []
    for stage in sorted(objects.parameters.shapes.stages(selected), key=lambda it: it.name):
        context = ReadContext(
            asked.c.locale, stage, asked.c.suffix, objects.parameters.scanned, is_shown=True
        )
        found = either(objects, types, selected, context, asked.c.prefix, uuid)
        by_stage.append((asked.c.stage == name(stage.name), found))
    found = case(*by_stage) if len(by_stage) > 1 else by_stage[0][1]
    return select(json_list(found, [asked.c.place])).select_from(asked).scalar_subquery()


def in_order(
    objects: Objects,
    types: Sequence[ContentType],
    selected: Selected,
    context: ReadContext,
    ids: Callable[[RequestedField], Sequence[Id]],
) -> Expression:
    """Those of the items with these ids that are there, in that order."""
    asked = _asked(objects, selected, ids)
    uuid = cast(asked.c.uuid, Uuid())
    found = either(objects, types, selected, context, asked.c.prefix, uuid)
    there = select(found.label("item"), asked.c.place).select_from(asked).subquery()
    listed = select(json_list(there.c.item, [there.c.place])).where(there.c.item.is_not(None))
    return listed.scalar_subquery()


def _asked(
    objects: Objects,
    selected: Selected,
    ids: Callable[[RequestedField], Sequence[Id]],
    *more: str,
) -> TableValuedAlias:
    """The ids as rows, with these columns besides `prefix` and `uuid`."""
    columns = ("prefix", "uuid", *more)

    def values(column: str) -> Expression:
        value = _COLUMNS[column]
        return objects.parameters.add(
            selected, ARRAY(Text()), lambda it: [value(it, each) for each in ids(it)]
        )

    return (
        func.unnest(*map(values, columns))
        .table_valued(*columns, with_ordinality="place", name="asked")
        .render_derived()
    )


def _tag(id_: Id, types: Sequence[ContentType]) -> Tag:
    [type_] = (each for each in types if each.table_name == id_.prefix)
    return looked_up_tag(type_, id_.uuid)


def _locale(requested: RequestedField, id_: Id) -> str:
    return id_.locale or requested.locales.default


def _suffix(requested: RequestedField, id_: Id) -> str:
    return suffix_of(_locale(requested, id_), id_.stage, requested.locales.default)


_COLUMNS: Mapping[str, Callable[[RequestedField, Id], str]] = {
    "prefix": lambda _, id_: id_.prefix,
    "uuid": lambda _, id_: str(id_.uuid),
    "locale": _locale,
    "stage": lambda _, id_: id_.stage.name,
    "suffix": _suffix,
}
"""What ids say, as columns of text."""


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
        found = objects.one(item(type_, uuid, context), _selections(selected, type_))
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
