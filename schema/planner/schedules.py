"""The field `schedule`: what is scheduled for an item of the working copy."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import ARRAY, Text, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from schema.aliases import aliased
from schema.editing import Action, ReleaseState
from schema.expressions import Expression
from schema.planner.json import Json, json_list, json_object, name
from schema.planner.rows import Row
from schema.planner.selection import Selected
from schema.releases import RELEASE, RELEASE_ITEM, is_about, state_of

PREFIX = "release"
"""The prefix of the ids of releases."""

_WORST_LAST = (
    *(ReleaseState.SCHEDULED, ReleaseState.RETRYING),
    *(ReleaseState.HELD, ReleaseState.FAILED),
)


def schedule(row: Row, selected: Selected) -> Expression:
    """What is scheduled for the item of a row, in the row's locale; null if nothing is."""
    release, item = aliased(RELEASE), aliased(RELEASE_ITEM)
    found = (
        select(release, state_of(release).label("state"), item.c.version)
        .select_from(item.join(release, release.c.id == item.c.release_id))
        .where(is_about(item, row["id"], row["locale"]))
    )
    own: Any = found.correlate_except(item, release).subquery("own")
    made = json_object(selected.selections, partial(_value, own))
    some = func.count() > literal_column("0")
    answer = select(made).select_from(own).having(some)
    return answer.correlate_except(own).scalar_subquery()


def _value(own: Any, selected: Selected) -> Expression:
    if selected.name == "problems":
        found = problems(own.c.problems, selected.selections)
        return json_list(found, [own.c.due_at, own.c.id], found.is_not(None))
    publishing = own.c.action == name(Action.PUBLISH.name)
    unpublishing = own.c.action == name(Action.UNPUBLISH.name)
    ids = aggregate_order_by(release_id(own.c.id), own.c.id)
    values: dict[str, Expression] = {
        "at": func.min(own.c.due_at).filter(publishing),
        "unpublishAt": func.min(own.c.due_at).filter(unpublishing),
        "version": func.min(own.c.version).filter(publishing),
        "state": _worst(own.c.state),
        "releases": func.array_agg(ids, type_=ARRAY(Text())),
    }
    return values[selected.name]


def release_id(number: Expression) -> Expression:
    """The id of a release as clients see it."""
    return name(f"{PREFIX}_").concat(number.cast(Text()))


def _worst(state: Expression) -> Expression:
    states: Any = array([name(each.name) for each in _WORST_LAST], type_=Text())
    worst: Expression = states[func.max(func.array_position(states, state))]
    return worst


def problems(found: Expression, selections: Sequence[Selected]) -> Expression:
    """The JSON objects of a list of problems, separated by commas; null if the list is empty."""
    each: Any = (
        func.jsonb_array_elements(found)
        .table_valued("value", with_ordinality="place", name="problem")
        .render_derived()
    )
    made = json_object(
        selections, lambda it: each.c.value.op("->>", return_type=Text())(name(it.name))
    )
    joined = func.string_agg(made, aggregate_order_by(name(","), each.c.place), type_=Json())
    return select(joined).select_from(each).correlate_except(each).scalar_subquery()


def listed(items: Expression) -> Expression:
    """A JSON list of items that are already separated by commas."""
    return func.concat(name("["), items, name("]"), type_=Json())
