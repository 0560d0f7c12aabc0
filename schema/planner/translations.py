"""The fields `provenance` and `translations`: an item and its texts by locale."""

from collections.abc import Callable

from sqlalchemy import Text, and_, case, column, func, not_, select
from sqlalchemy.dialects.postgresql import array

from schema.attributes import Parts
from schema.delivery import Stage
from schema.entities.content import LOCALIZED_SLUG
from schema.expressions import Expression
from schema.model import Model
from schema.planner.arguments import Parameters
from schema.planner.ids import format_id, suffix_of
from schema.planner.json import NULL, json_list, json_object, name
from schema.planner.rows import Row, in_every_locale, related
from schema.planner.selection import Selected
from schema.planner.sources import lacks_translation, source
from schema.planner.values import value_of
from schema.planner.words import title_of


def provenance(model: Model, row: Row, selected: Selected) -> Expression:
    """The JSON list of the fields that have a text, each with the locale that it comes from."""
    texts, columns = row.type.texts, (column("field", Text), column("locale", Text))
    written = (
        func.unnest(
            array([name(each.graphql_name) for each in texts]),
            array([source(model, row, each) for each in texts]),
        )
        .table_valued(*columns, with_ordinality="place", name="written")
        .render_derived()
    )
    made = json_object(selected.selections, lambda each: written.c[each.name])
    there = written.c.locale.is_not(None)
    listed = select(json_list(made, [written.c.place])).select_from(written).where(there)
    return listed.correlate_except(written).scalar_subquery()


def translations(model: Model, parameters: Parameters, row: Row, selected: Selected) -> Expression:
    """The JSON list of the item in each locale; in the live copy, where it is published."""
    title = title_of(row.type)
    # An inherited title is that of an item that has no mark in the answer.
    context = row.context.open if title and title.inheritance else row.context.shown
    every = in_every_locale(row.type, context, suffix(parameters, selected, row.stage))
    found = every.row

    def value(each: Selected) -> Expression:
        match each.name:
            case "nodeId":
                return format_id(row.type.table_name, found["id"], found.context.suffix)
            case "title":
                return NULL if title is None else value_of(model, found, title)
            case "isComplete":
                return is_complete(model, found)
            case "slug":
                return found[LOCALIZED_SLUG]
        return found["locale"]

    made = json_object(selected.selections, value)
    own = every.narrowed(found["id"] == row["id"])
    return own.select(json_list(made, [own.order])).scalar_subquery()


def suffix(
    parameters: Parameters, selected: Selected, stage: Stage
) -> Callable[[Expression], Expression]:
    """A function from a locale to the end of ids in it; see `schema.planner.ids.suffix_of`."""
    default = parameters.add(selected, Text(), lambda requested: requested.locales.default)
    draft = name(suffix_of("", stage, ""))
    return lambda locale: case(
        (locale == default, draft), else_=name(".").concat(locale).concat(draft)
    )


def is_complete(model: Model, row: Row) -> Expression:
    """Whether all texts of an item and of its parts are in the language of the row's locale."""
    parts = (related(model, row, each) for each in row.type.relations() if isinstance(each, Parts))
    lacking = (each.any(lacks_translation(each.row)) for each in parts if each.row.type.texts)
    return and_(not_(lacks_translation(row)), *map(not_, lacking))
